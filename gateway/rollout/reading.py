"""Reads plain values, as YAML and JSON have them, field by field; what is wrong is collected by its path."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from gateway.rollout.durations import FORM, duration_of
from gateway.rollout.plan_checks import Problem, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import timedelta

_T = TypeVar("_T")


class Reading:
    """Collects problems instead of stopping at the first; what cannot be read gets a stand-in."""

    def __init__(self, *, refuses_unknown: bool) -> None:
        self.problems: list[Problem] = []
        self._refuses_unknown = refuses_unknown

    def known(self, value: Mapping[Any, Any], at: str, keys: tuple[str, ...]) -> None:
        """Refuse the keys of ``value`` that are not among ``keys``, unless others are welcome."""
        if self._refuses_unknown:
            for key in value:
                if key not in keys:
                    words = f"is no key here; there are {', '.join(keys)}"
                    self.problems.append(Problem(joined(at, str(key)), words))

    def listed(self, value: object, path: str, form: str) -> list[Any] | None:
        """The value if it is a list; None, and a problem, if not."""
        if isinstance(value, list):
            return value
        self.expected(path, form, value)
        return None

    def one_of(
        self, value: Mapping[str, Any], key: str, at: str, choices: tuple[str, ...], usual: str
    ) -> str:
        """A key's word; one that is not there is the usual."""
        found = value.get(key)
        if found is None:
            return usual
        if found in choices and isinstance(found, str):
            return found
        self.expected(joined(at, key), f"one of {', '.join(choices)}", found)
        return usual

    def field(
        self,
        value: Mapping[str, Any],
        key: str,
        at: str,
        read: Callable[[object], _T],
        usual: _T,
    ) -> _T:
        """A key's value; one that is not there, or is there with nothing, is the usual."""
        found = value.get(key)
        return usual if found is None else self.read(found, joined(at, key), read, usual)

    def read(self, value: object, path: str, read: Callable[[object], _T], stand_in: _T) -> _T:
        """The value as ``read`` takes it; the stand-in, and a problem, if it does not."""
        try:
            return read(value)
        except UnlikeError as unlike:
            self.expected(path, unlike.form, value)
            return stand_in

    def expected(self, path: str, form: str, value: object) -> None:
        """Note that the value at ``path`` is not of the form that is expected."""
        self.problems.append(Problem(path, f"expected {form}, found {shown(value)}"))

    def add(self, problems: tuple[Problem, ...]) -> None:
        """Note what a finished value says of itself, but for what a stand-in is to blame for."""
        spoiled = {problem.path for problem in self.problems}
        self.problems += [p for p in problems if p.path not in spoiled]


class UnlikeError(Exception):
    """A value is not of the form that is expected."""

    def __init__(self, form: str) -> None:
        super().__init__(form)
        self.form = form


def joined(at: str, key: str) -> str:
    """The path of a key inside of ``at``."""
    return f"{at}.{key}" if at else key


def number(value: object) -> float:
    """A number as a float; a truth is none."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise UnlikeError("a number")
    try:
        return float(value)
    except OverflowError:
        raise UnlikeError("a number") from None


def whole(value: object) -> int:
    """A whole number, also as 100.0: not every database keeps them apart."""
    read = number(value)
    if not read.is_integer():
        raise UnlikeError("a whole number")
    return int(read)


def text(value: object) -> str:
    """A text."""
    if not isinstance(value, str):
        raise UnlikeError("a text")
    return value


def texts(value: object) -> tuple[str, ...]:
    """A list of texts."""
    if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
        raise UnlikeError("a list of names")
    return tuple(value)


def duration(value: object) -> timedelta:
    """A duration with its unit."""
    try:
        return duration_of(text(value))
    except (ValueError, UnlikeError):
        raise UnlikeError(FORM) from None
