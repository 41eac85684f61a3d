"""What a plain conversational sentence answers, without any marker, in English and in Japanese."""

import pytest

from consensus.answers import (
    AnswerKind,
    final_answer,
    read_answer_text,
    read_question,
    same_answer,
    stated_answers,
)
from consensus.answers.trials import yield_same

K = AnswerKind


def read(prompt, answer):
    return final_answer(read_question(prompt), answer)


@pytest.mark.parametrize(
    ("prompt", "answer", "value"),
    [
        ("What is 36 + 48?", "The tens give 70 and the ones give 14, so that makes 84.", 84),
        ("What is 36 + 48?", "36 + 48 = 84, since 30 + 40 = 70 and 6 + 8 = 14.", 84),
        ("What is 36 + 48?", "84. You can check it: 84 - 48 = 36.", 84),
        ("What is 19 times 6?", "Take 20 × 6 = 120 and subtract 6, which leaves 114.", 114),
        ("What is 19 times 6?", "20 times 6 is 120, and 120 minus 6 is 114.", 114),
        ("What is 19 times 6?", "It's 114 (20 × 6 − 6).", 114),
        ("What is 25% of 60?", "A quarter of 60: 60 / 4 = 15.", 15),
        ("What is 25% of 60?", "Half of 60 is 30, half of that is 15.", 15),
        ("What is 81 divided by 9?", "Nine nines are 81, therefore the quotient equals 9.", 9),
        ("What is 100 minus 37?", "63, because 37 plus 63 is 100.", 63),
        ("What is 100 minus 37?", "Some would say 73, but it is really 63.", 63),
        ("What is 100 minus 37?", "100 - 37 comes to 63, not 73.", 63),
        (
            "Ann has 5 boxes of 12 eggs and breaks 7. How many eggs are whole?",
            "There were 5 × 12 = 60 eggs. Taking away the 7 broken ones leaves 53 whole eggs.",
            53,
        ),
        (
            "Ann has 5 boxes of 12 eggs and breaks 7. How many eggs are whole?",
            "1. She starts with 60 eggs.\n2. She breaks 7 of them.\n3. So 53 eggs remain out of 60.",
            53,
        ),
        (
            "A taxi takes $4 plus $2 a kilometre. How many dollars is a ride of 9 km?",
            "The 9 km cost $18; adding the base of $4 we get $22 for the ride.",
            22,
        ),
        (
            "A car drives 180 km in 2 hours. How many minutes does it need for 45 km?",
            "At 90 km/h, 45 km take half an hour, that is 30 minutes.",
            30,
        ),
        ("How many legs do 6 spiders have?", "A spider has 8 legs, so 6 spiders have 48.", 48),
        ("How many days are in a leap year?", "A leap year has 366 days instead of 365.", 366),
        ("36と48の和はいくつですか。", "十の位は70、一の位は14なので、84になります。", 84),
        ("36と48の和はいくつですか。", "84です。36+4=40、40+44=84で確かめられます。", 84),
        ("19かける6はいくつですか。", "20×6=120から6を引くと、114となります。", 114),
        ("19かける6はいくつですか。", "20の6倍は120、よって114です。", 114),
        ("60円の25%はいくらですか。", "60円の半分は30円で、その半分は15円です。", 15),
        ("定価800円の品が2割引です。いくらですか。", "値引きは160円です。つまり640円を払います。", 640),
        ("定価800円の品が2割引です。いくらですか。", "160円と思われがちですが、支払うのは640円です。", 640),
        ("底辺6cm、高さ5cmの三角形の面積は何平方センチメートルですか。", "公式から、6 × 5 ÷ 2 = 15cm²です。", 15),
        ("鉛筆とペンが合わせて9本あります。ペンは4本です。鉛筆は何本ですか。", "全部で9本、ペンが4本だから、鉛筆は5本です。", 5),
        ("犬は何匹ですか。猫は3匹で、合わせて10匹です。", "犬は7匹で、猫は3匹です。", 7),
        ("卵を5箱(12個入り)買い、7個割りました。残りは何個ですか。", "60個のうち7個を割ったので、残りは53個です。", 53),
    ],
)  # fmt: skip
def test_the_number_a_sentence_comes_to_is_its_answer(prompt, answer, value):
    found = read(prompt, answer)
    assert (found.kind, found.value) == (K.NUMBER, value)


