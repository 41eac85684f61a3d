"""Which answer is returned, and what is said of the panel."""

import pytest

from consensus.verdict import Status
from tests.support.panels import attempt, decide_on, panel

SUM = "What is 6 times 7?"
SKY = "Explain why the sky is blue."
SCATTERED = "The sky is blue because air molecules scatter the short blue wavelengths of sunlight."
RAYLEIGH = "Molecules in the air scatter blue sunlight far more than red, so the sky looks blue."


def test_the_answer_most_support_is_returned_and_the_other_dissents():
    consensus = decide_on(SUM, panel("I think 43.", "The answer is 42.", "6 × 7 = 42"))

    assert consensus.winner in {"claude", "gemini"}
    assert consensus.dissent == ("gpt",)
    assert consensus.ranking[-1] == "gpt"
    assert not consensus.unanimous


def test_answers_worded_differently_agree_when_they_come_down_to_the_same():
    consensus = decide_on(
        "日本の首都はどこですか？", panel("東京", "日本の首都は東京です。", "東京です。")
    )

    assert consensus.status is Status.AGREED
    assert consensus.unanimous
    assert consensus.agreement == 1.0


@pytest.mark.parametrize(
    ("texts", "status"),
    [
        pytest.param(("42",), Status.SINGLE, id="one asked, one answer"),
        pytest.param(("42", None, None), Status.SINGLE, id="single comes before degraded"),
        pytest.param(("42", "42", None), Status.DEGRADED, id="fewer answers than asked"),
        pytest.param(("42", "43", None), Status.DEGRADED, id="degraded comes before contested"),
        pytest.param(("42", "42", "43"), Status.CONTESTED, id="answers differ"),
        pytest.param(("42", "42", "42"), Status.AGREED, id="all the same"),
    ],
)
def test_the_status_is_the_first_that_applies(texts, status):
    assert decide_on(SUM, panel(*texts)).status is status


def test_without_any_answer_there_is_nothing_to_decide():
    with pytest.raises(ValueError, match="no answer stands"):
        decide_on(SUM, panel(None, None))


def test_a_heavier_provider_wins_a_split_vote():
    consensus = decide_on(SUM, panel("42", "43"), weights={"claude": 1.5})

    assert consensus.winner == "claude"
    assert [vote.weight for vote in consensus.votes] == pytest.approx([0.4, 0.6])


def test_a_tie_goes_to_the_one_asked_first():
    assert decide_on(SUM, panel("42", "43")).winner == "gpt"


def test_a_tie_does_not_go_to_nonsense():
    consensus = decide_on(SUM, panel("Bananas are yellow and rich in potassium.", "42"))

    assert consensus.winner == "claude"


def test_two_refusals_do_not_outvote_an_answer():
    no = "I'm sorry, but I can't help with that."
    consensus = decide_on(SUM, panel(no, no, "42"))

    assert consensus.winner == "gemini"
    assert consensus.dissent == ("gpt", "claude")
    assert consensus.ranking[0] == "gemini"


def test_when_all_refuse_the_refusal_is_returned():
    no = "I'm sorry, but I can't help with that."

    assert decide_on(SUM, panel(no, no)).winner == "gpt"


def test_failed_votes_are_listed_without_weight_or_score():
    consensus = decide_on(SUM, panel("42", None, "43"))

    failed = consensus.votes[1]
    assert [vote.attempt.provider for vote in consensus.votes] == ["gpt", "claude", "gemini"]
    assert (failed.final_answer, failed.agreement_score, failed.weight) == (None, None, 0.0)


def test_each_vote_tells_how_far_the_others_support_it():
    scores = [v.agreement_score for v in decide_on(SUM, panel("42", "42", "43")).votes]

    assert scores == pytest.approx([0.5, 0.5, 0.0])  # 1 of the 2 others; 1 of 2; none


def test_a_lone_answer_has_no_agreement_score():
    assert decide_on(SUM, panel("42", None)).votes[0].agreement_score is None


@pytest.mark.parametrize(("required", "below"), [(2, False), (3, True)])
def test_fewer_answers_than_required_are_marked(required, below):
    consensus = decide_on(SUM, panel("42", "42", None), min_providers=required)

    assert consensus.below_minimum is below


def test_the_second_answer_of_one_vendor_counts_less():
    attempts = (
        attempt("gpt", "43", vendor="openai"),
        attempt("gpt-mini", "43", vendor="openai"),
        attempt("claude", "42"),
        attempt("gemini", "42"),
    )

    assert decide_on(SUM, attempts).winner == "claude"  # 2 against 1.5


def test_free_texts_on_the_same_point_agree_and_one_on_something_else_dissents():
    bread = "Preheat the oven to 180 degrees and bake the bread for forty minutes."
    consensus = decide_on(SKY, panel(SCATTERED, RAYLEIGH, bread))

    assert consensus.winner in {"gpt", "claude"}
    assert consensus.dissent == ("gemini",)


def test_free_texts_are_compared_by_their_words_without_an_embedder():
    bread = "Preheat the oven to 180 degrees and bake the bread for forty minutes."
    consensus = decide_on(SKY, panel(SCATTERED, RAYLEIGH, bread), embedder=None)

    assert consensus.dissent == ("gemini",)


@pytest.mark.parametrize(
    ("question", "one", "opposite"),
    [
        (
            "Tell me about raw milk.",
            "Raw milk is safe for small children.",
            "Raw milk is not safe for small children.",
        ),
        (
            "Tell me about the mountain air.",
            "The pressure of the air decreases with height.",
            "The pressure of the air increases with height.",
        ),
        (
            "生の牛乳について教えてください。",
            "生の牛乳は子供にも安全です。",
            "生の牛乳は子供には安全ではありません。",
        ),
        (
            "Tell me about the tower.",
            "The tower was built with 300 steps.",
            "The tower was built with 500 steps.",
        ),
    ],
)
def test_free_texts_that_say_the_opposite_do_not_agree_however_alike_they_look(
    question, one, opposite
):
    assert decide_on(question, panel(one, one, opposite)).dissent == ("gemini",)


@pytest.mark.parametrize(
    "hostile",
    ["1 + " * 50_000 + "= 3", "no " * 60_000, "..." * 60_000, "ない" * 90_000, "9" * 190_000],
)
def test_a_huge_answer_is_read_in_part_and_still_loses_to_two_plain_ones(hostile):
    assert decide_on(SUM, panel(hostile, "42", "42")).winner == "claude"
