"""Moves the traffic: assigns requests, lets them be judged, and keeps all instances in step.

A rollback takes effect in this process within the call that saw the harm. It is told to the others at
once where there is Redis, and stored at once; every process also looks at the store four times a
second, so that all follow within half a second whether Redis is there or not.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

import structlog

from gateway.errors import ConflictError, OverloadedError
from gateway.rollout.assigning import Assigner
from gateway.rollout.best_arm import best_arm
from gateway.rollout.climbing import (
    advances_by_itself,
    allow_advance,
    obstacles,
    open_arms,
    terms_at,
)
from gateway.rollout.commands import (
    Abort,
    Acknowledge,
    Advance,
    Approve,
    Close,
    Hold,
    Resume,
    RollBack,
)
from gateway.rollout.figures import alarm_figures, verdict_figures
from gateway.rollout.following import CLOSING_PATIENCE_S, Following
from gateway.rollout.moves import RefusedMoveError
from gateway.rollout.observation import CONTROL
from gateway.rollout.plan import WHOLE
from gateway.rollout.precedence import in_force
from gateway.rollout.shared import WATCHER, SharedState
from gateway.rollout.status import RolloutStatus, SharedStateHealth, Standing
from gateway.rollout.watching import Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from random import Random

    from gateway.rollout.bus import StateBus, ToldHarm
    from gateway.rollout.commands import Command
    from gateway.rollout.evidence_feed import PastEvidence
    from gateway.rollout.following import Wish
    from gateway.rollout.plan import TrafficPlan
    from gateway.rollout.rules import Rules
    from gateway.rollout.state import RolloutEvent, RolloutState
    from gateway.rollout.status import Assignment
    from gateway.rollout.store import RolloutStore
    from gateway.rollout.terms import StageTerms
    from gateway.rollout.verdict import Alarm, Verdict
    from learning.records import RequestRecord

_log = structlog.get_logger(__name__)

CLIMB_INTERVAL_S = 1.0
"""How often it is asked whether a stage may end: a verdict costs about a millisecond an arm."""

ANSWER_WITHIN_S = 1.0
"""How long an operator's rollback waits to be stored; it is stored all the same."""


