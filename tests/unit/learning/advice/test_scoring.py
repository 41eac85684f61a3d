"""Many ballots judged at once."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus.trust.model import LogitTrust, MixedTrust
from consensus.trust.parameters import shipped_prior
from learning.advice.scoring import is_linear, stated
from tests.support.ballots import TallyLearner, any_ballot, plain

PRIOR = shipped_prior()
odds = st.floats(-3.0, 3.0)
names = st.sampled_from([f"p{i}" for i in range(6)])
kinds = st.sampled_from(("number", "choice", "free_text"))
models = st.builds(
    lambda support, providers, inside, hard: LogitTrust(
        replace(PRIOR, support=support, providers=providers, providers_by_kind=inside, kinds=hard)
    ),
    odds,
    st.dictionaries(names, odds),
    st.dictionaries(st.tuples(names, kinds), odds),
    st.dictionaries(kinds, odds),
)


@settings(deadline=None)
@given(st.lists(any_ballot(voters=5, vendors="abcd"), min_size=1, max_size=12), models, models)
def test_together_they_are_judged_as_each_by_itself(ballots, one, other):
    mixed = MixedTrust((one, other), (0.3, 0.7))
    for trust in (one, mixed):
        for found, ballot in zip(stated(trust, ballots), ballots, strict=True):
            assert found == pytest.approx(trust.probabilities(ballot, {}), abs=1e-9)


def test_a_model_of_another_making_is_asked_ballot_by_ballot():
    trust = TallyLearner().fit(())
    cast = plain("gpt claude", "gemini")
    assert stated(trust, [cast] * 9) == [trust.probabilities(cast, {})] * 9


def test_a_vendor_twice_in_a_group_is_not_taken_for_two_witnesses():
    assert is_linear(plain("gpt claude gemini"))
    assert is_linear(plain("gpt", "gpt"))
    assert not is_linear(plain("gpt gpt", "claude"))
