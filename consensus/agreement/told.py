"""Whether one answer tells the other's within its prose, affirmed or denied."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from consensus.answers import AnswerKind
from consensus.polarity import negated

if TYPE_CHECKING:
    from consensus.answers import FinalAnswer
    from consensus.reading import Reading

MIN_SPELLING_CHARS: Final = 5
MAX_SPELLING_CHARS: Final = 60
"""Length of phrases whose spelling is compared."""

_QUOTABLE: Final = frozenset({AnswerKind.NUMBER, AnswerKind.DATE, AnswerKind.PHRASE})
"""Kinds whose short form can be looked for in prose; a letter or a "no" stands in any."""

_SENTENCE_END = re.compile(r"[.!?](?=\s|$)|[。！？\n]")

MAX_CONCESSION_CHARS: Final = 400
"""Longer sentences are read as they stand: looking for what they concede would cost too much."""

_CONCESSION = re.compile(
    r"(?:many |most |some |other )?people (?:often |commonly |sometimes |may |might )*(?:think|believe|assume|say|claim)\b.*?,? but\b"
    r"|(?:it is|it's|there is|there's) an? (?:[\w' -]{1,24} )?(?:misconception|myth|belief|legend|joke|rumou?r|tale|saying)\b.*?(?:, (?:but|however|in fact|in reality|actually)\b|$)"
    r"|\b(?:although|though|while|despite|contrary to)\b[^,]*, "
    r"|^.*?(?:と(?:思われ|言われ|いわれ|信じられ|考えられ)(?:がちですが|がちだが|ていますが|ているが|てきましたが)|というのは(?:誤解|俗説|迷信)で(?:す|あり)?)[、。]?"
)
"""What a sentence grants before it says what it means: "Many think …, but", "…と思われがちですが"."""


def told_in_the_other(a: Reading, b: Reading) -> bool | None:
    """Whether one answer contains the other's, or is the same told less exactly or spelled otherwise.

    False where it is only mentioned to be denied or conceded, None where nothing of the kind is found.
    """
    kinds = {a.final.kind, b.final.kind}
    if kinds == {AnswerKind.DATE}:
        return True
    mentions = {
        _mentions(prose.text, other.final.text)
        for prose, other in ((a, b), (b, a))
        if other.final.kind in _QUOTABLE
    }
    if True in mentions or (kinds == {AnswerKind.PHRASE} and _spelled_alike(a.final, b.final)):
        return True
    return False if False in mentions else None


def _mentions(prose: str, phrase: str) -> bool | None:
    """True when a sentence of ``prose`` affirms ``phrase``; False when all that have it do not.

    None when no sentence has it as words of its own.
    """
    needle, folded = phrase.strip().casefold(), prose.casefold()
    if not needle or needle not in folded:
        return None
    having = [s for s in _SENTENCE_END.split(folded) if _has_words(s, needle)]
    if not having:
        return None
    return any(_has_words(s, needle) and not negated(s) for s in map(_asserted, having))


def _asserted(sentence: str) -> str:
    return sentence if len(sentence) > MAX_CONCESSION_CHARS else _CONCESSION.sub(" ", sentence)


def _has_words(sentence: str, needle: str) -> bool:
    """True when ``needle`` occurs in ``sentence``, and, unless it is Japanese, not within a word."""
    start = sentence.find(needle)
    while start >= 0:
        end = start + len(needle)
        around = sentence[max(0, start - 1) : start] + sentence[end : end + 1]
        if not needle.isascii() or not _in_word(around):
            return True
        start = sentence.find(needle, start + 1)
    return False


def _in_word(neighbours: str) -> bool:
    return any(char.isalnum() or char == "_" for char in neighbours)


def _spelled_alike(a: FinalAnswer, b: FinalAnswer) -> bool:
    """True for phrases the types take for spellings or initials of each other (colour, color; USA).

    `same_answer` has ruled out all short phrases that share nothing; what contains the other is a
    matter for `_mentions`, and short words one letter apart are other words (Iran, Iraq).
    """
    shorter, longer = sorted((str(a.value), str(b.value)), key=len)
    if len(longer) > MAX_SPELLING_CHARS or shorter.isascii() is not longer.isascii():
        return False
    if "".join(word[0] for word in longer.split()) == shorter:
        return True
    return (
        len(shorter) >= MIN_SPELLING_CHARS
        and len(longer) - len(shorter) <= 1
        and shorter not in longer
    )