@pytest.mark.parametrize(
    ("prompt", "answer", "text"),
    [
        ("What is the capital of Canada?", "Ottawa, on the river of the same name.", "Ottawa"),
        ("What is the capital of Canada?", "Canada's capital is Ottawa.", "Ottawa"),
        (
            "What is the capital of Canada?",
            "You might think of Toronto, but the capital is Ottawa.",
            "Ottawa",
        ),
        ("What is the capital of Canada?", "It's Ottawa, not Toronto.", "Ottawa"),
        ("What is the capital of Canada?", "It is not Toronto but Ottawa.", "Ottawa"),
        (
            "What is the capital of Canada?",
            "Although Toronto is larger, the seat of government is Ottawa.",
            "Ottawa",
        ),
        ("Who composed the opera Carmen?", "That was Georges Bizet, a Frenchman.", "Georges Bizet"),
        ("Who composed the opera Carmen?", "It was composed by Georges Bizet.", "Georges Bizet"),
        (
            "Who composed the opera Carmen?",
            "Georges Bizet, who died three months after the premiere.",
            "Georges Bizet",
        ),
        ("Who composed the opera Carmen?", "The composer was Georges Bizet (1838-1875).", "Georges Bizet"),
        (
            "What is the highest mountain in Africa by elevation?",
            "Kilimanjaro, with almost six thousand metres.",
            "Kilimanjaro",
        ),
        (
            "What is the highest mountain in Africa by elevation?",
            "The highest mountain in Africa is Kilimanjaro; it rises to 5,895 metres.",
            "Kilimanjaro",
        ),
        ("Which ocean is the deepest?", "By far it is the Pacific, with 11 km.", "Pacific"),
        ("Which ocean is the deepest?", "I'd say the Pacific.", "the Pacific"),
        ("What is the chemical symbol of iron?", "Iron's symbol is Fe, from ferrum.", "Fe"),
        ("カナダの首都はどこですか。", "オタワですね。", "オタワ"),
        ("カナダの首都はどこですか。", "トロントと思われがちですが、首都はオタワです。", "オタワ"),
        ("カナダの首都はどこですか。", "1857年に首都に選ばれたのはオタワです。", "オタワ"),
        ("カナダの首都はどこですか。", "トロントではなく、オタワです。", "オタワ"),
        ("カナダの首都はどこですか。", "オタワがカナダの首都です。人口は約100万人です。", "オタワ"),
        ("『こころ』の作者は誰ですか。", "『こころ』の作者は夏目漱石です。", "夏目漱石"),
        ("『こころ』の作者は誰ですか。", "明治の文豪として知られた夏目漱石の作品です。", "夏目漱石"),
        ("『こころ』の作者は誰ですか。", "夏目漱石とされています。", "夏目漱石"),
        ("『こころ』の作者は誰ですか。", "夏目漱石(1867年生まれ)だと思います。", "夏目漱石"),
        ("日本で一番長い川は何ですか。", "利根川より長いのは信濃川です。", "信濃川"),
        ("日本で一番長い川は何ですか。", "一番長い川は信濃川で、全長は367キロメートルです。", "信濃川"),
    ],
)  # fmt: skip
def test_a_name_is_what_the_sentence_says_of_the_questions_words(prompt, answer, text):
    found = read(prompt, answer)
    assert (found.kind, found.text) == (K.PHRASE, text)


METALS = "Which metal is liquid at room temperature?\nA) iron\nB) mercury\nC) copper"
PROVERB = "「猿も木から落ちる」の意味はどれですか。\nA) 名人も失敗する\nB) 猿は木が苦手だ\nC) 努力は報われる"


@pytest.mark.parametrize(
    ("prompt", "answer", "text"),
    [
        (METALS, "B. Its melting point lies at -39 °C, far below that of A.", "B"),
        (METALS, "B, because the others melt far above that.", "B"),
        (METALS, "That must be mercury: it melts below zero.", "B"),
        (METALS, "I'd go for option B here.", "B"),
        (PROVERB, "A です。得意な人でも、という意味ではないでしょうか。", "A"),
        (PROVERB, "正解はAです。「木が苦手」という意味ではない点に注意。", "A"),
        (PROVERB, "得意なことでも失敗はあるので、Aだと思います。", "A"),
        (PROVERB, "Bと迷いますが、答えとしてはAになります。", "A"),
    ],
)
def test_the_option_a_sentence_names_as_its_answer_is_picked(prompt, answer, text):
    found = read(prompt, answer)
    assert (found.kind, found.text) == (K.CHOICE, text)


