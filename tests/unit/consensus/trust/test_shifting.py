"""A model of trust moved for questions like one at hand."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consensus.trust.model import LogitTrust, MixedTrust
from consensus.trust.parameters import shipped_prior
from consensus.trust.shifting import shifted
from tests.support.ballots import TallyModel, any_ballot, plain

PRIOR = LogitTrust(shipped_prior())
MIXED = MixedTrust((PRIOR, shifted(PRIOR, {"gpt": 0.5})), (0.5, 0.5))
SPLIT = plain("claude gemini", "gpt")

offsets = st.dictionaries(st.sampled_from(["p0", "p1", "gpt"]), st.floats(-3.0, 3.0))


@pytest.mark.parametrize("trust", [PRIOR, MIXED], ids=["one model", "several averaged"])
def test_who_is_worth_enough_more_wins_against_two(trust):
    before = trust.probabilities(SPLIT, {})
    after = shifted(trust, {"gpt": 3.0}).probabilities(SPLIT, {})
    assert before[0] > before[1]
    assert after[1] > after[0]


@pytest.mark.parametrize("trust", [PRIOR, MIXED], ids=["one model", "several averaged"])
def test_where_questions_are_harder_every_answer_is_less_likely(trust):
    easy, hard = (shifted(trust, {}, h).probabilities(SPLIT, {}) for h in (0.0, 1.0))
    assert all(b < a for a, b in zip(easy, hard, strict=True))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(any_ballot(), offsets, st.floats(-2.0, 2.0))
def test_probabilities_stay_probabilities(ballot, moved, harder):
    likely = shifted(PRIOR, moved, harder).probabilities(ballot, {})
    assert all(0.0 <= p <= 1.0 for p in likely)
    assert sum(likely) <= 1.0 + 1e-9


def test_no_vote_counts_against_its_answer_however_low_its_offset():
    low = shifted(PRIOR, {"claude": -50.0})
    alone, joined = plain("gpt", "gemini"), plain("gpt claude", "gemini")
    assert low.probabilities(joined, {})[0] >= low.probabilities(alone, {})[0]


def test_nothing_moved_is_the_same_model():
    assert shifted(PRIOR, {"gpt": 0.0}) is PRIOR


def test_a_model_of_another_making_is_left_as_it_is():
    other = TallyModel({}, {})
    assert shifted(other, {"gpt": 1.0}) is other
