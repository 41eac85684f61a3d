"""How a request is answered under the policy of its arm."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.arrangement import arrange
from gateway.requests import GenerateRequest
from gateway.rollout.plan import ArmPolicy
from gateway.selection import UnknownProviderError
from learning.advice.words import Advice

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


def test_an_arm_that_tries_rounds_leaves_a_request_for_json_its_one():
    wished = GenerateRequest.model_validate(
        {"prompt": "Which?", "response_format": {"type": "json_object"}}
    )
    arranged = arrange(wished, ALL, BOLD)
    assert arranged.request.mode == "parallel"
    assert arranged.selection.providers == ("gpt", "claude")


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


ADVISED = Advice(
    providers=("claude", "gpt", "gemini"),
    opening=2,
    enough=0.8,
    weights={"claude": 0.5},
    offsets={"gpt": -0.5},
    harder=0.25,
    depth=4,
)


def test_advice_says_whom_whom_first_how_deep_and_weighed_how():
    arranged = arrange(request(), ALL, advice=ADVISED)
    assert arranged.selection.providers == ("claude", "gpt", "gemini")
    assert (arranged.selection.opening, arranged.selection.enough) == (2, 0.8)
    assert (arranged.request.mode, arranged.request.depth) == ("parallel", 4)
    assert (arranged.weights, arranged.factors) == (None, {"claude": 0.5})
    assert (arranged.offsets, arranged.harder) == ({"gpt": -0.5}, 0.25)
    assert arranged.taken == ("providers", "opening", "weights", "offsets", "depth")


@pytest.mark.parametrize(
    ("said", "policy", "providers", "depth", "taken"),
    [
        pytest.param(
            {"providers": ["gpt", "gemini"]},
            None,
            ("gpt", "gemini"),
            4,
            ("weights", "offsets", "depth"),
            id="the caller's list",
        ),
        pytest.param(
            {"task_type": "critical"},
            None,
            ("gpt", "claude", "gemini"),
            4,
            ("weights", "offsets", "depth"),
            id="critical asks all at once",
        ),
        pytest.param(
            {"depth": 4},
            None,
            ADVISED.providers,
            4,
            ("providers", "opening", "weights", "offsets"),
            id="the caller's depth",
        ),
        pytest.param({}, BOLD, ("gpt", "claude"), 5, (), id="an arm that says all"),
        pytest.param(
            {},
            ArmPolicy("deep", depth=3),
            ADVISED.providers,
            3,
            ("providers", "opening", "weights", "offsets"),
            id="an arm's depth alone",
        ),
        pytest.param(
            {},
            ArmPolicy("even", weights={}),
            ADVISED.providers,
            4,
            ("providers", "opening", "depth"),
            id="an arm's weights alone",
        ),
        pytest.param(
            {"budget_usd": 0.001},
            None,
            ADVISED.providers,
            4,
            ("providers", "opening", "weights", "offsets", "depth"),
            id="over a small budget's one vendor",
        ),
        pytest.param(
            {"min_providers": 3},
            None,
            ADVISED.providers,
            4,
            ("providers", "weights", "offsets", "depth"),
            id="three answers wanted",
        ),
    ],
)
def test_the_caller_and_the_arm_stand_over_the_advice(said, policy, providers, depth, taken):
    arranged = arrange(request(**said), ALL, policy, ADVISED)
    assert arranged.selection.providers == providers
    assert arranged.request.depth == depth
    assert arranged.taken == taken
    assert (arranged.selection.opening > 0) is ("opening" in taken)
    assert bool(arranged.factors) is ("weights" in taken)
    assert bool(arranged.offsets) is bool(arranged.harder) is ("offsets" in taken)


def test_an_opening_without_a_panel_of_its_own_is_one_of_the_tables():
    arranged = arrange(
        request(task_type="premium", min_providers=1), ALL, advice=Advice(opening=1, enough=0.9)
    )
    assert arranged.selection.providers == ("gpt", "gemini")
    assert (arranged.selection.opening, arranged.taken) == (1, ("opening",))


def test_an_opening_of_a_panel_that_is_not_there_is_dropped_with_it():
    advice = Advice(providers=("mistral", "qwen"), opening=1)
    arranged = arrange(request(min_providers=1), ALL, advice=advice)
    assert (arranged.selection.providers, arranged.selection.opening) == (("gemini", "claude"), 0)
    assert arranged.taken == ()


@given(
    said=st.fixed_dictionaries(
        {},
        optional={
            "task_type": st.sampled_from(["basic", "premium", "critical"]),
            "providers": st.lists(st.sampled_from(ALL), min_size=1, unique=True),
            "min_providers": st.integers(1, 4),
            "depth": st.integers(3, 5),
            "budget_usd": st.floats(0.001, 1),
        },
    ),
    advice=st.builds(
        Advice,
        providers=st.lists(NAMES, unique=True).map(tuple),
        opening=st.integers(0, 5),
        enough=st.floats(0, 1),
        depth=st.none() | st.integers(1, 5),
    ),
)
def test_advice_never_overrules_a_caller_nor_opens_what_must_be_whole(said, advice):
    came = request(**said)
    selection = arrange(came, ALL, advice=advice).selection
    plain = arrange(came, ALL).selection
    if "providers" in said or said.get("task_type") == "critical":
        assert selection == plain
    assert 0 <= selection.opening < len(selection.providers)
    assert selection.opening == 0 or selection.opening >= came.minimum
    assert set(selection.providers) <= set(ALL)
    assert len(selection.providers) >= min(came.minimum, len(plain.providers))
    if "depth" in said:
        assert arrange(came, ALL, advice=advice).request.depth == said["depth"]
