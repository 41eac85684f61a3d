"""What one process watches: the arms by all that is seen of them, and what they are held to now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.rollout.climbing import open_arms
from gateway.rollout.evidence_feed import EvidenceFeed
from gateway.rollout.judge import Judge
from gateway.rollout.moves import arms_of
from gateway.rollout.observation import CONTROL
from gateway.rollout.state import RolloutState

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from gateway.rollout.evidence_feed import PastEvidence
    from gateway.rollout.observation import Label, Observation
    from gateway.rollout.rules import Rules
    from gateway.rollout.terms import StageTerms
    from gateway.rollout.verdict import Alarm, Verdict
    from gateway.rollout.window import Figures


class Watch:
    """The judge of one process, its evidence and its rules.

    Args:
        rules: What the arms are held to while a state stands (None: unknown).
        clock: The time in UTC.
        monotonic: Seconds that never jump.
        on_alarm: Hears when an arm must go.
        armed: Whether there is anything to take away.
        tell: Hears what the other processes should know; None where there are none.
    """

    def __init__(  # noqa: PLR0913 - what it joins, each by its name
        self,
        *,
        rules: Callable[[RolloutState | None], Rules],
        clock: Callable[[], datetime],
        monotonic: Callable[[], float],
        on_alarm: Callable[[Alarm], None],
        armed: Callable[[], bool],
        tell: Callable[[Sequence[Observation], Sequence[Label]], None] | None,
    ) -> None:
        self._rules_for = rules
        self._clock = clock
        self._monotonic = monotonic
        self.rules = rules(None)
        """In force now."""
        self._judge = Judge(self.rules)
        self._since: datetime | None = None
        self._share = 0.0
        self.evidence = EvidenceFeed(
            self._judge,
            clock=clock,
            monotonic=monotonic,
            on_alarm=on_alarm,
            armed=armed,
            tell=tell,
        )

    def hold_to(self, rules: Callable[[RolloutState | None], Rules]) -> None:
        """Other rules, from the next `settle` on."""
        self._rules_for = rules

    def settle(self, state: RolloutState | None, share: float) -> None:
        """Judge by what stands now. Evidence begins anew where what was seen compares no more."""
        rules = self._rules_for(state)
        if rules != self.rules:
            self.rules = rules
            self._judge.adjust(rules)
        since = None if state is None else state.since
        if since != self._since:
            # Another stage, or somebody acknowledged, perhaps a rollback that came and went unseen.
            self._judge.restart(since)
        elif 0 < self._share != share > 0:
            # The ceiling moved: the control has other callers now.
            self._judge.restart(self._clock())
        self._since, self._share = since, share

    async def replay(self, past: PastEvidence) -> None:
        """Take in what was seen of this stage before the process started."""
        await self.evidence.replay(past, self._since)

    def verdicts(self, state: RolloutState | None, terms: StageTerms) -> dict[str, Verdict]:
        """Of every arm, closed ones too; about a millisecond each."""
        now = self._monotonic()
        arms = arms_of(state or RolloutState())
        return {arm.name: self._judge.verdict(arm.name, terms, now) for arm in arms}

    def open_verdicts(self, state: RolloutState | None, terms: StageTerms) -> list[Verdict]:
        """Of the arms that harm has not closed: a closed one has no say."""
        arms = open_arms(state)
        return [seen for arm, seen in self.verdicts(state, terms).items() if arm in arms]

    def control_figures(self) -> Figures:
        """The control's sliding window."""
        return self._judge.figures(CONTROL, self._monotonic())
