"""What each sentence of a text states, roughly: its content words, its numbers, its polarity.

Enough to notice that two sentences are about the same thing and say the opposite, which vectors do
not: "Yes, it is safe." and "No, it is not safe." lie at a cosine of 0.94.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from consensus.opposites import Flip, plain
from consensus.polarity import may_negate, negated, only_negates

MAX_STATEMENTS = 40
"""Sentences read of one text, half from its head and half from its tail; bounds the comparisons."""

MAX_CHARS = 8_000
"""Characters read of one text, half from its head and half from its tail."""

FOLDED_CHARS = 500
"""Characters normalised at a time: of some, eighteen come of each."""

KNOWN_CHARS = 32
"""Longest word whose content is remembered; bounds the memory that hostile texts may take."""

_SENTENCE = re.compile(r"[^.!?。！？\n]+(?:[.!?]+(?=[^\s.!?])[^.!?。！？\n]*)*[.!?。！？]?")
_LIST_MARKER = re.compile(r"^[ \t]*(?:[-*•・#>]+[ \t]*)?(?:\(?\d{1,2}[.):、．]\s+)?", re.MULTILINE)
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_WORD_ASCII = re.compile(r"[a-z]+(?:'[a-z]+)?")
_WORD = re.compile(
    # A run of kanji, of two or more katakana, or of letters. That it begins with one class lets the
    # engine skip hiragana at twice the speed that three alternatives would.
    r"[\u3400-\u9fff々\u30a1-\u30ffa-zà-ÿ]"
    r"(?:(?<=[\u3400-\u9fff々])[\u3400-\u9fff々]*|(?<=[\u30a1-\u30ff])[\u30a1-\u30ff]+"
    r"|(?<=[a-zà-ÿ])[a-zà-ÿ]*(?:'[a-z]+)?)"
)
_STOPWORD_LIST = """
a about above all also although am an and any are as at be because been before being between
both but by can could did do does doing down during each either else even ever every few for
from further had has have having he her here hers him his how however i if in into is it its
itself just let's like many may me might more most much must my of off on once one only or
other our ours out over own per please quite rather really same shall she should since so some
such than that the their theirs them then there therefore these they this those through thus  to
too under until up upon us very was we were what when where whether which while who whom  whose
why will with within would yet you your yours answer question final yes step following  it's
that's there's what's here's
"""
_STOPWORDS = frozenset(_STOPWORD_LIST.split())
_FIRST_HAN = "\u3400"
_NOTHING: frozenset[str] = frozenset()
_VERDICT = Flip.VERDICT  # a member looked up on its class costs more than all else a word needs
_SUPPOSING_EN = frozenset(("if", "unless", "suppose", "assume", "whether"))
_QUESTION_END = ("?", "？", "か。", "か")


class Statement(NamedTuple):
    """One sentence, as written in ``text`` save for list markers.

    ``words``: stems, and kanji pairs, opposites as their plain word; ``negative``: an odd number of
    negations and negative verdicts ("unsafe"); ``verdict``: an odd number of the latter alone;
    ``contrasts``: those of ``words`` that stand for their opposite ("hot" for "cold"), where either
    may be meant; ``asks``: it asserts nothing, but asks or supposes.
    """

    text: str
    words: frozenset[str]
    numbers: frozenset[str]
    negative: bool
    verdict: bool
    contrasts: frozenset[str]
    asks: bool


def clipped(text: str) -> str:
    """The head and the tail of ``text``, together `MAX_CHARS` characters."""
    half = MAX_CHARS // 2
    return text if len(text) <= MAX_CHARS else f"{text[:half]}\n{text[-half:]}"


def statements(text: str) -> tuple[Statement, ...]:
    """Read the sentences of ``text``, at most `MAX_STATEMENTS` of them; empty ones are left out."""
    text = clipped(text)
    if not text.isascii():
        text = _folded(text).replace("’", "'")
    sentences = _SENTENCE.findall(_LIST_MARKER.sub("", text))
    if len(sentences) > MAX_STATEMENTS:
        half = MAX_STATEMENTS // 2
        sentences = sentences[:half] + sentences[-half:]
    return tuple(s for s in map(_statement, sentences) if s.words or s.numbers)


def _folded(text: str) -> str:
    """NFKC, as far as `MAX_CHARS` characters come of it: a ligature may hold eighteen."""
    pieces: list[str] = []
    room = MAX_CHARS
    for start in range(0, len(text), FOLDED_CHARS):
        pieces.append(unicodedata.normalize("NFKC", text[start : start + FOLDED_CHARS])[:room])
        room -= len(pieces[-1])
        if room <= 0:
            break
    return "".join(pieces)


def overlap(a: frozenset[str], b: frozenset[str]) -> float:
    """Dice's coefficient of two sets, in [0, 1]; 0 for two empty ones."""
    return 2 * len(a & b) / (len(a) + len(b)) if a or b else 0.0


def content_words(read: tuple[Statement, ...]) -> frozenset[str]:
    """All content words and numbers of a text."""
    return frozenset().union(*(s.words | s.numbers for s in read))


def _statement(text: str) -> Statement:
    sentence = text.lower()
    tokens: list[str] = (_WORD_ASCII if sentence.isascii() else _WORD).findall(sentence)
    words: set[str] = set()
    contrasts: list[str] = []
    verdicts = 0
    for token in set(tokens) - _STOPWORDS:
        pieces, flip = _known(token) if len(token) <= KNOWN_CHARS else _content(token)
        words.update(pieces)
        if flip:
            if flip is _VERDICT:
                verdicts += tokens.count(token)
            else:
                contrasts.extend(pieces)
    negations = negated(sentence) if may_negate(sentence, tokens) else 0
    return Statement(
        text,
        frozenset(words),
        frozenset(map(_canonical, numbers)) if (numbers := _NUMBER.findall(sentence)) else _NOTHING,
        negative=(verdicts + negations) % 2 == 1,
        verdict=verdicts % 2 == 1,
        contrasts=frozenset(contrasts) if contrasts else _NOTHING,
        asks=sentence.rstrip().endswith(_QUESTION_END) or _supposes(sentence, tokens),
    )


def _supposes(sentence: str, tokens: list[str]) -> bool:
    if not _SUPPOSING_EN.isdisjoint(tokens):
        return True
    # Written out: a loop over a handful of words takes three times as long, for each sentence.
    return not sentence.isascii() and (
        "もし" in sentence
        or "場合" in sentence
        or "とき" in sentence
        or "れば" in sentence
        or "ならば" in sentence
        or "と仮定" in sentence
    )


def _content(token: str) -> tuple[tuple[str, ...], Flip]:
    """What a word adds to the content, and whether it is the negative one of two opposites."""
    if only_negates(token):
        return (), Flip.NONE
    stem, flip = plain(token)
    return (_pieces(stem) if token[0] >= _FIRST_HAN else (stem,)), flip


_known = lru_cache(maxsize=8192)(_content)


def _pieces(run: str) -> tuple[str, ...]:
    """Kanji written together, as overlapping pairs: compounds are not spaced."""
    return (run,) if len(run) < 3 else tuple(run[i : i + 2] for i in range(len(run) - 1))  # noqa: PLR2004 - a pair is one piece


def _canonical(number: str) -> str:
    plain = number.replace(",", "")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain.lstrip("0") or "0"
