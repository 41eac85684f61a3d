"""A simulated vendor reads what it is shown: it holds, agrees, changes its mind, merges."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.simulator.mind import Mind, draw
from providers.simulator.question_data import shipped
from providers.simulator.vendors import Turn, Vendor

LIBRARY = shipped()
MIND = Mind(LIBRARY, seed=0)
BY_ID = {q.id: q for q in LIBRARY.questions}
GPT, CLAUDE, GEMINI = Vendor.GPT, Vendor.CLAUDE, Vendor.GEMINI


def says(vendor, *texts, mind=MIND):
    return mind.reply(vendor, tuple(Turn("user", t) for t in texts)).text


def first(name, vendor):
    return says(vendor, BY_ID[name].prompt)


LAYOUTS = {
    "a list": lambda answers: "Other models answered:\n" + "\n".join(f"- {a}" for a in answers),
    "letters": lambda answers: "\n\n".join(
        f"Answer {c}: {a}" for c, a in zip("ABC", answers, strict=False)
    ),
    "tags": lambda answers: "\n".join(
        f'<answer number="{i}">\n{a}\n</answer>' for i, a in enumerate(answers, 1)
    ),
    "quotes": lambda answers: "\n".join("> " + a.replace("\n", "\n> ") for a in answers),
    "json": lambda answers: str([{"model": "x", "text": a} for a in answers]),
}


def later(name, vendor, shown, layout="tags", extra=""):
    question = BY_ID[name].prompt
    turns = (
        Turn("user", question),
        Turn("self", says(vendor, question)),
        Turn("user", f"{question}\n\n{LAYOUTS[layout](shown)}\n\n{extra}"),
    )
    return MIND.reply(vendor, turns).text


def test_alone_a_vendor_gives_its_own_words():
    assert first("sum-17-25", GPT) == "17 + 25 = **42**."
    assert first("sum-17-25", GEMINI) == "The sum of 17 and 25 is 42."


@pytest.mark.parametrize("layout", LAYOUTS)
def test_evidence_changes_the_mind_of_a_vendor_that_follows_it(layout):
    reply = later("is-91-prime", CLAUDE, [first("is-91-prime", GPT)], layout)
    assert reply == "No. I had not tried 7, which divides it."


def test_without_evidence_one_other_answer_changes_nothing():
    reply = later("is-91-prime", CLAUDE, [first("is-91-prime", GEMINI)])
    assert first("is-91-prime", CLAUDE) in reply
    assert reply != first("is-91-prime", CLAUDE)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_majority_changes_the_mind_of_a_vendor_that_follows_it(layout):
    shown = [first("compound-interest", v) for v in (GPT, CLAUDE)]
    reply = later("compound-interest", GEMINI, shown, layout)
    assert reply.endswith("The answer is 1210.")
    assert "1200" not in reply


def test_a_vendor_that_follows_the_majority_follows_it_into_a_mistake_too():
    persuaded = later("ja-takai-yama", CLAUDE, ["答えは奥穂高岳です。"] * 2)
    assert persuaded.endswith("答えは奥穂高岳です。")


def test_a_stubborn_vendor_holds_against_everybody_and_says_so():
    shown = [first("bat-and-ball", v) for v in (GPT, CLAUDE)]
    reply = later("bat-and-ball", GEMINI, shown)
    assert reply.endswith(first("bat-and-ball", GEMINI))
    assert reply != first("bat-and-ball", GEMINI)


def test_one_against_one_is_no_majority():
    reply = later("ja-takai-yama", GEMINI, [first("ja-takai-yama", CLAUDE)])
    assert first("ja-takai-yama", GEMINI) in reply


def test_a_listed_option_is_no_answer():
    """gpt's whole answer, ``B) Canberra``, stands word for word in the question."""
    assert first("capital-australia", GPT) == "B) Canberra"
    assert first("capital-australia", CLAUDE) == BY_ID["capital-australia"].voices[CLAUDE].says
    one_line = "What is the capital of Australia? (A) Sydney (B) Canberra (C) Melbourne (D) Perth"
    assert says(GEMINI, one_line) == BY_ID["capital-australia"].voices[GEMINI].says


def test_a_short_answer_inside_a_longer_one_is_not_counted_twice():
    """gpt's whole answer stands at the end of claude's: that is one vote."""
    name = "ja-shuto-turkey"
    assert first(name, CLAUDE).endswith(first(name, GPT))
    shown = MIND._reader.read(BY_ID[name], (Turn("user", first(name, CLAUDE)),), GEMINI)
    assert shown.votes == ("アンカラ",)


