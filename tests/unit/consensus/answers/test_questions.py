"""What a prompt asks for."""

import pytest

from consensus.answers import AnswerKind, read_question

K = AnswerKind


@pytest.mark.parametrize(
    ("prompt", "asks"),
    [
        pytest.param("What is 17 * 24?", K.NUMBER, id="arithmetic"),
        pytest.param("How many legs does a spider have?", K.NUMBER, id="how many"),
        pytest.param("Compute the area of a circle of radius 2.", K.NUMBER, id="compute"),
        pytest.param("Please add 12 and 30, and say how.", K.NUMBER, id="told to add"),
        pytest.param("Add 2 and 3 more examples.", K.FREE_TEXT, id="told to add other things"),
        pytest.param("12と30を足してください。", K.NUMBER, id="足して"),
        pytest.param("Which is bigger, 9.9 or 9.11?", K.NUMBER, id="two figures compared"),
        pytest.param("りんごは何個ありますか？", K.NUMBER, id="何個"),
        pytest.param("17かける24はいくつですか。", K.NUMBER, id="いくつ"),
        pytest.param("Is it safe to eat raw dough?", K.YES_NO, id="auxiliary first"),
        pytest.param("Answer yes or no: the sky is green.", K.YES_NO, id="yes or no demanded"),
        pytest.param("鉛筆は水に沈みますか？", K.YES_NO, id="ますか without interrogative"),
        pytest.param("Is a whale a fish or a mammal?", K.PHRASE, id="alternatives are no yes/no"),
        pytest.param("When did the Berlin Wall fall?", K.DATE, id="when"),
        pytest.param("関ヶ原の戦いは何年ですか？", K.DATE, id="何年"),
        pytest.param("How many years is that, 何年間?", K.NUMBER, id="何年間 counts"),
        pytest.param("What is the capital of France?", K.PHRASE, id="what is the … of"),
        pytest.param("Who wrote Hamlet?", K.PHRASE, id="who"),
        pytest.param("フランスの首都はどこですか？", K.PHRASE, id="どこ"),
        pytest.param("Write a Python function that adds two numbers.", K.CODE, id="write code"),
        pytest.param("assert f(3) == ??", K.CODE, id="complete the assertion"),
        pytest.param("配列を反転する関数を書いてください。", K.CODE, id="関数を書いて"),
        pytest.param("Return a JSON object with name and age.", K.JSON, id="json"),
        pytest.param("Explain how photosynthesis works.", K.FREE_TEXT, id="explain"),
        pytest.param("光合成について説明してください。", K.FREE_TEXT, id="説明"),
        pytest.param("Could you help me draft a letter?", K.FREE_TEXT, id="a request is no yes/no"),
        pytest.param("", K.FREE_TEXT, id="nothing"),
    ],
)
def test_the_wording_of_a_prompt_tells_which_kind_of_answer_it_asks_for(prompt, asks):
    assert read_question(prompt).asks is asks


def test_a_json_wrapper_with_an_answer_field_leaves_the_question_its_own_kind():
    prompt = 'How many apples are left?\nReply as JSON: {"reasoning": "...", "answer": "..."}'
    assert read_question(prompt).asks is K.NUMBER


OPTIONS = (("red", "blue", "green"), ("赤", "青", "緑"))


@pytest.mark.parametrize(
    ("prompt", "labels", "texts"),
    [
        pytest.param("Which?\nA. red\nB. blue\nC. green", "ABC", OPTIONS[0], id="A. on lines"),
        pytest.param("Which?\n(A) red\n(B) blue\n(C) green", "ABC", OPTIONS[0], id="(A) on lines"),
        pytest.param("Which?\nA) red\nB) blue\nC) green", "ABC", OPTIONS[0], id="A) on lines"),
        pytest.param(
            "Which?\n- **A.** red\n- **B.** blue\n- **C.** green",
            "ABC",
            OPTIONS[0],
            id="bold in a list",
        ),
        pytest.param("Which one? (A) red (B) blue (C) green", "ABC", OPTIONS[0], id="(A) inline"),
        pytest.param("Pick: A) red, B) blue, C) green", "ABC", OPTIONS[0], id="A) inline"),
        pytest.param(
            "Which of these?\n1. red\n2. blue\n3. green", "123", OPTIONS[0], id="1. on lines"
        ),
        pytest.param(
            "どれか。\na　赤\nb　青\nc　緑", "abc", OPTIONS[1], id="a and ideographic space"
        ),
        pytest.param(
            "どれか。\nア　赤\nイ　青\nウ　緑", "アイウ", OPTIONS[1], id="ア and ideographic space"
        ),
        pytest.param(
            "どれか。\n（ア）赤（イ）青（ウ）緑", "アイウ", OPTIONS[1], id="（ア） inline"
        ),
        pytest.param("どれか。\n①赤\n②青\n③緑", "①②③", OPTIONS[1], id="circled figures"),
        pytest.param(
            "どれですか。Ａ．赤　Ｂ．青　Ｃ．緑", "ABC", OPTIONS[1], id="full width inline"
        ),
    ],
)
def test_the_options_of_a_multiple_choice_prompt_are_read_in_every_usual_layout(
    prompt, labels, texts
):
    question = read_question(prompt)
    assert question.asks is K.CHOICE
    assert question.choices == tuple(zip(labels, texts, strict=True))


