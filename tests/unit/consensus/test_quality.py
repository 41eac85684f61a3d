"""What lowers each of the four figures, and what must not."""

import pytest

from consensus.quality import Quality
from consensus.verdict import Floors
from tests.support.panels import decide_on, panel

SUM = "What is 6 times 7?"
CAPITAL_JA = "日本の首都はどこですか？"


@pytest.mark.parametrize(
    ("question", "same", "contradicting"),
    [
        (SUM, ("42", "The answer is 42."), "The answer is 43."),
        ("Is it safe to eat raw chicken?", ("No.", "No, it is not safe."), "Yes, it is safe."),
        (CAPITAL_JA, ("東京です。", "日本の首都は東京です。"), "京都です。"),
    ],
)
def test_a_contradicting_answer_lowers_agreement_and_confidence(question, same, contradicting):
    agreed = decide_on(question, panel(*same, same[0]))
    contested = decide_on(question, panel(*same, contradicting))

    assert agreed.agreement >= 0.9 > contested.agreement
    assert agreed.confidence >= 0.9 > contested.confidence + 0.1
    assert "agreement" in contested.below


@pytest.mark.parametrize(
    ("question", "sound", "contradicting_itself"),
    [
        (SUM, "The answer is 42.", "The answer is 42. The answer is 43."),
        (SUM, "6 × 7 = 42", "6 × 7 = 43, so it is 42."),
        (
            "Tell me about green tea.",
            "Green tea is healthy. Green tea contains caffeine.",
            "Green tea is healthy. Green tea contains caffeine. Green tea is not healthy.",
        ),
        (
            "緑茶について教えてください。",
            "緑茶は健康に良い飲み物です。緑茶はカフェインを含みます。",
            "緑茶はカフェインを含みます。緑茶はカフェインを含みません。",
        ),
    ],
)
def test_an_answer_that_contradicts_itself_lowers_coherence(question, sound, contradicting_itself):
    before = decide_on(question, panel(sound, sound, sound))
    after = decide_on(question, panel(sound, sound, contradicting_itself))

    assert before.coherence == 1.0
    assert after.coherence < 0.9


@pytest.mark.parametrize(
    ("question", "answer", "stray"),
    [
        (SUM, "42", "Bananas are yellow and rich in potassium."),
        (
            "What is the capital of France?",
            "The capital of France is Paris.",
            "Bananas are rich in potassium.",
        ),
        (CAPITAL_JA, "東京です。", "バナナにはカリウムが多く含まれています。"),
        (
            "Explain why the sky is blue.",
            "The sky is blue because air scatters the short waves of sunlight more.",
            "Preheat the oven to 180 degrees and bake the bread for forty minutes.",
        ),
        (
            "空が青い理由を説明してください。",
            "太陽光のうち青い光が空気に強く散乱されるため、空は青く見えます。",
            "パンは百八十度のオーブンで四十分焼いてください。",
        ),
    ],
)
def test_an_answer_off_the_topic_lowers_relevance(question, answer, stray):
    before = decide_on(question, panel(answer, answer, answer))
    after = decide_on(question, panel(answer, answer, stray))

    assert before.relevance >= 0.9
    assert after.relevance < 0.8
    assert "relevance" in after.below
    assert decide_on(question, panel(stray)).relevance < 0.5


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (SUM, "42"),
        ("Which is the largest planet?\nA) Earth\nB) Jupiter\nC) Mars", "B"),
        ("Which is the largest planet?\nA) Earth\nB) Jupiter\nC) Mars", "(B) Jupiter"),
        ("Is 17 a prime number?", "Yes"),
        ("17は素数ですか？", "はい"),
        ("When did the Second World War end?", "1945"),
        ("What is the capital of France?", "Paris"),
        (CAPITAL_JA, "東京"),
        (
            "What is 17 * 24?",
            "17 × 24 = 408. First 17 × 20 = 340, then 17 × 4 = 68; the sum is 408.",
        ),
        ("Is 17 a prime number?", "Yes. It has no divisors other than 1 and itself."),
    ],
)
def test_a_short_answer_of_the_kind_asked_for_is_fully_relevant(question, answer):
    assert decide_on(question, panel(answer)).relevance >= 0.9


def test_a_text_on_the_topic_without_the_number_asked_for_is_less_relevant():
    talk = "The legs of a spider are jointed, and a spider walks on its legs."

    assert decide_on("How many legs does a spider have?", panel(talk)).relevance < 0.9


def test_only_figures_under_their_floor_are_named():
    quality = Quality(confidence=0.7, agreement=0.59, coherence=0.8, relevance=0.2)

    assert quality.below(Floors()) == ("agreement", "relevance")
    assert quality.below(Floors(confidence=0.71, agreement=0.5, relevance=0.2)) == ("confidence",)


def test_nonsense_alone_earns_less_confidence_than_an_answer_and_is_marked():
    stray = decide_on(SUM, panel("Bananas are yellow and rich in potassium."))
    answer = decide_on(SUM, panel("42"))

    assert stray.confidence < answer.confidence
    assert {"confidence", "relevance"} <= set(stray.below)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        pytest.param("Translate cat to Japanese.", "猫", id="a translation"),
        pytest.param("Capital of Peru?", "Lima", id="a bare name"),
        pytest.param("こんにちは", "こんにちは！何かお手伝いできますか。", id="a greeting"),
    ],
)
def test_an_answer_that_shares_no_word_with_its_question_is_believed_all_the_same(question, answer):
    assert decide_on(question, panel(answer, answer, answer)).confidence > 0.7


def test_a_talkative_minority_does_not_beat_two_bare_answers():
    consensus = decide_on(
        "Capital of Peru?", panel("Lima", "Lima", "The capital of Peru is Cusco.")
    )

    assert consensus.dissent == ("gemini",)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        pytest.param(
            "Tell me about mushrooms.",
            "If the cap is brown, the mushroom is safe. If the cap is red, the mushroom is not safe.",
            id="two cases",
        ),
        pytest.param(
            "Which is the largest planet?\nA) Earth\nB) Jupiter",
            "A) Earth: incorrect. B) Jupiter: correct. The answer is B.",
            id="options gone through",
        ),
        pytest.param(
            "傘を持って行くべきですか。",
            "雨の場合は傘を持って行きます。晴れの場合は傘を持って行きません。",
            id="two cases in Japanese",
        ),
    ],
)
def test_weighing_cases_against_each_other_is_no_contradiction(question, answer):
    assert decide_on(question, panel(answer)).coherence == 1.0
