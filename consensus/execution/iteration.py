"""Going over values: what may be iterated, in which order, and for how long.

The order of a set is that of its table of hashes, which for text differs from run to run. A set is
iterated only where every order is the same or the table's is known; else the run is undecided.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict, deque
from collections.abc import Hashable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from consensus.execution.machine import MAX_ITEMS
from consensus.execution.outcomes import StopIterationRaised, UndecidedError
from consensus.execution.values import (
    MISSING,
    BuiltinType,
    ClassValue,
    Function,
    Instance,
)

if TYPE_CHECKING:
    from consensus.execution.machine import Machine

_SEQUENCES: Final = frozenset({list, tuple, str, bytes, dict, range, Counter, defaultdict, deque, type({}.keys()), type({}.values()), type({}.items())})  # fmt: skip
_SETS: Final = frozenset({set, frozenset})
_SMALLEST_TABLE: Final = 8


def has_order(values: set[Any] | frozenset[Any]) -> bool:
    """Whether a set's order is the same in every run.

    Small integers are their own hashes and lie in ascending order while they are below the size of the
    table, which has at least 8 places and is at most three fifths full (CPython, Objects/setobject.c).
    """
    size = len(values)
    if size <= 1:
        return True
    return all(
        type(value) is int and value >= 0 and (value < _SMALLEST_TABLE or value * 3 <= size * 5)
        for value in values
    )


def iterate(machine: Machine, value: Any) -> Iterator[Any]:
    """An iterator over a value, live as Python's are. Whoever advances it pays a step an item."""
    kind = type(value)
    if kind in _SEQUENCES:
        return iter(value)
    if kind in _SETS:
        if not has_order(value):
            raise UndecidedError("order of a set")
        machine.spend_on(value)
        return iter(value)
    if isinstance(value, Iterator):
        return value
    if isinstance(value, Instance):
        return _over_instance(machine, value)
    if isinstance(value, ClassValue | BuiltinType | Function):
        raise TypeError("object is not iterable")
    return iter(value)  # raises the TypeError that Python raises


def _over_instance(machine: Machine, value: Instance) -> Iterator[Any]:
    made = value.special("__iter__")
    if made is MISSING:
        raise UndecidedError("iteration over an object")
    if not isinstance(made, Instance):
        return iterate(machine, made)
    return _by_next(machine, made)


def _by_next(machine: Machine, value: Instance) -> Iterator[Any]:
    while True:
        machine.spend(1)
        try:
            item = value.special("__next__")
        except StopIterationRaised:
            return
        if item is MISSING:
            raise UndecidedError("iteration over an object")
        yield item


def listed(machine: Machine, value: Any) -> list[Any]:
    """The items of a value in a list of bounded length."""
    kind = type(value)
    if kind is list or kind is tuple:
        machine.spend_on(value)
        return list(value)
    items = list(islice(iterate(machine, value), MAX_ITEMS + 1))
    machine.made(items)
    return items


def unordered(machine: Machine, value: Any) -> list[Any]:
    """The items of a value for a use in which their order does not matter."""
    if type(value) in _SETS:
        machine.spend_on(value)
        return list(value)
    return listed(machine, value)


def to_sort(machine: Machine, value: Any) -> list[Any]:
    """The items of a value of which the least, the greatest or the sorted are asked for.

    Those of a set are the same in every order only where any two of them can be compared.
    """
    if type(value) in _SETS and not has_order(value):
        machine.spend_deeply(value)
        kinds = {_kind_to_sort(item) for item in value}
        if len(kinds) > 1 or None in kinds:
            raise UndecidedError("order of a set")
    return unordered(machine, value)


def _kind_to_sort(item: Any) -> Hashable:
    """What a value can be compared with, None for what has no order of its own."""
    match item:
        case bool() | int():
            return "number"
        case float():
            return None if math.isnan(item) else "number"
        case str() | bytes():
            return type(item).__name__
        case tuple():
            kinds = tuple(_kind_to_sort(part) for part in item)
            return None if None in kinds else kinds
        case _:
            return None


def plain(machine: Machine, value: Any) -> Any:
    """A value that Python's own methods may go over by themselves: nothing endless, no order unknown."""
    if type(value) in _SEQUENCES and type(value) is not range:
        machine.spend_on(value)
        return value
    if isinstance(value, Iterator) or type(value) is range:
        return listed(machine, value)
    if type(value) in _SETS:
        machine.spend_on(value)
        if not has_order(value):
            raise UndecidedError("order of a set")
    return value


def after(machine: Machine, iterator: Any, default: Any = MISSING) -> Any:
    """The next item of an iterator: `StopIterationRaised` at its end where there is no default."""
    machine.spend(1)
    if isinstance(iterator, Instance):
        item = iterator.special("__next__")
        if item is MISSING:
            raise UndecidedError("next of an object")
        return item
    if not isinstance(iterator, Iterator):
        raise TypeError("object is not an iterator")
    item = next(iterator, MISSING)
    if item is not MISSING:
        return item
    if default is MISSING:
        raise StopIterationRaised
    return default
