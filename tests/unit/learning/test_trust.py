"""What feedback teaches about whom to believe."""

import random
from dataclasses import replace
from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus.ballot import DIFFICULTY, ConfidenceSource
from consensus.trust.model import LogitTrust
from consensus.trust.parameters import shipped_prior
from learning.lessons import Lesson
from learning.trust import PRIOR_SPREADS, TrustLearner
from tests.support.ballots import any_ballot, plain

ALIKE = plain("gpt claude gemini")
OTHER_KIND = plain("gpt claude gemini", kind="choice")
PRIOR = LogitTrust(shipped_prior())
SAME = 0.001
"""How far a fit may lie from another of the same lessons, by where it started."""

few = settings(max_examples=15, deadline=None)


def fitted(lessons):
    return TrustLearner().fit(lessons)


def stated(model, cast=ALIKE, g=0):
    return model.probabilities(cast, {})[g]


def split(alone, kind="number"):
    """The ballot where ``alone`` says something else than the other two."""
    pair = " ".join(name for name in ("gpt", "claude", "gemini") if name != alone)
    return plain(pair, alone, kind=kind)


@st.composite
def lessons(draw, **options):
    """Any lessons that a journal may hold."""
    ballots = draw(st.lists(any_ballot(**options), min_size=1, max_size=12))
    return [
        Lesson(cast, draw(st.integers(0, len(cast.groups) - 1)), draw(st.booleans()))
        for cast in ballots
    ]


def test_without_lessons_the_prior_speaks():
    assert fitted([]).probabilities(ALIKE, {}) == PRIOR.probabilities(ALIKE, {})


def test_the_assumed_spreads_are_a_distribution():
    assert sum(share for *_, share in PRIOR_SPREADS) == pytest.approx(1.0)


def test_where_all_that_agreed_on_was_wrong_agreement_is_soon_not_believed():
    read = [stated(fitted([Lesson(ALIKE, 0, False)] * n)) for n in (0, 1, 5, 30, 300)]
    assert read == sorted(read, reverse=True)
    assert read[2] < 0.3
    assert read[3] < 0.05
    assert read[4] < 0.01


def test_where_all_was_right_confidence_rises():
    read = [stated(fitted([Lesson(ALIKE, 0, True)] * n)) for n in (0, 1, 5, 30, 300)]
    assert read == sorted(read)
    assert read[3] > 0.97


def test_a_kind_that_goes_wrong_leaves_one_that_goes_right_believed():
    wrong, right = Lesson(ALIKE, 0, False), Lesson(OTHER_KIND, 0, True)
    model = fitted([wrong, right] * 30)
    assert stated(model) < 0.1
    assert stated(model, OTHER_KIND) > 0.95


def test_contradictory_labels_leave_a_confidence_of_how_often_it_was_right():
    model = fitted([Lesson(ALIKE, 0, n % 2 == 0) for n in range(200)])
    assert stated(model) == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("rate", [0.2, 0.5, 0.8, 0.95])
def test_what_is_stated_comes_to_be_the_rate_of_being_right(rate):
    drawn = random.Random(1)
    model = fitted([Lesson(ALIKE, 0, drawn.random() < rate) for _ in range(300)])
    assert stated(model) == pytest.approx(rate, abs=0.06)


def test_so_it_does_for_long_texts_whose_difficulty_is_beyond_its_bound():
    hard = tuple(9.0 * (name == "answer_length") for name in DIFFICULTY)
    cast = replace(plain("gpt claude gemini", kind="free_text", typed=False), difficulty=hard)
    model = fitted([Lesson(cast, 0, n % 5 == 0) for n in range(300)])
    assert stated(model, cast) == pytest.approx(0.2, abs=0.05)


def reliable_minority(count, kind="number"):
    """Feedback in time: each panel is answered by the model of then; gemini alone is right against two."""
    learner, taught = TrustLearner(), []
    model = learner.fit([])
    for n in range(count):
        cast = split(("gemini", "gemini", "gpt", "claude")[n % 4], kind)
        right = cast.group_of("gemini")
        read = model.probabilities(cast, {})
        returned = read.index(max(read))
        taught.append(Lesson(cast, returned, returned == right))
        model = learner.fit(taught)
    return model


def test_a_provider_that_is_right_alone_against_two_comes_to_be_believed():
    cast = split("gemini")
    model = reliable_minority(60)
    assert PRIOR.probabilities(cast, {})[0] > PRIOR.probabilities(cast, {})[1]
    pair, alone = model.probabilities(cast, {})
    assert alone > 0.8 > pair


def test_nobody_is_believed_alone_for_what_others_were_right_in():
    model = reliable_minority(60)
    pair, alone = model.probabilities(split("gpt"), {})
    assert pair > alone


def test_a_reliable_minority_is_worth_more_in_the_kind_it_was_right_in():
    model = reliable_minority(60)
    here, elsewhere = (
        model.provider_weights(kind, ["gemini", "gpt"]) for kind in ("number", "choice")
    )
    assert here["gemini"] > elsewhere["gemini"] > 1.0
    assert elsewhere["gemini"] > elsewhere["gpt"]


