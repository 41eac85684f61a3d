"""Immutable values that every request makes by the dozen, as cheap to make as mutable ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from dataclasses import dataclass as value
else:
    import dataclasses

    T = TypeVar("T")

    def value(*, frozen: bool, **options: bool) -> Callable[[type[T]], type[T]]:
        """`dataclasses.dataclass` whose ``frozen`` the type checker enforces, and nobody when it runs.

        A frozen class sets each field through ``object.__setattr__``, which makes an instance five times
        as dear: a request makes some hundred with 700 fields. It hashes and compares as a frozen one.
        """
        if not frozen:
            raise TypeError("what may be changed is a plain dataclass")
        return dataclasses.dataclass(unsafe_hash=options.get("eq", True), **options)


__all__ = ["value"]
