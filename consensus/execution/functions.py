"""The built-in functions a program may call, most of them over values that it iterates itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from consensus.execution.aggregates import AGGREGATES
from consensus.execution.arguments import count, plain_keywords
from consensus.execution.formatting import formatted, representation, text
from consensus.execution.iteration import after, iterate
from consensus.execution.operators import power
from consensus.execution.outcomes import UndecidedError
from consensus.execution.values import (
    CALLABLES,
    MISSING,
    BuiltinFunction,
    BuiltinType,
    ClassValue,
    Instance,
    Operation,
)

if TYPE_CHECKING:
    from consensus.execution.machine import Machine
    from consensus.execution.values import Arguments, Keywords

_DIGITS: Final = 400
"""Decimal places beyond which no number has any."""


_MODULAR_BITS: Final = 160
"""Raising to a power modulo a number takes the third power of their length."""


def _print(machine: Machine, arguments: Arguments, keywords: Keywords) -> None:
    plain_keywords(keywords, "sep", "end", "flush")
    separator, end = keywords.get("sep"), keywords.get("end")
    for value in (separator, end):
        if value is not None and type(value) is not str:
            raise TypeError("sep and end must be None or a string")
    shown = [text(machine, value) for value in arguments]
    joint = " " if separator is None else separator
    machine.room_for_text(sum(map(len, shown)) + len(joint) * len(shown))
    machine.print(joint.join(shown) + ("\n" if end is None else end))


def _abs(machine: Machine, arguments: Arguments, keywords: Keywords) -> Any:
    plain_keywords(keywords)
    count(arguments, 1, 1)
    if isinstance(arguments[0], Instance):
        raise UndecidedError("abs of an object")
    return machine.made(abs(arguments[0]))


def _divmod(machine: Machine, arguments: Arguments, keywords: Keywords) -> Any:
    plain_keywords(keywords)
    count(arguments, 2, 2)
    _numbers(arguments)
    return machine.made(divmod(arguments[0], arguments[1]))


def _pow(machine: Machine, arguments: Arguments, keywords: Keywords) -> Any:
    plain_keywords(keywords)
    count(arguments, 2, 3)
    _numbers(arguments)
    if len(arguments) == 2:  # noqa: PLR2004 - base and exponent
        return power(machine, *arguments)
    if any(isinstance(value, int) and value.bit_length() > _MODULAR_BITS for value in arguments):
        raise UndecidedError("integer too long")
    machine.spend(_MODULAR_BITS // 4)
    return machine.made(pow(*arguments))


def _round(machine: Machine, arguments: Arguments, keywords: Keywords) -> Any:
    plain_keywords(keywords, "ndigits")
    arguments = [*arguments, *keywords.values()]
    count(arguments, 1, 2)
    _numbers([value for value in arguments if value is not None])
    if len(arguments) > 1 and arguments[1] is not None and abs(arguments[1]) > _DIGITS:
        raise UndecidedError("too many digits")
    return machine.made(round(*arguments))


def _numbers(arguments: Arguments) -> None:
    if not all(isinstance(value, int | float) for value in arguments):
        if any(isinstance(value, Instance) for value in arguments):
            raise UndecidedError("an object as number")
        raise TypeError("unsupported operand type")


def _ord(_machine: Machine, arguments: Arguments, keywords: Keywords) -> int:
    plain_keywords(keywords)
    count(arguments, 1, 1)
    return ord(arguments[0])


def _chr(_machine: Machine, arguments: Arguments, keywords: Keywords) -> str:
    plain_keywords(keywords)
    count(arguments, 1, 1)
    return chr(arguments[0])


def _in_base(spec: str) -> Operation:
    def written(machine: Machine, arguments: Arguments, keywords: Keywords) -> str:
        plain_keywords(keywords)
        count(arguments, 1, 1)
        if not isinstance(arguments[0], int):
            raise TypeError("object cannot be interpreted as an integer")
        return str(machine.made(format(arguments[0], spec)))

    return written


def _repr(machine: Machine, arguments: Arguments, keywords: Keywords) -> str:
    plain_keywords(keywords)
    count(arguments, 1, 1)
    return representation(machine, arguments[0])


def _format(machine: Machine, arguments: Arguments, keywords: Keywords) -> str:
    plain_keywords(keywords)
    count(arguments, 1, 2)
    spec = arguments[1] if len(arguments) > 1 else ""
    if type(spec) is not str:
        raise TypeError("format() argument 2 must be str")
    return formatted(machine, arguments[0], spec)


def _iter(machine: Machine, arguments: Arguments, keywords: Keywords) -> Any:
    plain_keywords(keywords)
    if len(arguments) != 1:
        raise UndecidedError("iter with a sentinel")
    return iterate(machine, arguments[0])


def _next(machine: Machine, arguments: Arguments, keywords: Keywords) -> Any:
    plain_keywords(keywords)
    count(arguments, 1, 2)
    return after(machine, *arguments)


def _isinstance(machine: Machine, arguments: Arguments, keywords: Keywords) -> bool:
    plain_keywords(keywords)
    count(arguments, 2, 2)
    value, kinds = arguments
    return any(is_a(value, kind) for kind in _kinds(machine, kinds))


def _kinds(machine: Machine, kinds: Any) -> list[Any]:
    found = []
    for kind in kinds if isinstance(kinds, tuple) else (kinds,):
        machine.spend(1)
        if isinstance(kind, tuple):
            raise UndecidedError("nested types")
        found.append(kind)
    return found


def is_a(value: Any, kind: Any) -> bool:
    """``isinstance(value, kind)`` of one kind."""
    if isinstance(kind, ClassValue):
        return isinstance(value, Instance) and value.kind.derives_from(kind)
    if not isinstance(kind, BuiltinType):
        raise UndecidedError("a type of another kind")
    if isinstance(value, Instance):
        return kind.python is object or value.kind.derives_from(kind)
    if kind.python is object:
        return True
    if isinstance(value, Iterator):
        raise UndecidedError("type of an iterator")
    if isinstance(value, CALLABLES):
        raise UndecidedError("type of a callable")
    return isinstance(value, kind.python)


def _callable(_machine: Machine, arguments: Arguments, keywords: Keywords) -> bool:
    plain_keywords(keywords)
    count(arguments, 1, 1)
    if isinstance(arguments[0], Instance):
        return arguments[0].kind.find("__call__") is not MISSING
    return isinstance(arguments[0], CALLABLES)


def _hasattr(_machine: Machine, arguments: Arguments, keywords: Keywords) -> bool:
    plain_keywords(keywords)
    match arguments:
        case [Instance() as owner, str(name)] if not name.startswith("_"):
            return name in owner.fields or owner.kind.find(name) is not MISSING
        case _:
            raise UndecidedError("attribute by name")


def _getattr(_machine: Machine, arguments: Arguments, keywords: Keywords) -> Any:
    plain_keywords(keywords)
    match arguments:
        case [Instance() as owner, str(name), *rest] if not name.startswith("_"):
            if name in owner.fields:
                return owner.fields[name]
            if owner.kind.find(name) is MISSING and rest:
                return rest[0]
        case _:
            pass
    raise UndecidedError("attribute by name")


def _setattr(_machine: Machine, arguments: Arguments, keywords: Keywords) -> None:
    plain_keywords(keywords)
    match arguments:
        case [Instance() as owner, str(name), value] if not name.startswith("_"):
            owner.fields[name] = value
        case _:
            raise UndecidedError("attribute by name")


FUNCTIONS: Final[dict[str, BuiltinFunction]] = {
    name: BuiltinFunction(name, operation)
    for name, operation in {
        **AGGREGATES,
        "abs": _abs,
        "bin": _in_base("#b"),
        "callable": _callable,
        "chr": _chr,
        "divmod": _divmod,
        "format": _format,
        "getattr": _getattr,
        "hasattr": _hasattr,
        "hex": _in_base("#x"),
        "isinstance": _isinstance,
        "iter": _iter,
        "next": _next,
        "oct": _in_base("#o"),
        "ord": _ord,
        "pow": _pow,
        "print": _print,
        "repr": _repr,
        "round": _round,
        "setattr": _setattr,
    }.items()
}
