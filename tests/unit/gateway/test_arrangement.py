"""How a request is answered under the policy of its arm."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.arrangement import arrange
from gateway.requests import GenerateRequest
from gateway.rollout.plan import ArmPolicy
from gateway.selection import UnknownProviderError

ALL = ("gemini", "gpt", "claude")
BOLD = ArmPolicy(
    "bold", providers=("gpt", "claude"), weights={"gpt": 2.0}, mode="sequential", depth=5
)


def request(**body):
    return GenerateRequest(prompt="Which?", **body)


def test_an_arm_s_policy_says_whom_how_and_weighed_how():
    arranged = arrange(request(), ALL, BOLD)
    assert arranged.selection.providers == ("gpt", "claude")
    assert (arranged.request.mode, arranged.request.depth) == ("sequential", 5)
    assert arranged.weights == {"gpt": 2.0}


@pytest.mark.parametrize(
    ("said", "mode", "depth", "providers"),
    [
        pytest.param({"mode": "parallel"}, "parallel", 5, ("gpt", "claude"), id="its mode"),
        pytest.param({"depth": 3}, "sequential", 3, ("gpt", "claude"), id="its depth"),
        pytest.param(
            {"mode": "sequential", "depth": 4}, "sequential", 4, ("gpt", "claude"), id="both"
        ),
        pytest.param({"providers": ["gemini"]}, "sequential", 5, ("gemini",), id="its providers"),
        pytest.param({"task_type": "critical"}, "sequential", 5, set(ALL), id="critical: all"),
    ],
)
def test_what_the_caller_said_stands_over_the_policy(said, mode, depth, providers):
    arranged = arrange(request(**said), ALL, BOLD)
    assert (arranged.request.mode, arranged.request.depth) == (mode, depth)
    assert type(providers)(arranged.selection.providers) == providers


@pytest.mark.parametrize("policy", [None, ArmPolicy("plain")], ids=["no policy", "an empty one"])
def test_without_a_word_in_the_policy_a_request_is_answered_as_it_came(policy):
    came = request(task_type="premium", mode="sequential")
    arranged = arrange(came, ALL, policy)
    assert arranged == arrange(came, ALL)
    assert arranged.request is came
    assert arranged.weights is None


def test_no_weights_at_all_is_a_policy_too():
    assert arrange(request(), ALL, ArmPolicy("even", weights={})).weights == {}


def test_who_names_a_provider_that_is_not_there_is_refused_under_any_policy():
    with pytest.raises(UnknownProviderError):
        arrange(request(providers=["mistral"]), ALL, BOLD)


NAMES = st.sampled_from([*ALL, "mistral", "qwen"])


@given(
    said=st.fixed_dictionaries(
        {},
        optional={
            "mode": st.sampled_from(["parallel", "sequential"]),
            "depth": st.integers(3, 5),
            "task_type": st.sampled_from(["basic", "premium", "critical"]),
            "budget_usd": st.floats(0.001, 1),
            "max_providers": st.integers(1, 4),
        },
    ),
    policy=st.builds(
        ArmPolicy,
        st.just("arm"),
        providers=st.none() | st.lists(NAMES, min_size=1).map(tuple),
        mode=st.none() | st.sampled_from(["parallel", "sequential"]),
        depth=st.none() | st.integers(3, 5),
    ),
)
def test_no_policy_overrules_a_caller_or_asks_who_is_not_there(said, policy):
    came = request(**said)
    arranged = arrange(came, ALL, policy)
    assert set(arranged.selection.providers) <= set(ALL)
    assert arranged.selection.providers
    for name in {"mode", "depth"} & said.keys():
        assert getattr(arranged.request, name) == said[name]
    if came.max_providers is not None:
        assert len(arranged.selection.providers) <= came.max_providers
    unsaid = {"mode", "depth"} - said.keys()
    assert came.model_dump(exclude=unsaid) == arranged.request.model_dump(exclude=unsaid)
