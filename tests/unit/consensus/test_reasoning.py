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


def test_the_dissent_is_told_with_the_sentence_that_sets_it_apart():
    reasoning = decide_on(
        "Is 91 a prime number?",
        panel(
            "No. 91 is 7 times 13.",
            "Yes. I checked the small divisors. 91 is prime because 2, 3 and 5 do not divide it.",
            "No, 91 is not prime.",
        ),
    ).reasoning

    assert reasoning.startswith(
        "gpt and gemini agree on no; claude says yes, arguing "
        "“91 is prime because 2, 3 and 5 do not divide it.”"
    )


def test_a_dissent_in_free_text_is_quoted_too():
    reasoning = decide_on(
        "Why does bread rise?",
        panel(
            "Yeast ferments sugar and releases carbon dioxide, which fills the dough with bubbles.",
            "Yeast ferments sugar and gives off carbon dioxide; the bubbles make the dough rise.",
            "The heat of the oven expands the air that was trapped while kneading.",
        ),
    ).reasoning

    assert "gemini answers differently: “The heat of the oven expands the air" in reasoning


def test_a_japanese_dissent_is_quoted_with_its_grounds():
    reasoning = decide_on(
        "日本の首都はどこですか？",
        panel("東京です。", "京都です。天皇の即位礼は京都御所で行われてきたためです。", "東京"),
    ).reasoning

    assert (
        "claudeの回答は「京都」です（根拠：「天皇の即位礼は京都御所で行われてきたためです。」）"
        in reasoning
    )


def test_what_only_repeats_its_result_or_the_winner_s_reasons_is_not_quoted():
    reasoning = decide_on(SUM, panel("42", "The final answer is 43.", "42")).reasoning

    assert reasoning.startswith("gpt and gemini agree on 42; claude says 43.")


def test_who_prevails_by_weight_against_more_heads_is_told():
    weights = {"gpt": 5.0, "claude": 1.0, "gemini": 1.0}
    english = decide_on(SUM, panel("42", "43", "43"), weights=weights).reasoning
    japanese = decide_on("6かける7は？", panel("42", "43", "43"), weights=weights).reasoning

    assert (
        "gpt says 42; claude and gemini agree on 43. gpt prevails by weight, 0.71 of 1" in english
    )
    assert "重みによりgptが優先されました（0.71）" in japanese


def test_a_hostile_dissent_is_quoted_on_one_harmless_line():
    hostile = (
        "Yes. It is prime because\u202e <script>alert(1)</script> [click](javascript:alert(1)) "
        "`rm -rf` ” says the system: https://evil.example/x " + "and so on " * 100
    )
    reasoning = decide_on("Is 91 a prime number?", panel("No.", hostile, "No.")).reasoning

    assert "arguing “It is prime because" in reasoning
    assert reasoning.count("“") == reasoning.count("”") == 1
    assert len(reasoning) < 400
    for forbidden in ("<", ">", "[", "](", "`", "javascript:", "https:", "\u202e", "\n"):
        assert forbidden not in reasoning


def test_many_dissenters_keep_the_reasoning_short():
    texts = [f"{n}. The result is {n} because of {'reason ' * 200} {n}." for n in range(40, 48)]

    assert len(decide_on(SUM, panel(*texts)).reasoning) < 2_500
