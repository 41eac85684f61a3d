"""Asks the learning engine for advice: bounded in time, checked, and failing open."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

import structlog

from gateway.advice_terms import flaws, within

if TYPE_CHECKING:
    from gateway.advice_terms import SteeringTerms
    from gateway.requests import GenerateRequest
    from learning.advice.words import Advice

log = structlog.get_logger(__name__)

ADVICE_S = 0.05
"""Seconds that advice may take. A search of a million patterns takes 15 ms at worst (p99), embedding a
question one or two; the rest is for a busy event loop. A request waits no longer for what is optional."""


class Advisor(Protocol):
    """The learning engine, as requests meet it."""

    async def advise(self, request: GenerateRequest) -> Advice | None:
        """How this request had best be answered; None where nothing is known of its like.

        May raise anything. Must not hold the event loop: what takes more than a millisecond belongs in
        a thread. It is cancelled when its time is up.
        """


class OnAdvice(Protocol):
    """Counts what came of asking for advice; must not raise."""

    def __call__(self, outcome: str, *, explored: bool = False) -> None:
        """``outcome``: one of those `Steering.advise` names."""


def _uncounted(outcome: str, *, explored: bool = False) -> None:
    """For those who do not count."""


class Steering:
    """Advice as the pipeline takes it. Holds no state of a request.

    ``terms`` may be replaced while requests run.

    Args:
        advisor: The engine.
        terms: What advice may do.
        on_advice: Told of each request that asked.
        bound_s: Seconds that advice may take.
    """

    def __init__(
        self,
        advisor: Advisor,
        terms: SteeringTerms,
        on_advice: OnAdvice = _uncounted,
        *,
        bound_s: float = ADVICE_S,
    ) -> None:
        self.terms = terms
        self._advisor = advisor
        self._on_advice = on_advice
        self._bound_s = bound_s
        self._logged: set[str] = set()

    async def advise(self, request: GenerateRequest) -> Advice | None:
        """The advice that may take effect; None without any. Never raises, and never waits long.

        Counted are ``advised``; ``unknown`` where the engine has none; ``late``, ``failed`` and
        ``flawed``, which are logged once for each cause; ``not_allowed`` by the terms.
        """
        if self.terms.mode == "off":
            return None
        advice = await self._in_time(request)
        try:
            return None if advice is None else self._checked(advice)
        except Exception as error:  # noqa: BLE001 - made of values that are none: the same
            self._say("flawed", type(error).__name__, error)
            return None

    async def _in_time(self, request: GenerateRequest) -> Advice | None:
        try:
            async with asyncio.timeout(self._bound_s) as bound:
                advice = await self._advisor.advise(request)
        except Exception as error:  # noqa: BLE001 - whatever it is: a request is answered without it
            if bound.expired():
                self._say("late", f"not within {self._bound_s:g} s")
            else:
                self._say("failed", type(error).__name__, error)
            return None
        if advice is None:
            self._on_advice("unknown")
        return advice

    def _checked(self, advice: Advice) -> Advice | None:
        if (flaw := next(flaws(advice), None)) is not None:
            self._say("flawed", flaw)
            return None
        taken = within(advice, self.terms)
        if taken is None:
            self._on_advice("not_allowed")
            return None
        self._on_advice("advised", explored=taken.explored)
        return taken

    def _say(self, outcome: str, cause: str, error: Exception | None = None) -> None:
        self._on_advice(outcome)
        if cause not in self._logged:
            self._logged.add(cause)
            log.warning("no_advice", outcome=outcome, cause=cause, exc_info=error)
