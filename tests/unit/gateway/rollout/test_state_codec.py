"""A plan and a state as JSON, and back."""

import json
from copy import deepcopy

import pytest
from hypothesis import given, settings

from gateway.rollout.plan import ArmPolicy, InvalidPlanError
from gateway.rollout.plan_codec import plan_document, plan_from
from gateway.rollout.presets import PRESET_NAMES, preset_plan
from gateway.rollout.state import Approval, RolloutState, Trip
from gateway.rollout.state_codec import UnreadableStateError, state_document, state_of
from tests.support.plans import MOMENT, plan, plans, states

STATE = RolloutState(
    version=7,
    plan=plan(1, 10, arms=(ArmPolicy("a", weights={"gpt": 1.5}), ArmPolicy("b"))),
    stage=1,
    since=MOMENT,
    held=True,
    approvals=(Approval("ann", MOMENT),),
    closed=("a",),
    trip=Trip("errors", {"errors": 3, "rate": None}, "watcher", MOMENT),
)


def through_json(document):
    return json.loads(json.dumps(document))


@settings(deadline=None)
@given(plans())
def test_a_plan_comes_back_from_json_as_it_went(drawn):
    assert plan_from(through_json(plan_document(drawn))) == drawn


@settings(deadline=None)
@given(states())
def test_a_state_comes_back_from_json_as_it_went(drawn):
    assert state_of(through_json(state_document(drawn))) == drawn


@pytest.mark.parametrize("name", PRESET_NAMES)
def test_a_preset_that_was_adopted_holds_though_the_preset_changes(name):
    document = plan_document(preset_plan(name))
    assert "preset" not in document
    assert all(len(stage) == 6 for stage in document["stages"])


def test_what_a_newer_version_added_is_passed_over():
    document = state_document(STATE)
    document["colour"] = "red"
    document["plan"]["colour"] = "red"
    document["plan"]["stages"][0]["colour"] = "red"
    document["trip"]["colour"] = "red"
    assert state_of(document) == STATE


def changed(path, value):
    document = deepcopy(state_document(STATE))
    *way, last = path
    place = document
    for step in way:
        place = place[step]
    place[last] = value
    return document


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("version",), -1),
        (("version",), "7"),
        (("version",), True),
        (("stage",), 2),
        (("stage",), -1),
        (("stage",), 0.5),
        (("since",), "yesterday"),
        (("since",), "2026-03-01T12:00:00"),
        (("since",), 5),
        (("held",), "no"),
        (("held",), None),
        (("approvals",), None),
        (("approvals", 0, "by"), None),
        (("approvals",), ["ann"]),
        (("closed",), ["a", "b"]),
        (("closed",), ["a", "a"]),
        (("closed",), ["c"]),
        (("trip", "reason"), None),
        (("trip", "figures"), "none"),
        (("trip", "at"), None),
        (("trip",), "a trip"),
        (("plan",), "standard"),
        (("plan", "stages"), []),
        (("plan", "alpha"), 7),
        (("plan",), None),
    ],
)
def test_a_document_that_makes_no_sense_is_no_state(path, value):
    with pytest.raises(UnreadableStateError):
        state_of(changed(path, value))


@pytest.mark.parametrize("field", sorted(state_document(STATE)))
def test_a_document_without_a_field_is_no_state(field):
    document = state_document(STATE)
    del document[field]
    with pytest.raises(UnreadableStateError):
        state_of(document)


@pytest.mark.parametrize("document", [None, [], "x", 3])
def test_what_is_no_document_is_no_state_and_no_plan(document):
    with pytest.raises(UnreadableStateError):
        state_of(document)
    with pytest.raises(InvalidPlanError):
        plan_from(document)
