"""Which entailment model the settings choose, and what choosing costs."""

import asyncio

import pytest

from consensus.entailment.judgement import Judgement
from gateway.entailment import LazyEntailment, entailment_named, warm_up


class Counted:
    def __init__(self):
        self.asked = []

    def compare(self, question, pairs):
        self.asked.append((question, *pairs))
        return [Judgement(0.8, 0.1, 0.1) for _ in pairs]


def test_off_is_no_model():
    assert entailment_named("off") is None


@pytest.mark.parametrize("name", ["builtin", "some/cross-encoder"])
def test_naming_a_model_loads_nothing(name):
    assert isinstance(entailment_named(name), LazyEntailment)


def test_a_lazy_model_is_loaded_at_its_first_pair_and_once():
    loaded = []

    def load():
        loaded.append(Counted())
        return loaded[-1]

    lazy = LazyEntailment(load)
    assert loaded == []
    for _ in range(2):
        assert lazy.compare("Is it so?", [("Yes.", "No.")]) == [Judgement(0.8, 0.1, 0.1)]
    assert len(loaded) == 1


def test_warming_up_judges_one_pair():
    model = Counted()

    asyncio.run(warm_up(LazyEntailment(lambda: model)))

    assert len(model.asked) == 1
