"""What each sentence of a text states, roughly: its content words, its numbers, its polarity.

Enough to notice that two sentences are about the same thing and say the opposite, which vectors do
not: "Yes, it is safe." and "No, it is not safe." lie at a cosine of 0.94.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Final, NamedTuple

from consensus.opposites import OPPOSITES, TURNED, Flip, own_stem, plain
from consensus.polarity import FUNCTION_WORDS, may_negate, negated, negations, only_negates
from consensus.sentences import (
    ANY_WORD,
    MAX_STATEMENTS,
    NUMBER,
    canonical,
    numbers_ascii,
    sentences_of,
    unmarked,
    words_ascii,
    words_by_sentence,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from collections.abc import Set as AbstractSet

KNOWN_CHARS = 32
"""Longest word whose content is remembered; bounds the memory that hostile texts may take."""

KNOWN_WORDS = 8192
"""Words whose content is remembered."""

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


def statements(text: str) -> tuple[Statement, ...]:
    """Read the sentences of ``text``, at most `MAX_STATEMENTS` of them; empty ones are left out."""
    return statements_of(sentences_of(unmarked(text)))


def statements_of(sentences: Iterable[str]) -> tuple[Statement, ...]:
    """What sentences state; those without a content word or number state nothing."""
    return tuple(s for s in map(_statement, sentences) if s.words or s.numbers)


class Contents(NamedTuple):
    """What the sentences of a text hold, without what they say of it: a third of the cost of statements.

    ``sentences``: the content words of each; ``denying``: for each, False where it surely is not negative.
    ``all``: content words and numbers of all; ``numbers``: these alone. ``turned``: whether a word stands for its opposite. ``tokens``: all words as written, in lower
    case, of a text in ASCII that is read whole; None of another.
    """

    sentences: tuple[AbstractSet[str], ...]
    denying: tuple[bool, ...]
    all: frozenset[str]
    numbers: frozenset[str]
    turned: bool
    tokens: frozenset[str] | None


def contents_of(read: Sequence[Statement], plain_text: str) -> Contents:
    """The contents of an `unmarked` text whose statements are read already, but for empty sentences.

    It may say ``turned`` where nothing is.
    """
    held = tuple([s.words for s in read])
    denying = tuple([s.negative for s in read])
    numbers = _NOTHING.union(*[s.numbers for s in read])
    whole = len(read) < MAX_STATEMENTS // 2 and plain_text.isascii()
    return Contents(
        held,
        denying,
        numbers.union(*held),
        numbers,
        turned=True,
        tokens=frozenset(words_ascii(plain_text)) if whole else None,
    )


def contents(plain_text: str, sentences: Sequence[str]) -> Contents:
    """The contents of an `unmarked` text and of its sentences, as `sentences_of` finds them."""
    in_ascii = plain_text.isascii()
    # All sentences in ASCII at once: most texts have no other.
    tokens = words_by_sentence(
        sentences if in_ascii else [said if said.isascii() else "" for said in sentences]
    )
    held: list[AbstractSet[str]] = []
    denying: list[bool] = []
    turned = False
    for sentence, own in zip(sentences, tokens, strict=True):
        words = set(map(_STEMS.__getitem__, own))
        words.discard("")
        flips = not words.isdisjoint(TURNED)
        if flips:
            words = {OPPOSITES[word][0] if word in TURNED else word for word in words}
            turned = True
        held.append(words)
        denying.append(flips or "'" in sentence or not FUNCTION_WORDS.isdisjoint(own))
    if not in_ascii:
        for n, sentence in enumerate(sentences):
            if not sentence.isascii():
                held[n], denying[n], flips = _contents_of_any(sentence)
                turned = turned or flips
    whole = len(sentences) < MAX_STATEMENTS
    read = plain_text if whole else "\n".join(sentences)
    numbers = frozenset(
        numbers_ascii(read) if read.isascii() else map(canonical, NUMBER.findall(read.lower()))
    )
    return Contents(
        tuple(held),
        tuple(denying),
        numbers.union(*held),
        numbers,
        turned,
        frozenset(chain.from_iterable(tokens)) if whole and in_ascii else None,
    )


def _contents_of_any(sentence: str) -> tuple[set[str], bool, bool]:
    """The content words of one sentence, whether it may be negative, and whether a word is turned."""
    lowered = sentence.lower()
    own = set(ANY_WORD.findall(lowered))
    words: set[str] = set()
    flips = False
    for token in own - _STOPWORDS:
        pieces, flip = _known(token) if len(token) <= KNOWN_CHARS else _content(token)
        words.update(pieces)
        if flip:
            flips = True
    return words, flips or may_negate(lowered, own), flips


def overlap(a: AbstractSet[str], b: AbstractSet[str]) -> float:
    """Dice's coefficient of two sets, in [0, 1]; 0 for two empty ones."""
    return 2 * len(a & b) / (len(a) + len(b)) if a or b else 0.0


def content_words(read: tuple[Statement, ...]) -> frozenset[str]:
    """All content words and numbers of sentences already read."""
    return frozenset().union(*(s.words for s in read), *(s.numbers for s in read))


def words_of(text: str) -> frozenset[str]:
    """All content words and numbers of a text."""
    plain_text = unmarked(text)
    return contents(plain_text, sentences_of(plain_text)).all


class _Stems(dict[str, str]):
    """The stems of English words met lately, not yet turned to the plain one of two opposites.

    Empty for a word that only negates, or has no content.
    """

    def __missing__(self, word: str) -> str:
        stem = "" if word in _STOPWORDS or only_negates(word) else own_stem(word)
        if len(word) <= KNOWN_CHARS:
            if len(self) >= KNOWN_WORDS:
                self.clear()
            self[word] = stem
        return stem


_STEMS: Final = _Stems()


def _statement(text: str) -> Statement:
    return _statement_ascii(text) if text.isascii() else _statement_of_any(text)


def _statement_ascii(text: str) -> Statement:
    tokens = words_ascii(text)
    words = set(map(_STEMS.__getitem__, tokens))
    words.discard("")
    verdicts = 0
    contrasts = _NOTHING
    if not words.isdisjoint(TURNED):
        verdicts, contrasts = _turn(words, tokens)
    negated = 0
    if "'" in text or not FUNCTION_WORDS.isdisjoint(tokens):
        negated = negations(text.lower(), tokens)
    return Statement(
        text,
        frozenset(words),
        frozenset(numbers) if (numbers := numbers_ascii(text)) else _NOTHING,
        (verdicts + negated) % 2 == 1,
        verdicts % 2 == 1,
        contrasts,
        not _SUPPOSING_EN.isdisjoint(tokens) or text.rstrip().endswith("?"),
    )


def _turn(words: set[str], tokens: list[str]) -> tuple[int, frozenset[str]]:
    """Put the plain ones of two opposites into ``words``; tell how many verdicts that turned, and the contrasts."""
    verdicts = 0
    contrasts: list[str] = []
    own = words & TURNED
    words -= own
    for word in own:
        other, flip = OPPOSITES[word]
        words.add(other)
        if flip is _VERDICT:
            verdicts += [_STEMS[t] for t in tokens].count(word)
        else:
            contrasts.append(other)
    return verdicts, frozenset(contrasts) if contrasts else _NOTHING


def _statement_of_any(text: str) -> Statement:
    sentence = text.lower()
    tokens: list[str] = ANY_WORD.findall(sentence)
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
        frozenset(map(canonical, numbers)) if (numbers := NUMBER.findall(sentence)) else _NOTHING,
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
