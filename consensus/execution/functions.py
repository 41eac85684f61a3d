"""The built-in functions a program may call, most of them over values that it iterates itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from consensus.execution.formatting import formatted, representation, text
from consensus.execution.iteration import after, iterate, listed, unordered
from consensus.execution.methods import check_sort
from consensus.execution.operators import calculated_sum, power, truth
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


def plain_keywords(keywords: Keywords, *allowed: str) -> None:
    """Refuse keywords other than those allowed: whether Python takes them is not for us to guess."""
    if not keywords.keys() <= set(allowed):
        raise UndecidedError("keyword of a function")


def _count(arguments: Arguments, least: int, most: int) -> None:
    if not least <= len(arguments) <= most:
        raise TypeError("wrong number of arguments")


def _len(machine: Machine, arguments: Arguments, keywords: Keywords) -> Any:
    plain_keywords(keywords)
    _count(arguments, 1, 1)
    value = arguments[0]
    if isinstance(value, Instance):
        found = value.special("__len__")
        if found is MISSING:
            raise TypeError("object has no len()")
        return found
    return machine.made(len(value))


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


def _sorted(machine: Machine, arguments: Arguments, keywords: Keywords) -> list[Any]:
    plain_keywords(keywords, "key", "reverse")
    _count(arguments, 1, 1)
    key = keywords.get("key")
    values = unordered(machine, arguments[0]) if key is None else listed(machine, arguments[0])
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
        values = unordered(machine, only) if key is None else listed(machine, only)
    else:
        _count(arguments, 2, len(arguments))
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
    _count(arguments, 1, 2)
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
    _count(arguments, 1, 1)
    for value in iterate(machine, arguments[0]):
        machine.spend(1)
        if truth(value) is wanted:
            return True
    return False


def _abs(machine: Machine, arguments: Arguments, keywords: Keywords) -> Any:
    plain_keywords(keywords)
    _count(arguments, 1, 1)
    if isinstance(arguments[0], Instance):
        raise UndecidedError("abs of an object")
    return machine.made(abs(arguments[0]))


def _divmod(machine: Machine, arguments: Arguments, keywords: Keywords) -> Any:
    plain_keywords(keywords)
    _count(arguments, 2, 2)
    _numbers(arguments)
    return machine.made(divmod(arguments[0], arguments[1]))


def _pow(machine: Machine, arguments: Arguments, keywords: Keywords) -> Any:
    plain_keywords(keywords)
    _count(arguments, 2, 3)
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
    _count(arguments, 1, 2)
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
    _count(arguments, 1, 1)
    return ord(arguments[0])


def _chr(_machine: Machine, arguments: Arguments, keywords: Keywords) -> str:
    plain_keywords(keywords)
    _count(arguments, 1, 1)
    return chr(arguments[0])


def _in_base(spec: str) -> Operation:
    def written(machine: Machine, arguments: Arguments, keywords: Keywords) -> str:
        plain_keywords(keywords)
        _count(arguments, 1, 1)
        if not isinstance(arguments[0], int):
            raise TypeError("object cannot be interpreted as an integer")
        return str(machine.made(format(arguments[0], spec)))

    return written


def _repr(machine: Machine, arguments: Arguments, keywords: Keywords) -> str:
    plain_keywords(keywords)
    _count(arguments, 1, 1)
    return representation(machine, arguments[0])


def _format(machine: Machine, arguments: Arguments, keywords: Keywords) -> str:
    plain_keywords(keywords)
    _count(arguments, 1, 2)
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
    _count(arguments, 1, 2)
    return after(machine, *arguments)


def _isinstance(machine: Machine, arguments: Arguments, keywords: Keywords) -> bool:
    plain_keywords(keywords)
    _count(arguments, 2, 2)
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
    if isinstance(value, CALLABLES):
        raise UndecidedError("type of a callable")
    return isinstance(value, kind.python)


def _callable(_machine: Machine, arguments: Arguments, keywords: Keywords) -> bool:
    plain_keywords(keywords)
    _count(arguments, 1, 1)
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
        "abs": _abs,
        "all": _all,
        "any": _any,
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
        "len": _len,
        "max": _max,
        "min": _min,
        "next": _next,
        "oct": _in_base("#o"),
        "ord": _ord,
        "pow": _pow,
        "print": _print,
        "repr": _repr,
        "round": _round,
        "setattr": _setattr,
        "sorted": _sorted,
        "sum": _sum,
    }.items()
}
