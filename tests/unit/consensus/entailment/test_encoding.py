"""A question and two answers become one row of tokens."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus.entailment.encoding import MAX_TOKENS, PairEncoder

WORDS = [
    "why",
    "is",
    "the",
    "sky",
    "blue",
    "light",
    "scatter",
    "##s",
    "1",
    "0",
    ".",
    "か",
    "が",
    "京",
    "東京",
    "です",
]
TOKENS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS]
UNKNOWN = TOKENS.index("[UNK]")


@pytest.fixture(scope="module")
def encoder() -> PairEncoder:
    return PairEncoder(TOKENS)


def spelled(encoder, text):
    return [TOKENS[number] for number in encoder.read(text)]


def test_the_longer_answer_comes_first_as_it_may_entail_the_shorter(encoder):
    row = encoder.row(*map(encoder.read, ("why", "light", "light scatters")))

    assert [TOKENS[number] for number in row.tokens] == [
        "[CLS]", "why", "[SEP]", "light", "scatter", "##s", "[SEP]", "light", "[SEP]",
    ]  # fmt: skip
    assert row.segments == [0, 0, 0, 0, 0, 0, 0, 1, 1]


def test_without_a_question_the_row_starts_with_the_answer(encoder):
    row = encoder.row([], encoder.read("sky"), encoder.read("blue"))

    assert TOKENS[row.tokens[1]] in {"sky", "blue"}
    assert row.tokens.count(TOKENS.index("[SEP]")) == 2


def test_japanese_is_cut_into_its_longest_known_strings_and_keeps_its_dakuten(encoder):
    assert spelled(encoder, "東京か京が") == ["東京", "か", "京", "が"]


def test_a_japanese_character_without_a_row_is_unknown_by_itself(encoder):
    assert spelled(encoder, "鵺か") == ["[UNK]", "か"]


def test_japanese_and_english_may_be_mixed(encoder):
    assert spelled(encoder, "東京 is ｂｌｕｅです。") == ["東京", "is", "blue", "です", "[UNK]"]


def test_half_width_kana_and_full_width_digits_are_folded(encoder):
    assert spelled(encoder, "１０") == ["[UNK]"]
    assert spelled(encoder, "１ ０") == ["1", "0"]


def test_marks_that_nobody_sees_change_nothing(encoder):
    assert encoder.read("\u202esk\u200by \x00blue\ufeff") == encoder.read("sky blue")


@pytest.mark.parametrize(
    "text",
    [
        "a" * 10_000_000,
        "1" * 100_000,
        "\x00" * 50_000,
        "か" * 1_000_000,
        "\ufdfa" * 100_000,
        "((((" * 50_000,
    ],
    ids=["10 MB", "digits", "NUL", "kana", "expanding", "brackets"],
)
def test_a_hostile_text_fills_no_more_than_its_share_of_a_row(encoder, text):
    row = encoder.row(encoder.read(text), encoder.read(text), encoder.read(text))

    assert len(row.tokens) <= MAX_TOKENS


@given(*[st.text(max_size=400)] * 3)
def test_a_row_is_the_same_for_either_order_and_never_too_long(question, first, second):
    encoder = PairEncoder(TOKENS)
    asked, one, other = map(encoder.read, (question, first, second))

    row = encoder.row(asked, one, other)

    assert row == encoder.row(asked, other, one)
    assert len(row.tokens) == len(row.segments) <= MAX_TOKENS
    assert row.tokens.count(TOKENS.index("[SEP]")) == 2 + bool(asked)


@given(st.integers(0, 300), st.integers(0, 300), st.integers(0, 300))
def test_a_short_answer_leaves_its_room_to_the_long_one(asked, longer, shorter):
    row = PairEncoder(TOKENS).row([4] * asked, [5] * longer, [6] * shorter)

    whole = asked + longer + shorter + 3 + bool(asked)
    assert len(row.tokens) == whole or len(row.tokens) >= MAX_TOKENS - 1 or asked > 28
    assert row.tokens.count(6) >= min(shorter, 40) or longer < shorter
