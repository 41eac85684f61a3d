"""Reading text without its width, case, spacing and punctuation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.simulator.text import contains, count_tokens, is_japanese, pieces, words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("What is 17 + 25?", "what  is\n17+25", id="case, spacing, punctuation"),
        pytest.param("What is 17 + 25?", "What is 17+25?", id="full width"),
        pytest.param(
            "日本の首都は どこですか。", "日本の首都はどこですか?", id="spacing of Japanese"
        ),
        pytest.param("1,000 × 1.1", "1000*1.1", id="digit grouping and signs"),
        pytest.param("3 − 1", "3 - 1", id="minus sign and hyphen"),
        pytest.param("well-known", "well known", id="a hyphen in a word"),
    ],
)
def test_texts_that_differ_in_form_only_have_the_same_words(one, other):
    assert words(one) == words(other)


@pytest.mark.parametrize(
    ("haystack", "needle"),
    [
        pytest.param("What is 12 + 25?", "What is 12 + 2", id="a number is not its beginning"),
        pytest.param("Is 191 a prime number?", "91 a prime", id="nor its end"),
        pytest.param("What is 17 - 25?", "What is 17 + 25?", id="signs count"),
        pytest.param("anything", "?!", id="nothing but punctuation is nowhere"),
    ],
)
def test_other_words_are_not_found(haystack, needle):
    assert not contains(words(haystack), words(needle))


@given(st.text())
def test_pieces_join_to_the_text_again(text):
    assert "".join(pieces(text)) == text


def test_a_token_is_about_four_latin_letters_or_one_japanese_character():
    assert count_tokens("a" * 400) == 100
    assert count_tokens("漢" * 100) == 100


def test_kana_or_kanji_make_a_text_japanese():
    assert is_japanese("はい")
    assert is_japanese("東京 is in Japan")
    assert not is_japanese("naïve café")