@pytest.mark.parametrize("question", LIBRARY.questions, ids=lambda q: q.id)
def test_no_vendor_takes_the_question_itself_for_answers(question):
    for vendor in Vendor:
        assert says(vendor, question.prompt) == question.voices[vendor].says


def test_who_is_shown_its_own_answer_only_does_not_argue():
    own = first("three-ways-vitamin", CLAUDE)
    assert later("three-ways-vitamin", CLAUDE, [own]) == own


def test_a_vendor_that_sees_agreement_says_that_it_agrees():
    shown = [first("sum-17-25", v) for v in (CLAUDE, GEMINI)]
    reply = later("sum-17-25", GPT, shown)
    assert reply in {
        "The other answers match mine. 17 + 25 = **42**.",
        "We all reach the same result. 17 + 25 = **42**.",
    }


def test_a_changed_answer_counts_for_its_new_side_in_the_next_round():
    """Three ways apart; once gemini has moved to gpt's side, claude sees a majority there."""
    name = "three-ways-vitamin"
    alone = {v: first(name, v) for v in Vendor}
    second = {v: later(name, v, [alone[o] for o in Vendor if o is not v]) for v in Vendor}
    assert alone[CLAUDE] in second[CLAUDE]
    assert second[GEMINI].endswith("The answer is D) vitamin D.")
    third = later(name, CLAUDE, [second[GPT], second[GEMINI]])
    assert third.endswith("The answer is D) vitamin D.")


def test_the_latest_words_of_a_vendor_are_its_answer():
    name = "three-ways-vitamin"
    moved = later(name, GEMINI, [first(name, GPT)])
    reply = later(name, CLAUDE, [first(name, GEMINI), first(name, GPT), moved])
    assert reply.endswith("The answer is D) vitamin D.")


def test_answers_in_words_nobody_taught_it_are_read_too():
    shown = ["I make that 1210.", "My result: $1,210"]
    assert later("compound-interest", GEMINI, shown, "a list").endswith("The answer is 1210.")


def test_a_real_models_letters_are_read_as_options():
    reply = later("capital-australia", GEMINI, ["B", "I would say the answer is B."], "letters")
    assert "B) Canberra" in reply


def test_an_instruction_to_answer_yes_or_no_is_no_answer():
    prompt = BY_ID["is-91-prime"].prompt + "\nOther rules: reply with yes or no."
    assert says(CLAUDE, prompt) == first("is-91-prime", CLAUDE)


def test_asked_not_to_mention_the_others_it_answers_alone():
    shown = [first("compound-interest", v) for v in (GPT, CLAUDE)]
    bare = "Do not mention the answers above."
    assert later("compound-interest", GEMINI, shown, extra=bare) == "The answer is 1210."
    assert later("bat-and-ball", GEMINI, [first("bat-and-ball", GPT)], extra=bare) == first(
        "bat-and-ball", GEMINI
    )


def test_a_refusal_stays_a_refusal_and_moves_nobody():
    refused = MIND.reply(GPT, (Turn("user", BY_ID["decline-lock"].prompt),))
    assert refused.refuses
    assert later("decline-lock", CLAUDE, [refused.text]) == first("decline-lock", CLAUDE)


@pytest.mark.parametrize("question", LIBRARY.questions, ids=lambda q: q.id)
def test_a_merger_of_all_answers_goes_with_their_majority(question):
    shown = [says(v, question.prompt) for v in Vendor]
    text = f"{question.prompt}\n\n{LAYOUTS['tags'](shown)}\n\nMerge these answers into one."
    answers = [question.voices[v].answer for v in Vendor if not question.voices[v].refuses]
    most = max(answers, key=answers.count)
    assert question.answers[most].states in says(GEMINI, text)


def test_a_japanese_merger_says_how_many_answers_support_it():
    question = BY_ID["ja-takai-yama"]
    shown = "\n".join(says(v, question.prompt) for v in Vendor)
    merged = says(GPT, f"{question.prompt}\n{shown}\n上の回答を一つに統合してください。")
    assert "答えは北岳です。" in merged
    assert "3件の回答のうち2件" in merged


