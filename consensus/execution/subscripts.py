"""Items and slices: reading, setting and deleting them."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from typing import TYPE_CHECKING, Any, Final

from consensus.execution.iteration import listed
from consensus.execution.outcomes import UndecidedError
from consensus.execution.values import MISSING, BuiltinType, Instance

if TYPE_CHECKING:
    from consensus.execution.machine import Machine

_READABLE: Final = frozenset({str, bytes, list, tuple, dict, range, deque, Counter})
_INDEXED: Final = frozenset({str, bytes, list, tuple, range})


def item(machine: Machine, whole: Any, index: Any) -> Any:
    """``whole[index]``."""
    kind = type(whole)
    if kind in _INDEXED:
        found = whole[index]
        return machine.made(found) if type(index) is slice else found
    if kind in _READABLE:
        machine.keys((index,), len(whole))
        return whole[index]
    if kind is defaultdict:
        machine.keys((index,), len(whole))
        found = whole[index]
        machine.room(len(whole))
        return found
    if isinstance(whole, Instance):
        found = whole.special("__getitem__", index)
        if found is not MISSING:
            return found
    if isinstance(whole, BuiltinType):
        raise UndecidedError("a generic type")
    raise TypeError("object is not subscriptable")


def set_item(machine: Machine, whole: Any, index: Any, value: Any) -> None:
    """``whole[index] = value``."""
    kind = type(whole)
    if kind is list:
        if type(index) is slice:
            value = listed(machine, value)
            machine.room(len(whole) + len(value))
            machine.spend_on(whole)
        whole[index] = value
    elif isinstance(whole, dict):
        machine.keys((index,), len(whole))
        whole[index] = value
        machine.room(len(whole))
    elif kind is deque:
        whole[index] = value
    elif isinstance(whole, Instance):
        if whole.special("__setitem__", index, value) is MISSING:
            raise TypeError("object does not support item assignment")
    else:
        raise TypeError("object does not support item assignment")


def delete_item(machine: Machine, whole: Any, index: Any) -> None:
    """``del whole[index]``."""
    if isinstance(whole, dict):
        machine.keys((index,), len(whole))
        del whole[index]
    elif isinstance(whole, list | deque):
        if type(index) is slice:
            machine.spend_on(whole)
        del whole[index]
    elif isinstance(whole, Instance):
        if whole.special("__delitem__", index) is MISSING:
            raise TypeError("object does not support item deletion")
    else:
        raise TypeError("object does not support item deletion")
