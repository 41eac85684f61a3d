"""Two short answers that use opposite words of one thing differ, whatever a model says."""

import pytest

from consensus.agreement import Reason, compare_all
from consensus.answers import read_question
from consensus.nearness import Nearness
from consensus.reading import read_answer
from consensus.relevance import question_words
from tests.support.entailment import AGREE, FakeEntailment


def likeness(question, one, other):
    asked = read_question(question)
    readings = [read_answer(asked, text) for text in (one, other)]
    nearness = Nearness(None, [question, one, other])
    grid = compare_all(asked, question_words(asked), readings, nearness, FakeEntailment(AGREE))
    return grid.likeness[0][1]


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        ("Is it safe?", "It is safe.", "It is dangerous."),
        ("What happened to the price?", "The price rose 5 %.", "The price fell 5 %."),
        ("What happened to the price?", "The price rose sharply.", "The price fell sharply."),
        ("Is fishing allowed?", "Fishing is allowed.", "Fishing is prohibited."),
        ("Is fishing allowed?", "Fishing is permitted here.", "Fishing is banned here."),
        ("When was it built?", "It was built before the war.", "It was built after the war."),
        ("Did the launch work?", "The launch succeeded.", "The launch failed."),
        ("How did the match end?", "The home team won.", "The home team lost."),
        ("価格はどうなりましたか。", "価格は上がりました。", "価格は下がりました。"),
        ("この橋は安全ですか。", "この橋は安全です。", "この橋は危険です。"),
        ("釣りはできますか。", "釣りは許可されています。", "釣りは禁止されています。"),
        (
            "打ち上げはどうなりましたか。",
            "打ち上げは成功しました。",
            "打ち上げは失敗しました。",
        ),
        ("いつ建てられましたか。", "戦争の前に建てられました。", "戦争の後に建てられました。"),
    ],
)
def test_a_model_that_agrees_does_not_make_opposites_the_same(question, one, other):
    for found in (likeness(question, one, other), likeness(question, other, one)):
        assert not found.same
        assert found.reason is Reason.OPPOSITE_WORDS


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        ("What was the verdict?", "He was guilty.", "He was innocent."),
        (
            "What did the jury find in the long trial?",
            "The jury found that the defendant was guilty.",
            "The jury found that the defendant was innocent.",
        ),
        ("判決はどうでしたか。", "被告は有罪です。", "被告は無罪です。"),
    ],
)
def test_guilty_is_not_innocent(question, one, other):
    assert not likeness(question, one, other).same


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        ("What do you think of the ice?", "The ice is not safe.", "The ice is dangerous."),
        ("Tell me about fishing.", "Fishing is not permitted.", "Fishing is banned."),
        ("氷についてどう思いますか。", "この氷は安全ではありません。", "この氷は危険です。"),
    ],
)
def test_a_negated_word_and_its_opposite_are_left_to_the_model(question, one, other):
    assert likeness(question, one, other).same


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The red pan is heavier than the blue pan.", "The blue pan is lighter than the red pan."),
        ("The feast comes before the speech.", "The speech comes after the feast."),
        ("赤い鍋は青い鍋より重いです。", "青い鍋は赤い鍋より軽いです。"),
    ],
)
def test_one_comparison_told_from_either_side_is_left_to_the_model(one, other):
    assert likeness("Tell me about them.", one, other).same


def test_texts_with_room_to_qualify_what_they_say_are_left_to_the_model():
    more = " Cooks know it well. It has been known for ages. Many books tell of it."
    one, other = "Raw beans are safe to eat.", "Raw beans are dangerous to eat."

    assert likeness("Tell me about raw beans.", one + more, other + more).same
