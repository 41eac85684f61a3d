"""Answers of several things: numbers or names told apart at commas, semicolons, "and", 、 and と."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from consensus.answers.figures import decimal_comma
from consensus.answers.kinds import AnswerKind, FinalAnswer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MAX_ITEMS: Final = 24
MAX_CHARS: Final = 1_000
"""A longer text is no list that answers a question."""

_BETWEEN = re.compile(
    r"\s*[;、；，]\s*(?:and\s+|or\s+|と\s*)?|\s*,\s+(?:and\s+|or\s+|&\s+)?|\s+(?:and|or|&)\s+|\s*(?:および|及び|ならびに|または|もしくは|又は)\s*"
)
_JAPANESE_AND = re.compile(r"(?<=[^\x00-\x7f])と(?=[^\x00-\x7f])")
_BULLET = re.compile(r"^[ \t]*(?:[-*•・]|\(?\d{1,2}[.)])[ \t]*(?=\S)")
_NAME = re.compile(r"^(?:\$?\s*)?[A-Za-z](?:_\{?\w{1,3}\}?)?\s*=\s*")
_TIGHT = re.compile(r"[-+]?\d+(?:\.\d+)?(?:,[-+]?\d+(?:\.\d+)?)+$")
_GROUPED = re.compile(r"[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$")
_OPENING = {"[": "]", "{": "}"}


def numbers_listed(
    content: str, read: Callable[[str], FinalAnswer | None], *, ordered: bool
) -> FinalAnswer | None:
    """The list of two or more numbers that a text is, None where it is anything else.

    Args:
        content: Folded text without LaTeX commands.
        read: Reads one item, None where it is no number.
        ordered: Whether the order of the items counts.
    """
    if len(content) > MAX_CHARS or (
        not any(c in content for c in ",;、、&") and " " not in content and "と" not in content
    ):
        return None
    said = content.strip(" *_`\"'$\n").rstrip(".。 ")
    if said[:1] in _OPENING and said.endswith(_OPENING[said[0]]):
        said = said[1:-1].strip()
    pieces = [_NAME.sub("", piece).strip(" $") for piece in _pieces(said, names=False)]
    if not 1 < len(pieces) <= MAX_ITEMS:
        return None
    items = []
    for piece in pieces:
        item = read(piece)
        if item is None:
            return None
        items.append(item)
    return collected(items, ordered=ordered)


def names_listed(
    content: str, read: Callable[[str], FinalAnswer | None], *, ordered: bool
) -> FinalAnswer | None:
    """The list of two or more names that a text gives in a line, or one on each of its lines."""
    said = content[:MAX_CHARS].strip(" *_`\"'$\n").rstrip(".。 ")
    lines = [line for line in said.splitlines() if line.strip()]
    bullets = [line for line in lines if _BULLET.match(line)]
    if len(bullets) > 1:
        # What is told about an item stands further in.
        margin = min(len(line) - len(line.lstrip()) for line in bullets)
        outer = [line for line in bullets if len(line) - len(line.lstrip()) == margin]
        pieces = [_BULLET.sub("", line) for line in outer]
    elif len(lines) > 1 and all(len(line) <= 60 for line in lines):  # noqa: PLR2004 - names, not sentences
        pieces = lines
    else:
        pieces = _pieces(lines[0] if lines else "", names=True)
    if not 1 < len(pieces) <= MAX_ITEMS:
        return None
    items = [item for piece in pieces if (item := read(piece)) is not None]
    return collected(items, ordered=ordered) if len(items) == len(pieces) else None


def collected(items: Iterable[FinalAnswer], *, ordered: bool) -> FinalAnswer:
    """Several answers as one: a set, sorted and without doubles, unless the order counts."""
    found = list(items)
    if not ordered:
        unlike = {(item.kind, item.value): item for item in found}
        found = sorted(unlike.values(), key=lambda item: (item.kind, item.text, repr(item.value)))
        if len(found) == 1:
            return found[0]
    text = ", ".join(item.text for item in found)
    shown = text if len(text) <= 120 else f"{text[:119]}…"  # noqa: PLR2004 - as long as any short form
    return FinalAnswer(AnswerKind.LIST, (ordered, tuple(found)), shown)


def _pieces(said: str, *, names: bool) -> list[str]:
    if _TIGHT.match(said) and not _GROUPED.match(said) and not decimal_comma(said):
        return said.split(",")
    pieces = _BETWEEN.split(said)
    if not said.isascii():
        pieces = (
            [part for piece in pieces for part in _JAPANESE_AND.split(piece)]
            if names
            else [part for piece in pieces for part in piece.split("と")]
        )
    return [piece for piece in pieces if piece.strip()]
