"""What labelled neighbours say of the vendors there."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus.trust.model import LogitTrust
from consensus.trust.parameters import shipped_prior
from consensus.trust.shifting import shifted
from learning.advice.locality import FEWEST, Local, LocalFit
from learning.lessons import Lesson
from tests.support.ballots import any_ballot, plain

PRIOR = LogitTrust(shipped_prior())
MODELS = {"gpt": "gpt-1", "claude": "claude-1", "gemini": "gemini-1"}
AGREED = Lesson(plain("gpt claude gemini"), 0, correct=True)
OUTVOTED = Lesson(plain("claude gemini", "gpt"), 0, correct=False)
"""Two were believed against one, and were wrong."""


def local(lessons, models=MODELS, **made):
    return LocalFit(PRIOR, **made).of(lessons, models)


def test_who_is_outvoted_where_the_others_err_comes_to_be_believed_alone():
    found = local([AGREED] * 60 + [OUTVOTED] * 20)
    cast = plain("claude gemini", "gpt")
    before = PRIOR.probabilities(cast, {})
    after = shifted(PRIOR, found.offsets, found.harder).probabilities(cast, {})
    assert before[0] > before[1]
    assert after[1] > after[0]
    assert found.unlike > 0.9


def test_a_neighbourhood_like_the_rest_moves_next_to_nothing():
    rest = [Lesson(OUTVOTED.ballot, 0, correct=n % 4 > 0) for n in range(20)]
    found = local([Lesson(AGREED.ballot, 0, correct=n % 20 > 0) for n in range(80)] + rest)
    assert found.unlike < 0.2
    assert all(abs(offset) < 0.2 for offset in found.offsets.values())


def test_a_handful_of_labels_says_nothing():
    found = local([OUTVOTED] * (FEWEST - 1))
    assert found == Local(labels=FEWEST - 1)


def test_what_another_model_of_the_provider_did_says_nothing_of_it():
    found = local([AGREED] * 60 + [OUTVOTED] * 20, MODELS | {"gpt": "gpt-2"})
    assert found.offsets["gpt"] == pytest.approx(0.0, abs=1e-9)
    assert found.offsets["claude"] < 0.0


def test_unless_told_that_models_are_all_the_same():
    lessons = [AGREED] * 60 + [OUTVOTED] * 20
    assert local(lessons, MODELS | {"gpt": "gpt-2"}, same_model=False).offsets["gpt"] > 0.0


def test_refusals_given_out_are_no_evidence():
    refused = Lesson(plain("gpt claude gemini"), 0, correct=False)
    object.__setattr__(refused.ballot, "refuses", (True,))
    assert local([refused] * 50).labels == 0


def test_lessons_that_count_nothing_say_nothing():
    lessons = [AGREED] * 60 + [OUTVOTED] * 20
    silent = LocalFit(PRIOR).of(lessons, MODELS, [1.0] * 60 + [0.0] * 20)
    alone = local([AGREED] * 60)
    assert silent.offsets == pytest.approx(alone.offsets, abs=1e-6)
    assert local(lessons).offsets["gpt"] > silent.offsets["gpt"] + 0.5


def test_with_an_ordinary_neighbourhood_certain_nothing_moves():
    assert not local([AGREED] * 60 + [OUTVOTED] * 20, ordinary=1.0).offsets


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(any_ballot(refusals=False), st.booleans()), min_size=8, max_size=30))
def test_whatever_was_seen_offsets_stay_finite_and_within_a_few_spreads(seen):
    lessons = [Lesson(cast, len(cast.groups) - 1, correct=right) for cast, right in seen]
    models = {v.provider: v.model for cast, _ in seen for v in cast.voters}
    found = local(lessons, models)
    assert all(abs(offset) < 10.0 for offset in found.offsets.values())
    assert 0.0 <= found.unlike <= 1.0
    assert 0.0 <= found.right <= 1.0


def test_an_answer_alone_is_believed_as_the_model_believes_it():
    fit = LocalFit(PRIOR)
    (odds,) = fit.alone([AGREED], "gpt")
    p = PRIOR.probabilities(plain("gpt"), {})[0]
    assert odds == pytest.approx(math.log(p / (1 - p)))
    assert fit.alone([AGREED], "nobody") == [None]
