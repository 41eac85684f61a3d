"""What a reply brings that nobody had said, in English and in Japanese."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus.evidence import Evidence, new_evidence

NUMBER, NAME, STEP, ERROR = Evidence.NUMBER, Evidence.NAME, Evidence.STEP, Evidence.ERROR

PRIME = (
    "Is 91 a prime number?",
    "No. 91 = 7 × 13.",
    "Yes, 91 looks prime to me: it isn't divisible by 2, 3 or 5.",
    "No, 91 is not a prime number; it is divisible by 7.",
)
MULTIPLES = (
    "1から100までの整数のうち、3または5で割り切れる数はいくつありますか。",
    "3の倍数は33個、5の倍数は20個なので、合わせて53個です。",
    "包除原理を使うと 33 + 20 − 6 で47個になります。",
)


@pytest.mark.parametrize(
    ("said", "kinds"),
    [
        pytest.param("The answer is no.", (), id="the bare answer"),
        pytest.param("none\nNo.", (), id="no remark"),
        pytest.param("No, since 91 = 7 × 13.", (), id="what another said"),
        pytest.param("I agree with the others. The answer is no.", (), id="agreement"),
        pytest.param(
            "Most answers say no, and 2 of 3 models agree.", (), id="an appeal to numbers"
        ),
        pytest.param(
            "Position 2 is right, I overlooked a factor.", (), id="an appeal to a position"
        ),
        pytest.param("I was wrong: it is not prime.", (), id="an error that is not named"),
        pytest.param("I made a mistake in my calculation.", (), id="an error of no kind"),
        pytest.param("I checked my 4 steps again.", (), id="talk with a number in it"),
        pytest.param("I had not tried 7, which divides it.", (ERROR,), id="an error named"),
        pytest.param("I overlooked the factor 7 of 91.", (ERROR,), id="the factor left out"),
        pytest.param("It leaves a remainder of 11 by 8.", (NUMBER,), id="new numbers"),
        pytest.param("91 = 70 + 21, both sevens.", (NUMBER, STEP), id="a new equation that holds"),
        pytest.param("91 = 70 + 22, both sevens.", (NUMBER,), id="one that does not hold"),
        pytest.param("By the rule of Fermat it is not.", (NAME,), id="a new name"),
        pytest.param(
            "No, because every odd composite below a hundred has a small factor.",
            (STEP,),
            id="a new reason",
        ),
    ],
)
def test_english_brings_what_nobody_said(said, kinds):
    assert new_evidence(said, PRIME, ["no", "yes"]) == kinds


@pytest.mark.parametrize(
    ("said", "kinds"),
    [
        pytest.param("答えは47です。", (), id="the bare answer"),
        pytest.param("なし\n47", (), id="no remark"),
        pytest.param("包除原理を使うと47個です。", (), id="what another said"),
        pytest.param("再検討した結果、47個が正しいです。", (), id="agreement"),
        pytest.param("多数の回答が47個としているため、47個です。", (), id="an appeal to numbers"),
        pytest.param("他の回答の指摘はもっともです。47個です。", (), id="an appeal to the others"),
        pytest.param("先ほどの計算は誤りでした。47個です。", (), id="an error that is not named"),
        pytest.param("計算ミスがありました。", (), id="an error of no kind"),
        pytest.param("15の倍数を二重に数えていました。", (NUMBER, ERROR), id="an error named"),
        pytest.param(
            "15の倍数は両方に含まれるため一度引きます。", (NUMBER, STEP), id="a new number"
        ),
        pytest.param("33 + 20 − 6 = 47 です。", (STEP,), id="an equation nobody wrote out"),
        pytest.param("ユークリッドの方法でも同じです。", (NAME,), id="a new name"),
    ],
)
def test_japanese_brings_what_nobody_said(said, kinds):
    assert new_evidence(said, MULTIPLES, ["47", "53"]) == kinds


_sentence = st.sampled_from(
    [
        "I forgot the factor 7.",
        "No, 91 = 7 × 13.",
        "It is so because Euler proved a theorem about such sums.",
        "15の倍数を二重に数えていました。",
        "したがって包除原理から47個です。",
        "None.",
        "The majority says 42.",
    ]
)
_text = st.lists(_sentence | st.text(max_size=30), max_size=5).map("\n".join)


@given(_text)
def test_what_has_been_said_is_never_new(text):
    assert new_evidence(text, [text]) == ()


@given(_text, st.lists(_text, max_size=3), _text)
def test_the_more_was_said_the_less_is_new(said, known, more):
    assert set(new_evidence(said, [*known, more])) <= set(new_evidence(said, known))


@given(_text, st.lists(_text, max_size=3))
def test_to_name_an_answer_already_given_brings_nothing_more(said, known):
    assert set(new_evidence(said, known, ["47", "42"])) <= set(new_evidence(said, known))


@pytest.mark.parametrize(
    "hostile",
    [
        pytest.param("9" * 100_000, id="a number of 100,000 digits"),
        pytest.param("1+" * 20_000 + "1=2", id="a sum without end"),
        pytest.param("(" * 50_000, id="nested brackets"),
        pytest.param("ア" * 50_000, id="one word"),
        pytest.param("\u202e\x00\ud800" * 1_000, id="marks that are not seen"),
    ],
)
def test_a_hostile_text_is_read_in_part_and_raises_nothing(hostile):
    assert set(new_evidence(hostile, [hostile[:10]])) <= set(Evidence)
