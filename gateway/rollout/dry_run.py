"""Dry run: what a plan would do with traffic that was, or that could be; no clock, no randomness.

The judge and the moves are the ones in service. Only time is another: it is that of the traffic.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from gateway.rollout.climbing import allow_advance, open_arms, terms_at
from gateway.rollout.commands import Adopt, Advance, Approve, Close, RollBack
from gateway.rollout.figures import alarm_figures, verdict_figures
from gateway.rollout.judge import Judge
from gateway.rollout.moves import move, next_stage
from gateway.rollout.observation import CONTROL, Observation
from gateway.rollout.plan import WHOLE, TrafficPlan
from gateway.rollout.state import RolloutState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from gateway.rollout.commands import Command
    from gateway.rollout.observation import Label
    from gateway.rollout.plan import RolloutPlan, Stage
    from gateway.rollout.rules import Rules
    from gateway.rollout.verdict import Alarm, Verdict

BY = "dry run"

EVERYTHING = TrafficPlan(enabled=True, percentage=WHOLE)
"""The environment of a dry run: no ceiling."""

LOOK_EVERY = timedelta(seconds=1)
"""How often, at most, it is asked whether the stage may end: a verdict costs a millisecond."""

Outcome = Literal["advanced", "rolled back", "finished", "not finished"]


@dataclass(frozen=True, slots=True)
class Moment:
    """What became known ``at`` (UTC): a request that ended, or feedback on an earlier one."""

    at: datetime
    seen: Observation | Label


@dataclass(frozen=True, slots=True)
class Passage:
    """One stage as it was passed through. ``ended`` is the last moment seen where it did not end.

    ``requests`` counts those that ended during the stage, by arm; ``verdicts`` are the last ones, by arm.
    """

    stage: int
    percentage: float
    began: datetime
    ended: datetime
    outcome: Outcome
    requests: Mapping[str, int]
    verdicts: Mapping[str, Verdict]


@dataclass(frozen=True, slots=True)
class Closing:
    """An arm of several that was taken out by harm while the others went on."""

    arm: str
    at: datetime
    stage: int
    reasons: tuple[str, ...]


class DryRun:
    """A plan under way through traffic; tell it each moment in the order of time.

    It advances by itself whatever the plan says, and takes approvals as given. A rollback ends it.

    Args:
        plan: The plan that is tried.
        rules_of: What the judge is told in a state, as in service.
        began: When the first stage begins.
    """

    def __init__(
        self,
        plan: RolloutPlan,
        rules_of: Callable[[RolloutState], Rules],
        began: datetime,
    ) -> None:
        self._rules_of = rules_of
        self._began = self._now = self._looked = began
        plan = replace(plan, advance="automatic")
        self._plan = plan
        self._state = move(RolloutState(), Adopt(plan=plan, by=BY), began)
        self._judge = Judge(rules_of(self._state))
        self._judge.restart(began)
        self._requests: dict[str, int] = {}
        self._passed: list[Passage] = []
        self.closings: list[Closing] = []

    @property
    def state(self) -> RolloutState:
        """Where the rollout stands."""
        return self._state

    @property
    def over(self) -> bool:
        """Whether it rolled back: what comes after it would be seen by nobody."""
        return self._state.tripped

    @property
    def complete(self) -> bool:
        """Whether the last stage has stood its time and its sample: the plan has nothing more to ask."""
        return not self.over and next_stage(self._state) is None and self._has_lasted()

    @property
    def share(self) -> float:
        """The share of traffic, in [0, 1], that takes the new path now."""
        return 0.0 if self.over else self._stage.percentage / WHOLE

    def see(self, moment: Moment) -> None:
        """Take in what became known; then, as in service, roll back, close an arm, or advance."""
        if self.over:
            return
        self._look_between(moment.at)
        self._now = moment.at
        if isinstance(moment.seen, Observation):
            arm = moment.seen.arm
            self._requests[arm] = self._requests.get(arm, 0) + 1
            alarm = self._judge.observe(moment.seen, self._seconds)
        else:
            alarm = self._judge.label(moment.seen)
        if alarm is not None:
            self._act_on(alarm)
        elif moment.at - self._looked >= LOOK_EVERY:
            self._advance_if_ready()

    def passages(self) -> tuple[Passage, ...]:
        """The stages passed through so far, the one under way last."""
        if self.over:
            return tuple(self._passed)
        outcome: Outcome = "finished" if self.complete else "not finished"
        return (*self._passed, self._passage(outcome, self._verdicts()))

    @property
    def _stage(self) -> Stage:
        return self._plan.stages[self._state.stage]

    @property
    def _seconds(self) -> float:
        return (self._now - self._began).total_seconds()

    def _has_lasted(self) -> bool:
        """Whether the stage's time and sample are there, without which no verdict lets it end."""
        stage = self._stage
        return self._now - (self._state.since or self._began) >= stage.minimum_time and all(
            self._requests.get(arm, 0) >= stage.minimum_sample for arm in open_arms(self._state)
        )

    def _look_between(self, at: datetime) -> None:
        """Ask once in a silence too: a stage may end at night, when its time is up."""
        due = (self._state.since or self._began) + self._stage.minimum_time
        if self._looked < due < at:
            self._now = due
            self._advance_if_ready()

    def _advance_if_ready(self) -> None:
        self._looked = self._now
        following = next_stage(self._state)
        if following is None or not self._has_lasted():
            return
        verdicts = self._verdicts()
        if not allow_advance(verdicts.values()):
            return
        self._passed.append(self._passage("advanced", verdicts))
        for number in range(following.approvals):
            self._move(Approve(by=f"{BY}-{number + 1}"))
        self._move(Advance(by=BY, automatic=True, figures=verdict_figures(verdicts.values())))
        self._requests = {}
        self._judge.adjust(self._rules_of(self._state))
        self._judge.restart(self._state.since)

    def _act_on(self, alarm: Alarm) -> None:
        arms = open_arms(self._state)
        if alarm.arm is not None and alarm.arm not in arms:
            return  # requests under way when it was closed end after it
        reason, figures = "; ".join(alarm.reasons), alarm_figures(alarm)
        if alarm.arm is not None and len(arms) > 1:
            self.closings.append(Closing(alarm.arm, self._now, self._state.stage, alarm.reasons))
            self._move(Close(by=BY, reason=reason, arm=alarm.arm, figures=figures))
            self._judge.adjust(self._rules_of(self._state))
            return
        passage = self._passage("rolled back", self._verdicts())
        self._move(RollBack(by=BY, reason=reason, figures=figures))
        self._passed.append(passage)

    def _passage(self, outcome: Outcome, verdicts: Mapping[str, Verdict]) -> Passage:
        return Passage(
            stage=self._state.stage,
            percentage=self._stage.percentage,
            began=self._state.since or self._began,
            ended=self._now,
            outcome=outcome,
            requests={CONTROL: 0} | dict(self._requests),
            verdicts=verdicts,
        )

    def _verdicts(self) -> dict[str, Verdict]:
        terms = terms_at(self._state, EVERYTHING, self.share, self._now)
        return {a: self._judge.verdict(a, terms, self._seconds) for a in open_arms(self._state)}

    def _move(self, command: Command) -> None:
        self._state = move(self._state, command, self._now)
