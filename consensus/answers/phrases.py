"""Short phrases: the few words an answer adds to the question (Paris, 東京, Leonardo da Vinci)."""

from __future__ import annotations

import re
from typing import Final

from consensus.answers.folding import first_sentence, folded, key, normalised, unwrapped

MAX_WORDS: Final = 8
MAX_CHARS_JA: Final = 24
NAME_WORDS: Final = 4
"""A name has hardly more words."""

_CONTRADICTING_WORDS: Final = 3
"""Phrases of more words may say the same in other words; difference decides nothing there."""

_BOLD = re.compile(r"\*\*([^*\n]{1,80})\*\*|「([^」\n]{1,40})」|『([^』\n]{1,40})』")
_LEAD = re.compile(
    r"^(?:(?:it|this|that|he|she|they|the answer|answer)(?: is|'s| was| are| were)\b\s*|simply |called |known as |それは|これは|答えは)+",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"\s*(?:,? (?:which|who|because|since|as it|located|where)\b.*|,\s(?:the|a|an|known|also)\s.*|[(\[].*|\s-\s.*|\s(?:in|on|around|during|between)\s(?:the\s)?(?:early\s|late\s|mid-?\s?)?\d.*)$",
    re.IGNORECASE | re.DOTALL,
)
_TAIL_JA = re.compile(
    r"(?:です|でした|である|であった|だ|だった|になります|となります|といいます|と言います|と呼ばれます|と呼ばれています|と思います|にあります|だと思います|でしょう)?[。.!\s]*$"
)
_TAIL_CHARS: Final = 24
_COPULA = re.compile(r"\s(?:is|are|was|were|is called|was called)\s", re.IGNORECASE)
_COPULA_JA = re.compile(r"[はが]")
_ARTICLE = re.compile(r"^(?:the|a|an) ")
_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
_DENIALS: Final = frozenset(
    [
        "no",
        "not",
        "none",
        "never",
        "nobody",
        "nothing",
        "t",
        "isn",
        "don",
        "can",
        "cannot",
        "exist",
        "ambiguous",
        "unknown",
    ]
)
STOP: Final = frozenset(
    [
        "a",
        "an",
        "the",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "has",
        "have",
        "had",
        "do",
        "does",
        "did",
        "of",
        "to",
        "in",
        "on",
        "at",
        "for",
        "from",
        "by",
        "with",
        "and",
        "or",
        "as",
        "it",
        "its",
        "this",
        "that",
        "there",
        "who",
        "what",
        "which",
        "where",
        "he",
        "she",
        "they",
    ]
)
_CONTENT_JA = re.compile(r"[一-龯々]+|[ァ-ヶー]{2,}|[a-z0-9]+")
_EMPTY: Final = frozenset(
    {
        "",
        "as follows",
        "clear",
        "below",
        "above",
        "this",
        "that",
        "it",
        "unknown",
        "以下の通り",
        "次の通り",
    }
)


def phrase(question: str, content: str) -> str | None:
    """The phrase an answer gives, as written; None when it gives no short one.

    Args:
        question: Folded, lower-case question: its own words are not the answer.
        content: The answer, or what follows its marker.
    """
    said = _TAIL_JA.sub("", first_sentence(folded(content).strip().lstrip("#>-•* \t")).strip())
    bold = only_bold(question, content if len(content) <= len(said) + 80 else said)
    return trimmed_phrase(bold or _reduced(question, unwrapped(said)))


def trimmed_phrase(short: str) -> str | None:
    """The phrase without what surrounds it, None when it is empty, points elsewhere, or is long."""
    if not short.isascii():
        short = short[:-_TAIL_CHARS] + _TAIL_JA.sub("", short[-_TAIL_CHARS:])
    short = unwrapped(short).strip(" .,;:!?。、")
    if normalised(short) in _EMPTY or not _short(short):
        return None
    return short


def canonical(short: str) -> str:
    """The key under which a phrase equals another: its words, in lower case, without an article."""
    words = _ARTICLE.sub("", normalised(short))
    return key(words if words.isascii() else words.replace(" ", ""))


