import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning.index.words import LONGEST, MAX_WORDS, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("What is the GIL of Python?", ("gil", "python"), id="content words, small"),
        pytest.param(
            "Python's GIL, Python’s GIL", ("python", "gil"), id="each once, no possessive"
        ),
        pytest.param(
            "vitamin B12 and covid-19", ("vitamin", "b12", "covid-19"), id="terms with digits"
        ),
        pytest.param("Zürich café", ("zürich", "café"), id="accents stay"),
        pytest.param(
            "急性腹膜炎の治療", ("急性", "性腹", "腹膜", "膜炎", "治療"), id="bigrams of kanji"
        ),
        pytest.param("犬と猫", ("犬", "猫"), id="a lone kanji by itself"),
        pytest.param(
            "ワクチンとｺﾝﾋﾟｭｰﾀ", ("ワクチン", "コンピュータ"), id="loanwords, half width made whole"
        ),
        pytest.param(
            "マーケティング",
            ("マーケテ", "ーケティ", "ケティン", "ティング"),
            id="long loanwords in parts",
        ),
        pytest.param("これはどうですか", (), id="hiragana says nothing"),
        pytest.param("", (), id="nothing of nothing"),
    ],
)
def test_a_question_is_found_by_its_content_words(text, words):
    assert words_of(text) == words


@pytest.mark.parametrize(
    "private",
    [
        "090-1234-5678",
        "1234",
        "bob@example.org",
        "山田@example.co.jp",
        "https://example.org/secret?token=abc",
        "www.example.org/path",
        "/home/bob/notes",
        "a8f3c9d2e1",
        "x" * (LONGEST + 1),
    ],
)
def test_what_may_name_a_person_is_no_word(private):
    assert words_of(f"vaccine {private} vaccine") == ("vaccine",)


@given(st.text(max_size=6_000))
def test_any_text_has_few_words_each_once(text):
    words = words_of(text)
    assert len(words) == len(set(words)) <= MAX_WORDS
    assert all(0 < len(word) <= LONGEST for word in words)