def test_a_closing_line_is_written_in_the_form_asked_for():
    question = BY_ID["largest-planet"].prompt
    assert says(CLAUDE, f"{question}\nEnd with a line 'Final answer: …'.").endswith(
        "\n\nFinal answer: C"
    )
    question = BY_ID["ja-biwako"].prompt
    assert says(GPT, f"{question}\n最後に「最終回答: …」と書いてください。").endswith(
        "\n\n最終回答: イ"
    )


REMARK = {
    "en": "Begin your reply with <review-0a1b2c3d4e>, the error you found, and </review-0a1b2c3d4e>. "
    "Do not mention the positions.",
    "ja": "返答の冒頭に <review-0a1b2c3d4e>、見つけた誤り、</review-0a1b2c3d4e> を置いてください。"
    "上の立場には触れないでください。",
}


@pytest.mark.parametrize(
    ("name", "vendor", "by", "reply"),
    [
        pytest.param(
            "is-91-prime",
            CLAUDE,
            [GPT],
            "<review-0a1b2c3d4e>No. I had not tried 7, which divides it.</review-0a1b2c3d4e>\n"
            "The answer is no.",
            id="who concedes says why",
        ),
        pytest.param(
            "compound-interest",
            GEMINI,
            [GPT, CLAUDE],
            "<review-0a1b2c3d4e>None.</review-0a1b2c3d4e>\nThe answer is 1210.",
            id="who follows the majority has nothing to say",
        ),
        pytest.param(
            "bat-and-ball",
            GEMINI,
            [GPT, CLAUDE],
            "<review-0a1b2c3d4e>None.</review-0a1b2c3d4e>\n"
            "The ball costs 10 cents, since $1.10 minus $1.00 is $0.10.",
            id="nor has who holds",
        ),
        pytest.param(
            "ja-mittsu-domoe",
            GPT,
            [CLAUDE],
            "<review-0a1b2c3d4e>15の倍数を二重に数えていました。答えは47個です。</review-0a1b2c3d4e>\n"
            "答えは47です。",
            id="in Japanese",
        ),
    ],
)
def test_a_remark_is_put_between_the_tags_asked_for(name, vendor, by, reply):
    shown = [first(name, other) for other in by]
    assert later(name, vendor, shown, extra=REMARK[BY_ID[name].language]) == reply


def test_unknown_arithmetic_is_computed_by_all_in_different_words():
    replies = [says(v, "What is 123 * 45?") for v in Vendor]
    assert all("5535" in r for r in replies)
    assert len(set(replies)) == 3


@pytest.mark.parametrize(
    ("prompt", "mark"), [("How do I learn to sail?", "Rehearsal"), ("帆走を学ぶには?", "練習用")]
)
def test_other_prompts_get_advice_that_admits_to_be_a_rehearsal(prompt, mark):
    replies = [says(v, prompt) for v in Vendor]
    assert len(set(replies)) == 3
    assert all(mark in r and prompt.rstrip("?") in r for r in replies)


def test_improvised_answers_shown_later_do_not_become_the_subject():
    prompt = "How do I learn to sail?"
    shown = LAYOUTS["tags"]([says(v, prompt) for v in Vendor])
    assert "“How do I learn to sail”" in says(
        GPT, f"Several models answered:\n{shown}\nAnswer again."
    )


def test_tags_around_a_prompt_do_not_become_the_subject():
    reply = says(GPT, "<question-0a1b>\nHow do I learn to sail?\n</question-0a1b>\nAnswer again.")
    assert "“How do I learn to sail”" in reply


@given(st.integers(), st.sampled_from(list(Vendor)), st.lists(st.text(), min_size=1, max_size=3))
@settings(max_examples=60)
def test_the_same_seed_gives_the_same_answers(seed, vendor, texts):
    assert says(vendor, *texts, mind=Mind(LIBRARY, seed)) == says(
        vendor, *texts, mind=Mind(LIBRARY, seed)
    )


@given(st.integers(), st.text())
def test_a_draw_lies_between_zero_and_one(seed, part):
    assert 0 <= draw(seed, part) < 1


def test_seeds_choose_among_wordings():
    shown = [first("sum-17-25", v) for v in (CLAUDE, GEMINI)]
    prompt = f"{BY_ID['sum-17-25'].prompt}\n{shown}"
    assert len({says(GPT, prompt, mind=Mind(LIBRARY, seed)) for seed in range(12)}) == 2
