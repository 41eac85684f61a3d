"""CPU of learning: a fit after one more labelled answer, and a ballot kept and read. No network.

Run with OPENBLAS_NUM_THREADS=1, as `wallbounce serve` does: threads that wait for each other burn CPU.
"""

from __future__ import annotations

import random
import time
from collections import deque
from statistics import median
from typing import TYPE_CHECKING

import orjson

from bench.figures import PROGRESS, Bar, Result
from consensus.ballot import DIFFICULTY, SIGNS, Ballot, BallotVoter
from learning.lessons import Lesson
from learning.trust import TrustLearner

if TYPE_CHECKING:
    from collections.abc import Callable

LESSONS = (20, 200, 2_000)
FITS = 10
BALLOTS = 2_000
MOST_FIT_MS = 200.0
MOST_BALLOT_MS = 0.2
"""Of some 5 ms that a request costs: written once, read once by each process that learns from it."""

PANEL = (
    BallotVoter("gpt", "openai", "gpt-5"),
    BallotVoter("claude", "anthropic", "claude-sonnet-4-6"),
    BallotVoter("gemini", "google", "gemini-2.5-pro"),
)
SPLITS = (((0, 1, 2),), ((0, 1), (2,)), ((0, 2), (1,)), ((1, 2), (0,)), ((0,), (1,), (2,)))
KINDS = ("number", "choice", "boolean", "text")


def run() -> Result:
    """Measure; the bars are those of one fit at the default window, and of one ballot."""
    rng = random.Random(3)
    fits = {count: _fit_ms(rng, count) for count in LESSONS}
    ballots = [_ballot(rng) for _ in range(BALLOTS)]
    kept = [orjson.dumps(ballot.as_json()) for ballot in ballots]
    write = _cpu_ms(lambda: [orjson.dumps(ballot.as_json()) for ballot in ballots]) / BALLOTS
    read = _cpu_ms(lambda: [Ballot.from_json(orjson.loads(text)) for text in kept]) / BALLOTS
    size = median(len(text) for text in kept)
    return Result(
        "trust_fit",
        {
            "fit_cpu_ms": {str(count): round(ms, 2) for count, ms in fits.items()},
            "ballot_write_ms": round(write, 4),
            "ballot_read_ms": round(read, 4),
            "ballot_bytes": size,
        },
        ("what", "CPU ms"),
        [
            *((f"fit, {count} lessons", f"{ms:.1f}") for count, ms in fits.items()),
            (f"a ballot of {size:.0f} bytes written", f"{write:.3f}"),
            ("read", f"{read:.3f}"),
        ],
        (
            Bar("fit_cpu_ms", MOST_FIT_MS, fits[LESSONS[-1]]),
            Bar("ballot_write_ms", MOST_BALLOT_MS, write),
            Bar("ballot_read_ms", MOST_BALLOT_MS, read),
        ),
    )


def _fit_ms(rng: random.Random, count: int) -> float:
    """The median over fits that each know one lesson more, and as many in all: as in service."""
    PROGRESS.print(f"trust_fit: {count} lessons")
    learner = TrustLearner()
    lessons = deque((_lesson(rng) for _ in range(count)), maxlen=count)
    learner.fit(tuple(lessons))
    took = []
    for _ in range(FITS):
        lessons.append(_lesson(rng))
        now = tuple(lessons)
        took.append(_cpu_ms(lambda now=now: learner.fit(now)))
    return median(took)


def _cpu_ms(work: Callable[[], object]) -> float:
    before = time.process_time()
    work()
    return (time.process_time() - before) * 1000


def _lesson(rng: random.Random) -> Lesson:
    return Lesson(_ballot(rng), 0, rng.random() < 0.8)


def _ballot(rng: random.Random) -> Ballot:
    groups = rng.choice(SPLITS)
    return Ballot(
        kind=rng.choice(KINDS),
        language="en",
        voters=PANEL,
        groups=groups,
        refuses=(False,) * len(groups),
        signs=tuple(tuple(rng.random() for _ in SIGNS) for _ in groups),
        difficulty=tuple(rng.random() for _ in DIFFICULTY),
    )
