"""How rules and model are weighed together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus.agreement.judging import judged, shipped_weights, weights_from
from consensus.agreement.likeness import SAME, Likeness, Reason, different
from consensus.agreement.words import reason_words
from consensus.entailment.judgement import Judgement
from tests.support.entailment import AGREE, CONFLICT

TOLD = ("It floats.", "It stays on the surface.")
_SHARES = st.tuples(*[st.floats(0.01, 1.0)] * 3).map(lambda s: tuple(x / sum(s) for x in s))


def worded(degree):
    return Likeness(degree >= 0.5, degree, typed=False, reason=Reason.ALIKE_IN_WORDING)


@given(st.floats(0.0, 1.0), _SHARES)
def test_the_degree_is_a_probability_and_says_whether_they_are_the_same(degree, shares):
    found = judged(worded(degree), Judgement(*shares), TOLD)

    assert 0.0 <= found.degree <= 1.0
    assert found.same is (found.degree >= 0.5)


@given(st.floats(0.0, 1.0), st.floats(0.0, 0.5), st.floats(0.0, 0.5))
def test_more_conflict_is_never_more_agreement(degree, less, more):
    less, more = sorted((less, more))
    mild = judged(worded(degree), Judgement(0.5, 0.5 - less, less), TOLD)
    hard = judged(worded(degree), Judgement(0.5, 0.5 - more, more), TOLD)

    assert hard.degree <= mild.degree


def test_a_model_that_upholds_the_types_leaves_the_answers_compared_by_type():
    found = judged(SAME, AGREE, TOLD)

    assert found.typed
    assert found.reason is Reason.SAME_FINAL


def test_a_model_that_is_sure_overrules_what_was_read_out_of_prose():
    assert judged(different(Reason.DENIED_IN_THE_OTHER), AGREE, TOLD).same
    assert not judged(worded(0.9), CONFLICT, TOLD).same


def test_two_denials_agree_more_than_a_denial_and_a_claim():
    unsure = Judgement(0.3, 0.4, 0.3)
    both = judged(worded(0.5), unsure, ("Nothing happens.", "There is no effect."))
    one = judged(worded(0.5), unsure, ("Nothing happens.", "It explodes."))

    assert both.degree > one.degree


def test_the_shipped_weights_trust_the_model_and_every_finding_of_the_rules_in_its_direction():
    weights = shipped_weights()

    assert weights.model > 0
    assert weights.reasons[Reason.SAME_FINAL] > 0 > weights.reasons[Reason.OTHER_POLARITY]


def test_weights_with_an_unknown_reason_are_refused():
    kept = {"offset": 0, "model": 1, "likeness": 0, "both_deny": 0, "one_denies": 0}

    with pytest.raises(ValueError, match="astrology"):
        weights_from({**kept, "reasons": {"astrology": 1.0}})


@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_reason_has_words(language):
    assert len({reason_words(reason, language) for reason in Reason}) == len(Reason)