def test_a_newcomer_counts_as_the_prior_has_it():
    model = reliable_minority(60)
    assert model.provider_weights("number", ["mistral"])["mistral"] == pytest.approx(1.0)


def test_lessons_fade():
    before, after = [Lesson(ALIKE, 0, False)] * 40, [Lesson(ALIKE, 0, True)] * 40
    lasting = TrustLearner(half_life=1e9).fit(before + after)
    fading = TrustLearner(half_life=10).fit(before + after)
    assert stated(fading) > stated(lasting) + 0.2


def test_refusals_given_out_teach_nothing():
    declined = replace(plain("gpt claude gemini"), refuses=(True,))
    assert fitted([Lesson(declined, 0, False)] * 30).probabilities(
        ALIKE, {}
    ) == PRIOR.probabilities(ALIKE, {})


def test_confidence_is_calibrated_from_20_labels_of_the_kind_on():
    taught = [Lesson(ALIKE, 0, True)] * 19
    assert fitted(taught).source("number") is ConfidenceSource.PRIOR
    model = fitted([*taught, Lesson(ALIKE, 0, True)])
    assert model.source("number") is ConfidenceSource.CALIBRATED
    assert model.source("choice") is ConfidenceSource.PRIOR


@few
@given(lessons())
def test_the_same_lessons_teach_the_same(taught):
    cast = taught[0].ballot
    assert fitted(taught).probabilities(cast, {}) == fitted(taught).probabilities(cast, {})


@few
@given(lessons(), lessons())
def test_what_was_fitted_before_changes_nothing(taught, others):
    learner = TrustLearner()
    for n in range(1, len(taught)):
        learner.fit([*taught[:n], *others])
        learner.fit(taught[:n])
    cast = taught[-1].ballot
    assert learner.fit(taught).probabilities(cast, {}) == pytest.approx(
        fitted(taught).probabilities(cast, {}), abs=SAME
    )


def test_a_fit_that_overshoots_ends_where_it_ends_from_anywhere():
    lone = replace(plain("p0"), typed=False, independence=(0.0,))
    scattered = replace(plain("p0", "p1", "p2", "p3", kind="choice"), independence=(0.0,) * 4)
    taught = [*[Lesson(lone, 0, False)] * 6, Lesson(scattered, 0, True)]
    learner = TrustLearner()
    learner.fit([*taught, *[Lesson(scattered, 1, False)] * 9])
    assert learner.fit(taught).probabilities(scattered, {}) == pytest.approx(
        fitted(taught).probabilities(scattered, {}), abs=SAME
    )


@few
@given(lessons(), st.integers(0, 12))
def test_a_model_knows_nothing_of_labels_that_come_later(taught, known):
    learner = TrustLearner()
    model = learner.fit(taught[:known])
    cast = taught[-1].ballot
    before = model.probabilities(cast, {})
    learner.fit(taught)
    assert model.probabilities(cast, {}) == before
    assert learner.fit(taught[:known]).probabilities(cast, {}) == pytest.approx(before, abs=SAME)


@few
@given(lessons(voters=8, vendors="abc"), any_ballot(voters=8, vendors="abc"))
def test_whatever_was_labelled_what_is_stated_are_shares(taught, cast):
    model = fitted(taught * 10)
    read = model.probabilities(cast, {})
    assert all(0.0 <= p <= 1.0 for p in read)
    assert sum(read) <= 1.0 + 1e-9
    weights = model.provider_weights(cast.kind, [v.provider for v in cast.voters])
    assert all(0.0 <= w < 1e3 for w in weights.values())


@few
@given(lessons())
def test_whatever_was_labelled_one_more_agreeing_answer_does_not_make_less_sure(taught):
    model = fitted(taught * 10)
    for kind in ("number", "free_text"):
        read = [
            stated(model, plain(agreeing, kind=kind))
            for agreeing in ("p0", "p0 p1", "p0 p1 p2", "p0 p1 p2 p3", "p0 p1 p2 p3 p4")
        ]
        assert all(more >= less - 1e-9 for less, more in pairwise(read))


def test_who_only_conforms_is_praised_and_blamed_less():
    own = [plain(" ".join(pair)) for pair in combinations(("gpt", "claude", "gemini"), 2)]
    conforming = [
        replace(cast, independence=tuple(0.25 if v.provider == "gpt" else 1.0 for v in cast.voters))
        for cast in own
    ]
    moved = []
    for ballots in (own, conforming):
        taught = [
            Lesson(cast, 0, "gpt" not in {v.provider for v in cast.voters}) for cast in ballots
        ]
        moved.append(fitted(taught * 10).provider_weights("number", ["gpt"])["gpt"])
    assert moved[0] < moved[1] < 1.0


def test_parameters_carry_how_many_labels_are_behind_them():
    model = fitted([Lesson(ALIKE, 0, True)] * 3 + [Lesson(OTHER_KIND, 0, True)])
    assert model.models[0].parameters.lessons == {"number": 3, "choice": 1}