@pytest.mark.parametrize(
    ("prompt", "answer", "text"),
    [
        ("Does UDP keep the order of packets?", "It doesn't, no: packets may overtake.", "no"),
        ("Does TCP resend lost data?", "It does, yes: the sender waits for receipts.", "yes"),
        ("Is 57 a prime number?", "Many think so, but no: it is 3 times 19.", "no"),
        ("Is 57 a prime number?", "3 times 19 makes 57, so no.", "no"),
        ("Is 59 a prime number?", "Nothing up to 7 divides it, so yes.", "yes"),
        ("Is 59 a prime number?", "I believe so, as nothing divides it.", "yes"),
        ("Can penguins fly?", "That's a myth; they swim.", "no"),
        ("ペンギンは飛べますか。", "飛べません。泳ぎは得意です。", "no"),
        ("ペンギンは鳥ですか。", "羽毛があり卵を産みます。よって、はい。", "yes"),
        ("57は素数ですか。", "3で割り切れます。したがって、いいえです。", "no"),
    ],
)
def test_yes_or_no_is_read_where_a_sentence_turns_or_closes_with_it(prompt, answer, text):
    found = read(prompt, answer)
    assert (found.kind, found.text) == (K.YES_NO, text)


@pytest.mark.parametrize(
    ("prompt", "answer", "text"),
    [
        ("When did the Titanic sink?", "She went down on 15 April 1912, off Newfoundland.", "1912-04-15"),
        (
            "When did the Titanic sink?",
            "Many people say April 14, 1912, but she sank on April 15, 1912.",
            "1912-04-15",
        ),
        ("In what year did Mozart die?", "He died in 1791, aged 35.", "1791"),
        ("タイタニック号が沈んだのはいつですか。", "処女航海の途中、1912年4月15日に沈みました。", "1912-04-15"),
        (
            "タイタニック号が沈んだのはいつですか。",
            "4月14日と思われがちですが、1912年4月15日です。",
            "1912-04-15",
        ),
    ],
)  # fmt: skip
def test_a_date_is_read_from_its_sentence(prompt, answer, text):
    found = read(prompt, answer)
    assert (found.kind, found.text) == (K.DATE, text)


FIRST = "Write one Python expression for the first element of the list xs."
SQL = "Write an SQL query for the names of all users called 'Ann Lee'."
UPPER = "文字列sを大文字にするPythonの式を書いてください。"
PRINTS = "What does this print?\nprint(sorted([3, 1])[:1] + ['a'])"


@pytest.mark.parametrize(
    ("prompt", "a", "b", "same"),
    [
        pytest.param(FIRST, "You can write `xs[0]`.", "```python\nxs[0]\n```\nSimple.", True, id="inline"),
        pytest.param(FIRST, "This works:\n\nxs[0]", "`xs[0]`", True, id="on a line of its own"),
        pytest.param(FIRST, "`xs[0]`", "```\nxs[-len(xs)]\n```", True, id="in other words"),
        pytest.param(FIRST, "Use `xs[0]`.", "Use `xs[1]`.", False, id="another element"),
        pytest.param(FIRST, "Use `xs[0]`.", "Use `next(iter(xs))`.", None, id="not walked"),
        pytest.param(UPPER, "`s.upper()` と書けます。", "次の式です。\n```python\ns.upper( )\n```", True, id="ja"),
        pytest.param(UPPER, "`s.upper()` です。", "`s.title()` です。", False, id="ja, another method"),
        pytest.param(
            SQL,
            "```sql\nSELECT name FROM users\nWHERE name = 'Ann Lee';\n```",
            "Like this: `select name from users where name='Ann Lee'`",
            True,
            id="SQL in any case and layout",
        ),
        pytest.param(
            SQL,
            "`SELECT name FROM users WHERE name = 'Ann Lee'`",
            "`SELECT name FROM users WHERE name = 'ANN LEE'`",
            None,
            id="SQL strings keep their case",
        ),
        pytest.param(
            PRINTS,
            "Sorting gives [1, 3], whose first slice is [1]. Therefore it prints [1, 'a'].",
            "[1, 'a']",
            True,
            id="a value at the end of prose",
        ),
        pytest.param(PRINTS, "並べ替えて先頭を取るので、[1, 'a']が出力されます。", "[1, 'a']", True, id="ja value"),
        pytest.param(
            "Write a Python function f that doubles n.",
            "```python\ndef f(n: int) -> int:\n    return n * 2\n```",
            "```python\ndef f(n):\n    return (n * 2)\n```",
            True,
            id="annotations",
        ),
    ],
)  # fmt: skip
def test_code_is_found_in_prose_and_compared_by_what_it_means(prompt, a, b, same):
    question = read_question(prompt)
    assert same_answer(final_answer(question, a), final_answer(question, b)) is same
    assert same_answer(final_answer(question, b), final_answer(question, a)) is same


