"""Methods of Python's own values that a program may call, each with what bounds it.

A method is called on the real value, so that it does exactly what Python's does; before that its
arguments are checked for what could make the result, or the work, large.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from typing import TYPE_CHECKING, Any, Final

from consensus.execution.iteration import listed, plain, unordered
from consensus.execution.machine import MAX_TEXT
from consensus.execution.operators import extend
from consensus.execution.outcomes import UndecidedError
from consensus.execution.text_methods import call_text, check_encoding
from consensus.execution.values import CALLABLES, Instance

if TYPE_CHECKING:
    from consensus.execution.machine import Machine
    from consensus.execution.values import Arguments, Keywords

_TEXT: Final = frozenset({
    "capitalize", "casefold", "center", "count", "encode", "endswith", "expandtabs", "find", "format", "format_map", "index", "isalnum", "isalpha",
    "isascii", "isdecimal", "isdigit", "isidentifier", "islower", "isnumeric", "isprintable", "isspace", "istitle", "isupper", "join", "ljust",
    "lower", "lstrip", "maketrans", "partition", "removeprefix", "removesuffix", "replace", "rfind", "rindex", "rjust", "rpartition", "rsplit",
    "rstrip", "split", "splitlines", "startswith", "strip", "swapcase", "title", "translate", "upper", "zfill",
})  # fmt: skip
_DICT: Final = frozenset(
    ("clear", "copy", "fromkeys", "get", "items", "keys", "pop", "popitem", "setdefault", "update", "values")
)  # fmt: skip
_SET: Final = frozenset({
    "add", "clear", "copy", "difference", "difference_update", "discard", "intersection", "intersection_update", "isdisjoint", "issubset",
    "issuperset", "pop", "remove", "symmetric_difference", "symmetric_difference_update", "union", "update",
})  # fmt: skip
METHODS: Final[dict[type, frozenset[str]]] = {
    str: _TEXT,
    bytes: frozenset({"decode", "hex", "startswith", "endswith", "find", "count", "upper", "lower"}),
    list: frozenset({"append", "clear", "copy", "count", "extend", "index", "insert", "pop", "remove", "reverse", "sort"}),
    tuple: frozenset({"count", "index"}),
    range: frozenset({"count", "index"}),
    dict: _DICT,
    defaultdict: _DICT - {"fromkeys"},
    Counter: (_DICT | {"elements", "most_common", "subtract", "total"}) - {"fromkeys"},
    set: _SET,
    frozenset: frozenset({"copy", "difference", "intersection", "isdisjoint", "issubset", "issuperset", "symmetric_difference", "union"}),
    deque: frozenset({"append", "appendleft", "clear", "copy", "count", "extend", "extendleft", "index", "pop", "popleft", "remove", "reverse", "rotate"}),
    int: frozenset({"bit_count", "bit_length", "conjugate"}),
    bool: frozenset({"bit_count", "bit_length", "conjugate"}),
    float: frozenset({"is_integer", "as_integer_ratio", "hex"}),
}  # fmt: skip
"""What may be called on a value of each type. What is not here, and exists in Python, is undecided."""

_QUICK: Final = frozenset({"add", "append", "appendleft", "discard", "get", "insert", "items", "keys", "pop", "popitem", "popleft", "setdefault", "values"})  # fmt: skip
"""Methods that take no longer for a long container, or no more than a step."""

_OF_TYPE: Final = frozenset({"fromkeys", "maketrans"})


def has_method(value: Any, name: str) -> None:
    """Return if a program may call a method of a value; `AttributeError` where Python has none."""
    if name in METHODS.get(type(value), ()):
        return
    if name.startswith("_") or type(value) not in METHODS or hasattr(type(value), name):
        raise UndecidedError("attribute")
    raise AttributeError(name)


def call_method(  # noqa: C901, PLR0911, PLR0912 - one case a family of methods
    machine: Machine, owner: Any, name: str, arguments: Arguments, keywords: Keywords
) -> Any:
    """``owner.name(*arguments, **keywords)``."""
    has_method(owner, name)
    if type(owner) is str or name not in _QUICK:
        machine.spend_on(owner)
    for argument in (*arguments, *keywords.values()):
        if isinstance(argument, Instance) and not isinstance(owner, list | dict | deque | set):
            raise UndecidedError("an object as argument")
        if isinstance(argument, CALLABLES) and type(owner) is str:
            raise TypeError("a callable as argument")
    if type(owner) is str:
        return call_text(machine, owner, name, arguments, keywords)
    if keywords and not (name in {"sort", "update"} or type(owner) is bytes):
        raise UndecidedError("keyword of a method")
    match owner, name:
        case list(), "sort":
            return _sort(machine, owner, arguments, keywords)
        case list() | deque(), "extend":
            return _extend(machine, owner, arguments)
        case deque(), "extendleft":
            arguments = [listed(machine, argument) for argument in arguments]
        case deque(), "rotate":
            machine.spend_on(owner)
        case list() | tuple() | deque(), "count" | "index" | "remove":
            machine.spend_deeply(owner, *arguments)
        case range(), _:
            if not all(type(argument) is int for argument in arguments):
                raise UndecidedError("search in a range")
        case (dict(), "update") | (Counter(), "subtract"):
            return _update(machine, owner, name, arguments, keywords)
        case dict(), "fromkeys":
            return _from_keys(machine, arguments)
        case dict(), "get" | "pop" | "setdefault":
            machine.keys(arguments[:1], len(owner))
        case Counter(), "elements":
            if sum(count for count in owner.values() if count > 0) > MAX_TEXT:
                raise UndecidedError("container too long")
            return iter(machine.made(list(owner.elements())))
        case set() | frozenset(), _:
            return _call_set(machine, owner, name, arguments)
        case bytes(), "decode":
            check_encoding(arguments, keywords)
        case _:
            pass
    result = getattr(owner, name)(*arguments, **keywords)
    if isinstance(owner, list | dict | deque):
        machine.room(len(owner))
    return machine.made(result)


def _sort(machine: Machine, owner: list[Any], arguments: Arguments, keywords: Keywords) -> None:
    if arguments or not keywords.keys() <= {"key", "reverse"}:
        raise TypeError("sort takes no positional arguments")
    check_sort(machine, owner)
    key = keywords.get("key")
    if key is None:
        owner.sort(reverse=bool(keywords.get("reverse", False)))
        return
    # Python sorts an empty list in place: a key that looks at the list is not worth imitating.
    keyed = [(machine.call(key, [value]), value) for value in list(owner)]
    check_sort(machine, [first for first, _ in keyed])
    keyed.sort(key=_first, reverse=bool(keywords.get("reverse", False)))
    owner[:] = [value for _, value in keyed]


def _first(pair: tuple[Any, Any]) -> Any:
    return pair[0]


def check_sort(machine: Machine, values: list[Any]) -> None:
    """Pay for sorting values."""
    size = len(values)
    machine.spend(size // 2)
    machine.spend_deeply(values)
    if any(type(value) in {set, frozenset} for value in values):
        raise UndecidedError("order of sets")


def _extend(machine: Machine, owner: Any, arguments: Arguments) -> None:
    if len(arguments) != 1:
        raise TypeError("extend takes one argument")
    if type(owner) is list:
        extend(machine, owner, arguments[0])
        return
    owner.extend(listed(machine, arguments[0]))
    machine.room(len(owner))


def _update(
    machine: Machine, owner: Any, name: str, arguments: Arguments, keywords: Keywords
) -> None:
    given = [
        value if isinstance(value, dict) else [plain(machine, v) for v in listed(machine, value)]
        for value in arguments
    ]
    for value in given:
        machine.room(len(owner) + len(value))
        if isinstance(value, dict) or isinstance(owner, Counter):
            machine.keys(value, len(owner) + len(value))
        else:
            machine.keys((p[0] for p in value if isinstance(p, list | tuple) and p), len(owner))
    machine.made(getattr(owner, name)(*given, **keywords))


def _from_keys(machine: Machine, arguments: Arguments) -> Any:
    if not arguments:
        raise TypeError("fromkeys expected at least 1 argument")
    keys = listed(machine, arguments[0])
    machine.keys(keys, len(keys))
    return machine.made(dict.fromkeys(keys, *arguments[1:]))


def _call_set(machine: Machine, owner: Any, name: str, arguments: Arguments) -> Any:
    if name == "pop" and len(owner) > 1:
        raise UndecidedError("order of a set")
    if name in {"add", "remove", "discard"}:
        machine.keys(arguments, len(owner))
        getattr(owner, name)(*arguments)
        machine.room(len(owner))
        return None
    given = [
        argument if isinstance(argument, set | frozenset) else unordered(machine, argument)
        for argument in arguments
    ]
    for values in given:
        machine.keys(values, len(owner) + len(values))
    result = getattr(owner, name)(*given)
    machine.room(len(owner))
    return machine.made(result)


def call_of_type(
    machine: Machine, python: type, name: str, arguments: Arguments, keywords: Keywords
) -> Any:
    """``type.name(*arguments)``: a method named by its type, or one of the type itself."""
    if name in _OF_TYPE and name in METHODS.get(python, ()):
        return call_method(machine, python(), name, arguments, keywords)
    if name.startswith("_") or name not in METHODS.get(python, ()):
        raise UndecidedError("attribute of a type")
    if not arguments or type(arguments[0]) is not python:
        raise UndecidedError("method of another type")
    return call_method(machine, arguments[0], name, arguments[1:], keywords)