class RolloutController:
    """The rollout of one process; everything runs on its event loop.

    Args:
        store: The state shared by all instances.
        environment: The ceiling.
        rules: What the arms are held to while a state stands (None: unknown).
        clock: The time in UTC, for what is written down.
        monotonic: Seconds that never jump, for the windows.
        rng: Spreads callers without an id.
        instance: Names this process in the history.
        experiment: Salt of the sticky buckets.
        bus: The fast way to the other processes; None where this is the only one.
        past: Where evidence from before a restart is found; None: there is none.
        on_change: Told what is in force after each change; must not raise.
        on_look: Told the verdicts, and how the others are reached, once a second.
    """

    def __init__(  # noqa: PLR0913 - what a thin shell joins it is given, all by keyword but the store
        self,
        store: RolloutStore,
        *,
        environment: TrafficPlan,
        rules: Callable[[RolloutState | None], Rules],
        clock: Callable[[], datetime],
        monotonic: Callable[[], float],
        rng: Random,
        instance: str,
        experiment: str,
        bus: StateBus | None = None,
        past: PastEvidence | None = None,
        on_change: Callable[[Standing], None] | None = None,
        on_look: Callable[[Mapping[str, Verdict], SharedStateHealth], None] | None = None,
    ) -> None:
        self._bus = bus
        self._shared = SharedState(
            store,
            on_stored=self._tell_state,
            on_set_back=self._tell_set_back,
            on_event=self._announce,
            on_effect=self._settle,
        )
        self._listeners: list[Callable[[RolloutEvent], None]] = []
        self._environment = environment
        self._following = Following(
            self._shared,
            clock=clock,
            by=f"environment@{instance}",
            on_look=self._look,
        )
        self._clock = clock
        self._assigner = Assigner(experiment, rng)
        self._instance = instance
        self._past = past
        self._on_change = on_change
        self._on_look = on_look
        self._watch = Watch(
            rules=rules,
            clock=clock,
            monotonic=monotonic,
            on_alarm=self._take_away,
            armed=lambda: self._standing.share > 0,
            tell=None if bus is None else bus.publish_seen,
        )
        self._standing = self._stand()
        self._tasks: list[asyncio.Task[None]] = []
        self._storing: set[asyncio.Task[None]] = set()

    @property
    def standing(self) -> Standing:
        """What is in force now; reads no store."""
        return self._standing

    @property
    def store_reachable(self) -> bool:
        """Whether the last exchange with the store succeeded; four a second tell."""
        return self._following.reachable

    def subscribe(self, listener: Callable[[RolloutEvent], None]) -> None:
        """Let somebody hear each change this process makes, once it is stored; it must not raise."""
        self._listeners.append(listener)

    async def start(self) -> None:
        """Read the stored state, so that a rollback survives a restart, and begin to follow it."""
        await self.refresh()
        if self._past is not None:
            await self._watch.replay(self._past)
        if self._bus is not None:
            await self._bus.start(self._hear_state, self._hear_harm, self._watch.evidence.hear)
        self._tasks = [
            asyncio.create_task(self._following.run(), name="rollout-follow"),
            asyncio.create_task(self._climb(), name="rollout-climb"),
        ]

    async def aclose(self) -> None:
        """Stop following; store what was decided and is not stored yet, if that goes quickly."""
        for task in self._tasks:
            task.cancel()
        if ending := {*self._tasks, *self._storing}:
            await asyncio.wait(ending, timeout=CLOSING_PATIENCE_S)
        self._tasks = []
        await self._following.finish()
        if self._bus is not None:
            await self._bus.aclose()

    def assign(self, caller_id: str | None) -> Assignment:
        """Give a request its arm: sticky for a caller with an id, spread evenly without."""
        return self._assigner.assign(caller_id, self._standing)

    def observe(self, record: RequestRecord) -> None:
        """Take in a finished request; roll back at once if it shows that harm is being done."""
        self._watch.evidence.observe(record)

    def label(self, record: RequestRecord, *, correct: bool) -> None:
        """Take in what feedback said of an answer."""
        self._watch.evidence.label(record, correct=correct)

    async def rollback(self, by: str, reason: str) -> Standing:
        """Send all traffic to the legacy path because an operator says so.

        It is in effect when this returns, also if the store is away (``delivered`` is False then).
        """
        self._harm(RollBack(by=by, reason=reason, figures=self._figures()))
        # In effect already. Somebody waits for this answer, and a locked database may take its time.
        storing = asyncio.create_task(self.refresh())
        self._storing.add(storing)  # a task nobody holds may be collected while it runs
        storing.add_done_callback(self._storing.discard)
        await asyncio.wait({storing}, timeout=ANSWER_WITHIN_S)
        return self._standing

    async def abort(self, by: str, reason: str | None) -> Standing:
        """End this attempt of the plan: all traffic to the legacy path, the plan at its first stage.

        Raises as `acknowledge`; a rollback needs no store and is the thing in an emergency.
        """
        return await self._change(Abort(by=by, reason=reason))

    async def acknowledge(
        self, by: str, reason: str | None = None, *, reopen: bool = False
    ) -> Standing:
        """End the standing rollback; what was seen before no longer counts.

        Raises:
            ConflictError: No rollback stands.
            OverloadedError: The store is away, so the others could not be told; try again.
        """
        return await self._change(Acknowledge(by=by, reason=reason, reopen=reopen))

    async def advance(self, by: str, reason: str | None = None, *, force: bool = False) -> Standing:
        """Go to the plan's next stage.

        Without ``force`` every open arm's verdict must be ADVANCE; with it, and a reason, none CRITICAL.

        Raises:
            ConflictError: The verdict or the stage machine speaks against it.
            OverloadedError: As `acknowledge`.
        """
        state = self._shared.state
        verdicts = self._open_verdicts()
        if state is not None and state.plan is not None and not state.tripped:
            against = obstacles(verdicts, forced=force)
            if against:
                raise ConflictError(f"the verdict speaks against it: {' | '.join(against)}")
        return await self._change(
            Advance(
                by=by,
                reason=reason,
                forced=force,
                on_version=None if state is None else state.version,
                figures=verdict_figures(verdicts),
            )
        )

    async def hold(self, by: str, reason: str | None = None) -> Standing:
        """Stay at this stage until resumed. Raises as `advance`."""
        return await self._change(Hold(by=by, reason=reason))

    async def resume(self, by: str, reason: str | None = None) -> Standing:
        """Let the plan advance again. Raises as `advance`."""
        return await self._change(Resume(by=by, reason=reason))

    async def approve(self, by: str, reason: str | None = None) -> Standing:
        """Consent to the next stage. Raises as `advance`."""
        return await self._change(Approve(by=by, reason=reason))

    def reconfigure(
        self,
        environment: TrafficPlan,
        rules: Callable[[RolloutState | None], Rules],
        wish: Wish = None,
    ) -> None:
        """Apply what the environment asks for now; a standing rollback stands on.

        A plan wished for is adopted by the next exchange with the store.
        """
        self._environment = environment
        self._watch.hold_to(rules)
        self._settle()
        self._following.want(wish)

    async def refresh(self) -> None:
        """Deliver and read once. A store that is away leaves everything as it stands."""
        await self._following.refresh()

    async def climb(self) -> bool:
        """Advance if the plan may by itself and every verdict says so; True if it did."""
        state = self._shared.state
        if state is None or not advances_by_itself(state):
            return False
        if self._terms().next_share is None:
            return False
        verdicts = self._open_verdicts()
        if not allow_advance(verdicts):
            return False
        command = Advance(
            by=f"plan@{self._instance}",
            reason="; ".join(reason for v in verdicts for reason in v.reasons),
            automatic=True,
            on_version=state.version,
            figures=verdict_figures(verdicts),
        )
        # Another process may have been quicker, or an approval is missing: the stage says so.
        with suppress(RefusedMoveError, OverloadedError):
            await self._change(command)
            return True
        return False

    async def status(self, history_limit: int = 20) -> RolloutStatus:
        """What operators read: what is in force, the arms in figures, the verdicts, the history."""
        verdicts = self._verdicts()
        figures = {name: verdict.figures for name, verdict in verdicts.items()}
        return RolloutStatus(
            instance=self._instance,
            standing=self._standing,
            figures=figures | {CONTROL: self._watch.control_figures()},
            verdicts=verdicts,
            terms=self._terms(),
            rules=self._watch.rules,
            shared=self.shared_health,
            history=await self._following.history(history_limit),
            best_arm=best_arm(verdicts) if len(verdicts) > 1 else None,
        )

    @property
    def shared_health(self) -> SharedStateHealth:
        """How this process reaches the others now."""
        redis = None if self._bus is None else self._bus.health.reachable
        amiss = []
        if not self._following.reachable:
            amiss.append("the database is away: the last known state holds")
        if redis is False:
            amiss.append("Redis is away: the others are followed through the database")
        return SharedStateHealth(self._following.reachable, redis, "; ".join(amiss) or "in step")

    def _take_away(self, alarm: Alarm) -> None:
        """Do what the judge's alarm asks for, unless there is nothing left to take away."""
        state = self._shared.state
        # Requests in flight end after a rollback as well, and those of a closed arm after its end.
        if self._standing.share <= 0 or (state is not None and alarm.arm in state.closed):
            return
        by, reason = f"{WATCHER}{self._instance}", "; ".join(alarm.reasons)
        figures = alarm_figures(alarm)
        if alarm.arm is None or len(open_arms(state)) == 1:
            self._harm(RollBack(by=by, reason=reason, figures=figures))
        else:
            self._harm(Close(by=by, reason=reason, arm=alarm.arm, figures=figures))

    def _harm(self, command: RollBack | Close) -> None:
        """Put it into effect here, tell the others, and have it stored."""
        harm = self._shared.decide(command, self._clock())
        if self._bus is not None:
            self._bus.publish_harm(harm)
        self._settle()
        self._following.hurry()

    async def _change(self, command: Command) -> Standing:
        await self._following.change(command)
        return self._standing

    async def _climb(self) -> None:
        while True:
            await asyncio.sleep(CLIMB_INTERVAL_S)
            try:
                if self._on_look is not None:
                    self._on_look(self._verdicts(), self.shared_health)
                await self.climb()
            except Exception:  # noqa: BLE001 - it is tried again in a second
                _log.exception("rollout_climb_failed")  # a stage too long is no harm

    def _hear_state(self, state: RolloutState) -> None:
        self._shared.hear(state)

    def _hear_harm(self, harm: ToldHarm) -> None:
        if self._shared.hear_harm(harm):
            self._settle()
            self._following.hurry()

    def _announce(self, event: RolloutEvent) -> None:
        for listener in self._listeners:
            listener(event)

    def _tell_state(self, state: RolloutState) -> None:
        if self._bus is not None:
            self._bus.publish_state(state)

    def _tell_set_back(self, state: RolloutState) -> None:
        _log.warning("rollout_store_set_back", version=state.version)
        if self._bus is not None:
            self._bus.set_back(state)

    def _look(self) -> None:
        """After each look at the store, four times a second."""
        self._settle()
        self._watch.evidence.tick()

    def _settle(self) -> None:
        """Put in force what follows from the environment and the state, and say so if it differs."""
        standing = self._stand()
        self._watch.settle(standing.state, standing.share)
        if standing == self._standing:
            return
        before, self._standing = self._standing, standing
        if (before.share, before.trip) != (standing.share, standing.trip):
            trip = standing.trip
            _log.warning(
                "rollout_changed",
                stage=standing.stage,
                tripped=standing.tripped,
                because=standing.because,
                by=trip.by if trip else None,
            )
        if self._on_change is not None:
            self._on_change(standing)

    def _stand(self) -> Standing:
        state, environment = self._shared.state, self._environment
        now = in_force(environment, state, local_trip=self._shared.tripped_here)
        return Standing(
            share=now.share,
            stage=now.stage,
            ceiling=environment.percentage / WHOLE,
            enabled=environment.enabled,
            known=state is not None,
            trip=self._shared.trip,
            delivered=self._shared.delivered,
            state=state,
            rule=now.rule,
            because=now.because,
        )

    def _terms(self) -> StageTerms:
        return terms_at(self._shared.state, self._environment, self._standing.share, self._clock())

    def _verdicts(self) -> dict[str, Verdict]:
        return self._watch.verdicts(self._shared.state, self._terms())

    def _open_verdicts(self) -> list[Verdict]:
        return self._watch.open_verdicts(self._shared.state, self._terms())

    def _figures(self) -> Mapping[str, object]:
        """What is seen now, for the history; nothing that is wrong with it may keep harm going."""
        try:
            return verdict_figures(self._verdicts().values())
        except Exception:  # noqa: BLE001 - see above
            _log.exception("rollout_figures_failed")
            return {}
