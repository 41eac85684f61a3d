"""Python's own types as a program sees them: how each makes a value of what it is given."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from typing import TYPE_CHECKING, Any, Final

from consensus.execution.arguments import plain_keywords
from consensus.execution.formatting import text
from consensus.execution.iteration import iterate, listed, unordered
from consensus.execution.iterators import LAZY
from consensus.execution.operators import truth
from consensus.execution.outcomes import StopIterationRaised, UndecidedError
from consensus.execution.values import (
    EXCEPTIONS,
    BuiltinType,
    Instance,
    Operation,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from consensus.execution.machine import Machine
    from consensus.execution.values import Arguments, Keywords

_MAX_DIGITS: Final = 1_000
"""Length of a text read as a number; Python's own conversion takes quadratic time."""


def _only(arguments: Arguments, keywords: Keywords, most: int = 1) -> None:
    plain_keywords(keywords)
    if len(arguments) > most:
        raise TypeError("too many arguments")


def _int(machine: Machine, arguments: Arguments, keywords: Keywords) -> Any:
    plain_keywords(keywords, "base")
    _check_number(arguments)
    return machine.made(int(*arguments, **keywords))


def _float(_machine: Machine, arguments: Arguments, keywords: Keywords) -> float:
    _only(arguments, keywords)
    _check_number(arguments)
    return float(*arguments)


def _check_number(arguments: Arguments) -> None:
    for value in arguments:
        if isinstance(value, str | bytes) and len(value) > _MAX_DIGITS:
            raise UndecidedError("too many digits")
        if isinstance(value, Instance):
            raise UndecidedError("number of an object")


def _str(machine: Machine, arguments: Arguments, keywords: Keywords) -> str:
    plain_keywords(keywords)
    if len(arguments) > 1 or (arguments and isinstance(arguments[0], bytes)):
        raise UndecidedError("text of bytes")
    return text(machine, arguments[0]) if arguments else ""


def _bool(_machine: Machine, arguments: Arguments, keywords: Keywords) -> bool:
    _only(arguments, keywords)
    return truth(arguments[0]) if arguments else False


def _bytes(machine: Machine, arguments: Arguments, keywords: Keywords) -> bytes:
    _only(arguments, keywords)
    if arguments and not isinstance(arguments[0], list | tuple | bytes):
        raise UndecidedError("bytes")
    return bytes(machine.made(bytes(*arguments)))


def _list(machine: Machine, arguments: Arguments, keywords: Keywords) -> list[Any]:
    _only(arguments, keywords)
    return listed(machine, arguments[0]) if arguments else []


def _tuple(machine: Machine, arguments: Arguments, keywords: Keywords) -> tuple[Any, ...]:
    _only(arguments, keywords)
    return tuple(listed(machine, arguments[0])) if arguments else ()


def _set(machine: Machine, arguments: Arguments, keywords: Keywords) -> set[Any]:
    _only(arguments, keywords)
    if not arguments:
        return set()
    given = arguments[0]
    values = given if isinstance(given, set | frozenset) else unordered(machine, given)
    machine.keys(values, len(values))
    return set(values)


def _frozenset(machine: Machine, arguments: Arguments, keywords: Keywords) -> frozenset[Any]:
    return frozenset(_set(machine, arguments, keywords))


def _dict(machine: Machine, arguments: Arguments, keywords: Keywords) -> dict[Any, Any]:
    if len(arguments) > 1:
        raise TypeError("dict expected at most 1 argument")
    made: dict[Any, Any] = {}
    if arguments:
        given = arguments[0]
        if isinstance(given, dict):
            machine.keys(given, len(given))
            made.update(given)
        else:
            for pair in iterate(machine, given):
                machine.spend(1)
                items = listed(machine, pair)
                if len(items) != 2:  # noqa: PLR2004 - key and value
                    raise ValueError("dictionary update sequence element")
                machine.keys(items[:1], len(made))
                made[items[0]] = items[1]
                machine.room(len(made))
    made.update(keywords)
    return made


