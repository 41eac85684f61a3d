"""A policy is tried before anybody relies on it, and every reason against it is told."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus.trust.model import LogitTrust
from consensus.trust.parameters import shipped_prior
from learning.index.layer_weights import LAYERS
from learning.lessons import Lesson
from learning.policy.checking import reasons_against
from learning.policy.document import Calibration, Figure, Weights
from learning.policy.trials import SHAPES, trial_ballot, wrong_with
from learning.trust import TrustLearner
from tests.support.ballots import ballot
from tests.support.policies import a_policy

LEVEL = dict.fromkeys(LAYERS, 1.0 / len(LAYERS))
PRIOR = LogitTrust(shipped_prior())


def accuracy(value=0.8):
    return {"accuracy": Figure(value=value)}


def test_the_shipped_prior_is_healthy():
    assert reasons_against(a_policy()) == ()


def test_what_was_fitted_to_feedback_is_healthy():
    lessons = [
        Lesson(ballot("gpt claude", "gemini", kind=kind), g, correct)
        for kind in ("number", "phrase")
        for g, correct in ((0, False), (1, True), (0, True))
    ] * 8
    model = TrustLearner().fit(lessons)
    weights = Weights(
        providers={"number": model.provider_weights("number", ["gpt", "gemini"])}, layers=LEVEL
    )
    policy = a_policy(model=model, frozen=True, weights=weights)
    assert reasons_against(policy, policy.digest) == ()


@settings(max_examples=15, deadline=None)
@given(st.floats(-1.5, 1.5), st.floats(-3.0, 3.0), st.floats(-3.0, 3.0), st.floats(-3.0, 3.0))
def test_no_model_of_this_form_is_refused_whatever_it_was_fitted_to(support, gpt, claude, other):
    drawn = replace(
        shipped_prior(),
        support=1.3 + support,
        providers={"gpt": gpt, "claude": claude, "newcomer": other},
    )
    assert wrong_with(LogitTrust(drawn), ["newcomer"]) == ()


@pytest.mark.parametrize(
    ("policy", "reason"),
    [
        (a_policy(figures={}), "figures.accuracy: missing"),
        (a_policy(figures=accuracy(1.2)), "figures.accuracy: 1.2 is not within 0 to 1"),
        (
            a_policy(figures={**accuracy(), "lift": Figure(value=-3.0)}),
            "figures.lift: -3 is not within -1 to 1",
        ),
        (
            a_policy(figures={**accuracy(), "cost_usd": Figure(value=-0.1)}),
            "figures.cost_usd: -0.1 is not within 0 to inf",
        ),
        (
            a_policy(weights=Weights(layers={"vector": 1.0})),
            "weights.layers: a weight is needed for each of",
        ),
        (
            a_policy(weights=Weights(layers={**LEVEL, "vector": 1.0})),
            "weights.layers: layer weights sum to 1",
        ),
        (
            a_policy(weights=Weights(providers={"number": {"gpt": 3.0}})),
            "weights.providers.number.gpt: 3 is told, the model gives 1",
        ),
        (a_policy(calibration=Calibration(prior="0" * 64)), "fitted around another shipped prior"),
    ],
)
def test_what_is_wrong_is_told(policy, reason):
    (told,) = reasons_against(policy)
    assert reason in told


def test_a_digest_noted_beside_it_must_be_its_own():
    policy = a_policy()
    (told,) = reasons_against(policy, a_policy(note="another").digest)
    assert told.startswith(f"its digest is {policy.digest}, not ")


def test_parameters_that_are_not_all_there_are_no_model():
    policy = a_policy(model=PRIOR)
    (part,) = policy.calibration.model
    short = part.model_copy(update={"general": {"support": 1.0}})
    calibration = policy.calibration.model_copy(update={"model": (short,)})
    (told,) = reasons_against(policy.model_copy(update={"calibration": calibration}))
    assert told.startswith("calibration.model[0].general: lacks none, lone")


class Judging(LogitTrust):
    """A model that is wrong in a way no parameters are."""

    def __init__(self, chances):
        super().__init__(shipped_prior())
        object.__setattr__(self, "chances", chances)

    def probabilities(self, cast, weights):
        return self.chances(super().probabilities(cast, weights))


@pytest.mark.parametrize(
    ("chances", "reason"),
    [
        (lambda p: tuple(1.5 * x + 0.2 for x in p), "are no probabilities"),
        (lambda p: (float("nan"), *p[1:]), "are no probabilities"),
        (lambda p: (0.9,) * len(p), "together more than 1"),
        (lambda p: tuple(min(x, 1.0 - x) for x in p), "who agrees"),
    ],
)
def test_a_model_that_judges_nonsense_is_found_by_trying_it(chances, reason):
    told = wrong_with(Judging(chances), [])
    assert told
    assert all(reason in each for each in told)


def test_trials_try_every_way_three_answers_can_fall():
    # Bell's numbers of 1, 2 and 3, groups told apart by their sizes alone.
    assert len({tuple(sorted(map(len, groups), reverse=True)) for groups in SHAPES}) == 1 + 2 + 3
    for groups in SHAPES:
        voters = [f"p{i}" for i in range(sum(map(len, groups)))]
        assert trial_ballot("number", voters, groups).groups == groups
