"""The stage machine: which state follows which command, and what is refused."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from gateway.errors import ConflictError
from gateway.rollout.moves import (
    Abort,
    Acknowledge,
    Adopt,
    Advance,
    Approve,
    Close,
    Drop,
    Hold,
    RefusedMoveError,
    Resume,
    RollBack,
    move,
    next_stage,
)
from gateway.rollout.plan import MAIN_ARM, ArmPolicy, RolloutPlan, Stage
from gateway.rollout.rules import Margins
from gateway.rollout.state import Approval, RolloutState, Trip
from tests.support.plans import MOMENT, plan

LATER = MOMENT + timedelta(hours=1)
BY = {"by": "ann"}
FOUR = plan(1, 10, 50, 100)
AB = plan(1, 10, 100, arms=(ArmPolicy("a"), ArmPolicy("b")))
STANDING = Trip("errors", {"errors": 7}, "watcher@one", MOMENT)


def at(stage, followed=FOUR, **fields):
    return RolloutState(version=5, plan=followed, stage=stage, since=MOMENT, **fields)


def refusal(state, command):
    with pytest.raises(RefusedMoveError) as refused:
        move(state, command, LATER)
    return refused.value


def test_a_first_plan_begins_at_its_first_stage():
    assert move(RolloutState(version=3), Adopt(plan=FOUR, **BY), LATER) == RolloutState(
        version=4, plan=FOUR, stage=0, since=LATER
    )


def test_the_same_plan_again_changes_nothing():
    state = at(2)
    again = plan(1, 10, 50, 100)
    assert move(state, Adopt(plan=again, **BY), LATER) is state


@pytest.mark.parametrize(
    ("percentages", "stage"),
    [
        pytest.param((1, 5, 10, 20), 2, id="a stage of the same share"),
        pytest.param((1, 8, 20), 1, id="the largest below"),
        pytest.param((20, 50), 0, id="none below: the first"),
        pytest.param((0.5, 1), 1, id="all below: the last"),
    ],
)
def test_a_changed_plan_goes_on_at_its_largest_stage_not_above_the_share_so_far(percentages, stage):
    new = plan(*percentages)
    after = move(at(1, approvals=(Approval("ann", MOMENT),)), Adopt(plan=new, **BY), LATER)
    assert (after.plan, after.stage, after.since, after.approvals) == (new, stage, LATER, ())


@pytest.mark.parametrize(
    "fields",
    [{"advance": "automatic"}, {"name": "other"}, {"shadow": 5.0}, {"after_rollback": "same"}],
)
def test_a_plan_that_measures_the_same_keeps_stage_evidence_and_approvals(fields):
    state = at(1, approvals=(Approval("ann", MOMENT),))
    new = replace(FOUR, **fields)
    assert move(state, Adopt(plan=new, **BY), LATER) == replace(state, version=6, plan=new)


@pytest.mark.parametrize(
    "fields", [{"margins": Margins(error_rate=0.01)}, {"alpha": 0.01}, {"arms": AB.arms}]
)
def test_a_plan_that_measures_otherwise_begins_its_evidence_anew(fields):
    after = move(at(1), Adopt(plan=replace(FOUR, **fields), **BY), LATER)
    assert (after.stage, after.since) == (1, LATER)


def test_a_plan_adopted_under_a_rollback_waits_at_its_first_stage():
    after = move(at(2, trip=STANDING), Adopt(plan=plan(1, 5, 50), **BY), LATER)
    assert (after.trip, after.stage) == (STANDING, 0)


def test_a_closed_arm_stays_closed_in_a_new_plan_unless_its_policy_is_another():
    state = at(1, AB, closed=("a",))
    same = replace(AB, alpha=0.01, arms=(ArmPolicy("a", split=3.0), ArmPolicy("b")))
    other = replace(AB, arms=(ArmPolicy("a", mode="sequential"), ArmPolicy("b")))
    assert move(state, Adopt(plan=same, **BY), LATER).closed == ("a",)
    assert move(state, Adopt(plan=other, **BY), LATER).closed == ()


def test_a_plan_of_closed_arms_alone_is_refused():
    only = replace(AB, arms=(ArmPolicy("a"),))
    assert refusal(at(1, AB, closed=("a",)), Adopt(plan=only, **BY)).why == "no_open_arm"


def test_without_its_plan_the_rollout_is_the_environments_again():
    state = at(2, AB, held=True, closed=("a",), approvals=(Approval("ann", MOMENT),))
    dropped = move(state, Drop(**BY), LATER)
    assert dropped == RolloutState(version=6, since=LATER)
    assert move(dropped, Drop(**BY), LATER) is dropped


def test_dropping_a_plan_ends_no_rollback():
    assert move(at(2, trip=STANDING), Drop(**BY), LATER).trip == STANDING


def test_an_advance_leads_to_the_next_stage_and_begins_its_evidence():
    state = at(1, approvals=(Approval("ann", MOMENT),))
    assert move(state, Advance(**BY), LATER) == RolloutState(
        version=6, plan=FOUR, stage=2, since=LATER
    )


APPROVED = RolloutPlan("p", (Stage(1), Stage(10, approvals=2)), advance="automatic")


@pytest.mark.parametrize(
    ("state", "command", "why"),
    [
        pytest.param(at(1, trip=STANDING), Advance(**BY), "tripped", id="a rollback stands"),
        pytest.param(RolloutState(), Advance(**BY), "no_plan", id="nothing to advance along"),
        pytest.param(at(3), Advance(**BY), "last_stage", id="nowhere to go"),
        pytest.param(at(1), Advance(on_version=4, **BY), "moved_on", id="decided on another state"),
        pytest.param(at(1), Advance(automatic=True, **BY), "manual", id="a plan advanced by hand"),
        pytest.param(
            at(0, APPROVED, held=True), Advance(automatic=True, **BY), "held", id="held back"
        ),
        pytest.param(at(1), Advance(forced=True, **BY), "reason_missing", id="forced for nothing"),
        pytest.param(
            at(1), Advance(forced=True, reason=" ", **BY), "reason_missing", id="a blank reason"
        ),
        pytest.param(at(0, APPROVED), Advance(**BY), "approvals_missing", id="nobody approved"),
        pytest.param(
            at(0, APPROVED, approvals=(Approval("ann", MOMENT),)),
            Advance(forced=True, reason="now", **BY),
            "approvals_missing",
            id="one of two, and no force helps",
        ),
        pytest.param(RolloutState(), Hold(**BY), "no_plan", id="nothing to hold"),
        pytest.param(RolloutState(), Resume(**BY), "no_plan", id="nothing to resume"),
        pytest.param(at(0, APPROVED, trip=STANDING), Approve(**BY), "tripped", id="no way on"),
        pytest.param(RolloutState(), Approve(**BY), "no_plan", id="no stage to approve"),
        pytest.param(at(3), Approve(**BY), "last_stage", id="no stage left to approve"),
        pytest.param(at(1), Approve(**BY), "enough_approvals", id="no approval is wanted"),
        pytest.param(at(1, AB), Close(arm="c", **BY), "unknown_arm", id="no such arm"),
        pytest.param(RolloutState(), Close(arm="a", **BY), "unknown_arm", id="one arm only"),
        pytest.param(at(1), Acknowledge(**BY), "nothing_to_acknowledge", id="no rollback"),
        pytest.param(
            at(1), Acknowledge(reopen=True, **BY), "nothing_to_acknowledge", id="nothing closed"
        ),
    ],
)
def test_a_command_that_does_not_fit_is_refused_with_its_reason(state, command, why):
    refused = refusal(state, command)
    assert refused.why == why
    assert isinstance(refused, ConflictError)
    assert refused.detail


def test_a_held_rollout_advances_by_hand_and_a_resumed_one_by_itself():
    automatic = replace(FOUR, advance="automatic")
    held = move(at(1, automatic), Hold(**BY), LATER)
    assert held == RolloutState(version=6, plan=automatic, stage=1, since=MOMENT, held=True)
    assert move(held, Hold(**BY), LATER) is held
    assert move(held, Advance(**BY), LATER).stage == 2
    resumed = move(held, Resume(**BY), LATER)
    assert move(resumed, Resume(**BY), LATER) is resumed
    assert move(resumed, Advance(automatic=True, **BY), LATER).stage == 2


def test_two_instances_that_decide_at_once_advance_one_stage():
    state = at(1)
    decided = Advance(on_version=state.version, **BY)
    assert refusal(move(state, decided, LATER), decided).why == "moved_on"


def test_a_stage_that_wants_two_operators_begins_when_two_have_approved():
    one = move(at(0, APPROVED), Approve(by="ann"), MOMENT)
    assert one.approvals == (Approval("ann", MOMENT),)
    assert move(one, Approve(by=" Ann"), LATER) is one
    two = move(one, Approve(by="bob"), LATER)
    assert refusal(two, Approve(by="eve")).why == "enough_approvals"
    begun = move(two, Advance(automatic=True, by="plan"), LATER)
    assert (begun.stage, begun.approvals) == (1, ())


def test_who_approves_is_named_when_approvals_are_missing():
    one = move(at(0, APPROVED), Approve(by="ann"), MOMENT)
    assert "ann" in refusal(one, Advance(**BY)).detail


def test_a_rollback_stands_with_who_why_and_what_was_seen():
    state = at(2, approvals=(Approval("ann", MOMENT),))
    command = RollBack(by="watcher@two", reason="slow", figures={"p95": 9.5})
    tripped = move(state, command, LATER)
    assert tripped.trip == Trip("slow", {"p95": 9.5}, "watcher@two", LATER)
    assert (tripped.stage, tripped.approvals, tripped.version) == (2, (), 6)
    assert move(tripped, RollBack(by="x", reason="later"), LATER) is tripped


def test_an_abort_rolls_back_and_begins_the_plan_anew():
    aborted = move(at(2), Abort(reason="wrong plan", **BY), LATER)
    assert aborted.trip == Trip("wrong plan", {}, "ann", LATER)
    assert (aborted.stage, aborted.since) == (0, LATER)
    assert move(aborted, Abort(**BY), LATER) is aborted


def test_an_abort_under_a_rollback_keeps_the_first_reason():
    aborted = move(at(2, trip=STANDING), Abort(reason="enough", **BY), LATER)
    assert (aborted.trip, aborted.stage) == (STANDING, 0)


def test_an_abort_without_a_plan_takes_the_traffic_away_all_the_same():
    assert move(RolloutState(), Abort(**BY), LATER).tripped


def test_one_arm_of_two_that_does_harm_goes_alone():
    state = at(1, AB, approvals=(Approval("ann", MOMENT),))
    closed = move(state, Close(arm="a", **BY), LATER)
    assert (closed.closed, closed.tripped, closed.since) == (("a",), False, LATER)
    assert closed.approvals == ()
    assert move(closed, Close(arm="a", **BY), LATER) is closed


def test_the_last_open_arm_that_does_harm_is_a_rollback():
    state = at(1, AB, closed=("a",))
    tripped = move(state, Close(arm="b", by="watcher", figures={"errors": 3}), LATER)
    assert tripped.trip == Trip("the last open arm, b, did harm", {"errors": 3}, "watcher", LATER)
    assert tripped.closed == ("a",)


def test_without_a_plan_the_new_path_is_one_arm():
    assert move(RolloutState(), Close(arm=MAIN_ARM, **BY), LATER).tripped


@pytest.mark.parametrize(("after", "stage"), [("restart", 0), ("same", 2)])
def test_after_an_acknowledgement_the_plan_begins_anew_unless_it_says_otherwise(after, stage):
    state = at(2, replace(FOUR, after_rollback=after), trip=STANDING, held=True)
    freed = move(state, Acknowledge(**BY), LATER)
    assert (freed.trip, freed.stage, freed.since, freed.held) == (None, stage, LATER, True)


def test_closed_arms_come_back_only_where_that_is_asked_for():
    tripped = at(1, AB, closed=("a",), trip=STANDING)
    assert move(tripped, Acknowledge(**BY), LATER).closed == ("a",)
    assert move(tripped, Acknowledge(reopen=True, **BY), LATER).closed == ()
    reopened = move(at(1, AB, closed=("a",)), Acknowledge(reopen=True, **BY), LATER)
    assert (reopened.closed, reopened.stage, reopened.since) == ((), 1, LATER)


def test_the_stage_to_come_is_the_plans_next():
    assert next_stage(at(1)) == FOUR.stages[2]
    assert next_stage(at(3)) is None
    assert next_stage(RolloutState()) is None


def share(state):
    """Percent on the new path, closed arms left out; None where the environment alone decides."""
    if state.tripped:
        return 0.0
    if state.plan is None:
        return None
    splits = {arm.name: arm.split for arm in state.plan.arms}
    is_open = sum(split for name, split in splits.items() if name not in state.closed)
    return state.plan.stages[state.stage].percentage * is_open / sum(splits.values())


PLANS = [
    FOUR,
    replace(AB, advance="automatic"),
    replace(AB, arms=(*AB.arms, ArmPolicy("c", split=2.0)), after_rollback="same"),
    APPROVED,
    plan(5, 35),
]
OPERATORS = st.sampled_from(["ann", "bob", "ANN "])


class AnyOrderOfCommands(RuleBasedStateMachine):
    """Every command at every time; what has to hold of each step holds of all of them."""

    def __init__(self):
        super().__init__()
        self.state = RolloutState()
        self.now = MOMENT

    def step(self, command):
        before = self.state
        self.now += timedelta(minutes=1)
        try:
            after = move(before, command, self.now)
        except RefusedMoveError:
            return
        self.state = after
        if after is before:
            return
        assert after.version == before.version + 1
        assert after != replace(before, version=after.version)
        if after.stage != before.stage:
            assert after.since == self.now
            assert after.approvals == ()
        if before.tripped and not after.tripped:
            assert isinstance(command, Acknowledge)
        old, new = share(before), share(after)
        if old is not None and new is not None and new > old:
            assert isinstance(command, Advance | Acknowledge | Adopt)
        if isinstance(command, Advance):
            assert not before.tripped
            assert after.stage == before.stage + 1
            assert not (command.automatic and before.held)
        if not isinstance(command, Advance | Acknowledge):
            assert move(after, command, self.now + timedelta(minutes=1)) is after

    @rule(plan=st.sampled_from(PLANS))
    def adopt(self, plan):
        self.step(Adopt(plan=plan, **BY))

    @rule()
    def drop(self):
        self.step(Drop(**BY))

    @rule(automatic=st.booleans(), forced=st.booleans(), on=st.sampled_from([None, 0, 1]))
    def advance(self, automatic, forced, on):
        on_version = None if on is None else self.state.version - on
        self.step(
            Advance(automatic=automatic, forced=forced, on_version=on_version, reason="now", **BY)
        )

    @rule(command=st.sampled_from([Hold(**BY), Resume(**BY), Abort(**BY), RollBack(**BY)]))
    def other(self, command):
        self.step(command)

    @rule(by=OPERATORS)
    def approve(self, by):
        self.step(Approve(by=by))

    @rule(arm=st.sampled_from(["a", "b", "c", MAIN_ARM]))
    def close(self, arm):
        self.step(Close(arm=arm, **BY))

    @rule(reopen=st.booleans())
    def acknowledge(self, reopen):
        self.step(Acknowledge(reopen=reopen, **BY))

    @invariant()
    def some_arm_is_open_and_the_stage_is_one_of_the_plan(self):
        followed = self.state.plan
        if followed is None:
            assert (self.state.stage, self.state.closed) == (0, ())
            return
        assert 0 <= self.state.stage < len(followed.stages)
        assert set(self.state.closed) < {arm.name for arm in followed.arms}
        people = {approval.by.strip().casefold() for approval in self.state.approvals}
        assert len(people) == len(self.state.approvals) <= 2


TestAnyOrderOfCommands = AnyOrderOfCommands.TestCase
TestAnyOrderOfCommands.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
