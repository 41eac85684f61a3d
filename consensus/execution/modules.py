"""The few modules a program may import, and of each the few names that are provided."""

from __future__ import annotations

import copy
import math
import string
from typing import TYPE_CHECKING, Any, Final

from consensus.execution.arguments import plain_keywords
from consensus.execution.iteration import iterate, listed
from consensus.execution.iterators import CHAINED, ITERTOOLS
from consensus.execution.machine import MAX_BITS
from consensus.execution.outcomes import UndecidedError
from consensus.execution.types import COLLECTIONS
from consensus.execution.values import MISSING, BuiltinFunction, BuiltinType, Instance, Module

if TYPE_CHECKING:
    from collections.abc import Callable

    from consensus.execution.machine import Machine
    from consensus.execution.values import Arguments, Keywords, Operation

_MAX_FACTORIAL: Final = 170
"""Its factorial is 1,019 bits long."""


def _of_numbers(function: Callable[..., Any], largest: int | None = None) -> Operation:
    def called(machine: Machine, arguments: Arguments, keywords: Keywords) -> Any:
        plain_keywords(keywords)
        for value in arguments:
            if not isinstance(value, int | float):
                raise TypeError("must be real number")
            if largest is not None and value > largest:
                raise UndecidedError("integer too long")
        machine.spend(len(arguments) + MAX_BITS // 256)
        return machine.made(function(*arguments))

    return called


def _product_of(machine: Machine, arguments: Arguments, keywords: Keywords) -> Any:
    plain_keywords(keywords, "start")
    values = listed(machine, arguments[0])
    start = keywords.get("start", 1)
    if not all(isinstance(value, int | float) for value in (*values, start)):
        raise UndecidedError("product of other than numbers")
    for value in values:
        machine.spend(1)
        start = machine.made(start * value)
    return start


def _summed(machine: Machine, arguments: Arguments, keywords: Keywords) -> Any:
    plain_keywords(keywords)
    return math.fsum(listed(machine, arguments[0]))


def _reduce(machine: Machine, arguments: Arguments, keywords: Keywords) -> Any:
    plain_keywords(keywords)
    function, values, *start = arguments
    source = iterate(machine, values)
    total = start[0] if start else next(source, MISSING)
    if total is MISSING:
        raise TypeError("reduce() of empty iterable with no initial value")
    for value in source:
        machine.spend(1)
        total = machine.call(function, [total, value])
    return total


def _item_getter(_machine: Machine, arguments: Arguments, keywords: Keywords) -> Any:
    plain_keywords(keywords)
    keys = list(arguments)

    def got(machine: Machine, given: Arguments, _keywords: Keywords) -> Any:
        if len(given) != 1 or not isinstance(given[0], list | tuple | dict | str):
            raise UndecidedError("items of a value")
        machine.keys(keys, len(given[0]))
        found = tuple(given[0][key] for key in keys)
        return found[0] if len(found) == 1 else found

    return BuiltinFunction("itemgetter", got)


def _cached(machine: Machine, arguments: Arguments, keywords: Keywords) -> Any:
    """``lru_cache`` and ``cache``: a pure function returns the same without; steps alone differ."""
    if arguments and not isinstance(arguments[0], int | None):
        return _remembering(machine, arguments[0])
    plain_keywords(keywords, "maxsize", "typed")
    return BuiltinFunction("cache", lambda m, given, _: _remembering(m, given[0]))


def _remembering(_machine: Machine, function: Any) -> BuiltinFunction:
    kept: dict[Any, Any] = {}

    def called(machine: Machine, arguments: Arguments, keywords: Keywords) -> Any:
        key = (*arguments, MISSING, *keywords.items())
        machine.keys(arguments, len(kept))
        if key not in kept:
            kept[key] = machine.caller(machine, function, arguments, keywords)
        return kept[key]

    return BuiltinFunction("cached", called)


def _partial(_machine: Machine, arguments: Arguments, keywords: Keywords) -> Any:
    function, *first = arguments

    def called(machine: Machine, given: Arguments, more: Keywords) -> Any:
        return machine.caller(machine, function, [*first, *given], {**keywords, **more})

    return BuiltinFunction("partial", called)


def _copied(machine: Machine, arguments: Arguments, keywords: Keywords) -> Any:
    plain_keywords(keywords)
    value = arguments[0]
    if type(value) not in {list, dict, set, tuple, str, int, float, bool, type(None)}:
        raise UndecidedError("copy of a value")
    machine.made(value)
    return copy.copy(value)


def _copied_deeply(machine: Machine, arguments: Arguments, keywords: Keywords) -> Any:
    plain_keywords(keywords)
    machine.spend_deeply(arguments[0])
    return _deep(machine, arguments[0], {})


def _deep(machine: Machine, value: Any, known: dict[int, Any]) -> Any:
    machine.spend(1)
    if id(value) in known:
        return known[id(value)]
    if type(value) is list:
        made: list[Any] = []
        known[id(value)] = made
        made.extend(_deep(machine, item, known) for item in value)
        return made
    if type(value) is dict:
        return {k: _deep(machine, item, known) for k, item in value.items()}
    if type(value) is tuple:
        return tuple(_deep(machine, item, known) for item in value)
    if type(value) in {set, str, int, float, bool, type(None)}:
        return copy.copy(value)
    raise UndecidedError("copy of a value")


def _functions(operations: dict[str, Operation]) -> dict[str, Any]:
    return {name: BuiltinFunction(name, operation) for name, operation in operations.items()}


_ANNOTATION: Final = BuiltinType("annotation", Instance)
_EXACT: Final = ("ceil", "copysign", "degrees", "dist", "exp", "fabs", "floor", "fmod", "gcd", "hypot", "isclose", "isfinite", "isinf", "isnan", "isqrt", "lcm", "log", "log10", "log2", "pow", "radians", "sqrt", "trunc")  # fmt: skip
MODULES: Final[dict[str, Module]] = {
    "math": Module(
        "math",
        _functions({name: _of_numbers(getattr(math, name)) for name in _EXACT})
        | _functions(
            {
                name: _of_numbers(getattr(math, name), _MAX_FACTORIAL)
                for name in ("factorial", "comb", "perm")
            }
        )
        | _functions({"prod": _product_of, "fsum": _summed})
        | {"pi": math.pi, "e": math.e, "inf": math.inf, "nan": math.nan, "tau": math.tau},
    ),
    "string": Module(
        "string",
        {
            name: getattr(string, name)
            for name in (
                "ascii_letters", "ascii_lowercase", "ascii_uppercase", "digits", "hexdigits", "octdigits", "punctuation", "whitespace", "printable",
            )
        },
    ),
    "collections": Module("collections", {**COLLECTIONS}),
    "itertools": Module(
        "itertools",
_functions(ITERTOOLS),
    ),
    "functools": Module("functools", _functions({"reduce": _reduce, "lru_cache": _cached, "cache": _cached, "partial": _partial})),
    "operator": Module("operator", _functions({"itemgetter": _item_getter})),
    "copy": Module("copy", _functions({"copy": _copied, "deepcopy": _copied_deeply})),
    "typing": Module("typing", dict.fromkeys(("Any", "Dict", "List", "Optional", "Set", "Tuple", "Union", "Callable", "Iterable", "Iterator", "Generator", "Sequence"), _ANNOTATION)),
}  # fmt: skip
"""Modules by name. ``re``, ``random``, ``time``, ``os`` and all others are undecided."""

NESTED: Final = {("itertools", "chain", "from_iterable"): BuiltinFunction("from_iterable", CHAINED)}
"""Functions that are attributes of functions."""
