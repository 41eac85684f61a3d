"""What texts tell about right and wrong beside who agrees with whom."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus.answers import final_answer, read_question
from consensus.ballot import DIFFICULTY, SIGNS
from consensus.reading import read_answer
from consensus.trust.figures import difficulty, group_signs, hedges

QUESTION = read_question("How many marbles are left?")
COUNTED = (
    "Tom starts with twelve marbles in a bag: 12 marbles. He gives 3 marbles to Ann and then "
    "loses 4 marbles in the garden. So 12 - 3 - 4 = 5 marbles remain. The answer is 5."
)
OTHERWISE = (
    "Consider a train that leaves the station at noon with 80 passengers aboard. At the river "
    "bridge 25 people step off and 17 climb on, hence 72 travellers. The answer is 72."
)


def read(*texts):
    return [read_answer(QUESTION, text) for text in texts]


def told(*texts):
    """The figures of difficulty by name."""
    counted = [hedges(text) for text in texts]
    return dict(zip(DIFFICULTY, difficulty(read(*texts), counted, "?", None), strict=True))


@pytest.mark.parametrize(
    ("text", "count"),
    [
        pytest.param("The answer is 5.", 0, id="plain"),
        pytest.param("Wait, let me recheck: it may be 5.", 4, id="second thoughts"),
        pytest.param("Approximately 5, which is the closest option.", 2, id="approximation"),
        pytest.param("PERHAPS", 1, id="in capitals"),
        pytest.param("The maybelline mighty seemed.", 0, id="parts of words"),
        pytest.param("おそらく5です。ただし、可能性は低い。", 3, id="in Japanese"),
        pytest.param("", 0, id="nothing"),
    ],
)
def test_words_of_doubt_are_counted(text, count):
    assert hedges(text) == count


def test_a_group_that_hedges_more_than_the_others_has_the_higher_sign():
    readings = read("5", "5", "6")
    rows = group_signs(readings, [(0, 1), (2,)], [0, 0, 4], None)
    level = math.log1p(4)
    assert [row[SIGNS.index("hedging")] for row in rows] == pytest.approx(
        [-level / 3, level * 2 / 3]
    )


@given(st.lists(st.integers(0, 50), min_size=3, max_size=3))
def test_signs_tell_groups_apart_and_nothing_of_them_all(counted):
    rows = group_signs(read("5", "6", "7"), [(0,), (1,), (2,)], counted, None)
    assert math.fsum(row[0] for row in rows) == pytest.approx(0.0, abs=1e-9)


def test_a_computed_answer_confirms_refutes_or_says_nothing():
    readings = read("The answer is 5.", "The answer is 6.", "I don't know.")
    computed = final_answer(QUESTION, "5")
    rows = group_signs(readings, [(0,), (1,), (2,)], [0, 0, 0], computed)
    assert [row[SIGNS.index("computed")] for row in rows][:2] == [1.0, -1.0]
    assert all(row[1] == 0.0 for row in group_signs(readings, [(0,), (1,)], [0, 0, 0], None))


def test_vendors_who_reason_alike_share_words_and_numbers():
    alike, apart = told(COUNTED, COUNTED), told(COUNTED, OTHERWISE)
    assert alike["shared_words"] > 0.0 > apart["shared_words"]
    assert alike["shared_numbers"] > 0.0 > apart["shared_numbers"]


@pytest.mark.parametrize("texts", [("5",), ("5", "5"), (COUNTED,), (COUNTED, "5")])
def test_what_is_too_short_to_share_anything_says_nothing(texts):
    figures = told(*texts)
    assert (figures["shared_words"], figures["shared_numbers"]) == (0.0, 0.0)


def test_who_hedges_raises_the_figures_of_hedging():
    doubtful = "However, wait. Perhaps it is 5, but I might be mistaken; it seems unclear."
    sure, unsure = told("It is 5."), told(doubtful)
    assert unsure["hedging"] > sure["hedging"]
    assert unsure["hedging_density"] > sure["hedging_density"]


def test_long_final_answers_raise_the_figure_of_length():
    question = read_question("Who wrote it?")
    place = DIFFICULTY.index("answer_length")
    short, long = (
        difficulty([read_answer(question, text)], [0], "?", None)[place]
        for text in ("Bashō", "The woman who had lived in the house by the lake for forty years")
    )
    assert short < long


def test_without_topics_a_question_lies_in_the_middle_of_all():
    assert [told("5")[name] for name in DIFFICULTY if name.startswith("topic")] == [0.0] * 12


@given(st.lists(st.text(max_size=300), min_size=1, max_size=4))
def test_figures_are_finite_whatever_the_texts(texts):
    counted = [hedges(text) for text in texts]
    readings = read(*texts)
    rows = group_signs(readings, [(i,) for i in range(len(texts))], counted, None)
    figures = difficulty(readings, counted, "?", None)
    assert len(figures) == len(DIFFICULTY)
    assert all(map(math.isfinite, figures))
    assert all(len(row) == len(SIGNS) and all(map(math.isfinite, row)) for row in rows)


@given(st.permutations([COUNTED, OTHERWISE, "It is perhaps 5.", "5"]))
def test_the_order_of_asking_makes_no_question_harder(texts):
    usual = told(COUNTED, OTHERWISE, "It is perhaps 5.", "5")
    assert told(*texts) == pytest.approx(usual)
