"""One round: everybody asked at once, answers reported as they come, stragglers cut."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from consensus.arrivals import Arrivals
from consensus.asking import Call, OnCrash, crashed, cut_off, end_calls, timed_out
from consensus.rounds import ENOUGH_TO_ARGUE
from consensus.straggling import settled_wait_s, unsettled_wait_s
from providers.values import value

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from consensus.ending import Ending
    from consensus.transcript import Attempt, Failure


class _Cut(Enum):
    """Why a round stops waiting."""

    DEADLINE = auto()
    SHARE = auto()
    SETTLED = auto()
    LATE = auto()


_FAILURES: dict[_Cut, Callable[[], Failure]] = {
    _Cut.DEADLINE: timed_out,
    _Cut.SHARE: lambda: cut_off("cut off so that the answers that are in can be challenged"),
    _Cut.SETTLED: lambda: cut_off("cut off: the answers that are in had settled the matter"),
    _Cut.LATE: lambda: cut_off("cut off: it was many times later than is usual for it"),
}


_ENDED: Final = crashed()
"""The failure of a call that was cancelled by somebody else than its round."""


def nothing_known(_: str) -> None:
    """For who does not know how long providers take."""


@value(frozen=True, slots=True)
class Timing:
    """When a round stops waiting. All points are on the loop's clock, in seconds.

    ``patience_s``: how long stragglers are waited for once the matter is settled, less or more by what is
    known of them (`consensus.straggling`); None waits for all. ``share_at``: when stragglers are cut, provided that two answers are in, to leave time for
    the next round. ``ending``: when everybody is cut. ``parting``: at ``share_at`` stragglers are left
    running instead, however many answers are in.
    """

    began_at: float
    share_at: float
    ending: Ending
    patience_s: float | None
    parting: bool = False


@dataclass(slots=True)
class PanelRound:
    """Waits for the calls of one round, or of a part of it.

    Attributes:
        calls: all under way.
        timing: when to stop waiting.
        settled: whether these answers, a part of the round, already decide it.
        on_vote: told of each attempt as it comes in.
        on_crash: told of a provider that raised what it must not.
        usual_s: a provider's p95 in seconds by its name, None while unknown.
        earlier: the answers of this round that came in before.
        waited_s: seconds spent waiting for vendors: until a call had ended, not until the loop, busy
            with other requests, let this one go on.
    """

    calls: Sequence[Call]
    timing: Timing
    settled: Callable[[tuple[Attempt, ...]], bool]
    on_vote: Callable[[Attempt], None]
    on_crash: OnCrash
    usual_s: Callable[[str], float | None] = nothing_known
    earlier: tuple[Attempt, ...] = ()
    waited_s: float = 0.0
    _in: dict[str, Attempt] = field(default_factory=dict)
    _judged: tuple[Attempt, ...] = ()

    async def hold(self) -> tuple[Attempt, ...]:
        """Wait, report and cut. Returns one attempt a call, in the order of the calls.

        However it ends, cancelled or by an error of a callback, no call is left running. One alone:
        at a parting the stragglers run on, and have no attempt.
        """
        try:
            cut = await self._wait()
            if not (cut is _Cut.SHARE and self.timing.parting):
                waiting = self.out
                await self._close(waiting)
                for call in waiting:
                    self._take(call, _FAILURES[cut]())
        except BaseException:
            await end_calls(self.calls, self.on_crash)
            raise
        return tuple(self._in[call.name] for call in self.calls if call.name in self._in)

    @property
    def out(self) -> tuple[Call, ...]:
        """The calls that have no attempt yet."""
        if len(self._in) == len(self.calls):
            return ()
        return tuple(call for call in self.calls if call.name not in self._in)

    async def _wait(self) -> _Cut:
        loop = asyncio.get_running_loop()
        pending = list(self.calls)
        with Arrivals(call.task for call in pending) as arrivals:
            while pending:
                began = loop.time()
                cut, until = self._patience(began)
                if cut is not None:
                    return cut
                arrived = [call for call in pending if call.task.done()]
                if not arrived:
                    await arrivals.next(until)
                    arrived = [call for call in pending if call.task.done()]
                self.waited_s += max(0.0, _last_end(arrived, until) - began)
                for call in arrived:
                    pending.remove(call)
                    self._take(call, _ENDED)
        return _Cut.DEADLINE

    async def _close(self, waiting: Sequence[Call]) -> None:
        """Cut the calls that have not ended."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        await end_calls(waiting, self.on_crash, self.timing.ending.closing_s)
        if waiting:
            self.waited_s += max(0.0, _last_end(waiting, loop.time()) - began)

    def _take(self, call: Call, if_cut: Failure) -> None:
        attempt = call.attempt(if_cut, self.on_crash)
        self._in[call.name] = attempt
        self.on_vote(attempt)

    def _patience(self, now: float) -> tuple[_Cut | None, float]:
        """Whether, and if not until when, to wait for the rest."""
        timing = self.timing
        if now >= timing.ending.cut_at:
            return _Cut.DEADLINE, now
        answers = self.earlier + tuple(
            a
            for call in self.calls
            if (a := self._in.get(call.name)) is not None and a.text is not None
        )
        until = timing.ending.cut_at
        several = len(answers) >= ENOUGH_TO_ARGUE
        if several or timing.parting:
            if now >= timing.share_at:
                return _Cut.SHARE, now
            until = min(until, timing.share_at)
        if not answers or timing.patience_s is None:
            return None, until
        return self._by_usual(now, until, answers, timing.patience_s, several=several)

    def _by_usual(
        self,
        now: float,
        until: float,
        answers: tuple[Attempt, ...],
        patience_s: float,
        *,
        several: bool,
    ) -> tuple[_Cut | None, float]:
        """The same by how long those usually take who are waited for (`consensus.straggling`)."""
        began_at = self.timing.began_at
        waiting = [self.usual_s(call.name) for call in self.out]
        answered = [(a.latency_ms / 1000, self.usual_s(a.provider)) for a in answers]
        late_s = unsettled_wait_s(waiting, answered, patience_s)
        if late_s is not None:
            if now >= began_at + late_s:
                return _Cut.LATE, now
            until = min(until, began_at + late_s)
        if not several or answers == self._judged:
            return None, until
        patient_until = began_at + settled_wait_s(waiting, answered, patience_s)
        if now < patient_until:
            return None, min(until, patient_until)
        # Judged only now, and once for each set of answers: most rounds end before, and deciding
        # costs what the whole rest of a round costs.
        self._judged = answers
        return (_Cut.SETTLED, now) if self.settled(answers) else (None, until)


def _last_end(calls: Sequence[Call], otherwise: float) -> float:
    """When the last of these calls ended; ``otherwise`` if there is none, or one has not ended."""
    ends = [call.ended_at for call in calls if call.ended_at is not None]
    return max(ends) if ends and len(ends) == len(calls) else otherwise
