"""The sentences of a text with their places, and what each of them and of their clauses states."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, pairwise
from typing import TYPE_CHECKING, NamedTuple

from consensus.answers.figures import quantities
from consensus.answers.folding import folded
from consensus.merging.names import names
from consensus.merging.wording import GENERIC
from consensus.statements import Statement, content_words, statements

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Sequence

MAX_TEXT_CHARS = 12_000
"""Characters of one text that are read: twice what an aggregator is shown of an answer."""

MAX_SENTENCES = 150
"""Sentences of one text that are read, those of its head."""

MAX_SENTENCE_CHARS = 1_000
"""A longer run without a stop is cut here: no prose, and patterns must stay cheap."""

NEAR_CHARS = 28
NEAR_CHARS_JA = 10
"""How far around a number the words stand that say what it is the number of."""

MIN_CLAUSE_WORDS = 2
"""Content words from which a part of a sentence says something of its own."""

_FENCE = re.compile(r"^[ \t]*```.*?(?:^[ \t]*```[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)
_FENCE_LINE = re.compile(r"^[ \t]*```.*$", re.MULTILINE)
_LINE = re.compile(r"[^\n]+")
_STOP = re.compile(r"[.!?]+[\"'”’)*_\]]*(?=\s|$)|[。｡！？]+[」』）)]*")
_ABBREVIATED = re.compile(
    r"(?:^|[\s(])(?:dr|mr|mrs|ms|prof|st|vs|no|fig|approx|ca|e\.g|i\.e|etc|al|(?<!: )(?<!is )[a-z])$",
    re.IGNORECASE,
)
_MARKER = re.compile(r"^[\s>]*(?:[-*•・#]+[ \t]+|\(?\d{1,2}[.)．）][ \t　]+)?\s*")
_MARKED_NUMBER = re.compile(r"^[\s>#*]*\(?\d{1,2}$")
_CLAUSE = re.compile(
    r"[;:—；：]\s*|\s[-–]\s|,\s+(?=(?:and|but|or|so|while|whereas|which|who|because|since|although|though)\b)|"
    r"\s(?=(?:and|but|while|whereas|because|although)\s)|(?<=[がでしりきみびちいくず])、|、(?=(?:また|しかし|一方|そして|ただし))"
)


class Number(NamedTuple):
    """A number a clause states. ``around``: the text on both sides of it, whole words."""

    value: Hashable
    around: str

    @property
    def near(self) -> frozenset[str]:
        """The content words around it, which say what it is the number of."""
        return _content_of(self.around)


class Clause(NamedTuple):
    """What a sentence or a part of it states.

    ``words``: its content words, generic ones left out. ``values``: its numbers alone. ``names``: in lower case. ``statement``: the
    same as the comparison of answers reads it; None where it has neither words nor numbers.
    ``negative``: an odd number of negations and negative verdicts ("unsafe") in it.
    """

    text: str
    words: frozenset[str]
    numbers: tuple[Number, ...]
    values: frozenset[Hashable]
    names: frozenset[str]
    statement: Statement | None
    negative: bool


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, list item, table row, heading or block of code, its marker or fence left out.

    ``start`` and ``end`` enclose all of it, marker and stop included. ``clauses`` holds its parts where
    it has several that say something; it is empty otherwise.
    """

    text: str
    start: int
    end: int
    whole: Clause
    clauses: tuple[Clause, ...] = ()
    code: bool = False

    @property
    def states(self) -> bool:
        """False for what only leads over: no words, no number, no name, no negation of its own."""
        whole = self.whole
        return bool(self.code or whole.words or whole.numbers or whole.names or whole.negative)


class Span(NamedTuple):
    """Where a sentence stands in a text: all of it, marker and stop included."""

    start: int
    end: int
    code: bool = False


def sentences(text: str) -> tuple[Sentence, ...]:
    """The sentences of ``text`` in order, at most `MAX_SENTENCES`; of an overlong text those of its head."""
    read = text[:MAX_TEXT_CHARS]
    found = (sentence_at(read, span) for span in spans(read))
    return tuple(islice((s for s in found if s is not None), MAX_SENTENCES))


def spans(text: str) -> Iterator[Span]:
    """Where the sentences of ``text`` stand, in order, found without reading what they state.

    Of a text still being written all but the last are where they will be in the whole, and so is the last
    once anything follows it.
    """
    at = 0
    for block in _FENCE.finditer(text):
        yield from _prose(text, at, block.start())
        yield Span(block.start(), block.end(), code=True)
        at = block.end()
    yield from _prose(text, at, len(text))


