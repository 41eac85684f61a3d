"""Text of values: ``str``, ``repr``, format specifications, ``str.format`` and ``%``.

Specifications are read before they are used, so that no width or precision makes a text too long, and a
replacement field names a value or an item, never an attribute (``{0.__class__}`` reaches the host).
"""

from __future__ import annotations

import re
import string
from collections import deque
from typing import TYPE_CHECKING, Any, Final

from consensus.execution.iteration import has_order
from consensus.execution.machine import MAX_NESTING, MAX_TEXT
from consensus.execution.outcomes import UndecidedError
from consensus.execution.values import MISSING, PLAIN_TYPES, BuiltinType, Instance

if TYPE_CHECKING:
    from collections.abc import Mapping

    from consensus.execution.machine import Machine

MAX_WIDTH: Final = 2_000
MAX_PRECISION: Final = 100

_SPEC = re.compile(
    r"(?:.?[<>=^])?[-+ ]?z?#?0?(?P<width>\d{0,9})[_,]?(?:\.(?P<precision>\d{1,9}))?[bcdeEfFgGnosxX%]?",
    re.DOTALL,
)
_FIELD = re.compile(r"(?P<name>\w{0,60})(?P<items>(?:\[[^\[\].{}]{1,60}\]){0,4})")
_PERCENT = re.compile(
    r"%(?:\((?P<key>[^()]{0,60})\))?[-+ #0]{0,5}(?P<width>\d{0,9})(?:\.(?P<precision>\d{0,9}))?(?P<kind>[diouxXeEfFgGcrsa%])"
)
_SCALARS: Final = (int, float, str)


def text(machine: Machine, value: Any) -> str:
    """``str(value)``."""
    if isinstance(value, str):
        return value
    if isinstance(value, Instance):
        return _of_object(machine, value)
    return representation(machine, value, of_text=True)


def _of_object(machine: Machine, value: Instance) -> str:
    found = value.special("__str__")
    if isinstance(found, str):
        return found
    if found is not MISSING:
        raise UndecidedError("an object without a text")
    if value.kind.builtin_base() is None:
        return str(machine.made(repr(value)))
    if len(value.arguments) != 1:
        raise UndecidedError("text of an exception")
    return text(machine, value.arguments[0])


def representation(machine: Machine, value: Any, *, of_text: bool = False) -> str:
    """``repr(value)`` of values whose form is the same in every run.

    Args:
        machine: The run that pays.
        value: The value.
        of_text: It is asked for ``str``, which differs for exceptions alone.
    """
    kind = type(value)
    if kind is int or kind is float or kind is bool or value is None:
        return repr(value)
    if isinstance(value, BuiltinType):
        return f"<class '{value.name}'>"
    if isinstance(value, Exception):
        return _of_exception(machine, value, of_text=of_text)
    machine.spend_deeply(value)
    _check_form(value, 0)
    return str(machine.made(repr(value)))


def _of_exception(machine: Machine, value: Exception, *, of_text: bool) -> str:
    if not of_text or not getattr(value, "said_by_program", False):
        # What Python says of its own errors differs from version to version.
        raise UndecidedError("text of an exception")
    if len(value.args) == 1 and not isinstance(value, KeyError):
        return text(machine, value.args[0])
    if not value.args:
        return ""
    raise UndecidedError("text of an exception")


def _check_form(value: Any, depth: int) -> None:  # noqa: C901, PLR0912 - one case a type
    """Refuse what has no form of its own: functions, iterators, sets without order."""
    kind = type(value)
    if isinstance(value, Instance):
        return
    if kind not in PLAIN_TYPES or depth > MAX_NESTING:
        raise UndecidedError("a value without a text")
    if kind is set or kind is frozenset:
        if not has_order(value):
            raise UndecidedError("order of a set")
    elif isinstance(value, dict):
        for key, item in value.items():
            if type(key) not in _ATOMS:
                _check_form(key, depth + 1)
            if type(item) not in _ATOMS:
                _check_form(item, depth + 1)
        if hasattr(value, "default_factory"):
            raise UndecidedError("text of a defaultdict")
    elif kind not in _ATOMS and kind is not range and kind is not slice:
        for item in value:
            if type(item) not in _ATOMS:
                _check_form(item, depth + 1)
    if kind is deque and value.maxlen is not None:
        raise UndecidedError("text of a bounded deque")


