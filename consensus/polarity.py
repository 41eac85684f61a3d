"""Negations: which sentences deny, and which texts begin with a yes or a no; English and Japanese."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_NEGATIONS_EN = re.compile(
    r"\b(?:not|no|never|none|neither|nor|cannot|without|nothing|nobody)\b|n't\b"
)
_NO_NEGATION_EN = re.compile(r"\bnot only\b|\bno doubt\b|\bno\.\s*\d|\bwhether or not\b")
_NEGATIONS_JA = re.compile(
    # The first characters of all that follows: most places hold none of them.
    r"(?=[かなに間ま少だで危ずい])(?:"
    # Passed over: what has the form of a negation and denies nothing.
    r"かもしれない|かもしれません|なければなら(?:ない|ません)|なくてはなら(?:ない|ません)|に違いない|"
    r"(?:間違|まちが)いな[いく]|少な[いく]|だけでな[くい]|ではないでしょうか|ではないか|危な[いく]|"
    r"にほかなら(?:ない|ません)|にすぎ(?:ない|ません)"
    r"|(?P<negation>ない|なかった|なく(?:て|、|な)|ません|ずに|ず、|いいえ))"
)
_LEADING_NO_EN = re.compile(
    r"^\W*no\b[,.:;!\s]*(?=.*(?:\bnot\b|n't\b|\bcannot\b|\bnever\b))", re.DOTALL
)
_LEADING_NO_JA = re.compile(r"^\W*いいえ[、,\s]*(?=.*(?:ない|ません))", re.DOTALL)
_YES = re.compile(r"\W*(?:yes|yeah|correct|true|はい|そうです|正しい)\b")
_NO = re.compile(r"\W*(?:no|nope|incorrect|false|いいえ|いえ|違います)\b")
_LEADING_NO = ["no"]
FUNCTION_WORDS = frozenset(
    ("not", "no", "never", "none", "neither", "nor", "cannot", "without", "nothing", "nobody")
)
"""English words that say nothing but no."""


def only_negates(word: str) -> bool:
    """True for words that say nothing but no; `negated` counts those."""
    return word in FUNCTION_WORDS or word.endswith("n't")


def may_negate(sentence: str, tokens: Iterable[str]) -> bool:
    """False where `negated` would find nothing; costs a tenth of it, and most sentences negate nothing.

    ``tokens`` are the words of the sentence, an apostrophe being part of its word.
    """
    if "'" in sentence or not FUNCTION_WORDS.isdisjoint(tokens):
        return True
    # Every Japanese negation holds one of these. Written out: a loop takes three times as long.
    return not sentence.isascii() and (
        "ない" in sentence
        or "なか" in sentence
        or "なく" in sentence
        or "ません" in sentence
        or "ず" in sentence
        or "いいえ" in sentence
    )


def negated(sentence: str) -> int:
    """How many negations a lower-case sentence holds, besides negative words like "unsafe".

    A leading "No," or いいえ that repeats a negation in its sentence counts with it, once.
    """
    if sentence.isascii():
        # Looked for first: most sentences hold none of these, and a pattern costs ten times the look.
        if not ("no" in sentence or "n't" in sentence or "ne" in sentence or "with" in sentence):
            return 0
        rest = sentence
        if "not only" in rest or "no doubt" in rest or "no." in rest or "whether or not" in rest:
            rest = _NO_NEGATION_EN.sub(" ", rest)
        # Matched, not substituted: a substitution looks for the beginning at every place.
        if leading := _LEADING_NO_EN.match(rest):
            rest = rest[leading.end() :]
        return len(_NEGATIONS_EN.findall(rest))
    rest = _LEADING_NO_JA.sub("", sentence) if "いいえ" in sentence else sentence
    japanese = sum(map(bool, _NEGATIONS_JA.findall(rest)))
    english = "no" in rest or "n't" in rest or "ne" in rest or "with" in rest
    return japanese + (len(_NEGATIONS_EN.findall(rest)) if english else 0)


def negations(sentence: str, tokens: Sequence[str]) -> int:
    """What `negated` counts in a lower-case sentence in ASCII, at a third of its cost.

    ``tokens`` are its words, an apostrophe being part of its word.
    """
    if (
        "n't" in sentence
        or "not only" in sentence
        or "no doubt" in sentence
        or "no." in sentence
        or "whether or not" in sentence
        or (tokens[:1] == _LEADING_NO and ("not" in sentence or "never" in sentence))
    ):
        return negated(sentence)
    return sum(times(sentence, word) for word in FUNCTION_WORDS if word in sentence)


def times(text: str, words: str) -> int:
    """How often ``words`` occur in a text, not within other words."""
    found = 0
    at = text.find(words)
    while at >= 0:
        end = at + len(words)
        found += not (_in_word(text[at - 1 : at]) or _in_word(text[end : end + 1]))
        at = text.find(words, end)
    return found


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def leading_polarity(text: str) -> bool | None:
    """True when ``text`` begins with a yes, False when with a no, None when with neither."""
    head = text[:20].lower()
    if _YES.match(head):
        return True
    return False if _NO.match(head) else None
