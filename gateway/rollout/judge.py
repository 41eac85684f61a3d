"""Judges the arms against the concurrent control, by every request and every label.

Decides; does nothing. What is held against an arm, the first that applies:

ROLL_BACK     CRITICAL         every vendor is down (`outage`), a limit of the environment is broken (`guards`),
                               or an arm does more harm than its margins allow (`evidence`)
INCONCLUSIVE  NOT_ENOUGH_DATA  no traffic in the arm, or in the control it is compared with
INCONCLUSIVE  WARNING          the split is not the one asked for (`sample_ratio`): nothing compares
HOLD          WARNING          an error rate above the warning limit, or a difference that looks like harm
HOLD          NOT_ENOUGH_DATA  the stage's least time or sample is not reached
HOLD          HEALTHY          healthy, but going on is not proven to be safe (`ramp`), or there is no next stage
ADVANCE       HEALTHY          otherwise

An outage, the windows with their figures and the split are followed as requests end. What compares, and
a dense run of bad requests, follows them as they came in, a few seconds later (`settling`).

What is guaranteed of arms within their margins, whatever the rates, looked at after every request, in one
process's view: the evidence since the stage's start raises a false alarm in that stage, ever, with a chance
of at most ``alpha``, over all measures and arms together; the search for recent harm takes at least
``MEAN_REQUESTS / alpha`` requests of the arms, on average, to raise one (`gateway.rollout.measures`). The limits
of the environment hold beside that. docs/rollout-statistics.md explains the method.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from gateway.rollout.comparing import comparisons
from gateway.rollout.deciding import Known, decide
from gateway.rollout.evidence import ArmEvidence
from gateway.rollout.guards import Guards
from gateway.rollout.observation import CONTROL, SHADOW
from gateway.rollout.outage import Outage
from gateway.rollout.sample_ratio import SplitCount
from gateway.rollout.settling import Settling
from gateway.rollout.verdict import Alarm, Verdict
from gateway.rollout.window import Window

if TYPE_CHECKING:
    from datetime import datetime

    from gateway.rollout.observation import Label, Observation
    from gateway.rollout.rules import Rules
    from gateway.rollout.terms import StageTerms
    from gateway.rollout.window import Figures

LABELLED = 10_000
"""Requests whose label is remembered: the first word on an answer counts, repetitions do not."""

SHADOW_SHARE = 0.1
"""What the shadow's share of requests is taken for until its own traffic tells."""


class _Watch:
    """What is held about one arm."""

    def __init__(self, rules: Rules) -> None:
        self.guards = Guards(rules.limits)
        self.outage = Outage()
        self.evidence = ArmEvidence(rules)
        self.seen = False
        """Whether the arm ever had a request: before, there is nothing to put beside the control's."""
        self.tripping = False
        """Whether a limit was broken when it was last looked at: what goes on is not news."""
        self.harm: tuple[str, ...] = ()
        """Why it must go by the comparison; stands until the evidence begins anew."""

    def clear(self) -> None:
        self.guards.clear()
        self.outage.clear()
        self.evidence.clear()
        self.harm = ()
        self.tripping = False

    @property
    def must_go(self) -> bool:
        """Whether anything is held against the arm that rolls it back."""
        return bool(self.harm) or self.outage.is_total or self.guards.trips()

    def adjust(self, rules: Rules) -> None:
        self.guards.adjust(rules.limits)
        self.evidence.adjust(rules)


def _window(rules: Rules) -> Window:
    return Window(rules.limits.window.total_seconds(), rules.limits.latency_ms)