def sentence_at(text: str, span: Span) -> Sentence | None:
    """The sentence that stands there; None where there is but a marker."""
    said = text[span.start : span.end]
    if span.code:
        inner = _FENCE_LINE.sub("", said).strip()
        return Sentence(inner, *span[:2], clause(inner[:MAX_SENTENCE_CHARS]), code=True)
    marker = _MARKER.match(said)
    bare = said[marker.end() :].strip() if marker else said.strip()
    return Sentence(bare, *span[:2], clause(bare), _clauses(bare)) if bare else None


def clause(text: str) -> Clause:
    """What ``text``, a sentence or a part of it, states."""
    read = statements(text)
    words = content_words(read)
    flat = folded(text)
    found = frozenset(names(text))
    kept = frozenset(w for w in words if not w[0].isdecimal()) - GENERIC
    negative = _odd(s.negative for s in read)
    numbers = tuple(_numbers(flat))
    values = frozenset(number.value for number in numbers)
    return Clause(text, kept, numbers, values, found, _joined(read), negative)


def _joined(read: Sequence[Statement]) -> Statement | None:
    """What was read as several sentences, because of a stop within, as one."""
    if len(read) <= 1:
        return read[0] if read else None
    return Statement(
        text=" ".join(s.text for s in read),
        words=frozenset().union(*(s.words for s in read)),
        numbers=frozenset().union(*(s.numbers for s in read)),
        negative=_odd(s.negative for s in read),
        verdict=_odd(s.verdict for s in read),
        contrasts=frozenset().union(*(s.contrasts for s in read)),
        asks=all(s.asks for s in read),
    )


def _odd(flags: Iterable[bool]) -> bool:
    return sum(flags) % 2 == 1


def _prose(text: str, start: int, end: int) -> Iterator[Span]:
    for line in _LINE.finditer(text, start, end):
        for begin, stop in _spans(line[0]):
            yield Span(line.start() + begin, line.start() + stop)


def _spans(line: str) -> Iterator[tuple[int, int]]:
    """Where the sentences of a line begin and end; none is longer than `MAX_SENTENCE_CHARS`."""
    begin = 0
    for stop in _STOP.finditer(line):
        before = line[max(begin, stop.start() - 8) : stop.start()]
        if stop[0][0] == "." and (
            _ABBREVIATED.search(before) or _MARKED_NUMBER.match(line[begin : stop.start()])
        ):
            continue
        yield from _cut(begin, stop.end())
        begin = stop.end()
    if line[begin:].strip():
        yield from _cut(begin, len(line))


def _cut(begin: int, end: int) -> Iterator[tuple[int, int]]:
    edges = [*range(begin, end, MAX_SENTENCE_CHARS), end]
    yield from pairwise(edges)


def _clauses(text: str) -> tuple[Clause, ...]:
    """The parts of a sentence, each with words enough to say something; one that has not joins the next."""
    edges = [0, *(m.end() for m in _CLAUSE.finditer(text)), len(text)]
    parts: list[Clause] = []
    begin = 0
    for end in edges[1:]:
        read = clause(text[begin:end])
        if len(read.words) >= MIN_CLAUSE_WORDS:
            parts.append(read)
            begin = end
    if parts and text[begin:].strip():
        last = text.rfind(parts[-1].text, 0, begin)
        parts[-1] = clause(text[last:])
    return tuple(parts) if len(parts) > 1 else ()


def _numbers(flat: str) -> Iterator[Number]:
    """Figures, and where they are out of the way words and kanji: both may stand in one sentence."""
    figures = quantities(flat)
    yield from (Number(q.value, _around(flat, q.start, q.end)) for q in figures)
    if figures:
        rest = list(flat)
        for q in figures:
            rest[q.start : q.end] = "_" * (q.end - q.start)
        words = quantities("".join(rest))
        yield from (Number(q.value, _around(flat, q.start, q.end)) for q in words)


def _around(text: str, start: int, end: int) -> str:
    reach = NEAR_CHARS if text.isascii() else NEAR_CHARS_JA
    left, right = max(0, start - reach), min(len(text), end + reach)
    if text.isascii():
        # Whole words only: half a word has another stem.
        left = left if left == 0 else text.find(" ", left, start) + 1 or start
        right = right if right == len(text) else max(text.rfind(" ", end, right), end)
    return f"{text[left:start]} {text[end:right]}"


@lru_cache(maxsize=4_096)
def _content_of(text: str) -> frozenset[str]:
    return frozenset().union(*(s.words for s in statements(text)))
