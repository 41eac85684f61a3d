"""How a simulated vendor reads text: words without width, case, spacing and punctuation; tokens."""

from __future__ import annotations

import re
import unicodedata

_SIGNS = str.maketrans({"×": "*", "÷": "/", "−": "-", "–": "-", "∗": "*", "⁄": "/"})
_GROUPED = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
# A hyphen counts only as a minus or in a date; other punctuation carries no meaning here.
_WORD = re.compile(r"[a-zà-ɏ]+|\d+(?:\.\d+)?|-(?=\s*\d)|[+*/=%<>^]|[^\W_]")
# About four Latin letters or one Japanese character a token, as the vendors' tokenisers do on
# average; the space before a word belongs to it, so that pieces join to the text again.
_PIECE = re.compile(r"\s*[A-Za-z0-9À-ɏ]{1,4}|\s*[^\sA-Za-z0-9À-ɏ]|\s+")
_JAPANESE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")


def words(text: str) -> str:
    """The words of ``text``, one space around each, ready for containment with `contains`.

    Widths, case, spacing and punctuation are gone; every kana and kanji is a word of its own, so
    the spacing of Japanese does not matter, and ``12 + 2`` is not found in ``12 + 25``.
    """
    plain = unicodedata.normalize("NFKC", text).translate(_SIGNS).casefold()
    return f" {' '.join(_WORD.findall(_GROUPED.sub('', plain)))} "


def contains(haystack: str, needle: str) -> bool:
    """Whether one result of `words` holds another; nothing is contained by being empty."""
    return bool(needle.strip()) and needle in haystack


def is_japanese(text: str) -> bool:
    """Whether ``text`` holds kana or kanji."""
    return _JAPANESE.search(text) is not None


def pieces(text: str) -> list[str]:
    """``text`` cut into token-sized pieces that join to it again."""
    return _PIECE.findall(text)


def count_tokens(text: str) -> int:
    """The estimated number of tokens of ``text``."""
    return len(pieces(text))