class Judge:
    """Every arm's windows and evidence, of one process's view of the traffic. Bounded in memory."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._control = _window(rules)
        self._watches = {arm: _Watch(rules) for arm in (*rules.arms, SHADOW)}
        self._split = SplitCount()
        self._settling = Settling()
        self._everywhere = Outage()
        self._down_in: set[str] = set()
        self._since: datetime | None = None
        self._labelled: OrderedDict[str, None] = OrderedDict()
        self._untold: list[str] = []
        self._now = 0.0

    def observe(self, seen: Observation, now: float, *, armed: bool = True) -> Alarm | None:
        """Take in a request that ended at ``now`` (seconds, monotonic); O(log n), amortised.

        Requests from before the last `restart`, and of arms that are not watched, change nothing.

        Args:
            seen: The request.
            now: When it ended, or was heard of.
            armed: Whether an alarm could change anything; if not, none is made, which would cost a
                sorting of the window.

        Returns:
            The alarm if an arm must be rolled back: once when a comparison finds harm, and at each
            request of an arm that must go.
        """
        if self._since is not None and seen.at < self._since:
            return None
        self._now = now
        self._settle(now)  # what came in before, before a window that has emptied is forgotten
        self._split.add(seen)
        if seen.arm != SHADOW:
            self._meet(seen)
        watch = self._watches.get(seen.arm)
        if watch is not None:
            watch.guards.add(seen, now)
            watch.outage.add(seen)
        elif seen.arm == CONTROL:
            self._follow_control(seen, now)
        else:
            return None
        if seen.measured:
            self._settling.add(seen, now)
            self._settle(now)
        if not armed:
            return None
        if self._is_dark():
            return Alarm(None, (self._everywhere.reason,), self.figures(seen.arm, now))
        if watch is not None and seen.arm != SHADOW and watch.must_go:
            return self._alarm(seen.arm, watch, now)
        return self._next_untold(now)

    def _meet(self, seen: Observation) -> None:
        """Count an outage over all arms: at a small share most who meet it are the control's."""
        self._everywhere.add(seen)
        if not self._everywhere.callers:
            self._down_in.clear()
        elif seen.all_down:
            self._down_in.add(seen.arm)

    def _is_dark(self) -> bool:
        """Whether every vendor is down, and not only those that one of several arms asks."""
        several = len(self._down_in) > 1 or CONTROL in self._down_in
        return self._everywhere.is_total and (several or len(self._rules.arms) == 1)

    def tick(self, now: float) -> Alarm | None:
        """Count what came in long enough before ``now`` (seconds, monotonic); due a few times a second.

        Returns:
            The alarm if that proves harm, or breaks a limit; once.
        """
        self._now = now
        self._settle(now)
        return self._next_untold(now)

    def label(self, seen: Label) -> Alarm | None:
        """Take in feedback, of whatever request and in any order; the first word on a request counts.

        Returns:
            The alarm if it proves harm.
        """
        if self._since is not None and seen.at < self._since:
            return None
        if seen.request_id in self._labelled:
            return None
        self._labelled[seen.request_id] = None
        if len(self._labelled) > LABELLED:
            self._labelled.popitem(last=False)
        for arm, watch in self._watches.items():
            if seen.arm in (arm, CONTROL) and watch.evidence.label(seen, to_arm=seen.arm == arm):
                self._consider(arm, watch)
        return self._next_untold(self._now)

    def verdict(self, arm: str, terms: StageTerms, now: float) -> Verdict:
        """Judge ``arm`` (a watched one, or the shadow) as it stands at ``now``; costs milliseconds.

        Raises:
            KeyError: The arm is not watched.
        """
        watch = self._watches[arm]
        figures, control = watch.guards.figures(now), self._control.figures(now)
        found = comparisons(watch.evidence, self._rules)
        known = Known(
            critical=self._critical(watch, figures),
            warning=watch.guards.warning(figures),
            figures=figures,
            control=control,
            comparisons=found,
            ratio=self._split.figures(),
            requests=watch.evidence.requests,
        )
        decision, health, reasons = decide(known, self._rules, terms)
        return Verdict(
            arm=arm,
            decision=decision,
            health=health,
            reasons=reasons,
            figures=figures,
            control=control,
            comparisons=found,
            ratio=known.ratio,
            requests=known.requests,
        )

    def figures(self, arm: str, now: float) -> Figures:
        """The sliding window of an arm, the control or the shadow; KeyError for any other."""
        return (
            self._control.figures(now) if arm == CONTROL else self._watches[arm].guards.figures(now)
        )

    def restart(self, since: datetime | None) -> None:
        """A new stage, or an acknowledgement: what came in before ``since`` (UTC) no longer counts.

        Kept is what says nothing of harm: the usual p95 and rates that bets are placed by, how long
        requests take, and the arms' own past confidence.
        """
        self._since = since
        self._control.clear()
        self._everywhere.clear()
        self._down_in.clear()
        self._split.clear()
        self._labelled.clear()
        self._untold.clear()
        self._settling.clear()
        for watch in self._watches.values():
            watch.clear()

    def adjust(self, rules: Rules) -> None:
        """Judge by other rules. Evidence goes on unless its margins changed; new arms begin anew."""
        kept = self._watches
        self._watches = {}
        for arm in (*rules.arms, SHADOW):
            if arm in kept:
                kept[arm].adjust(rules)
            self._watches[arm] = kept.get(arm) or _Watch(rules)
        self._control.adjust(rules.limits.window.total_seconds(), rules.limits.latency_ms)
        self._settling.keep({CONTROL, *self._watches})
        self._untold = [arm for arm in self._untold if arm in self._watches]
        self._rules = rules

    def _follow_control(self, seen: Observation, now: float) -> None:
        if seen.measured:
            self._control.take(
                now,
                error=seen.error,
                latency_ms=seen.latency_ms,
                confidence=seen.confidence,
                cost_usd=seen.cost_usd,
            )

    def _settle(self, now: float) -> None:
        """Count as evidence what has waited long enough."""
        for seen in self._settling.release(now):
            if seen.arm == CONTROL:
                self._compare_control(seen)
            elif (watch := self._watches.get(seen.arm)) is not None:
                self._compare_arm(seen, watch)

    def _compare_control(self, seen: Observation) -> None:
        for arm, watch in self._watches.items():
            if watch.seen and watch.evidence.observe(seen, self._share(arm, seen), to_arm=False):
                self._consider(arm, watch)

    def _compare_arm(self, seen: Observation, watch: _Watch) -> None:
        arm, watch.seen = seen.arm, True
        watch.guards.settle(seen)
        if watch.evidence.observe(seen, self._share(arm, seen), to_arm=True):
            self._consider(arm, watch)
        tripping = watch.guards.trips()
        if tripping and not watch.tripping:
            self._tell(arm)
        watch.tripping = tripping

    def _share(self, arm: str, seen: Observation) -> float:
        if arm == SHADOW:
            return SHADOW_SHARE
        own = seen.share / max(1, len(self._rules.arms))
        rest = 1 - seen.share
        return own / (own + rest) if own + rest > 0 else 1.0

    def _consider(self, arm: str, watch: _Watch) -> None:
        """Note that a comparison has just found harm."""
        if watch.harm:
            return
        harms = set(watch.evidence.harms())
        if not harms:
            return
        found = comparisons(watch.evidence, self._rules)
        watch.harm = tuple(c.said for c in found if c.measure in harms)
        self._tell(arm)

    def _tell(self, arm: str) -> None:
        if arm != SHADOW and arm not in self._untold:
            self._untold.append(arm)

    def _next_untold(self, now: float) -> Alarm | None:
        while self._untold:
            arm = self._untold.pop(0)
            watch = self._watches[arm]
            if watch.must_go:  # a limit may hold again since
                return self._alarm(arm, watch, now)
        return None

    def _alarm(self, arm: str, watch: _Watch, now: float) -> Alarm:
        if arm in self._untold:
            self._untold.remove(arm)
        watch.tripping = watch.guards.trips()
        figures = watch.guards.figures(now)
        whole = watch.outage.is_total and self._is_everywhere(arm)
        return Alarm(None if whole else arm, self._critical(watch, figures), figures)

    def _is_everywhere(self, arm: str) -> bool:
        """Whether no other arm's vendors live: an arm may ask vendors of its own."""
        return all(
            self._watches[other].outage.callers for other in self._rules.arms if other != arm
        )

    def _critical(self, watch: _Watch, figures: Figures) -> tuple[str, ...]:
        outage = (watch.outage.reason,) if watch.outage.is_total else ()
        return (*outage, *watch.guards.reasons(figures), *watch.harm)