@pytest.mark.parametrize(
    "prompt",
    [
        pytest.param("Explain these steps:\n1. Mix the dough\n2. Bake it", id="numbered steps"),
        pytest.param("Simplify f(a) + f(b) + f(c) for a = 1.", id="functions of a, b, c"),
        pytest.param("What does this print?\na.sort()\nb.sort()\nc.sort()", id="method calls"),
        pytest.param("Summarise this talk.\nA: Hello\nB: Hi there\nC: Hey", id="a dialogue"),
    ],
)
def test_lists_that_offer_no_choice_are_no_options(prompt):
    assert read_question(prompt).choices == ()


def test_options_after_worked_examples_are_those_of_the_last_question():
    prompt = "Q: Which?\nA. x\nB. y\nAnswer: B\n\nQ: Which now?\nA. p\nB. q\nAnswer:"
    assert read_question(prompt).choices == (("A", "p"), ("B", "q"))


@pytest.mark.parametrize(
    ("prompt", "unit"),
    [
        ("How many minutes does it take?", "minute"),
        ("何時間かかりますか？", "hour"),
        ("What percent of 50 is 10?", "percent"),
        ("In what year did it happen?", "year"),
        ("How many apples?", None),
    ],
)
def test_the_unit_a_number_is_asked_in_is_read(prompt, unit):
    assert read_question(prompt).unit == unit


@pytest.mark.parametrize(
    ("prompt", "language"),
    [("What is はい in English?", "en"), ("Pythonのlistとtupleの違いは何ですか", "ja"), ("", "en")],
)
def test_the_language_is_that_of_the_prompt_not_of_single_words_in_it(prompt, language):
    assert read_question(prompt).language == language


@pytest.mark.parametrize(
    "prompt",
    [
        "How tall is the Eiffel Tower and when was it built?",
        "When was the tower built, and how tall is it?",
        "What is the population of Peru and what language is spoken there?",
        "Who designed the bridge and in what year was it opened?",
        "How long is the novel and who wrote it?",
        "エッフェル塔の高さは何メートルで、いつ建てられましたか？",
        "この橋は誰が設計し、いつ完成しましたか？",
        "エッフェル塔の高さと建設年は？",
    ],
)
def test_a_sentence_that_asks_two_things_asks_for_no_single_number_date_or_name(prompt):
    assert read_question(prompt).asks is K.FREE_TEXT


@pytest.mark.parametrize(
    ("prompt", "asks"),
    [
        ("How many men who can swim and who are over 40 are there?", K.NUMBER),
        ("What is the difference between how much Ann has and how much Bo has?", K.NUMBER),
        ("How many hours passed between lunch and when she was home?", K.NUMBER),
        ("How many cats and dogs are there?", K.NUMBER),
        ("If Ann has 3 apples and Bo has 4, how many do they have?", K.NUMBER),
        ("Who wrote and directed the film?", K.PHRASE),
        ("何人かで分けると、1人何個ですか？", K.NUMBER),
        ("高さと幅がともに3のとき、面積はいくつですか？", K.NUMBER),
        ("5個ずつ買って3個食べたら、何個残りますか？", K.NUMBER),
    ],
)
def test_two_clauses_of_one_question_are_one_question(prompt, asks):
    assert read_question(prompt).asks is asks
