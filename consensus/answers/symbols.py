"""Mathematical answers that are no plain number: expressions, points, intervals, sets, matrices, equations.

A written answer is taken apart at its brackets, commas and relation signs; its parts are compared by
value (`consensus.answers.algebra`), in order for points, intervals and matrices, in any order for sets.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from consensus.answers import algebra
from consensus.answers.algebra import NotAlgebraError

MAX_PARTS: Final = 32
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
_SPLIT_SET = re.compile(r"\s+(?:and|or)\s+|\s*(?:または|もしくは|と|及び)\s*")
_EMPTY: Final = frozenset({"∅", "\\emptyset", "\\varnothing", "{}"})
EMPTY: Final = "∅"
"""How an answer is written that nothing fits."""

_REAL: Final = 1e-12
"""Imaginary part, relative to the whole, that is but rounding."""

_ALL_REAL: Final = frozenset(
    {"ℝ", "all real numbers", "all reals", "all real", "すべての実数", "全ての実数"}
)
_INFINITY: Final = frozenset({"∞", "+∞", "-∞", "inf", "-inf"})


@dataclass(frozen=True, slots=True)
class Form:
    """A mathematical answer taken apart.

    ``shape``: what it is. ``mark``: the brackets of a sequence, the sign of a relation, the infinity of
    a value. ``parts``: what it is made of. ``node``: the expression of a value.
    """

    shape: _Shape
    mark: str = ""
    parts: tuple[Form, ...] = ()
    node: algebra.Node | None = None


def agree(a: str, b: str) -> bool | None:
    """Whether two mathematical answers are the same; None where that cannot be told."""
    try:
        return _same(form(a), form(b))
    except NotAlgebraError:
        return None


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


def is_symbolic(text: str) -> bool:
    """Whether a text is a mathematical answer, and nothing else."""
    try:
        form(text)
    except NotAlgebraError:
        return False
    return True


def number(text: str) -> float | None:
    """The real number a mathematical answer comes down to, None for any other."""
    try:
        taken = form(text)
    except NotAlgebraError:
        return None
    if taken.shape != "value" or taken.node is None or algebra.variables(taken.node):
        return None
    value = algebra.constant(taken.node)
    if value is None or abs(value.imag) > _REAL * max(1.0, abs(value.real)):
        return None
    return float(f"{value.real:.12g}")


def _row(text: str) -> Form:
    cells = text.split("&")
    return _form(cells[0], 8) if len(cells) == 1 else _bounded("sequence", "[]", [_form(c, 8) for c in cells])  # fmt: skip


def _form(text: str, depth: int) -> Form:
    said = text.strip()
    if not said or depth <= 0:
        raise NotAlgebraError
    if said in _EMPTY:
        return Form("set")
    if said in _ALL_REAL:
        return Form("sequence", "()", (Form("value", "-∞"), Form("value", "∞")))
    if said.replace(" ", "") in _INFINITY:
        return Form("value", "-∞" if "-" in said else "∞")
    pieces = _cut(said, "∪")
    if len(pieces) > 1:
        return _bounded("union", "", [_form(piece, depth - 1) for piece in pieces])
    pieces = _cut(said, ",;、") if len(said) < algebra.MAX_CHARS else [said]
    if len(pieces) == 1:
        pieces = [p for p in _SPLIT_SET.split(said) if p]
    if len(pieces) > 1:
        last = [p for p in _SPLIT_SET.split(pieces[-1]) if p.strip()]
        return _set([_form(_value_of(piece), depth - 1) for piece in (*pieces[:-1], *last)])
    related = _related(said, depth)
    if related is not None:
        return related
    inner = _enclosed(said)
    if inner is not None:
        pieces = _cut(inner, ",")
        if said[0] == "{":
            return _set([_form(piece, depth - 1) for piece in pieces])
        if len(pieces) > 1:
            return _bounded("sequence", said[0] + said[-1], [_form(p, depth - 1) for p in pieces])
    if ("±" in said) or ("∓" in said):
        if "±" in said and "∓" in said:
            raise NotAlgebraError
        signs = [said.replace("±", sign).replace("∓", sign) for sign in ("+", "-")]
        return _set([_form(one, depth - 1) for one in signs])
    return Form("value", node=algebra.parsed(said))


def _set(parts: list[Form]) -> Form:
    """A set; one of a single value stays the value, ±0 is said once."""
    flat = [p for part in parts for p in (part.parts if part.shape == "set" else (part,))]
    found: list[Form] = []
    for part in flat[: MAX_PARTS + 1]:
        if not any(_same(part, other) is True for other in found):
            found.append(part)
    return found[0] if len(found) == 1 else _bounded("set", "", found)


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
    sides = [said[a:b] for a, b in zip([0, *(s.end() for s in signs)], [*(s.start() for s in signs), len(said)], strict=True)]  # fmt: skip
    marks = [_RELATIONS.get(s[0], s[0]) for s in signs]
    if marks == ["="]:
        return _equation(sides[0], sides[1], depth)
    if marks == ["in"]:
        return _form(sides[1], depth - 1)
    if "=" in marks or "in" in marks or len(marks) > 2:  # noqa: PLR2004 - a < x < b has two
        raise NotAlgebraError
    if len(marks) == 2 and {m[0] for m in marks} == {">"}:  # noqa: PLR2004
        sides, marks = sides[::-1], [_TURNED[m] for m in reversed(marks)]
    if len(marks) == 1 and marks[0][0] == ">":
        sides, marks = sides[::-1], [_TURNED[marks[0]]]
    return _bounded("relation", " ".join(marks), [_form(side, depth - 1) for side in sides])


def _equation(left: str, right: str, depth: int) -> Form:
    """Both sides of an equation, or only what a lone name or f(x) stands for."""
    name = left.strip()
    if len(name) == 1 or re.fullmatch(r"[a-zA-Z]['′]{0,2}\([a-z](?:,\s?[a-z])?\)", name):
        value = _form(right, depth - 1)
        if value.shape != "value" or value.node is None or not algebra.variables(value.node):
            return value
        if len(name) > 1:
            return value
    return Form("equation", name, (_form(left, depth - 1), _form(right, depth - 1)))


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
            number = character == "," and re.match(r"\d{3}(?!\d)", text[at + 1 : at + 5])
            if number and re.search(
                r"(?<![\d.])\d{1,3}(?:,\d{3})*$", text[max(start, at - 12) : at]
            ):
                continue
            found.append(text[start:at])
            start = at + 1
    found.append(text[start:])
    return [piece for piece in found if piece.strip()] if len(found) > 1 else found


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


def _same(a: Form, b: Form) -> bool | None:
    if a.shape != b.shape:
        return _across(a, b)
    match a.shape:
        case "value":
            if a.node is None or b.node is None:
                return a.mark == b.mark
            return algebra.same(a.node, b.node)
        case "equation":
            return _same_equation(a, b)
        case "set" | "union":
            return _matched(a.parts, b.parts)
        case "sequence" | "relation":
            if len(a.parts) != len(b.parts) or (a.mark != b.mark and not _vectors(a, b)):
                return False
            return _all(_same(x, y) for x, y in zip(a.parts, b.parts, strict=True))


def _vectors(a: Form, b: Form) -> bool:
    """Whether brackets of either sort mean a point or vector: intervals have two ends, alike."""
    return len(a.parts) != 2 and {a.mark, b.mark} == {"()", "[]"}  # noqa: PLR2004


def _across(a: Form, b: Form) -> bool | None:
    """Two different shapes: an equation may say in full what the other gives as its right side."""
    shapes = {a.shape, b.shape}
    if shapes == {"equation", "value"}:
        equation, value = (a, b) if a.shape == "equation" else (b, a)
        return True if len(equation.mark) == 1 and _same(equation.parts[1], value) else None
    if "relation" in shapes or shapes == {"union", "sequence"}:
        return None
    return False


def _same_equation(a: Form, b: Form) -> bool | None:
    sides = [part.node for part in (*a.parts, *b.parts)]
    if any(node is None for node in sides):
        return _all(_same(x, y) for x, y in zip(a.parts, b.parts, strict=True))
    left, right, other_left, other_right = (node for node in sides if node is not None)
    return algebra.proportional(
        algebra.difference(left, right), algebra.difference(other_left, other_right)
    )


def _matched(a: tuple[Form, ...], b: tuple[Form, ...]) -> bool | None:
    """Whether each part of one has its like in the other."""
    if len(a) != len(b):
        return False
    rest = list(b)
    undecided = False
    for part in a:
        found = [_same(part, other) for other in rest]
        if True in found:
            rest.pop(found.index(True))
        elif None in found:
            undecided = True
        else:
            return False
    return None if undecided else True


def _all(found: object) -> bool | None:
    answers = list(found)  # type: ignore[call-overload]
    if False in answers:
        return False
    return None if None in answers else True
