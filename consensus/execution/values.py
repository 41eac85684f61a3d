"""Values of a running program that are not Python's own: functions, methods, types, classes, instances.

Numbers, texts and containers are Python's own objects, so that their behaviour is exact. Everything
callable is one of the classes here, and nothing else is ever called: no object of the host is in reach.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from consensus.execution.outcomes import StopIterationRaised, UndecidedError

if TYPE_CHECKING:
    import ast

    from consensus.execution.frames import Frame, ScopeNames
    from consensus.execution.machine import Machine

Arguments = list[Any]
Keywords = dict[str, Any]
Operation = Callable[["Machine", Arguments, Keywords], Any]


@dataclass(eq=False, slots=True)
class Function:
    """A function or lambda of the program."""

    node: ast.FunctionDef | ast.Lambda
    names: ScopeNames
    outer: Frame
    defaults: Arguments
    keyword_defaults: Keywords
    owner: ClassValue | None = None
    """The class in whose body it was defined, for ``super()``."""


@dataclass(eq=False, slots=True)
class BoundFunction:
    """A method of the program, with the object it is called on."""

    function: Function
    owner: Any


@dataclass(eq=False, slots=True)
class BuiltinFunction:
    """A function the interpreter provides."""

    name: str
    operation: Operation


@dataclass(eq=False, slots=True)
class BuiltinMethod:
    """A method of a Python value, such as ``text.upper``."""

    owner: Any
    name: str


@dataclass(eq=False, slots=True)
class BuiltinType:
    """A type of Python's own: called to make values, named in ``isinstance``, owner of methods."""

    name: str
    python: type
    operation: Operation | None = None
    """Makes a value; None where the type cannot be called."""


@dataclass(eq=False, slots=True)
class Module:
    """An imported module: the few of its names that are provided."""

    name: str
    members: dict[str, Any]


@dataclass(eq=False, slots=True)
class Decorated:
    """A function in a class body that is no plain method: static, of the class, or a property."""

    kind: str
    function: Function


@dataclass(eq=False, slots=True)
class ClassValue:
    """A class of the program, with one base at most."""

    name: str
    base: ClassValue | BuiltinType | None
    members: dict[str, Any] = field(default_factory=dict)

    def find(self, name: str) -> Any:
        """A member of the class or of its bases; `MISSING` where there is none."""
        at: ClassValue | BuiltinType | None = self
        while isinstance(at, ClassValue):
            if name in at.members:
                return at.members[name]
            at = at.base
        return MISSING

    def builtin_base(self) -> BuiltinType | None:
        """The exception class of Python's own that it derives from."""
        at: ClassValue | BuiltinType | None = self
        while isinstance(at, ClassValue):
            at = at.base
        return at

    def derives_from(self, other: object) -> bool:
        """Whether ``other`` is this class or among its bases."""
        at: ClassValue | BuiltinType | None = self
        while isinstance(at, ClassValue):
            if at is other:
                return True
            at = at.base
        if isinstance(at, BuiltinType) and isinstance(other, BuiltinType):
            return issubclass(at.python, other.python)
        return False


class Instance:
    """An object of a class of the program.

    Python's own operations (``in``, ``sorted``, ``==`` of lists) call on these methods; those that the
    class does not define have no value that is the same in every run.
    """

    __slots__ = ("arguments", "call", "fields", "kind")

    def __init__(self, kind: ClassValue, call: Callable[[Any, Arguments], Any]) -> None:
        self.kind = kind
        self.call = call
        self.fields: dict[str, Any] = {}
        self.arguments: Arguments = []

    def method(self, name: str) -> BoundFunction | None:
        """A method of the class with this object bound to it."""
        found = self.kind.find(name)
        return BoundFunction(found, self) if isinstance(found, Function) else None

    def special(self, name: str, *arguments: Any) -> Any:
        """Call a special method; `MISSING` where the class has none."""
        found = self.method(name)
        return MISSING if found is None else self.call(found, list(arguments))

    def __eq__(self, other: object) -> Any:
        found = self.special("__eq__", other)
        return self is other if found is MISSING else found

    def __hash__(self) -> int:
        if self.kind.find("__eq__") is MISSING and self.kind.find("__hash__") is MISSING:
            return id(self)
        raise UndecidedError("hash of an object")

    def __lt__(self, other: object) -> Any:
        found = self.special("__lt__", other)
        if found is MISSING:
            raise UndecidedError("order of objects")
        return found

    def __repr__(self) -> str:
        found = self.special("__repr__")
        if type(found) is not str:
            raise UndecidedError("an object without a text")
        return found


@dataclass(eq=False, slots=True)
class Super:
    """What ``super()`` yields: members of the bases, bound to the object."""

    owner: ClassValue
    instance: Instance

    def attribute(self, name: str) -> Any:
        """A method of a base."""
        base = self.owner.base
        found = base.find(name) if isinstance(base, ClassValue) else MISSING
        if isinstance(found, Function):
            return BoundFunction(found, self.instance)
        if name == "__init__" and found is MISSING:
            return BuiltinFunction("__init__", self._initial)
        raise UndecidedError("attribute of super")

    def _initial(self, _machine: Machine, arguments: Arguments, _keywords: Keywords) -> None:
        """What ``object`` and exceptions do with arguments: the text of an exception is made of them."""
        self.instance.arguments = list(arguments)


MISSING: Final = object()


def exception_name(exception: BaseException) -> str:
    """The name a program knows an exception by."""
    if isinstance(exception, StopIterationRaised):
        return "StopIteration"
    if isinstance(exception, InstanceRaised):
        return exception.instance.kind.name
    return type(exception).__name__


class InstanceRaised(Exception):  # noqa: N818 - carries an exception class of the program
    """An exception of a class that the program defined."""

    def __init__(self, instance: Instance) -> None:
        super().__init__()
        self.instance = instance


EXCEPTIONS: Final[dict[str, type[Exception]]] = {
    kind.__name__: kind
    for kind in (
        ArithmeticError, AssertionError, AttributeError, EOFError, Exception, FileNotFoundError, IndexError, KeyError, LookupError, NameError,
        NotImplementedError, OSError, OverflowError, PermissionError, RuntimeError, TypeError, UnboundLocalError, UnicodeError, UnicodeEncodeError,
        UnicodeDecodeError, ValueError, ZeroDivisionError, TimeoutError, ConnectionError,
    )
} | {"StopIteration": StopIterationRaised}  # fmt: skip
"""Exceptions a program may raise and catch. `UndecidedError` and `RecursionError` are none of them."""

CALLABLES: Final = (
    Function,
    BoundFunction,
    BuiltinFunction,
    BuiltinMethod,
    BuiltinType,
    ClassValue,
)
PLAIN_TYPES: Final = frozenset({
    int, float, bool, type(None), str, bytes, list, tuple, dict, set, frozenset, range, slice, type({}.keys()), type({}.values()), type({}.items()),
    Counter, defaultdict, deque,
})  # fmt: skip
"""Types of Python's own values a program may hold, iterators apart."""

METHOD_OWNERS: Final = PLAIN_TYPES - {slice, type(None)}
"""Types whose methods are called at once, without a bound method in between."""
