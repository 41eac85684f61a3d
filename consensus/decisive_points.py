"""The sentences an answer rests on where it differs from others: what a challenge has to show of it.

A sentence is decisive when it contradicts another position or gives other numbers for the same, is the
first step at which the two part, gives a reason, or has what no other position has. What every other
position says as well, and what only names the answer, decides nothing.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from consensus.agreement import opposed, other_numbers
from consensus.answers.folding import sentences
from consensus.sentences import clipped
from consensus.statements import content_words, overlap, statements

if TYPE_CHECKING:
    from collections.abc import Sequence

    from consensus.answers import FinalAnswer
    from consensus.reading import Reading
    from consensus.statements import Statement
    from consensus.transcript import Attempt

MAX_POINTS = 3
"""Points shown of a position: what it rests on, and not all that was written around it."""

MAX_POINT_CHARS = 240
"""Length of one point: two or three lines, a long sentence whole."""

MAX_SENTENCES = 60
"""Sentences of one answer that are considered, half from its head and half from its tail."""

OPPOSES = 4.0
PARTS = 3.0
REMARKED = 3.0
REASONS = 2.0
NEWS = 0.5
MAX_NEWS = 4
"""What makes a sentence decisive: that it contradicts another position, is the first step away from
one, was a remark on the others' points, gives a reason, and each word or number that no other position
has. Set by hand, in the order of how directly the other side can check it."""

SAME_STEP = 0.6
"""Dice's coefficient of words from which two sentences with the same numbers are the same step."""

SAID_BY_BOTH = 0.8
"""The same, from which two sentences say the same altogether."""

CODE_BLOCK = re.compile(r"```[^\n`]*\n(.*?)(?:```|\Z)", re.DOTALL)
_MARKUP = re.compile(r"^[\s#>*•・-]+|^\(?\d{1,2}[.)]\s+|[\s*]+$")
_ANSWER_LINE = re.compile(
    r"^\W*(?:(?:so|thus|therefore|hence),? )?(?:the )?(?:final |correct )?(?:answer|result)\b.{0,3}"
    r"(?:is|:|=)[^=]{0,80}$|"
    r"^\W*(?:最終|正)?(?:回答|答え|解答|解)(?:は|[::：])[^=]{0,60}$",
    re.IGNORECASE,
)
_CONCLUDES = re.compile(
    r"^\W*(?:so|thus|therefore|hence|in conclusion|overall|finally)\b|"
    r"^\W*(?:したがって|よって|つまり|以上より|ゆえに)",
    re.IGNORECASE,
)
_REASON = re.compile(
    r"\b(?:because|since|as|so|therefore|thus|hence|due to|given that|which means|reason)\b|[=＝≠]|"
    r"ため|ので|(?:だ|です|ます|ある|いる)から|したがって|よって|なぜなら|理由|つまり"
)
UNSEEN = frozenset({"Cc", "Cf", "Co", "Cn", "Cs"})
"""Unicode categories that are not seen but act: controls, bidirectional marks, surrogates."""


