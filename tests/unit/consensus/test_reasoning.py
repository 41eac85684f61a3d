"""The reasoning in words."""

from tests.support.panels import decide_on, panel

SUM = "What is 6 times 7?"


def test_it_says_who_agreed_on_what_and_who_did_not():
    reasoning = decide_on(SUM, panel("42", "43", "The answer is 42.")).reasoning

    assert reasoning.startswith("gpt and gemini agree on 42; claude says 43.")


def test_it_names_each_failure_and_each_figure_under_its_floor():
    reasoning = decide_on(SUM, panel("42", None, None)).reasoning

    assert "only gpt answered: 42" in reasoning
    assert "claude failed: timeout" in reasoning
    assert "1 of the 2 answers required came back" in reasoning
    assert "agreement 0.00 is below 0.60" in reasoning


def test_it_names_who_refused_who_strayed_and_who_contradicts_itself():
    no = "I'm sorry, but I can't help with that."
    reasoning = decide_on(
        SUM, panel("42. The answer is 42. The answer is 43.", no, "Bananas are yellow.")
    ).reasoning

    assert "claude declines to answer" in reasoning
    assert "gemini misses the question" in reasoning
    assert "gpt contradicts itself" in reasoning


def test_a_japanese_question_is_answered_for_in_japanese():
    reasoning = decide_on(
        "日本の首都はどこですか？", panel("東京", "京都", "東京です。", None)
    ).reasoning

    assert reasoning.startswith(
        "gptとgeminiは「東京」で一致しています。claudeの回答は「京都」です。"
    )
    assert "other0は失敗しました（timeout）" in reasoning
    assert "一致度0.50は下限0.60を下回っています" in reasoning


def test_yes_and_no_are_said_in_japanese():
    reasoning = decide_on("17は素数ですか？", panel("はい", "はい、素数です。")).reasoning

    assert "「はい」で一致" in reasoning


def test_long_texts_are_not_quoted():
    question = "Explain why the sky is blue."
    text = "The sky is blue because air scatters the short waves of sunlight more. " * 5

    assert len(decide_on(question, panel(text, text)).reasoning) < 200


def test_three_names_are_listed():
    assert (
        decide_on(SUM, panel("42", "42", "42")).reasoning == "gpt, claude and gemini agree on 42."
    )
