"""How the claims of two answers clash."""

import pytest

from consensus.agreement.claims import Claims, clash
from consensus.agreement.likeness import Reason
from consensus.sentences import MAX_STATEMENTS
from consensus.statements import statements


def found(a, b):
    return clash(Claims(statements(a)), Claims(statements(b)))


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        (
            "The bridge carries heavy lorries.",
            "The bridge does not carry heavy lorries.",
            "negated_claim",
        ),
        ("この橋は大型車が通行できます。", "この橋は大型車が通行できません。", "negated_claim"),
        (
            "Raw kidney beans are safe to eat.",
            "Raw kidney beans are dangerous to eat.",
            "opposite_words",
        ),
        (
            "The pressure will increase in the tank.",
            "The pressure will decrease in the tank.",
            "opposite_words",
        ),
        (
            "Prices rose because supply was high.",
            "Prices rose because supply was low.",
            "opposite_words",
        ),
        ("来年の人口は増加する見込みです。", "来年の人口は減少する見込みです。", "opposite_words"),
        ("この手続きの更新は可能です。", "この手続きの更新は不可能です。", "opposite_words"),
        ("The tower is 300 metres tall.", "The tower is 250 metres tall.", "other_numbers"),
        ("Ohio grows the most pumpkins.", "Texas grows the most pumpkins.", "other_names"),
        (
            "カボチャの生産量はアイオワが最大です。",
            "カボチャの生産量はテキサスが最大です。",
            "other_names",
        ),
    ],
)
def test_claims_about_the_same_thing_clash(one, other, reason):
    assert found(one, other) is Reason(reason)
    assert found(other, one) is Reason(reason)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The bridge is not unsafe for lorries.", "The bridge is safe for lorries."),
        ("この橋は安全です。", "この橋は危険ではありません。"),
        ("The air scatters short waves of light.", "The air scatters light of short waves well."),
        ("It is not for sale.", "Cats sleep most of the day."),
        ("If it does not rain, the match takes place.", "The match takes place, rain or not."),
        ("Not only is the soup hot, the soup is good.", "The soup is hot, and the soup is good."),
        ("The tower is 300 metres tall.", "The tower, 300 metres tall, opened in 1889."),
    ],
)
def test_claims_that_go_together_do_not_clash(one, other):
    assert found(one, other) is None


def test_in_long_texts_other_numbers_and_names_are_no_clash():
    filler = "Water boils. Ice melts. Steam rises. Snow falls. "
    assert (
        found(filler + "The tower is 300 metres tall.", filler + "The tower is 250 metres tall.")
        is None
    )


def test_of_ten_thousand_sentences_a_bounded_number_is_compared():
    assert len(Claims(statements("It is not. Cats sleep. " * 5_000)).statements) <= MAX_STATEMENTS
