"""Text made readable for patterns: bounded in length, one width, one case, markup off."""

from __future__ import annotations

import hashlib
import re
from typing import Final

HEAD_CHARS: Final = 4_000
"""How much of an overlong text is read from its start: yes/no comes first."""

TAIL_CHARS: Final = 8_000
"""How much of an overlong text is read from its end: conclusions come last."""

DISPLAY_CHARS: Final = 120
"""Length of the longest short form shown to people."""

KEY_CHARS: Final = 300
"""Canonical texts longer than this are kept as their hash."""

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_SPACES = dict.fromkeys((0x3000, 0x2002, 0x2003, 0x2007, 0x2008, 0x200A, 0x2028, 0x2029), " ")
_THIN_SPACES = dict.fromkeys((0x2009, 0x202F), "\u00a0")
_DASHES = dict.fromkeys((0x2010, 0x2011, 0x2012, 0x2013, 0x2212, 0xFE63), "-")
_QUOTES = {**dict.fromkeys((0x201C, 0x201D, 0x201E), '"'), **dict.fromkeys((0x2018, 0x2019), "'")}
_FOLDED: Final[dict[int, int | str]] = {
    **_FULL_WIDTH,
    **_SPACES,
    **_THIN_SPACES,
    **_DASHES,
    **_QUOTES,
    # The one character whose lower case is longer than itself would shift every position.
    0x0130: "I",
}

_CONTROLS = dict.fromkeys(c for c in (*range(0x20), *range(0x7F, 0xA0)) if chr(c) not in "\t\n\r")
_LINE_ENDS = dict.fromkeys((0x0B, 0x0C, 0x85), "\n")
_INVISIBLE: Final[dict[int, str | None]] = {
    **_CONTROLS,
    **_LINE_ENDS,
    # Soft hyphens, joiners, marks and overrides of direction, byte order marks.
    **dict.fromkeys(
        (0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF)
    ),
}

_UNSEEN = re.compile(f"[{re.escape(''.join(map(chr, _INVISIBLE)))}]+")
_FOLDABLE = re.compile(f"[{re.escape(''.join(map(chr, _FOLDED)))}]+")
_SENTENCE_END = re.compile(
    # One class at its head lets the engine skip whatever ends no sentence.
    r"[.!?。｡\n](?:(?<=[.!?])(?=[\s\"'*]|$)|(?<=[。｡\n])[。｡\n]*)"
)
_ABBREVIATIONS: Final = frozenset(
    ["dr", "mr", "mrs", "ms", "prof", "st", "vs", "no", "approx", "e.g", "i.e"]
)
_ABBREVIATED_CHARS: Final = 8
"""How far before a full stop its abbreviation begins."""

_JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
_LATIN = re.compile(r"[A-Za-z]")
_WORDS = re.compile(r"[^\W_]+")
_EDGES = " \t\r\n*_`\"'“”「」『』<>"


def bounded(text: str) -> str:
    """The text as a reader sees it, or its start and its end when it is too long to be read whole.

    Characters that show nothing are left out: formats such as U+200B and U+202E, and controls but
    for tabs and line ends. They would part a word from its pattern.
    """
    if len(text) > HEAD_CHARS + TAIL_CHARS:
        text = f"{text[:HEAD_CHARS]}\n\n{text[-TAIL_CHARS:]}"
    if text.isascii():  # the quick way of `translate`
        return text.translate(_INVISIBLE)
    return _UNSEEN.sub(_seen, text)


def _seen(match: re.Match[str]) -> str:
    return match[0].translate(_INVISIBLE)


def folded(text: str) -> str:
    """The text in half-width forms, plain dashes and quotes; every character keeps its position."""
    return text if text.isascii() else _FOLDABLE.sub(_fold, text)


def _fold(match: re.Match[str]) -> str:
    return match[0].translate(_FOLDED)


def first_sentence(text: str) -> str:
    """What comes before the first full stop or line break; a decimal point is neither."""
    for stop in _SENTENCE_END.finditer(text):
        if not _abbreviates(text, 0, stop.start()):
            return text[: stop.start()]
    return text


def sentences(text: str) -> list[str]:
    """The sentences of a text, without their stops, none of them blank."""
    found = []
    rest = 0
    for stop in _SENTENCE_END.finditer(text):
        if _abbreviates(text, rest, stop.start()):
            continue
        found.append(text[rest : stop.end()].strip())
        rest = stop.end()
    found.append(text[rest:].strip())
    return [sentence for sentence in found if sentence]


def _abbreviates(text: str, start: int, stop: int) -> bool:
    """Whether the full stop at a position ends an abbreviation or initial, and no sentence."""
    if text[stop] != ".":
        return False
    low = max(start, stop - _ABBREVIATED_CHARS)
    before = text[low:stop]
    begins = max(before.rfind(" "), before.rfind("\n"), before.rfind("("))
    if begins < 0 and low > start:
        return False
    word = before[begins + 1 :]
    if len(word) == 1:
        return word.isascii() and word.isalpha()
    return word.lower() in _ABBREVIATIONS


def unwrapped(text: str) -> str:
    """The text without the emphasis, quotes and space around it."""
    return text.strip(_EDGES)


def normalised(text: str) -> str:
    """Words alone, in lower case: what two wordings of one phrase share."""
    return " ".join(_WORDS.findall(folded(text).casefold()))


def key(text: str) -> str:
    """The text as a key of bounded length."""
    if len(text) <= KEY_CHARS:
        return text
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def shown(text: str) -> str:
    """The text on one line, short enough to show."""
    line = " ".join(text[: DISPLAY_CHARS * 4].split())
    return line if len(line) <= DISPLAY_CHARS else f"{line[: DISPLAY_CHARS - 1]}…"


def has_japanese(text: str) -> bool:
    """Whether a text has any Japanese character; signs such as × are none."""
    return not text.isascii() and _JAPANESE.search(text) is not None


def is_japanese(text: str) -> bool:
    """Whether a text is written in Japanese; code and names in Latin letters may be among it."""
    if text.isascii():
        return False
    japanese = len(_JAPANESE.findall(text))
    return japanese * 4 >= len(_LATIN.findall(text)) and japanese > 0
