"""What the field does instead: a threshold on the error rate of the arm's last 100 requests.

It is told of requests as they end, as the judge is, and counted by how many had come in by then.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bench.rollout.traffic import FAILURE_MS, MEDIAN_MS, Scenario

WINDOW = 100
"""Requests of the arm that the rate is taken over; it counts from the first on, to its own advantage."""

FIXED = 0.03
RUNS = 5_000
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
    return _threshold(int(FIXED * WINDOW) + 1, _courses(requests, usual, harm))


def tuned(false_alarms: float, requests: int, usual: float, harm: float) -> Threshold:
    """The quickest one with no more false alarms; found by halving."""
    courses = _courses(requests, usual, harm)
    low, high = 0, WINDOW
    while high - low > 1:
        middle = (low + high) // 2
        if np.mean(courses.calm.first(middle) < NEVER) <= false_alarms:
            high = middle
        else:
            low = middle
    return _threshold(high, courses)


@dataclass(frozen=True, slots=True)
class _Course:
    """What a threshold sees of `RUNS` runs, told as requests end: one row a run.

    ``errors`` in the window after each end, and how many requests had come in (``arrived``) by then.
    """

    errors: np.ndarray
    arrived: np.ndarray

    def first(self, errors: int) -> np.ndarray:
        """How many requests had come in when each run rolled back; or `NEVER`."""
        reached = self.errors >= errors
        at = reached.argmax(axis=1)
        rows = np.arange(len(at))
        return np.where(reached[rows, at], self.arrived[rows, at], NEVER)


@dataclass(frozen=True, slots=True)
class _Courses:
    """Without harm, with harm from the first request on, and with harm that comes late."""

    calm: _Course
    start: _Course
    late: _Course


def _courses(requests: int, usual: float, harm: float) -> _Courses:
    rng = np.random.default_rng(4)
    return _Courses(
        _course(rng, np.full(requests, usual)),
        _course(rng, np.full(LENGTH, harm)),
        _course(rng, np.repeat((usual, harm), (BEFORE, LENGTH))),
    )


def _threshold(errors: int, courses: _Courses) -> Threshold:
    late = courses.late.first(errors) - BEFORE
    return Threshold(
        errors,
        float(np.mean(courses.calm.first(errors) < NEVER)),
        float(np.median(courses.start.first(errors))),
        float(np.median(late[late > 0])),
    )


def _course(rng: np.random.Generator, rates: np.ndarray) -> _Course:
    """The arm's requests come in at the bench's pace and share, and are told as they end."""
    usual = Scenario()
    size = (RUNS, len(rates))
    came = np.cumsum(rng.geometric(usual.share, size), axis=1, dtype=np.float32) / usual.rate
    bad = rng.random(size, dtype=np.float32) < rates
    taken = MEDIAN_MS * np.exp(usual.sigma * rng.standard_normal(size, dtype=np.float32))
    ended = came + np.where(bad, FAILURE_MS, taken) / 1000
    order = np.argsort(ended, axis=1)
    ended = np.take_along_axis(ended, order, axis=1)
    total = np.cumsum(np.take_along_axis(bad, order, axis=1), axis=1, dtype=np.int16)
    errors = total.copy()
    errors[:, WINDOW:] -= total[:, :-WINDOW]
    arrived = np.empty(size, dtype=np.int32)
    for run in range(RUNS):
        arrived[run] = np.searchsorted(came[run], ended[run], side="right")
    return _Course(errors, arrived)