_ATOMS: Final = frozenset({int, float, str, bool, bytes, type(None)})


def formatted(machine: Machine, value: Any, spec: str) -> str:
    """``format(value, spec)``."""
    if not spec:
        return text(machine, value)
    if isinstance(value, Instance):
        raise UndecidedError("format of an object")
    found = _SPEC.fullmatch(spec)
    if found is None:
        raise UndecidedError("format specification")
    _check_sizes(found)
    if not isinstance(value, _SCALARS):
        raise TypeError("unsupported format string")
    return str(machine.made(format(value, spec)))


def _check_sizes(found: re.Match[str]) -> None:
    if int(found["width"] or 0) > MAX_WIDTH or int(found["precision"] or 0) > MAX_PRECISION:
        raise UndecidedError("format too wide")


def converted(machine: Machine, value: Any, conversion: str | None) -> Any:
    """The value after ``!r``, ``!s`` or ``!a``."""
    match conversion:
        case None | "":
            return value
        case "r":
            return representation(machine, value)
        case "s":
            return text(machine, value)
        case _:
            return representation(machine, value).encode("ascii", "backslashreplace").decode()


def format_fields(
    machine: Machine, template: str, arguments: list[Any], keywords: Mapping[str, Any]
) -> str:
    """``template.format(*arguments, **keywords)``; a field with an attribute is undecided."""
    parts = []
    length = 0
    automatic = 0
    for literal, field, spec, conversion in string.Formatter().parse(template):
        parts.append(literal)
        if field is not None:
            if spec and ("{" in spec or "}" in spec):
                raise UndecidedError("nested replacement field")
            found = _FIELD.fullmatch(field)
            if found is None:
                raise UndecidedError("replacement field")
            name = found["name"]
            if not name:
                name, automatic = str(automatic), automatic + 1
            elif name.isdigit() and automatic:
                raise ValueError("cannot switch from automatic field numbering")
            value = _field_value(name, found["items"], arguments, keywords)
            parts.append(formatted(machine, converted(machine, value, conversion), spec or ""))
        length += sum(map(len, parts[-2:]))
        machine.spend(1)
        machine.room_for_text(length)
    return "".join(parts)


def _field_value(name: str, items: str, arguments: list[Any], keywords: Mapping[str, Any]) -> Any:
    if name.isdecimal():
        if len(name) > len(str(MAX_TEXT)):
            raise UndecidedError("replacement field")
        value = arguments[int(name)]
    else:
        value = keywords[name]
    for item in items[1:-1].split("][") if items else ():
        if type(value) not in {list, tuple, dict, str}:
            raise UndecidedError("replacement field")
        value = value[int(item) if item.isdecimal() else item]
    return value


def percent(machine: Machine, template: str, values: Any) -> str:
    """``template % values``; every conversion is checked before Python formats."""
    position = 0
    places = 0
    room = len(template)
    while (position := template.find("%", position)) >= 0:
        found = _PERCENT.match(template, position)
        if found is None:
            raise UndecidedError("percent format")
        _check_sizes(found)
        places += 1
        machine.spend(1)
        room += int(found["width"] or 0) + int(found["precision"] or 0)
        position = found.end()
    given = values if isinstance(values, tuple) else (values,)
    for value in given:
        if isinstance(value, Instance):
            raise UndecidedError("format of an object")
        room += len(representation(machine, value))
        if type(value) is dict:
            room += sum(len(text(machine, item)) for item in value.values()) * places
    machine.room_for_text(room)
    return str(machine.made(template % values))
