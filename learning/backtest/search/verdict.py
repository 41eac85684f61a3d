"""Whether what a search found is better where it was not searched. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from learning.backtest.intervals import interval, resamples

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the best settings gain over those in force on requests they were not chosen by.

    Attributes:
        requests: How many.
        gain: Of the mean; ``low`` and ``high`` are its 95 % paired bootstrap interval.
        better: The whole interval is above 0.
        words: The same as a sentence.
    """

    requests: int
    gain: float
    low: float
    high: float
    better: bool
    words: str


def verdict(found: Sequence[float], in_force: Sequence[float], seed: int) -> Verdict:
    """Compare by request.

    Args:
        found: (n,) how each request went by the best settings found; higher is better.
        in_force: (n,) by the settings in force.
        seed: Of the bootstrap.

    Raises:
        ValueError: There is no request, or not the same number of both.
    """
    if not found or len(found) != len(in_force):
        raise ValueError("the same requests by both, and at least one")
    gains = np.asarray(found, float) - np.asarray(in_force, float)
    times = resamples(gains.size, seed, "search")
    ends = interval(times @ gains / gains.size)
    if ends is None:
        raise ValueError("a request without a figure")
    gain = float(gains.mean())
    better = ends.lower > 0
    points = f"{100 * gain:+.2f} points, {100 * ends.lower:+.2f} to {100 * ends.upper:+.2f}"
    if better:
        words = f"better on {gains.size} later requests it was not chosen by: {points}"
    elif not gains.any():
        words = f"no different on {gains.size} later requests: keep the settings in force"
    elif ends.upper < 0:
        words = f"worse on {gains.size} later requests ({points}): keep the settings in force"
    else:
        words = f"not better on {gains.size} later requests ({points}): keep the settings in force"
    return Verdict(gains.size, gain, ends.lower, ends.upper, better, words.replace("-", "−"))
