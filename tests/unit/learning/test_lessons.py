"""What is learned from: the newest labelled requests, each by its last label."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning.lessons import Label, Lesson, LessonBook, Outcome
from tests.support.ballots import BALLOT, ballot

OUTCOME = Outcome(BALLOT, 0)


def book_of(*labels, capacity=3):
    book = LessonBook(capacity)
    for label in labels:
        book.add(label, OUTCOME)
    return book


def test_a_lesson_is_the_ballot_the_group_returned_and_whether_it_was_right():
    book = LessonBook(3)
    assert book.add(Label(1, "a", False), Outcome(BALLOT, 1))
    assert book.lessons() == (Lesson(BALLOT, 1, False),)


def test_lessons_come_oldest_first_whatever_the_order_they_were_heard_in():
    book = book_of(Label(3, "c", True), Label(1, "a", True), Label(2, "b", False))
    assert [label.request_id for label in book.labels()] == ["a", "b", "c"]


def test_of_several_labels_of_a_request_the_last_counts():
    book = book_of(Label(1, "a", True), Label(2, "b", True), Label(3, "a", False))
    assert book.labels() == (Label(2, "b", True), Label(3, "a", False))


def test_an_earlier_label_heard_later_changes_nothing():
    book = book_of(Label(3, "a", False))
    assert not book.add(Label(1, "a", True), OUTCOME)
    assert book.labels() == (Label(3, "a", False),)


def test_when_full_the_oldest_gives_way():
    book = book_of(*(Label(n, f"r-{n}", True) for n in range(1, 6)))
    assert [label.number for label in book.labels()] == [3, 4, 5]
    assert not book.wants(Label(2, "r-2", False))


def test_a_correction_of_a_request_that_gave_way_brings_it_back():
    book = book_of(*(Label(n, f"r-{n}", True) for n in range(1, 6)))
    assert book.add(Label(6, "r-1", False), OUTCOME)
    assert [label.request_id for label in book.labels()] == ["r-4", "r-5", "r-1"]


@pytest.mark.parametrize(
    ("kept", "returned"),
    [
        pytest.param(None, 0, id="no ballot"),
        pytest.param(BALLOT, None, id="a text that no group said"),
        pytest.param(BALLOT, 2, id="a group that is not on the ballot"),
        pytest.param(BALLOT, -1, id="a negative group"),
    ],
)
def test_a_request_without_a_known_outcome_teaches_nothing(kept, returned):
    assert Outcome.of(kept, returned) is None


def test_the_outcome_of_an_answered_request_is_its_ballot_and_group():
    alone = ballot("gpt")
    assert Outcome.of(alone, 0) == Outcome(alone, 0)


labels = st.lists(
    st.tuples(st.integers(0, 60), st.sampled_from("abcdefgh"), st.booleans()),
    unique_by=lambda label: label[0],
    max_size=40,
).map(lambda drawn: [Label(*label) for label in drawn])


@given(labels, st.integers(1, 10), st.randoms(use_true_random=False))
def test_what_is_held_depends_on_the_labels_and_not_on_their_order_or_repetition(
    heard, capacity, random
):
    again = [*heard, *random.sample(heard, len(heard) // 2)]
    random.shuffle(again)
    assert (
        book_of(*heard, capacity=capacity).labels() == book_of(*again, capacity=capacity).labels()
    )


@given(labels, st.integers(1, 10))
def test_what_is_held_is_each_requests_last_label_the_newest_of_them(heard, capacity):
    last = {label.request_id: label for label in sorted(heard, key=lambda label: label.number)}
    newest = sorted(last.values(), key=lambda label: label.number)[-capacity:]
    book = book_of(*heard, capacity=capacity)
    assert book.labels() == tuple(newest)
    assert len(book) == len(newest) == len(book.lessons())


@given(labels, st.integers(1, 10))
def test_a_label_is_wanted_exactly_when_it_would_change_something(heard, capacity):
    book = LessonBook(capacity)
    for label in heard:
        wanted, before = book.wants(label), book.labels()
        assert book.add(label, OUTCOME) == wanted == (book.labels() != before)
