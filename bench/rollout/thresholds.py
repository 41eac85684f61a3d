"""What the field does instead: a threshold on the error rate of the arm's last 100 requests."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

WINDOW = 100
"""Requests of the arm that the rate is taken over; it counts from the first on, to its own advantage."""

FIXED = 0.03
RUNS = 20_000
LENGTH = 1_000
"""Requests of the arm a harm is looked for."""

BEFORE = 3 * WINDOW
"""Healthy requests before a late harm: a window remembers no more of them than its length."""

NEVER = 10**9


@dataclass(frozen=True, slots=True)
class Threshold:
    """It rolls back at ``errors`` among the last `WINDOW` requests; rates of `RUNS` runs, in [0, 1]."""

    errors: int
    false_alarms: float
    start: float
    late: float


def fixed(requests: int, usual: float, harm: float) -> Threshold:
    """The threshold at 3 %, over so many ``requests`` of the arm without harm."""
    return _threshold(int(FIXED * WINDOW) + 1, requests, usual, harm)


def tuned(false_alarms: float, requests: int, usual: float, harm: float) -> Threshold:
    """The quickest one with no more false alarms; found by halving."""
    low, high = 0, WINDOW
    while high - low > 1:
        middle = (low + high) // 2
        if _threshold(middle, requests, usual, harm).false_alarms <= false_alarms:
            high = middle
        else:
            low = middle
    return _threshold(high, requests, usual, harm)


def _threshold(errors: int, requests: int, usual: float, harm: float) -> Threshold:
    rng = np.random.default_rng(4)
    calm = _first(rng, errors, np.full(requests, usual))
    start = _first(rng, errors, np.full(LENGTH, harm))
    late = _first(rng, errors, np.repeat((usual, harm), (BEFORE, LENGTH))) - BEFORE
    return Threshold(
        errors,
        float(np.mean(calm < NEVER)),
        float(np.median(start)),
        float(np.median(late[late > 0])),
    )


def _first(rng: np.random.Generator, errors: int, rates: np.ndarray) -> np.ndarray:
    """At which request each run rolls back, counted from 1, given each one's error rate; or `NEVER`."""
    found = np.full(RUNS, NEVER)
    last = np.zeros((WINDOW, RUNS), dtype=np.int8)
    count = np.zeros(RUNS, dtype=np.int16)
    for step, rate in enumerate(rates):
        bad = (rng.random(RUNS) < rate).astype(np.int8)
        count += bad - last[step % WINDOW]
        last[step % WINDOW] = bad
        found[(count >= errors) & (found == NEVER)] = step + 1
    return found