def differ(a: str, b: str) -> bool | None:
    """Whether two canonical phrases mean different things; None where they may mean the same.

    One phrase may be the other's short form ("New York", "New York City"; "USA"), or one letter
    away from it by spelling; only short phrases that share neither are different.
    """
    if a == b:
        return False
    words_a, words_b = a.split(), b.split()
    if max(len(words_a), len(words_b)) > _CONTRADICTING_WORDS or max(len(a), len(b)) > 60:  # noqa: PLR2004 - hashed or long
        return None
    if _DENIALS & {*words_a, *words_b}:
        return None  # "no known ones", "can't be found": a denial may be worded in many ways
    if set(words_a) <= set(words_b) or set(words_b) <= set(words_a) or a in b or b in a:
        return None
    if _initials(words_a) == b or _initials(words_b) == a or _one_edit_apart(a, b):
        return None
    return True if a.isascii() == b.isascii() else None


def only_bold(question: str, content: str) -> str | None:
    """The one short phrase in bold or quotes that the question does not have."""
    if "**" not in content and "「" not in content and "『" not in content:
        return None
    words = f" {normalised(question)} "
    found = [next(g for g in m.groups() if g) for m in _BOLD.finditer(content)]
    found = [f for f in found if not _within(normalised(f), words)]
    distinct = {normalised(f) for f in found}
    if len(distinct) != 1 or found[0].rstrip().endswith(":"):
        return None
    return found[0] if _short(found[0]) else None


def _reduced(question: str, said: str) -> str:
    """The sentence without what it repeats of the question."""
    said = _TAIL.sub("", _LEAD.sub("", said))
    japanese = not said.isascii() and _COPULA_JA.search(said)
    if japanese:
        left, right = said[: japanese.start()], said[japanese.end() :]
        if right and all(word in question for word in _CONTENT_JA.findall(left.lower())):
            return right
        if left and all(word in question for word in _CONTENT_JA.findall(right.lower())):
            return left
        return said
    asked = {w.lower() for w in _WORD.findall(question)} | STOP
    copula = _COPULA.search(said)
    if copula:
        left, right = said[: copula.start()], said[copula.end() :]
        if _known(left, asked):
            return _trimmed(right, asked)
        if _known(right, asked):
            return _trimmed(left, asked)
    return only_news(said, asked) or said


def _known(part: str, asked: set[str]) -> bool:
    return all(word.lower() in asked for word in _WORD.findall(part))


def _trimmed(part: str, asked: set[str]) -> str:
    """The part without what it begins with of the question: "painted by" before a painter."""
    for word in _WORD.finditer(part):
        if word[0].lower() not in asked:
            begins = part[: word.start()].lower().split()
            return part[word.start() :] if any(w not in STOP for w in begins) else part
    return part


def only_news(said: str, asked: set[str]) -> str | None:
    """The one run of words the question does not have, when there is one and something besides."""
    runs: list[tuple[int, int]] = []
    gap = True
    repeated = False
    for word in _WORD.finditer(said):
        if word[0].lower().removesuffix("'s") in asked or word[0].lower() in asked:
            repeated = repeated or word[0].lower() not in STOP
            gap = True
        elif gap:
            runs.append((word.start(), word.end()))
            gap = False
        else:
            runs[-1] = (runs[-1][0], word.end())
    return said[runs[0][0] : runs[0][1]] if repeated and len(runs) == 1 else None


def _within(said: str, words: str) -> bool:
    return bool(said) and (f" {said} " in words if said.isascii() else said in words)


def _short(phrase_: str) -> bool:
    if phrase_.isascii():
        return len(phrase_.split()) <= MAX_WORDS and len(phrase_) <= 80  # noqa: PLR2004 - eight long words
    return len(phrase_) <= MAX_CHARS_JA or len(phrase_.split()) in range(2, MAX_WORDS + 1)


def _initials(words: list[str]) -> str:
    return "".join(w[0] for w in words if w not in STOP) if len(words) > 1 else ""


def _one_edit_apart(a: str, b: str) -> bool:
    """Whether one letter is changed, added or left out, in words long enough for a misspelling."""
    if min(len(a), len(b)) < 5 or abs(len(a) - len(b)) > 1 or not a.isascii():  # noqa: PLR2004 - "cat" and "car" differ
        return False
    prefix = next(
        (i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b))
    )
    if len(a) == len(b):
        return a[prefix + 1 :] == b[prefix + 1 :]
    longer, shorter = (a, b) if len(a) > len(b) else (b, a)
    return longer[prefix + 1 :] == shorter[prefix:]
