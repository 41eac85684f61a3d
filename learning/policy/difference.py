"""What two policies differ in, path by path. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from learning.policy.document import canonical

if TYPE_CHECKING:
    from collections.abc import Iterator

    from learning.policy.document import PolicyDocument

ABSENT = None
"""Stands for a value on the side that has none."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that is not the same: ``weights.layers.vector``; None where a side has none."""

    path: str
    before: Any
    after: Any


def differences(before: PolicyDocument, after: PolicyDocument) -> tuple[Difference, ...]:
    """All differences, by path."""
    old = dict(_leaves("", before.as_json()))
    new = dict(_leaves("", after.as_json()))
    return tuple(
        Difference(path, old.get(path, ABSENT), new.get(path, ABSENT))
        for path in sorted(old.keys() | new.keys())
        # As text: for Python 1, 1.0 and True are the same.
        if canonical(old.get(path, ABSENT)) != canonical(new.get(path, ABSENT))
    )


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for key in value:
            yield from _leaves(f"{path}.{key}" if path else key, value[key])
    elif isinstance(value, list) and value:
        for n, item in enumerate(value):
            yield from _leaves(f"{path}[{n}]", item)
    else:
        yield path, value
