"""Asks the engine for advice while a request waits: on a thread of its own, from what is in memory.

The lessons nearest to the question say how votes count there and whom to ask first (`learning.advice`);
the index names the patterns most like it, which the record keeps and by whose labels they live longer
or shorter. Where exploration is allowed, some requests get an order that was drawn.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from gateway.patterns.purse import Purse, day_of
from gateway.patterns.scenarios import Asked
from gateway.selection import TABLE
from learning.advice.advising import CRITICAL, Asking, Terms, advise
from learning.advice.drawing import DRAWS
from learning.advice.locality import NEIGHBOURS, LocalFit

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Mapping
    from datetime import datetime

    import numpy as np

    from consensus.ballot import TrustModel
    from gateway.advice_terms import SteeringTerms
    from gateway.monitoring.engine_metrics import EngineMetrics
    from gateway.patterns.desk import PatternDesk
    from gateway.patterns.lesson_shelf import LessonShelf
    from gateway.patterns.scenarios import ScenarioReader
    from gateway.requests import GenerateRequest
    from gateway.teaching.teacher import Teacher
    from learning.advice.words import Advice
    from learning.engine import Engine

_log = structlog.get_logger(__name__)

FOLLOW_S = 2.0
"""Between two looks for new lessons."""

LOOK = timedelta(seconds=30)
"""Between two looks at what exploration has cost."""

NAMED = 10
"""Patterns like the question that advice names."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What advice depends on beside the question; each is asked for when it is needed.

    ``models``: of each provider that can be asked, best first. ``policy``: the version in force.
    """

    models: Mapping[str, str]
    trust: Callable[[], TrustModel]
    terms: Callable[[], SteeringTerms]
    policy: Callable[[], int]
    clock: Callable[[], datetime]
    monotonic: Callable[[], float]


class PatternAdvisor:
    """See `gateway.steering.Advisor`. `start` and `aclose` around its use.

    Args:
        desk: Has the engine.
        shelf: Has the lessons.
        teacher: Whose lessons they are.
        reader: Reads questions.
        around: See `Circumstances`.
        metrics: Told of searches and failures.
        rng: Of what is drawn.
        spent: What explored requests have cost since a moment, over all processes.
    """

    def __init__(  # noqa: PLR0913 - what a thin shell joins it is given, all by keyword but two
        self,
        desk: PatternDesk,
        shelf: LessonShelf,
        *,
        teacher: Teacher,
        reader: ScenarioReader,
        around: Circumstances,
        metrics: EngineMetrics,
        rng: np.random.Generator,
        spent: Callable[[datetime], Awaitable[float]],
    ) -> None:
        self._desk = desk
        self._shelf = shelf
        self._teacher = teacher
        self._reader = reader
        self._around = around
        self._metrics = metrics
        self._rng = rng
        self._spent = spent
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="advice")
        self._fit: tuple[TrustModel, LocalFit] | None = None
        self._purse = Purse()
        self._next_look = around.clock()
        self._failure = ""
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to follow the lessons."""
        self._task = asyncio.create_task(self._follow(), name="advice-lessons")

    async def aclose(self) -> None:
        """Stop."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def advise(self, request: GenerateRequest) -> Advice | None:
        """See `gateway.steering.Advisor`; None until there are lessons."""
        engine = self._desk.engine
        if engine is None or self._shelf.shelf is None or request.images:
            return None  # nothing is known yet, or nothing of a question about an image
        loop = asyncio.get_running_loop()
        advice = await loop.run_in_executor(self._thread, self._advice, request, engine)
        if advice is not None:
            self._desk.reused(advice.neighbours)
        return advice

    def _advice(self, request: GenerateRequest, engine: Engine) -> Advice | None:
        shelf, around = self._shelf.shelf, self._around
        if shelf is None:
            return None
        models = _asked(request, {**around.models, **shelf.models}, around.models)
        if not models:
            return None
        (scenario,) = self._reader.read([Asked(request.question, request.task_type)])
        if not scenario.embedding.any():
            return None  # nothing is like a text without a known word
        began = around.monotonic()
        try:
            found, cached = engine.search(scenario, NAMED, now=around.clock())
        except Exception as error:
            self._metrics.observe_error("search", error=error)
            raise
        self._metrics.observe_search(around.monotonic() - began, cached=cached)
        families = engine.families
        placed = None if families is None else families.family_of(scenario.embedding)
        like = replace(
            shelf.like(scenario.embedding, NEIGHBOURS, None if placed is None else placed[0]),
            patterns=tuple(neighbour.id for neighbour in found),
        )
        allowed = around.terms()
        terms = Terms(
            escalate=allowed.mode == "full" and allowed.escalation,
            alone=allowed.mode == "full" and allowed.escalation,
            order=allowed.mode == "full",
            policy=around.policy(),
        )
        asking, fit = Asking(request.task_type, models), self._fitted(around.trust())

        def advised(terms: Terms) -> Advice | None:
            found = advise(asking, like, fit, terms)
            return found and _seated(found, request, escalates=terms.escalate)

        known = advised(terms)
        if known is None or not allowed.explores or request.task_type == CRITICAL:
            return known
        cost = None if known.cost_usd is None else known.cost_usd.value
        explores = self._rng.random() < allowed.exploration and self._purse.pays(
            cost, allowed.exploration_budget_usd, around.clock()
        )
        draws = self._rng.standard_normal((DRAWS, len(models)))
        if not explores:
            draws[0] = 0.0  # the order by what is known: how likely it would have been drawn
        drawn = advised(replace(terms, draws=draws))
        return known if drawn is None else logged(known, drawn, allowed.exploration, explores)

    def _fitted(self, trust: TrustModel) -> LocalFit:
        """What it remembers of each lesson holds as long as the model does."""
        if self._fit is None or self._fit[0] is not trust:
            self._fit = (trust, LocalFit(trust))
        return self._fit[1]

    async def _look_into_purse(self) -> None:
        """Now and then, where anything may be explored. A failed look leaves the purse shut in time."""
        now = self._around.clock()
        if self._around.terms().explores and now >= self._next_look:
            self._purse.looked(now, await self._spent(day_of(now)))
            self._next_look = now + LOOK

    async def _follow(self) -> None:
        while True:
            try:
                await self._shelf.follow(self._teacher.book)
                await self._look_into_purse()
                self._failure = ""
            except Exception as error:  # noqa: BLE001 - what was known goes on
                self._metrics.observe_error("advise", error=error)
                if type(error).__name__ != self._failure:
                    _log.warning("lessons_not_placed", error=type(error).__name__)
                self._failure = type(error).__name__
            await asyncio.sleep(FOLLOW_S)


def logged(known: Advice, drawn: Advice, exploration: float, explores: bool) -> Advice:
    """The advice that is taken, with how likely it was over both ways of choosing.

    Args:
        known: The best known.
        drawn: One that was drawn, or, where not explored, the order by what is known, as if drawn.
        exploration: Share of the requests that explore.
        explores: Whether this one does.
    """
    same = _first(known) == _first(drawn)
    if explores:
        return replace(drawn, propensity=exploration * drawn.propensity + (1 - exploration) * same)
    by_chance = drawn.propensity if same else 0.0
    return replace(known, propensity=1 - exploration + exploration * by_chance)


def _first(advice: Advice) -> frozenset[str]:
    return frozenset(advice.providers[: advice.opening or None])


def _asked(
    request: GenerateRequest, models: Mapping[str, str], there: Collection[str]
) -> dict[str, str]:
    """Whom the request may ask, with their models: as the task type's table has them, then all others."""
    order = dict.fromkeys((*TABLE[request.task_type], *there))
    return {name: models[name] for name in order if name in there}


def _seated(advice: Advice, request: GenerateRequest, *, escalates: bool) -> Advice:
    """As many as the table asks; all, where those after the opening are asked only when it is needed."""
    if escalates or request.task_type == CRITICAL:
        return advice
    return replace(advice, providers=advice.providers[: len(TABLE[request.task_type])])
