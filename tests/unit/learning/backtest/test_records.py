"""What a line of recorded data says, or what is wrong with it."""

import json

import pytest

from learning.backtest.records import EvaluationDataError, LabelledPair, parse
from tests.support.recordings import answer, record, row

PAIR = {"dataset": "p", "question": "Which?", "a": "This", "b": "That", "label": "contradict"}


def test_a_record_is_read_with_its_answers():
    found = record(row(3, answer("m", "42", True, extracted=42), dataset="eggs"))
    assert (found.dataset, found.order, found.prompt) == ("eggs", 3, "How many eggs are left?")
    (said,) = found.by("m")
    assert (said.text, said.extracted, said.correct, said.truncated) == ("42", "42", True, False)


@pytest.mark.parametrize(
    "said", [{"text": None}, {"text": ""}, {"text": " \n"}, {"text": "x", "error": True}]
)
def test_an_answer_without_text_or_with_an_error_said_nothing(said):
    (found,) = record(row(0, answer("m", "42", False) | said)).answers
    assert found.text is None


def test_judged_samples_are_further_answers_of_the_model_and_bare_texts_are_not():
    samples = [{"text": "7", "extracted": "7", "correct": False}, "8"]
    found = record(row(0, answer("m", "42", True, samples=samples)))
    assert [a.extracted for a in found.by("m")] == ["42", "7"]


def test_a_pair_is_read_with_its_label():
    assert parse(json.dumps(PAIR)) == LabelledPair("p", "Which?", "This", "That", agrees=False)
    assert parse(json.dumps(PAIR | {"strict": True, "label": "agree"})).strict is True


def test_the_options_of_a_pair_s_question_are_shown_with_letters():
    found = parse(json.dumps(PAIR | {"choices": ["red", "blue"]}))
    assert found.question == "Which?\nA. red\nB. blue"


def test_options_that_bring_their_letters_keep_them():
    found = parse(json.dumps(PAIR | {"choices": ["a. red", "b. blue"]}))
    assert found.question == "Which?\na. red\nb. blue"


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        pytest.param("{", "not JSON", id="no JSON"),
        pytest.param("[" * 100_000, "not JSON", id="brackets without end"),
        pytest.param("3", "not a JSON object", id="a number"),
        pytest.param("{}", "neither a record", id="neither kind"),
        pytest.param(json.dumps(row(0)), "at least one answer", id="no answers"),
        pytest.param(json.dumps(row("1", answer("m", "x", True))), "`order`", id="order a text"),
        pytest.param(json.dumps(row(True, answer("m", "x", True))), "`order`", id="order a bool"),
        pytest.param(json.dumps(row(0, answer("m", "x", 1))), "`correct` of m", id="correct 1"),
        pytest.param(json.dumps(row(0, answer("m", 5, True))), "`text` of m", id="text a number"),
        pytest.param(json.dumps(row(0, answer("", "x", True))), "`model`", id="no model"),
        pytest.param(json.dumps(row(0, "x")), "must be an object", id="answer a text"),
        pytest.param(
            json.dumps(row(0, answer("m", "x", True, extracted=["x"]))), "`extracted`", id="a list"
        ),
        pytest.param(
            json.dumps(row(0, answer("m", "x", True), prompt=" ")), "`prompt`", id="no prompt"
        ),
        pytest.param(
            json.dumps(row(0, answer("m", "x", True), requires_image="no")), "image", id="no flag"
        ),
        pytest.param(json.dumps(PAIR | {"label": "same"}), "`label`", id="label of no kind"),
        pytest.param(json.dumps(PAIR | {"label": []}), "`label`", id="label a list"),
        pytest.param(json.dumps(PAIR | {"b": None}), "`b`", id="half a pair"),
        pytest.param(json.dumps(PAIR | {"choices": [1]}), "`choices`", id="options of no text"),
    ],
)
def test_a_bad_row_is_refused_with_what_is_wrong(line, complaint):
    with pytest.raises(EvaluationDataError, match=complaint):
        parse(line)
