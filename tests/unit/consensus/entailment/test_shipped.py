"""The shipped entailment model judges pairs of short answers, within its time, or says nothing."""

import logging
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from math import inf, isclose

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus.entailment.shipped import MODEL_FILE, MODEL_FOLDER, VOCABULARY_FILE, OnnxEntailment

SHIPPED = OnnxEntailment(budget_ms=inf)

QUESTION = "Who wrote the novel Moby-Dick?"
PAIR = ("Herman Melville wrote it.", "The author is Herman Melville.")


def judged(question, first, second):
    (judgement,) = SHIPPED.compare(question, [(first, second)])
    assert judgement is not None
    return judgement


@pytest.mark.parametrize(
    ("question", "answer", "same", "other"),
    [
        ("What do bees make?", "Bees make honey.", "They produce honey.", "They produce milk."),
        (
            "Can penguins fly?",
            "No, penguins are not able to fly.",
            "Penguins cannot fly.",
            "Yes, penguins can fly.",
        ),
        (QUESTION, *PAIR, "The author is Charles Dickens."),
        ("", "雨が降っています。", "雨が降っている。", "雨が降っていません。"),
    ],
)
def test_the_same_in_other_words_scores_far_above_a_contradiction(question, answer, same, other):
    agreeing = judged(question, answer, same)

    assert agreeing.score > 0.2
    assert judged(question, answer, other).score < agreeing.score - 0.5


def test_what_is_plainly_denied_is_in_conflict():
    judgement = judged("Can penguins fly?", "Yes, penguins can fly.", "Penguins cannot fly.")

    assert judgement.conflict > 0.8


@settings(max_examples=25, deadline=None)
@given(*[st.text(max_size=80)] * 3)
def test_a_judgement_is_a_distribution_and_the_same_for_either_order(question, first, second):
    judgement = judged(question, first, second)

    assert judgement == judged(question, second, first)
    assert isclose(judgement.agree + judgement.neutral + judgement.conflict, 1, abs_tol=1e-5)


def test_a_pair_is_judged_the_same_alone_and_among_others():
    alone = SHIPPED.compare(QUESTION, [PAIR])

    assert SHIPPED.compare(QUESTION, [("no", "yes"), PAIR, ("1", "2")])[1] == alone[0]


def test_no_pairs_no_judgements():
    assert list(SHIPPED.compare(QUESTION, [])) == []


@pytest.mark.parametrize(
    "text",
    [
        "a" * 10_000_000,
        "9" * 100_000,
        "\x00" * 1_000,
        "\u202e\u2066" * 1_000,
        "",
        "\ud800",
        "鵺" * 9_999,
    ],
    ids=["10 MB", "digits", "NUL", "direction marks", "empty", "lone surrogate", "unknown kanji"],
)
def test_hostile_texts_are_cut_and_judged(text):
    judged(text, text, "An answer.")


def test_pairs_beyond_the_budget_are_not_judged():
    ticks = count()
    model = OnnxEntailment(budget_ms=35, clock=lambda: next(ticks) * 0.010)

    judgements = model.compare(QUESTION, [PAIR] * 4)

    assert [judgement is not None for judgement in judgements] == [True, True, False, False]


def test_a_spent_budget_is_per_call():
    ticks = count()
    model = OnnxEntailment(budget_ms=35, clock=lambda: next(ticks) * 0.010)
    model.compare(QUESTION, [PAIR] * 4)

    assert model.compare(QUESTION, [PAIR])[0] is not None


def test_several_threads_get_the_same_judgement():
    model = OnnxEntailment(budget_ms=inf)

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: model.compare(QUESTION, [PAIR])[0], range(8)))

    assert found == [judged(QUESTION, *PAIR)] * 8


def test_warming_up_tells_that_the_model_is_there():
    assert OnnxEntailment().warm()


@pytest.fixture
def broken(tmp_path):
    (tmp_path / MODEL_FILE).write_bytes(b"no model")
    (tmp_path / VOCABULARY_FILE).write_bytes((MODEL_FOLDER / VOCABULARY_FILE).read_bytes())
    return tmp_path


def test_a_broken_model_judges_nothing_and_says_so_once(broken, caplog):
    model = OnnxEntailment(broken)

    with caplog.at_level(logging.WARNING):
        assert list(model.compare(QUESTION, [PAIR, PAIR])) == [None, None]
        assert list(model.compare(QUESTION, [PAIR])) == [None]

    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_a_missing_model_judges_nothing(tmp_path):
    model = OnnxEntailment(tmp_path)

    assert not model.warm()
    assert list(model.compare(QUESTION, [PAIR])) == [None]


def test_without_onnxruntime_nothing_is_judged(monkeypatch, caplog):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)

    assert list(OnnxEntailment().compare(QUESTION, [PAIR])) == [None]
    assert "onnxruntime" in caplog.text


def test_nothing_is_imported_or_read_before_the_first_pair():
    program = (
        "import sys; from consensus.entailment.shipped import OnnxEntailment; OnnxEntailment();"
        "sys.exit('onnxruntime' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
