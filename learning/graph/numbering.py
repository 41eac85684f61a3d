"""A family keeps its number from run to run. Pure.

Each run's communities are labelled anew. A community takes the number of the family before with which it
shares most patterns, the largest share first, each number once; if that is at least half of the smaller
of the two: a family that grows, shrinks, swallows another or splits goes on in its greatest part, and a
few patterns that moved make no heir.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ids = NDArray[np.int64]
    Labels = NDArray[np.int32]

NO_FAMILY = 0
"""The number of a pattern that was in no family; families count from 1."""


def numbered(labels: Labels, before: Ids, next_number: int) -> tuple[tuple[int, ...], int]:
    """The number of each label from 0 on, and the next number that nobody has had.

    Args:
        labels: (n,) each pattern's label now; below 0 for none.
        before: (n,) its family's number in the run before, or `NO_FAMILY`.
        next_number: Above all numbers ever given.
    """
    count = int(labels.max(initial=-1)) + 1
    sizes = np.bincount(labels[labels >= 0], minlength=count)
    numbers, sizes_before = np.unique(before[before != NO_FAMILY], return_counts=True)
    had = dict(zip(numbers.tolist(), sizes_before.tolist(), strict=True))
    both = (labels >= 0) & (before != NO_FAMILY)
    pairs, shared = np.unique(
        np.stack([labels[both].astype(np.int64), before[both]]), axis=1, return_counts=True
    )
    given: dict[int, int] = {}
    taken: set[int] = set()
    for at in np.lexsort((pairs[1], pairs[0], -shared)).tolist():
        label, number, common = int(pairs[0, at]), int(pairs[1, at]), int(shared[at])
        kin = 2 * common >= min(int(sizes[label]), had[number])
        if kin and label not in given and number not in taken:
            given[label] = number
            taken.add(number)
    for label in range(count):
        if label not in given:
            given[label] = next_number
            next_number += 1
    return tuple(given[label] for label in range(count)), next_number