class Argument:
    """One answer with its sentences, read once."""

    def __init__(self, attempt: Attempt, reading: Reading) -> None:
        self.provider = attempt.provider
        self.text = attempt.text or ""
        self.final: FinalAnswer = reading.final
        self.statements = reading.statements
        self.words = reading.words
        numbers = content_words(statements(self.final.text))
        remarks = [
            _Sentence(said, numbers, remarked=True) for said in sentences(attempt.review or "")
        ]
        prose = CODE_BLOCK.sub("\n", clipped(self.text))
        said = sentences(prose)
        if len(said) > MAX_SENTENCES:
            said = [*said[: MAX_SENTENCES // 2], *said[-MAX_SENTENCES // 2 :]]
        self.remarks = bool(remarks)
        self.sentences = [*remarks, *(_Sentence(s, numbers, remarked=False) for s in said)]


class _Sentence:
    """One sentence as written, and what it states."""

    def __init__(self, written: str, final: frozenset[str], *, remarked: bool) -> None:
        self.line = one_line(_MARKUP.sub("", written), MAX_POINT_CHARS)
        self.statements = statements(written)
        self.content = content_words(self.statements)
        self.remarked = remarked
        # "The answer is 42", and "Therefore 42 apples are left": the answer is told above the points.
        self.names_the_answer = bool(_ANSWER_LINE.match(written)) or (
            bool(_CONCLUDES.match(written))
            and all(s.numbers <= final for s in self.statements)
            and any(s.numbers for s in self.statements)
        )
        self.reasons = _REASON.search(written.lower()) is not None

    def says_as(self, other: Statement, at_least: float) -> bool:
        return any(
            own.numbers == other.numbers
            and own.negative is other.negative
            and overlap(own.words | own.numbers, other.words | other.numbers) >= at_least
            for own in self.statements
        )


class Side:
    """Another position, as those who hold it argue it together."""

    def __init__(self, texts: Sequence[Argument]) -> None:
        self.statements = [statement for text in texts for statement in text.statements]
        self.words: frozenset[str] = frozenset().union(*(text.words for text in texts))
        self.argues = len(self.statements) > len(texts)

    def says(self, sentence: _Sentence, at_least: float) -> bool:
        """Whether somebody who holds it says this, to that degree."""
        return any(sentence.says_as(statement, at_least) for statement in self.statements)


def points_of(texts: Sequence[Argument], others: Sequence[Side]) -> tuple[str, ...]:
    """The decisive sentences of one position, at most `MAX_POINTS`, in the order they were written.

    Args:
        texts: The answers of those who hold it.
        others: The other positions.
    """
    known: frozenset[str] = frozenset().union(*(other.words for other in others))
    found: list[tuple[float, int, _Sentence]] = []
    for text in texts:
        parting = _parting(text, others)
        for sentence in text.sentences:
            weight = _weight(sentence, others, known, parts=sentence is parting)
            if weight > 0.0:
                found.append((weight, len(found), sentence))
    chosen: list[tuple[int, _Sentence]] = []
    for _, place, sentence in sorted(found, key=lambda item: (-item[0], item[1])):
        if len(chosen) == MAX_POINTS:
            break
        if not any(_repeats(sentence, held) for _, held in chosen):
            chosen.append((place, sentence))
    return tuple(sentence.line for _, sentence in sorted(chosen, key=lambda item: item[0]))


def _repeats(sentence: _Sentence, held: _Sentence) -> bool:
    return sentence.line == held.line or any(
        sentence.says_as(statement, SAID_BY_BOTH) for statement in held.statements
    )


def _weight(
    sentence: _Sentence, others: Sequence[Side], known: frozenset[str], *, parts: bool
) -> float:
    """How decisive a sentence is; 0 for one that is not to be shown."""
    if len(sentence.content) < 2 or sentence.names_the_answer:  # noqa: PLR2004 - one word is a result, no reason
        return 0.0
    # Who gives the bare answer disputes the result and has said nothing of the way to it.
    arguing = [other for other in others if other.argues]
    if arguing and all(other.says(sentence, SAID_BY_BOTH) for other in arguing):
        return 0.0
    against = any(
        opposed(own, said) or other_numbers(own, said)
        for own in sentence.statements
        for other in others
        for said in other.statements
    )
    news = min(MAX_NEWS, len(sentence.content - known))
    if not (against or news or parts):
        return 0.0
    return (
        OPPOSES * against
        + PARTS * parts
        + REMARKED * sentence.remarked
        + REASONS * sentence.reasons
        + NEWS * news
    )


def _parting(text: Argument, others: Sequence[Side]) -> _Sentence | None:
    """The first step, a sentence with numbers or a reason, that another position does not take."""
    for sentence in text.sentences:
        numbered = any(s.numbers for s in sentence.statements)
        if sentence.remarked or not (numbered or sentence.reasons):
            continue
        if any(other.argues and not other.says(sentence, SAME_STEP) for other in others):
            return sentence
    return None


def one_line(text: str, limit: int) -> str:
    """The text on one line, cut after a word, without characters that act unseen."""
    flat = " ".join(text[: limit * 4].split())
    seen = "".join(c for c in flat if unicodedata.category(c) not in UNSEEN)
    if len(seen) <= limit:
        return seen
    cut = seen[: limit - 1]
    head, space, _ = cut.rpartition(" ")
    return f"{head if space and len(head) * 3 >= limit * 2 else cut}…"
