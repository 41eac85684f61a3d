"""Japanese sentences are turned plain and negative by their ending."""

import pytest

from consensus.entailment.train.turning import turned


@pytest.mark.parametrize(
    ("sentence", "plain", "negated"),
    [
        ("子供が遊んでいます。", "子供が遊んでいる。", "子供が遊んでいません。"),
        ("橋があります", "橋がある", "橋がありません"),
        ("これは船です。", "これは船だ。", "これは船ではありません。"),
        ("明日出発します。", "明日出発する。", "明日出発しません。"),
    ],
)
def test_an_ending_is_turned_and_the_stop_kept(sentence, plain, negated):
    assert turned(sentence) == (plain, negated)


@pytest.mark.parametrize("sentence", ["", "。", "子供が遊ぶ。", "A child plays."])
def test_a_sentence_with_another_ending_is_left_alone(sentence):
    assert turned(sentence) is None
