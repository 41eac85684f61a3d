"""Built-in functions that make one value of many: ``sum``, ``max``, ``sorted``, ``any``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from consensus.execution.arguments import count, plain_keywords
from consensus.execution.iteration import iterate, listed, to_sort
from consensus.execution.methods import check_sort
from consensus.execution.operators import calculated_sum, truth
from consensus.execution.values import MISSING, Instance, Operation

if TYPE_CHECKING:
    from consensus.execution.machine import Machine
    from consensus.execution.values import Arguments, Keywords


def _len(machine: Machine, arguments: Arguments, keywords: Keywords) -> Any:
    plain_keywords(keywords)
    count(arguments, 1, 1)
    value = arguments[0]
    if isinstance(value, Instance):
        found = value.special("__len__")
        if found is MISSING:
            raise TypeError("object has no len()")
        return found
    return machine.made(len(value))


def _sorted(machine: Machine, arguments: Arguments, keywords: Keywords) -> list[Any]:
    plain_keywords(keywords, "key", "reverse")
    count(arguments, 1, 1)
    key = keywords.get("key")
    values = to_sort(machine, arguments[0]) if key is None else listed(machine, arguments[0])
    reverse = truth(keywords.get("reverse", False))
    if key is None:
        check_sort(machine, values)
        return sorted(values, reverse=reverse)
    keys = [machine.call(key, [value]) for value in values]
    check_sort(machine, keys)
    order = sorted(range(len(values)), key=keys.__getitem__, reverse=reverse)
    return [values[at] for at in order]


def _extreme(machine: Machine, arguments: Arguments, keywords: Keywords, *, most: bool) -> Any:
    plain_keywords(keywords, "key", "default")
    key = keywords.get("key")
    if len(arguments) == 1:
        only = arguments[0]
        values = to_sort(machine, only) if key is None else listed(machine, only)
    else:
        count(arguments, 2, len(arguments))
        values = arguments
    if not values:
        if "default" in keywords:
            return keywords["default"]
        raise ValueError("arg is an empty sequence")
    keys = values if key is None else [machine.call(key, [value]) for value in values]
    check_sort(machine, keys)
    best = 0
    for at in range(1, len(keys)):
        if keys[at] > keys[best] if most else keys[at] < keys[best]:
            best = at
    return values[best]


def _min(machine: Machine, arguments: Arguments, keywords: Keywords) -> Any:
    return _extreme(machine, arguments, keywords, most=False)


def _max(machine: Machine, arguments: Arguments, keywords: Keywords) -> Any:
    return _extreme(machine, arguments, keywords, most=True)


def _sum(machine: Machine, arguments: Arguments, keywords: Keywords) -> Any:
    plain_keywords(keywords, "start")
    count(arguments, 1, 2)
    start = arguments[1] if len(arguments) > 1 else keywords.get("start", 0)
    if isinstance(start, str | bytes):
        raise TypeError("sum() can't sum strings")
    return calculated_sum(machine, listed(machine, arguments[0]), start)


def _any(machine: Machine, arguments: Arguments, keywords: Keywords) -> bool:
    return _find(machine, arguments, keywords, wanted=True)


def _all(machine: Machine, arguments: Arguments, keywords: Keywords) -> bool:
    return not _find(machine, arguments, keywords, wanted=False)


def _find(machine: Machine, arguments: Arguments, keywords: Keywords, *, wanted: bool) -> bool:
    plain_keywords(keywords)
    count(arguments, 1, 1)
    for value in iterate(machine, arguments[0]):
        machine.spend(1)
        if truth(value) is wanted:
            return True
    return False


AGGREGATES: Final[dict[str, Operation]] = {
    "all": _all,
    "any": _any,
    "len": _len,
    "max": _max,
    "min": _min,
    "sorted": _sorted,
    "sum": _sum,
}
