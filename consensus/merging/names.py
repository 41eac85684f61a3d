"""Which words of a sentence are names: nobody may be named who was not named before."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from consensus.merging.wording import COMMON_KATAKANA, OPENINGS

if TYPE_CHECKING:
    from collections.abc import Iterator

TITLE_WORD_CHARS = 4
"""Shorter words stay small in titles."""

_LATIN = re.compile(r"[^\W\d_][\w'’-]*")
_KATAKANA = re.compile(r"[ァ-ヴー][ァ-ヴー・＝]*[ァ-ヴー]")
_KANA: dict[int, int | None] = {
    code: code - 0x60 for code in range(0x30A1, 0x30F7)
} | dict.fromkeys(map(ord, "ーッっ"))
_NO_NAMES = frozenset(("i", "i'm", "i'd", "i've", "i'll", "ok"))
_STARTS = re.compile(r"(?:^|[:;.!?。！？「『（(“\"*|]\s*)[\s\"'“‘*_(>#-]*$")


def spelled(text: str) -> str:
    """``text`` in lower case, kana as hiragana without what spellings of one word differ in (ッ, ー)."""
    low = text.casefold()
    return low if low.isascii() else low.translate(_KANA)


def names(sentence: str) -> Iterator[str]:
    """The names of a sentence in lower case.

    English: words with a capital letter. One that opens the sentence is a name unless it is a word that
    usually opens sentences (`OPENINGS`) or an adverb; others may be names, and what is no news is
    found elsewhere anyway. Japanese: words in katakana and in Latin letters.
    """
    if _is_title(sentence):
        return
    japanese = not sentence.isascii() and _KATAKANA.search(sentence) is not None
    for word in _LATIN.finditer(sentence):
        text = word[0]
        if text[0].isupper() and _is_name(sentence, word.start(), text):
            yield _plain(text)
    if japanese:
        for word in _KATAKANA.finditer(sentence):
            if word[0] not in COMMON_KATAKANA:
                yield word[0].strip("・＝ー") or word[0]


def _is_title(sentence: str) -> bool:
    """Whether all longer words are capitalised, as in a heading: that tells no name from another word."""
    long = [w[0] for w in _LATIN.finditer(sentence) if len(w[0]) >= TITLE_WORD_CHARS]
    return len(long) > 1 and all(word[0].isupper() for word in long)


def _is_name(sentence: str, start: int, text: str) -> bool:
    low = text.lower()
    if low in _NO_NAMES:
        return False
    if text[1:].lower() != text[1:] or not _STARTS.search(sentence[max(0, start - 12) : start]):
        return True
    return low not in OPENINGS and not low.endswith(("ly", "ing", "wise"))


def _plain(text: str) -> str:
    return text.lower().replace("’", "'").removesuffix("'s").rstrip("'-")
