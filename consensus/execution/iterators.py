"""Iterators a program may make: ``zip``, ``map``, ``filter`` and a part of ``itertools``."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

from consensus.execution.arguments import plain_keywords
from consensus.execution.iteration import iterate, listed
from consensus.execution.machine import MAX_ITEMS
from consensus.execution.operators import calculated_sum, truth
from consensus.execution.outcomes import UndecidedError
from consensus.execution.values import MISSING, Instance, Operation

if TYPE_CHECKING:
    from consensus.execution.machine import Machine
    from consensus.execution.values import Arguments, Keywords


def _enumerate(machine: Machine, arguments: Arguments, keywords: Keywords) -> Iterator[Any]:
    plain_keywords(keywords, "start")
    arguments = [*arguments, *keywords.values()]
    if len(arguments) not in {1, 2}:
        raise TypeError("enumerate() takes one or two arguments")
    return enumerate(iterate(machine, arguments[0]), *arguments[1:])


def _zip(machine: Machine, arguments: Arguments, keywords: Keywords) -> Iterator[Any]:
    plain_keywords(keywords, "strict")
    if keywords.get("strict"):
        raise UndecidedError("strict zip")
    machine.spend(len(arguments))
    return zip(*(iterate(machine, argument) for argument in arguments), strict=False)


def _map(machine: Machine, arguments: Arguments, keywords: Keywords) -> Iterator[Any]:
    plain_keywords(keywords)
    if len(arguments) < 2:  # noqa: PLR2004 - function and values
        raise TypeError("map() must have at least two arguments.")
    function, *values = arguments
    sources = [iterate(machine, value) for value in values]
    return (
        machine.call(function, list(row)) for row in _paid(machine, zip(*sources, strict=False))
    )


def _filter(machine: Machine, arguments: Arguments, keywords: Keywords) -> Iterator[Any]:
    plain_keywords(keywords)
    if len(arguments) != 2:  # noqa: PLR2004 - function and values
        raise TypeError("filter expected 2 arguments")
    function, values = arguments
    source = _paid(machine, iterate(machine, values))
    if function is None:
        return (value for value in source if truth(value))
    return (value for value in source if truth(machine.call(function, [value])))


def _paid(machine: Machine, source: Iterator[Any]) -> Iterator[Any]:
    for item in source:
        machine.spend(1)
        yield item


def _reversed(machine: Machine, arguments: Arguments, keywords: Keywords) -> Iterator[Any]:
    plain_keywords(keywords)
    if len(arguments) != 1:
        raise TypeError("reversed expected 1 argument")
    value = arguments[0]
    if isinstance(value, Iterator | set | frozenset):
        raise TypeError("object is not reversible")
    if isinstance(value, Instance):
        raise UndecidedError("reverse of an object")
    machine.spend(1)
    return reversed(value)


def _chain(machine: Machine, arguments: Arguments, keywords: Keywords) -> Iterator[Any]:
    plain_keywords(keywords)
    return (item for part in arguments for item in _paid(machine, iterate(machine, part)))


def _chained(machine: Machine, arguments: Arguments, keywords: Keywords) -> Iterator[Any]:
    plain_keywords(keywords)
    parts = _paid(machine, iterate(machine, arguments[0]))
    return (item for part in parts for item in _paid(machine, iterate(machine, part)))


def _accumulate(machine: Machine, arguments: Arguments, keywords: Keywords) -> Iterator[Any]:
    plain_keywords(keywords)
    values = listed(machine, arguments[0])
    function = arguments[1] if len(arguments) > 1 else None
    total: Any = MISSING
    made = []
    for value in values:
        if total is MISSING:
            total = value
        elif function is None:
            total = calculated_sum(machine, [value], total)
        else:
            total = machine.call(function, [total, value])
        made.append(total)
    return iter(made)


def _selections(function: Callable[..., Iterator[Any]]) -> Operation:
    """Permutations, combinations and products, of which a bounded number is made."""

    def called(machine: Machine, arguments: Arguments, keywords: Keywords) -> Iterator[Any]:
        plain_keywords(keywords, "repeat", "r")
        given = [value if type(value) is int else listed(machine, value) for value in arguments]
        for value in (*given, *keywords.values()):
            if type(value) is int and value > MAX_ITEMS // 64:
                raise UndecidedError("container too long")
        made = list(itertools.islice(function(*given, **keywords), MAX_ITEMS + 1))
        machine.room(len(made))
        machine.spend_deeply(made)
        return iter(made)

    return called


def _islice(machine: Machine, arguments: Arguments, keywords: Keywords) -> Iterator[Any]:
    plain_keywords(keywords)
    source, *ends = arguments
    return itertools.islice(_paid(machine, iterate(machine, source)), *ends)


def _while(machine: Machine, arguments: Arguments, keywords: Keywords) -> Iterator[Any]:
    plain_keywords(keywords)
    function, values = arguments
    for value in iterate(machine, values):
        machine.spend(1)
        if not truth(machine.call(function, [value])):
            return
        yield value


def _groups(machine: Machine, arguments: Arguments, keywords: Keywords) -> Iterator[Any]:
    plain_keywords(keywords, "key")
    values = listed(machine, arguments[0])
    key = keywords.get("key", arguments[1] if len(arguments) > 1 else None)
    found: list[tuple[Any, list[Any]]] = []
    for value in values:
        machine.spend(1)
        label = value if key is None else machine.call(key, [value])
        machine.spend_deeply(label)
        if found and found[-1][0] == label:
            found[-1][1].append(value)
        else:
            found.append((label, [value]))
    return ((label, iter(members)) for label, members in found)


def _counted(machine: Machine, arguments: Arguments, keywords: Keywords) -> Iterator[Any]:
    plain_keywords(keywords, "start", "step")
    values = [*arguments, *keywords.values()]
    if not all(type(value) is int for value in values):
        raise UndecidedError("count of other than integers")
    return _paid(machine, itertools.count(*values))


def _cycled(machine: Machine, arguments: Arguments, keywords: Keywords) -> Iterator[Any]:
    plain_keywords(keywords)
    return _paid(machine, itertools.cycle(listed(machine, arguments[0])))


def _repeated(machine: Machine, arguments: Arguments, keywords: Keywords) -> Iterator[Any]:
    plain_keywords(keywords)
    return _paid(machine, itertools.repeat(*arguments))


def _pairs(machine: Machine, arguments: Arguments, keywords: Keywords) -> Iterator[Any]:
    plain_keywords(keywords)
    return iter(list(itertools.pairwise(listed(machine, arguments[0]))))


def _longest(machine: Machine, arguments: Arguments, keywords: Keywords) -> Iterator[Any]:
    plain_keywords(keywords, "fillvalue")
    rows = [listed(machine, value) for value in arguments]
    return iter(list(itertools.zip_longest(*rows, **keywords)))


LAZY: Final[dict[str, Operation]] = {
    "enumerate": _enumerate,
    "filter": _filter,
    "map": _map,
    "reversed": _reversed,
    "zip": _zip,
}
ITERTOOLS: Final[dict[str, Operation]] = {
    "accumulate": _accumulate,
    "chain": _chain,
    "combinations": _selections(itertools.combinations),
    "combinations_with_replacement": _selections(itertools.combinations_with_replacement),
    "count": _counted,
    "cycle": _cycled,
    "groupby": _groups,
    "islice": _islice,
    "pairwise": _pairs,
    "permutations": _selections(itertools.permutations),
    "product": _selections(itertools.product),
    "repeat": _repeated,
    "takewhile": _while,
    "zip_longest": _longest,
}
CHAINED: Final[Operation] = _chained
"""``itertools.chain.from_iterable``."""
