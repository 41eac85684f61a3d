"""A model of trust goes into a policy document and comes out the same."""

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus.trust.model import LogitTrust, MixedTrust
from consensus.trust.parameters import TrustParameters, shipped_prior
from learning.lessons import Lesson
from learning.policy.document import read_policy
from learning.policy.errors import UnknownModelError, UnreadablePolicyError
from learning.policy.models import model_of, parts_of, prior_digest
from learning.trust import TrustLearner
from tests.support.ballots import BALLOT, any_ballot, ballot
from tests.support.policies import a_policy

odds = st.floats(-4.0, 4.0)
names = st.sampled_from(["gpt", "claude", "gemini", "名前"])
kinds = st.sampled_from(["number", "choice", "phrase"])


@st.composite
def parameters(draw):
    prior = shipped_prior()
    return replace(
        prior,
        support=prior.support + draw(odds),
        signs=tuple(draw(odds) for _ in prior.signs),
        difficulty=tuple(draw(odds) for _ in prior.difficulty),
        providers=draw(st.dictionaries(names, odds)),
        providers_by_kind=draw(st.dictionaries(st.tuples(names, kinds), odds)),
        kinds=draw(st.dictionaries(kinds, odds)),
        lessons=draw(st.dictionaries(kinds, st.integers(0, 1000))),
    )


def kept(model):
    """The model after a document that was written and read."""
    return model_of(read_policy(a_policy(model=model).text).calibration.model)


@given(parameters())
def test_every_parameter_survives(drawn):
    read = kept(LogitTrust(drawn))
    assert isinstance(read, LogitTrust)
    for field in fields(TrustParameters):
        assert getattr(read.parameters, field.name) == getattr(drawn, field.name), field.name


@given(st.lists(parameters(), min_size=2, max_size=4), any_ballot(voters=4))
def test_an_average_of_models_judges_the_same(drawn, cast):
    shares = [n + 1.0 for n in range(len(drawn))]
    model = MixedTrust(tuple(map(LogitTrust, drawn)), tuple(s / sum(shares) for s in shares))
    assert kept(model).probabilities(cast, {}) == model.probabilities(cast, {})


def test_what_feedback_made_of_the_prior_survives():
    lessons = [Lesson(ballot("gpt claude", "gemini"), 0, correct) for correct in (True, False)] * 9
    model = TrustLearner().fit(lessons)
    assert kept(model).probabilities(BALLOT, {}) == model.probabilities(BALLOT, {})


def test_no_parts_are_the_shipped_prior():
    assert model_of(()) == LogitTrust(shipped_prior())


def test_a_part_without_a_share_is_left_out():
    prior = LogitTrust(shipped_prior())
    parts = parts_of(MixedTrust((prior, prior), (1.0, 0.0)))
    assert [part.share for part in parts] == [1.0]


def test_a_model_of_another_kind_cannot_be_kept():
    class Oracle:
        """No parameters at all."""

    with pytest.raises(UnknownModelError, match="type Oracle cannot be kept"):
        parts_of(Oracle())


def test_parameters_of_another_version_are_told_by_name():
    (part,) = parts_of(LogitTrust(shipped_prior()))
    other = {**part.general, "sign_laughter": 0.1}
    del other["support"]
    with pytest.raises(UnreadablePolicyError) as refused:
        model_of([part.model_copy(update={"general": other})])
    assert refused.value.problems == (
        "calibration.model[0].general: lacks support",
        "calibration.model[0].general: knows no sign_laughter",
    )


def test_shares_that_do_not_sum_to_one_are_refused():
    (part,) = parts_of(LogitTrust(shipped_prior()))
    with pytest.raises(UnreadablePolicyError, match=r"sum to 2, not to 1"):
        model_of([part, part])


def test_the_priors_digest_changes_with_its_parameters(monkeypatch):
    before = prior_digest()
    other = replace(shipped_prior(), support=9.0)
    monkeypatch.setattr("learning.policy.models.shipped_prior", lambda: other)
    assert prior_digest() != before
