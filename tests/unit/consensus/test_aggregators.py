"""Who merges the answers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus.aggregators import Complexity, choose_aggregators, complexity_of

ALL = ("gpt", "claude", "gemini")
LONG_EN = "Please consider the following report in detail. " * 20
LONG_JA = "次の報告書を詳しく検討してください。" * 20


@pytest.mark.parametrize(
    ("question", "complexity"),
    [
        ("What is 2 + 2?", Complexity.SIMPLE),
        ("日本の首都はどこですか。", Complexity.SIMPLE),
        ("What is a monad? And why would anybody need one?", Complexity.MODERATE),
        ("モナドとは何ですか。なぜ必要ですか。", Complexity.MODERATE),
        (LONG_EN, Complexity.MODERATE),
        (LONG_JA, Complexity.MODERATE),
        (LONG_EN * 3, Complexity.COMPLEX),
        (LONG_JA * 3, Complexity.COMPLEX),
        ("Compare them:\n1. price\n2. speed\n3. safety\n4. support", Complexity.COMPLEX),
        ("次を比べて:\n・価格\n・速度\n・安全性\n・サポート", Complexity.COMPLEX),
        ("Why does this fail?\n```\nx = 1\n```", Complexity.COMPLEX),
        ("What does this print?\ndef f(): pass", Complexity.COMPLEX),
    ],
)
def test_complexity_is_read_off_length_asks_and_code(question, complexity):
    assert complexity_of(question) is complexity


@pytest.mark.parametrize(
    ("complexity", "first"),
    [
        (Complexity.SIMPLE, "gemini"),
        (Complexity.MODERATE, "claude"),
        (Complexity.COMPLEX, "gpt"),
    ],
)
def test_the_more_a_question_asks_the_stronger_the_first_aggregator(complexity, first):
    assert choose_aggregators(complexity, ALL, ALL)[0] == first


@pytest.mark.parametrize(
    ("ranking", "available", "chosen"),
    [
        pytest.param(ALL, ("claude", "gpt"), ("gpt", "claude"), id="the unavailable is left out"),
        pytest.param(
            ("mistral", "gpt", "qwen"),
            ("gpt", "qwen", "mistral"),
            ("gpt", "mistral", "qwen"),
            id="strangers follow by their support",
        ),
        pytest.param((), ("qwen",), ("qwen",), id="unranked, but the only one"),
        pytest.param(ALL, (), (), id="nobody"),
    ],
)
def test_fallbacks_are_everybody_else_who_is_available(ranking, available, chosen):
    assert choose_aggregators(Complexity.COMPLEX, ranking, available) == chosen


_names = st.lists(st.sampled_from(["gpt", "claude", "gemini", "qwen", "mistral"]), unique=True)


@given(complexity=st.sampled_from(Complexity), ranking=_names, available=_names)
def test_everybody_available_is_chosen_exactly_once(complexity, ranking, available):
    assert sorted(choose_aggregators(complexity, ranking, available)) == sorted(available)
