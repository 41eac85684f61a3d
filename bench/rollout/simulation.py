"""Runs the production judge over made traffic, many seeds at a time, in two processes."""

from __future__ import annotations

import math
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from multiprocessing import get_context
from statistics import median
from typing import TYPE_CHECKING

from rich.progress import Progress

from bench.figures import PROGRESS
from bench.rollout.traffic import Event, Scenario, events
from gateway.rollout.comparing import NAMES
from gateway.rollout.judge import Judge
from gateway.rollout.observation import Observation
from gateway.rollout.rules import Limits, Rules

if TYPE_CHECKING:
    from collections.abc import Sequence

PROCESSES = 2
CHUNK = 5

RULES = Rules(
    Limits(
        error_rate=0.03,
        latency_ms=10_000.0,
        warning_error_rate=0.015,
        window=timedelta(minutes=5),
    )
)
"""The defaults of the environment."""


@dataclass(frozen=True, slots=True)
class Run:
    """How one run ended.

    ``after`` so many requests of the arm had come in since the onset it was rolled back (0 or less: before it), None
    if never; ``by`` the measures that harm was proven in, none where a limit was broken.
    """

    after: int | None
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Runs:
    """All runs of one scenario."""

    runs: tuple[Run, ...]

    @property
    def rolled_back(self) -> float:
        """Share of runs that rolled back at all."""
        return self._share([run for run in self.runs if run.after is not None])

    @property
    def by_comparison(self) -> float:
        """Share of runs that a comparison rolled back."""
        return self._share([run for run in self.runs if run.by])

    def rolled_back_by(self, measure: str) -> float:
        """Share of runs rolled back for this measure, be it among others."""
        return self._share([run for run in self.runs if measure in run.by])

    @property
    def median(self) -> float:
        """Requests of the arm from the onset, of the runs not rolled back before it; never is infinite."""
        return median(
            math.inf if run.after is None else run.after
            for run in self.runs
            if run.after is None or run.after > 0
        )

    def _share(self, some: Sequence[Run]) -> float:
        return len(some) / len(self.runs)


def simulate(name: str, scenario: Scenario, runs: int) -> Runs:
    """``runs`` seeds of a scenario."""
    with (
        ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool,
        Progress(console=PROGRESS, transient=True) as progress,
    ):
        done = pool.map(partial(run_once, scenario), range(runs), chunksize=CHUNK)
        return Runs(tuple(progress.track(done, total=runs, description=name)))


def run_once(scenario: Scenario, seed: int) -> Run:
    """One seed through a judge of its own, until it rolls back or the traffic ends."""
    judge = Judge(RULES)
    for event in events(scenario, seed):
        reasons = _told(judge, event)
        if reasons:
            return Run(event.after, _measures(reasons))
    return Run(None)


def _told(judge: Judge, event: Event) -> tuple[str, ...]:
    seen = event.seen
    observation = isinstance(seen, Observation)
    alarm = judge.observe(seen, event.now) if observation else judge.label(seen)
    return alarm.reasons if alarm is not None else ()


def _measures(reasons: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(
        measure
        for measure, name in NAMES.items()
        if any(reason.startswith(f"{name}: ") for reason in reasons)
    )
