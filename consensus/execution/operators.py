"""Operators: arithmetic, comparison, membership, identity, subscripts, each bounded before it works."""

from __future__ import annotations

import ast
import operator
from collections import Counter, deque
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

from consensus.execution.formatting import percent
from consensus.execution.iteration import listed
from consensus.execution.machine import MAX_BITS
from consensus.execution.outcomes import UndecidedError
from consensus.execution.values import (
    MISSING,
    Instance,
)

if TYPE_CHECKING:
    from consensus.execution.machine import Machine

_Operation = Callable[[Any, Any], Any]

_OPERATIONS: Final[dict[type[ast.operator], _Operation]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
}
_IN_PLACE: Final[dict[type[ast.operator], _Operation]] = {
    ast.BitOr: operator.ior,
    ast.BitAnd: operator.iand,
    ast.BitXor: operator.ixor,
    ast.Sub: operator.isub,
}
_SPECIAL: Final[dict[type[ast.operator], str]] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "truediv",
    ast.FloorDiv: "floordiv",
    ast.Mod: "mod",
    ast.Pow: "pow",
    ast.BitAnd: "and",
    ast.BitOr: "or",
    ast.BitXor: "xor",
}
_SIGNS: Final[dict[type[ast.unaryop], Callable[[Any], Any]]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Invert: operator.invert,
}
FIGURES: Final = frozenset({int, float, bool})
"""Types whose values any operator takes in no time."""

_SEQUENCES: Final = frozenset({str, bytes, list, tuple, deque})
SETS: Final[tuple[type[Any], ...]] = (set, frozenset, dict, type({}.keys()), type({}.items()))


def calculated(machine: Machine, op: ast.operator, left: Any, right: Any) -> Any:
    """``left op right``."""
    kind, one, other = type(op), type(left), type(right)
    if one in FIGURES and other in FIGURES:
        if kind is ast.Pow:
            return power(machine, left, right)
        if kind is ast.LShift and one is not float and other is not float and right > MAX_BITS:
            raise UndecidedError("integer too long")
        return machine.made(_OPERATIONS[kind](left, right))
    if isinstance(left, Instance) or isinstance(right, Instance):
        return _by_method(op, left, right)
    if kind is ast.Mod and one is str:
        return percent(machine, left, right)
    if kind is ast.Mod and one is bytes:
        raise UndecidedError("percent format of bytes")
    if kind is ast.Mult and (one in _SEQUENCES or other in _SEQUENCES):
        _check_repetition(machine, left, right)
    elif isinstance(left, SETS) or isinstance(right, SETS):
        machine.spend_deeply(left, right)
        machine.keys(left if isinstance(left, set | frozenset) else (), _length(right))
    elif one in _SEQUENCES and other in _SEQUENCES:
        machine.room_for_text(len(left) + len(right))
    return machine.made(_OPERATIONS[kind](left, right))


def power(machine: Machine, base: Any, exponent: Any) -> Any:
    """``base ** exponent`` of numbers, where the result is a short integer or a real number."""
    if type(base) is not float and type(exponent) is not float and exponent > 0:
        if base not in (-1, 0, 1) and exponent > MAX_BITS:
            raise UndecidedError("integer too long")
        if int(base).bit_length() * exponent > MAX_BITS * 2 and base not in (-1, 0, 1):
            raise UndecidedError("integer too long")
    return machine.made(base**exponent)


def _check_repetition(machine: Machine, left: Any, right: Any) -> None:
    whole, times = (left, right) if type(left) in _SEQUENCES else (right, left)
    if isinstance(times, int):
        size = len(whole) * max(int(times), 0)
        if type(whole) in {str, bytes}:
            machine.room_for_text(size)
        else:
            machine.room(size)


def _length(value: Any) -> int:
    return len(value) if isinstance(value, set | frozenset | dict) else 0


def _by_method(op: ast.operator, left: Any, right: Any) -> Any:
    name = _SPECIAL.get(type(op))
    if name is None:
        raise UndecidedError("operator of an object")
    if isinstance(left, Instance):
        found = left.special(f"__{name}__", right)
        if found is not MISSING and found is not NotImplemented:
            return found
    if isinstance(right, Instance):
        found = right.special(f"__r{name}__", left)
        if found is not MISSING and found is not NotImplemented:
            return found
    raise TypeError("unsupported operand")


def in_place(machine: Machine, op: ast.operator, left: Any, right: Any) -> Any:
    """``left op= right``: mutable values change, others are made anew."""
    kind, own = type(op), type(left)
    if own is list and kind is ast.Add:
        extend(machine, left, right)
        return left
    if own is list and kind is ast.Mult:
        _check_repetition(machine, left, right)
        left *= right
        return machine.made(left)
    if own is deque:
        raise UndecidedError("operator of a deque")
    if (own is set and kind in _IN_PLACE) or (own is dict and kind is ast.BitOr):
        machine.spend_deeply(left, right)
        if isinstance(right, (dict, set | frozenset)):
            machine.keys(right, len(left))
        elif own is dict:
            raise UndecidedError("update from pairs")
        return machine.made(_IN_PLACE[kind](left, right))
    if isinstance(left, Counter):
        raise UndecidedError("operator of a Counter")
    if isinstance(left, Instance):
        name = _SPECIAL.get(kind)
        found = left.special(f"__i{name}__", right)
        if found is not MISSING:
            return found
    return calculated(machine, op, left, right)


def extend(machine: Machine, values: list[Any], more: Any) -> None:
    """``values.extend(more)``, an item at a time where ``more`` is an iterator."""
    if isinstance(more, Iterator):
        for item in more:
            machine.spend(1)
            values.append(item)
            machine.room(len(values))
    else:
        added = listed(machine, more)
        machine.room(len(values) + len(added))
        values.extend(added)


def signed(machine: Machine, op: ast.unaryop, value: Any) -> Any:
    """``-value``, ``+value``, ``~value``; ``not`` is `truth`."""
    if isinstance(value, Instance):
        raise UndecidedError("operator of an object")
    return machine.made(_SIGNS[type(op)](value))


def truth(value: Any) -> bool:
    """Whether a value counts as true."""
    if isinstance(value, Instance):
        for name in ("__bool__", "__len__"):
            found = value.special(name)
            if found is not MISSING:
                return bool(found)
        return True
    return bool(value)


def calculated_sum(machine: Machine, values: list[Any], start: Any) -> Any:
    """``sum(values, start)``."""
    machine.spend_on(values)
    if start == 0 and all(type(value) in FIGURES for value in values):
        return machine.made(sum(values, start))
    total = start
    add = ast.Add()
    for value in values:
        machine.spend(1)
        total = calculated(machine, add, total, value)
    return total
