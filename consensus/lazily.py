"""A value of an object computed at the first look: `functools.cached_property` without its lock.

Until Python 3.12 that lock costs more than most values which a decision leaves for later. Two threads
that look at once may both compute the value; it has to be the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

T_co = TypeVar("T_co", covariant=True)


class lazily(Generic[T_co]):  # noqa: N801 - a decorator, written like one
    """Decorates a method without arguments: its value is kept in the object's ``__dict__``."""

    def __init__(self, compute: Callable[[Any], T_co]) -> None:
        self._compute = compute
        self._name = compute.__name__
        self.__doc__ = compute.__doc__

    @overload
    def __get__(self, of: None, owner: type | None = None) -> Self: ...
    @overload
    def __get__(self, of: object, owner: type | None = None) -> T_co: ...
    def __get__(self, of: object | None, owner: type | None = None) -> Self | T_co:
        if of is None:
            return self
        value = self._compute(of)
        of.__dict__[self._name] = value
        return value