@pytest.mark.parametrize(
    ("prompt", "a", "b"),
    [
        pytest.param("日本で二番目に高い山は何ですか。", "南アルプスの北岳です。", "北岳です。", id="where it lies"),
        pytest.param(
            "Who wrote Hamlet?",
            "It is often attributed to others, and nobody can be quite sure.",
            "William Shakespeare.",
            id="no answer at all",
        ),
        pytest.param(
            "Which animal is the fastest?", "The cheetah.", "Speed depends on the distance.", id="hedged"
        ),
    ],
)  # fmt: skip
def test_what_may_be_the_same_is_never_called_different(prompt, a, b):
    question = read_question(prompt)
    assert same_answer(final_answer(question, a), final_answer(question, b)) is None


@pytest.mark.parametrize(
    ("prompt", "asks"),
    [
        ("What is the largest country in Africa by area?", K.PHRASE),
        ("What is the smallest bird?", K.PHRASE),
        ("What is the smallest prime number above 20?", K.NUMBER),
        ("What is 40 percent of 30?", K.NUMBER),
        ("What is 12 divided by one third, minus 6?", K.NUMBER),
        ("Write one Python expression that negates b.", K.CODE),
        ("リストxsの和を求めるPythonの式を書いてください。", K.CODE),
    ],
)
def test_a_name_a_number_or_code_is_asked_for(prompt, asks):
    assert read_question(prompt).asks is asks


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        ("What is the capital of Canada?", "Toronto is not the capital of Canada."),
        ("カナダの首都はどこですか。", "カナダの首都はトロントではありません。"),
    ],
)
def test_what_a_sentence_denies_is_not_its_answer(prompt, answer):
    assert read(prompt, answer).kind is K.FREE_TEXT


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        pytest.param("xs[-1]", "xs[len(xs) - 1]", True, id="the same element"),
        pytest.param("n % 2 == 0", "not n % 2", True, id="the same truth"),
        pytest.param("[x * x for x in xs]", "[x ** 2 for x in xs]", True, id="comprehensions"),
        pytest.param("xs[-1]", "xs[len(xs)]", False, id="one fails"),
        pytest.param("s[::-1]", "s.reverse()", False, id="one yields nothing"),
        pytest.param("a + b", "a - b", False, id="two operators"),
        pytest.param("xs[-1]", "xs.pop()", None, id="the same for lists alone"),
        pytest.param("f(x)", "g(x)", None, id="unknown functions"),
        pytest.param("s * 10 ** 9", "s * 10 ** 8", None, id="too large to try"),
        pytest.param("'%1000000000d' % n", "n", None, id="formatting is not tried"),
        pytest.param("a + b + c", "a - b - c", None, id="too many names"),
        pytest.param("a + ", "b", None, id="no expression"),
    ],
)
def test_expressions_are_the_same_when_they_yield_the_same_on_sample_values(a, b, same):
    assert yield_same(a, b) is same
    assert yield_same(b, a) is same


def test_both_readings_of_a_text_come_from_one_call():
    question = read_question("What is 40 + 2?")
    text = "The answer is 41. Wait, actually 42."
    final, stated = read_answer_text(question, text)
    assert (final, stated) == (final_answer(question, text), stated_answers(question, text))
    assert [answer.text for answer in stated] == ["41", "42"]