def _range(machine: Machine, arguments: Arguments, keywords: Keywords) -> range:
    plain_keywords(keywords)
    for value in arguments:
        machine.made(value)
    return range(*arguments)


def _slice(_machine: Machine, arguments: Arguments, keywords: Keywords) -> slice:
    plain_keywords(keywords)
    return slice(*arguments)


def _type(_machine: Machine, arguments: Arguments, keywords: Keywords) -> Any:
    plain_keywords(keywords)
    if len(arguments) != 1:
        raise UndecidedError("a type made anew")
    value = arguments[0]
    if isinstance(value, Instance):
        return value.kind
    for kind in TYPES.values():
        if type(value) is kind.python and kind.name not in _LAZY:
            return kind
    raise UndecidedError("type of a value")


def _object(_machine: Machine, _arguments: Arguments, _keywords: Keywords) -> Any:
    raise UndecidedError("a bare object")


def _counter(machine: Machine, arguments: Arguments, keywords: Keywords) -> Any:
    _only(arguments, {})
    values = [v if isinstance(v, dict) else listed(machine, v) for v in arguments]
    for value in values:
        machine.keys(value, len(value))
    return machine.made(Counter(*values, **keywords))


def _defaultdict(machine: Machine, arguments: Arguments, keywords: Keywords) -> Any:
    _only(arguments, keywords, 2)
    factory = arguments[0] if arguments else None
    made: defaultdict[Any, Any] = defaultdict(
        None if factory is None else lambda: machine.call(factory, [])
    )
    if len(arguments) > 1:
        made.update(_dict(machine, arguments[1:], {}))
    return made


def _deque(machine: Machine, arguments: Arguments, keywords: Keywords) -> Any:
    plain_keywords(keywords, "maxlen")
    values = listed(machine, arguments[0]) if arguments else []
    limit = (*arguments[1:], *keywords.values(), None)[0]
    return deque(values, limit)


def exception_maker(kind: type[Exception]) -> Operation:
    """How a program makes an exception of a kind: its text is then the program's own."""

    def made(_machine: Machine, arguments: Arguments, keywords: Keywords) -> Exception:
        plain_keywords(keywords)
        if issubclass(kind, UnicodeError | StopIterationRaised | OSError) and arguments:
            raise UndecidedError("exception with arguments")
        exception = kind(*arguments)
        exception.said_by_program = True  # type: ignore[attr-defined]
        return exception

    return made


_LAZY: Final[dict[str, type]] = {
    "enumerate": enumerate,
    "filter": filter,
    "map": map,
    "reversed": reversed,
    "zip": zip,
}
_MAKERS: Final[tuple[tuple[str, type, Callable[..., Any]], ...]] = (
    ("int", int, _int), ("float", float, _float), ("str", str, _str), ("bool", bool, _bool), ("bytes", bytes, _bytes), ("list", list, _list),
    ("tuple", tuple, _tuple), ("set", set, _set), ("frozenset", frozenset, _frozenset), ("dict", dict, _dict), ("range", range, _range),
    ("slice", slice, _slice), *((name, kind, LAZY[name]) for name, kind in _LAZY.items()), ("type", type, _type), ("object", object, _object),
)  # fmt: skip
TYPES: Final[dict[str, BuiltinType]] = {
    name: BuiltinType(name, python, operation) for name, python, operation in _MAKERS
} | {name: BuiltinType(name, kind, exception_maker(kind)) for name, kind in EXCEPTIONS.items()}
COLLECTIONS: Final[dict[str, BuiltinType]] = {
    "Counter": BuiltinType("collections.Counter", Counter, _counter),
    "defaultdict": BuiltinType("collections.defaultdict", defaultdict, _defaultdict),
    "deque": BuiltinType("collections.deque", deque, _deque),
}
