"""Comparison, membership and identity."""

from __future__ import annotations

import ast
import operator
from collections import deque
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

from consensus.execution.iteration import iterate
from consensus.execution.machine import MAX_ITEMS
from consensus.execution.operators import FIGURES, SETS, truth
from consensus.execution.outcomes import UndecidedError
from consensus.execution.values import MISSING, BuiltinType, ClassValue, Function, Instance

if TYPE_CHECKING:
    from consensus.execution.machine import Machine


_COMPARISONS: Final[dict[type[ast.cmpop], Callable[[Any, Any], Any]]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


_COMPARING: Final[dict[type[ast.cmpop], tuple[str, str]]] = {
    ast.Lt: ("__lt__", "__gt__"),
    ast.LtE: ("__le__", "__ge__"),
    ast.Gt: ("__gt__", "__lt__"),
    ast.GtE: ("__ge__", "__le__"),
}


_IDENTITIES: Final = (list, dict, set, deque, Instance, ClassValue, BuiltinType, Function)


def compared(machine: Machine, op: ast.cmpop, left: Any, right: Any) -> Any:
    """``left op right`` of a comparison, membership or identity."""
    kind = type(op)
    found = _COMPARISONS.get(kind)
    if found is not None:
        if type(left) in FIGURES and type(right) in FIGURES:
            return found(left, right)
        if kind in _COMPARING and (isinstance(left, Instance) or isinstance(right, Instance)):
            return _ordered(kind, left, right)
        if isinstance(left, Exception) or isinstance(right, Exception):
            raise UndecidedError("comparison of exceptions")
        machine.spend_deeply(left, right)
        return found(left, right)
    if kind is ast.In:
        return contains(machine, right, left)
    if kind is ast.NotIn:
        return not contains(machine, right, left)
    same = _identical(left, right)
    return same if kind is ast.Is else not same


def _ordered(kind: type[ast.cmpop], left: Any, right: Any) -> Any:
    name, mirrored = _COMPARING[kind]
    if isinstance(left, Instance):
        found = left.special(name, right)
        if found is not MISSING and found is not NotImplemented:
            return found
    if isinstance(right, Instance):
        found = right.special(mirrored, left)
        if found is not MISSING and found is not NotImplemented:
            return found
    raise TypeError("not supported between instances")


def contains(machine: Machine, whole: Any, item: Any) -> bool:
    """``item in whole``."""
    kind = type(whole)
    if isinstance(whole, Instance):
        found = whole.special("__contains__", item)
        if found is MISSING:
            raise UndecidedError("membership in an object")
        return truth(found)
    if isinstance(whole, Iterator):
        for candidate in iterate(machine, whole):
            machine.spend(1)
            machine.spend_deeply(candidate, item)
            if candidate is item or candidate == item:
                return True
        return False
    if kind is range and type(item) not in {int, bool} and len(whole) > MAX_ITEMS:
        raise UndecidedError("membership in a long range")
    if kind is str or kind is bytes or isinstance(whole, list | tuple | deque):
        machine.spend_deeply(whole, item)
    elif isinstance(whole, SETS):
        machine.keys((item,), len(whole))
    elif isinstance(whole, type({}.values())):
        machine.spend_deeply(whole, item)
    return item in whole


def _identical(left: Any, right: Any) -> bool:
    """``left is right`` where the language, not the implementation, decides it."""
    if left is None or right is None or type(left) is bool or type(right) is bool:
        return left is right
    if isinstance(left, _IDENTITIES) or isinstance(right, _IDENTITIES):
        return left is right
    raise UndecidedError("identity of values")
