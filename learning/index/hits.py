"""Whether a neighbour predicted well: do labels say the same of the vendors there and here? Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    Told = Mapping[str, tuple[float, float]]
    """Right and wrong answers by vendor."""


def predicted(there: Told, here: Told) -> bool | None:
    """Whether the vendors did at a neighbour as they did here.

    A vendor did well where more of its answers were right than wrong. Of the vendors that labels speak
    of in both places, most must have done alike; None where there are none, or as many did not.
    """
    verdicts = [
        (right > wrong) == (here[name][0] > here[name][1])
        for name, (right, wrong) in there.items()
        if right != wrong and name in here and here[name][0] != here[name][1]
    ]
    alike = 2 * sum(verdicts) - len(verdicts)
    return None if alike == 0 else alike > 0
