"""Mathematical answers taken apart: expressions, points, intervals, sets, matrices, equations, inequalities."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, Literal

from consensus.answers import algebra
from consensus.answers.algebra import NotAlgebraError
from providers.values import value

MAX_PARTS: Final = 20
"""Parts of one set, point or matrix; more are no answer people check by eye."""

_Shape = Literal["value", "sequence", "set", "equation", "relation", "union"]

_RELATION = re.compile(r"<=|>=|!=|≤|≥|≠|<|>|=|∈|\bin\b")
_RELATIONS: Final = {"≤": "<=", "≥": ">=", "≠": "!=", "∈": "in"}
_TURNED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_OPENING: Final = "([{"
_CLOSING: Final = ")]}"
_MATRIX = re.compile(
    r"\\begin\{([bpvBV]?matrix|array)\}(?:\{[lcr|\s]{0,12}\})?(.{1,300}?)\\end\{\1\}", re.DOTALL
)
_FUNCTION = re.compile(r"[a-zA-Z]['′]{0,2}\([a-z](?:,\s?[a-z])?\)")
_GROUP_AHEAD = re.compile(r"\d{3}(?!\d)")
_GROUP_BEHIND = re.compile(r"(?<![\d.])\d{1,3}(?:,\d{3})*$")
_SPLIT_SET = re.compile(r"\s+(?:and|or)\s+|\s*(?:または|もしくは|と|及び)\s*")
_EMPTY: Final = frozenset({"∅", "\\emptyset", "\\varnothing", "{}"})
EMPTY: Final = "∅"
"""How an answer is written that nothing fits."""

_ALL_REAL: Final = frozenset(
    {"ℝ", "all real numbers", "all reals", "all real", "すべての実数", "全ての実数"}
)
_INFINITY: Final = frozenset({"∞", "+∞", "-∞", "inf", "-inf"})


@value(frozen=True, slots=True)
class Form:
    """A mathematical answer taken apart.

    ``shape``: what it is. ``mark``: the brackets of a sequence, the sign of a relation, the infinity of
    a value. ``parts``: what it is made of. ``node``: the expression of a value.
    """

    shape: _Shape
    mark: str = ""
    parts: tuple[Form, ...] = ()
    node: algebra.Node | None = None


@lru_cache(maxsize=512)
def form(text: str) -> Form:
    """A mathematical answer taken apart.

    Raises:
        NotAlgebraError: The text is none.
    """
    said = text.strip().strip("$").strip()
    if len(said) > algebra.MAX_CHARS or said.count("(") > MAX_PARTS * 2:
        raise NotAlgebraError
    matrix = _MATRIX.fullmatch(said)
    if matrix:
        rows = [row for row in re.split(r"\n|\\\\", matrix[2]) if row.strip()]
        return _bounded("sequence", "[]", [_row(row) for row in rows])
    return _form(said, algebra.MAX_DEPTH)


def _row(text: str) -> Form:
    cells = [_form(cell, algebra.MAX_DEPTH) for cell in text.split("&", MAX_PARTS)]
    return cells[0] if len(cells) == 1 else _bounded("sequence", "[]", cells)


def _form(text: str, depth: int) -> Form:
    said = text.strip()
    if not said or depth <= 0:
        raise NotAlgebraError
    for taken_as in (_known, _union, _several, _related, _bracketed, _plus_minus):
        found = taken_as(said, depth - 1)
        if found is not None:
            return found
    return Form("value", node=algebra.parsed(said))


def _known(said: str, _depth: int) -> Form | None:
    if said in _EMPTY:
        return Form("set")
    if said in _ALL_REAL:
        return Form("sequence", "()", (Form("value", "-∞"), Form("value", "∞")))
    if said.replace(" ", "") in _INFINITY:
        return Form("value", "-∞" if "-" in said else "∞")
    return None


def _union(said: str, depth: int) -> Form | None:
    pieces = _cut(said, "∪") if "∪" in said else []
    return _bounded("union", "", [_form(p, depth) for p in pieces]) if len(pieces) > 1 else None


def _several(said: str, depth: int) -> Form | None:
    """Values beside one another, which are meant as a set: 1, 2 and 3."""
    pieces = _cut(said, ",;、")
    pieces = [part for piece in pieces for part in _SPLIT_SET.split(piece) if part.strip()]
    if len(pieces) < 2:  # noqa: PLR2004 - several
        return None
    return _set([_form(_value_of(piece), depth) for piece in pieces[: MAX_PARTS + 1]])


def _bracketed(said: str, depth: int) -> Form | None:
    inner = _enclosed(said)
    if inner is None:
        return None
    pieces = _cut(inner, ",")
    if said[0] == "{":
        return _set([_form(piece, depth) for piece in pieces[: MAX_PARTS + 1]])
    if len(pieces) == 1:
        return None
    return _bounded(
        "sequence", said[0] + said[-1], [_form(p, depth) for p in pieces[: MAX_PARTS + 1]]
    )


def _plus_minus(said: str, depth: int) -> Form | None:
    if "±" not in said:
        return None
    if "∓" in said:
        raise NotAlgebraError
    return _set([_form(said.replace("±", sign), depth) for sign in ("+", "-")])


def _set(parts: list[Form]) -> Form:
    """A set of all the parts; sets among them give theirs."""
    flat = [p for part in parts for p in (part.parts if part.shape == "set" else (part,))]
    return _bounded("set", "", flat)


def _bounded(shape: _Shape, mark: str, parts: list[Form]) -> Form:
    if len(parts) > MAX_PARTS:
        raise NotAlgebraError
    return Form(shape, mark, tuple(parts))


def _value_of(text: str) -> str:
    """A solution without the name it solves for: of "x = 2" the 2."""
    name, equals, rest = text.partition("=")
    return rest if equals and "=" not in rest and len(name.strip()) <= 3 else text  # noqa: PLR2004 - x, x_1


def _related(said: str, depth: int) -> Form | None:
    signs = list(_RELATION.finditer(said))
    if not signs:
        return None
    starts = [0, *(sign.end() for sign in signs)]
    ends = [*(sign.start() for sign in signs), len(said)]
    sides = [said[a:b] for a, b in zip(starts, ends, strict=True)]
    marks = [_RELATIONS.get(sign[0], sign[0]) for sign in signs]
    if marks == ["="]:
        return _equation(sides[0], sides[1], depth)
    if marks == ["in"]:
        return _form(sides[1], depth)
    if "=" in marks or "in" in marks or len(marks) > 2:  # noqa: PLR2004 - a < x < b has two
        raise NotAlgebraError
    if all(mark[0] == ">" for mark in marks):  # written from the larger side
        sides, marks = sides[::-1], [_TURNED[mark] for mark in reversed(marks)]
    return _bounded("relation", " ".join(marks), [_form(side, depth) for side in sides])


def _equation(left: str, right: str, depth: int) -> Form:
    """Both sides of an equation, or only what a lone name or f(x) stands for."""
    name = left.strip()
    if len(name) == 1 or _FUNCTION.fullmatch(name):
        value = _form(right, depth)
        if value.shape != "value" or value.node is None or not algebra.variables(value.node):
            return value
        if len(name) > 1:
            return value
    return Form("equation", name, (_form(left, depth), _form(right, depth)))


def _cut(text: str, separators: str) -> list[str]:
    """The text cut at the separators outside its brackets."""
    depth = 0
    start = 0
    found = []
    for at, character in enumerate(text):
        if character in _OPENING:
            depth += 1
        elif character in _CLOSING:
            depth -= 1
        elif character in separators and depth == 0:
            if character == "," and _groups(text, start, at):
                continue
            found.append(text[start:at])
            start = at + 1
    found.append(text[start:])
    return [piece for piece in found if piece.strip()] if len(found) > 1 else found


def _groups(text: str, start: int, at: int) -> bool:
    """Whether the comma at a position sets thousands apart: 1,000."""
    behind = _GROUP_BEHIND.search(text, max(start, at - 12), at)
    return behind is not None and _GROUP_AHEAD.match(text, at + 1) is not None


def _enclosed(said: str) -> str | None:
    """What one pair of brackets encloses from the first character to the last, else None."""
    if said[0] not in _OPENING or said[-1] not in _CLOSING:
        return None
    depth = 0
    for at, character in enumerate(said):
        depth += (character in _OPENING) - (character in _CLOSING)
        if depth == 0 and at < len(said) - 1:
            return None
    return said[1:-1] if depth == 0 else None
