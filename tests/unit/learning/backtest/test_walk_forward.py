"""A replay in the order of time: nothing later is ever used."""

from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus.ballot import Ballot, BallotVoter
from learning.backtest.roles import Role
from learning.backtest.seating import seated
from learning.backtest.walk_forward import Decided, walk_forward
from tests.support.recordings import MODELS, answer, panel, record, row

PROVIDERS = ("gpt", "claude", "gemini")


@dataclass(frozen=True)
class Tally:
    """A model of trust that knows how often each provider's answer was right when given out."""

    right: tuple[int, ...]
    lessons: int


class CountingLearner:
    """Counts, and remembers each fit."""

    def __init__(self):
        self.fits = []

    def fit(self, lessons):
        self.fits.append(tuple(lessons))
        right = [0, 0, 0]
        for lesson in lessons:
            (first, *_) = lesson.ballot.groups[lesson.returned]
            provider = lesson.ballot.voters[first].provider
            right[PROVIDERS.index(provider)] += 1 if lesson.correct else -1
        return Tally(tuple(right), len(lessons))


def by_tally(prompt, attempts, trust):
    """The provider most often right; of equals the one with the longest answer."""
    standing = [i for i, a in enumerate(attempts) if a.text is not None]
    if not standing:
        return None
    seat = max(standing, key=lambda i: (trust.right[i], len(attempts[i].text), -i))
    voters = tuple(BallotVoter(a.provider, a.vendor, a.model) for a in attempts if a.text)
    alone = tuple((i,) for i in range(len(voters)))
    ballot = Ballot("number", "en", voters, alone, (False,) * len(alone), ((),) * len(alone), ())
    confidence = 0.5 + trust.lessons / 1_000
    return Decided(seat, confidence, trust.lessons > 0, ballot)


def seat(rows):
    return seated(Role("eggs", "eggs", MODELS), [record(r) for r in rows])


def replay(requests, learner=None, clock=lambda: 0.0, **options):
    return list(walk_forward(requests, by_tally, learner or CountingLearner(), clock, **options))


TEXTS = st.tuples(*[st.sampled_from(["1", "12", "123", ""])] * 3)
LABELS = st.tuples(*[st.booleans()] * 3)
ITEMS = st.lists(st.tuples(TEXTS, LABELS), min_size=1, max_size=20)


def requests_of(items):
    return seat(
        row(order, *(answer(m, t, c) for m, t, c in zip(MODELS, texts, correct, strict=True)))
        for order, (texts, correct) in enumerate(items)
    )


@given(ITEMS, ITEMS, st.integers(1, 25), st.data())
def test_changing_any_later_label_or_text_changes_nothing_before(items, others, delay, data):
    at = data.draw(st.integers(0, len(items) - 1))
    before = replay(requests_of(items), delay=delay)[:at]
    assert replay(requests_of(items[:at] + others), delay=delay)[:at] == before


@given(ITEMS, LABELS, st.integers(1, 25), st.data())
def test_a_label_changes_no_decision_until_it_has_arrived(items, labels, delay, data):
    at = data.draw(st.integers(0, len(items) - 1))
    changed = [*items[:at], (items[at][0], labels), *items[at + 1 :]]

    def decisions(of):
        steps = replay(requests_of(of), delay=delay)[: at + delay]
        return [(s.with_feedback.seat, s.with_feedback.confidence, s.cold) for s in steps]

    seats = [(seat, confidence, cold.seat) for seat, confidence, cold in decisions(items)]
    assert [(s, c, cold.seat) for s, c, cold in decisions(changed)] == seats


@given(ITEMS, st.integers(1, 25), st.data())
def test_only_the_answer_given_out_is_ever_labelled(items, delay, data):
    requests = requests_of(items)
    steps = replay(requests, delay=delay)
    at = data.draw(st.integers(0, len(items) - 1))
    given_out = steps[at].with_feedback.seat
    flipped = tuple(c if i == given_out else not c for i, c in enumerate(requests[at].correct))
    altered = [*requests[:at], replace(requests[at], correct=flipped), *requests[at + 1 :]]
    assert [s.with_feedback for s in replay(altered, delay=delay)] == [
        s.with_feedback for s in steps
    ]


def test_a_label_is_known_so_many_requests_later_and_not_one_sooner():
    learner = CountingLearner()
    steps = replay(seat(panel(i, "abc", "a") for i in range(6)), learner, delay=4)
    assert [s.with_feedback.lessons for s in steps] == [0, 0, 0, 0, 1, 2]
    assert [len(fit) for fit in learner.fits] == [0, 1, 2]


def test_lessons_are_told_oldest_first_with_the_group_given_out():
    learner = CountingLearner()
    replay(
        seat([panel(0, ["1", "2", "345"], "345"), *(panel(i, "abc", "a") for i in (1, 2))]),
        learner,
        delay=1,
    )
    assert [(lesson.returned, lesson.correct) for lesson in learner.fits[-1]] == [
        (2, True),
        (2, False),
    ]


def test_a_fit_may_wait_for_several_labels():
    learner = CountingLearner()
    replay(seat(panel(i, "abc", "a") for i in range(8)), learner, delay=1, refit_every=3)
    assert [len(fit) for fit in learner.fits] == [0, 3, 6]


def test_the_cold_run_knows_no_label():
    steps = replay(seat(panel(i, "abc", "a") for i in range(5)), delay=1)
    assert {s.cold.confidence for s in steps} == {0.5}
    assert not any(s.cold.learned for s in steps)
    assert [s.with_feedback.learned for s in steps] == [False, True, True, True, True]


def test_where_all_fail_the_request_counts_as_wrong_and_known_to_be_and_teaches_nothing():
    learner = CountingLearner()
    failed = row(0, *(answer(m, "", False) for m in MODELS))
    steps = replay(seat([failed, panel(1, "abc", "a"), panel(2, "abc", "a")]), learner, delay=1)
    assert (steps[0].with_feedback.seat, steps[0].with_feedback.correct) == (None, False)
    assert steps[0].with_feedback.confidence == steps[0].cold.confidence == 0.0
    assert len(learner.fits[-1]) == 1


def test_the_group_given_out_is_found_where_another_vote_failed():
    learner = CountingLearner()
    half = row(0, answer("m-gpt", "", False), *(answer(m, "42", True) for m in MODELS[1:]))
    replay(seat([half, panel(1, "abc", "a")]), learner, delay=1)
    (lesson,) = learner.fits[-1]
    assert lesson.ballot.voters[lesson.ballot.groups[lesson.returned][0]].provider == "claude"


def test_the_time_of_deciding_with_feedback_is_told_in_milliseconds():
    ticks = iter([1.0, 1.25, 5.0, 5.5])
    requests = seat(panel(i, "abc", "a") for i in range(2))
    assert [s.cpu_ms for s in replay(requests, clock=lambda: next(ticks), delay=1)] == [250, 500]


@pytest.mark.parametrize("option", ["delay", "refit_every"])
def test_a_label_is_late_by_one_request_at_least(option):
    with pytest.raises(ValueError, match="at least one"):
        replay((), **{option: 0})
