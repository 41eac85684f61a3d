"""The entailment model is chosen by name and built at its first pair."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from consensus.entailment.judgement import Judgement
from consensus.entailment.lazy import LazyEntailment, entailment_named


class Agreeing:
    def compare(self, question, pairs):
        return [Judgement(1.0, 0.0, 0.0)] * len(pairs)


def test_the_model_is_built_once_by_the_first_pair_of_any_thread():
    built = []
    model = LazyEntailment(lambda: built.append(1) or Agreeing())
    assert built == []

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: model.compare("", [("a", "b")])[0].score, range(8)))

    assert found == [1.0] * 8
    assert built == [1]


def test_off_is_no_model():
    assert entailment_named("off", budget_ms=40) is None


def test_shipped_is_the_package_s_own_within_its_budget():
    model = entailment_named("shipped", budget_ms=0)

    assert list(model.compare("q", [("a", "b")])) == [None]


def test_any_other_name_is_a_cross_encoder_of_sentence_transformers(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "sentence_transformers", None)

    with pytest.raises(ImportError, match="some/model needs sentence-transformers"):
        entailment_named("some/model", budget_ms=40).compare("q", [("a", "b")])
