"""Words read as their opposite, in all their forms."""

import pytest

from consensus.opposites import Flip, plain


@pytest.mark.parametrize(
    ("positive", "negative"),
    [
        ("rise rose risen rising", "fall fell fallen falling"),
        ("increase increased increasing", "decrease decreased reduce reduced reducing"),
        ("allow allowed permit permitted", "forbid forbidden prohibit prohibited ban banned"),
        ("succeed succeeded successful", "fail failed failing failure"),
        ("win won winning gain gained", "lose lost losing"),
        ("guilty", "innocent"),
        ("legal lawful", "illegal unlawful"),
        ("open opened", "closed"),
        ("before", "after"),
        ("safe", "dangerous unsafe hazardous"),
    ],
)
def test_every_form_stands_for_one_plain_word(positive, negative):
    (word,) = {plain(form)[0] for form in positive.split()}

    assert all(plain(form) == (word, Flip.NONE) for form in positive.split())
    assert all(plain(form)[0] == word and plain(form)[1] for form in negative.split())


@pytest.mark.parametrize(
    ("positive", "negative"),
    [
        ("安全", "危険"),
        ("可能", "不可能"),
        ("許可", "禁止"),
        ("成功", "失敗"),
        ("有罪", "無罪"),
        ("上", "下"),
        ("戦前", "戦後"),
    ],
)
def test_japanese_opposites_stand_for_one_plain_word(positive, negative):
    assert plain(negative)[0] == positive
    assert plain(negative)[1]
    assert plain(positive) == (positive, Flip.NONE)


@pytest.mark.parametrize("word", ["salt", "house", "gas", "is", "塩", "家"])
def test_other_words_turn_nothing(word):
    assert plain(word)[1] is Flip.NONE
