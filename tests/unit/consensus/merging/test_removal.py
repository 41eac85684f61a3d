"""What is taken out of a text goes with what hangs on it, or the text is given up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus.merging.removal import without
from consensus.merging.sentences import sentences


def rest(text, *gone):
    read = sentences(text)
    return without(text, read, [s for s in read if any(g in s.text for g in gone)])


@pytest.mark.parametrize(
    ("text", "gone", "left"),
    [
        pytest.param(
            "Cats purr. Dogs fly. Birds sing.", "fly", "Cats purr. Birds sing.", id="between others"
        ),
        pytest.param(
            "Cats purr. Birds sing. Dogs fly.", "fly", "Cats purr. Birds sing.", id="last"
        ),
        pytest.param("Dogs fly. Cats purr.", "fly", "Cats purr.", id="first"),
        pytest.param(
            "Animals:\n- Cats purr\n- Dogs fly\n- Birds sing",
            "fly",
            "Animals:\n- Cats purr\n- Birds sing",
            id="a list item",
        ),
        pytest.param(
            "猫は鳴きます。犬は飛びます。鳥は歌います。",
            "飛び",
            "猫は鳴きます。鳥は歌います。",
            id="Japanese",
        ),
        pytest.param(
            "Cats purr. Mice squeak. Dogs fly. This tires them. Birds sing.",
            "fly",
            "Cats purr. Mice squeak. Birds sing.",
            id="with what hangs on it",
        ),
        pytest.param(
            "猫は鳴きます。鼠も鳴きます。犬は飛びます。そのため疲れます。鳥は歌います。",
            "飛び",
            "猫は鳴きます。鼠も鳴きます。鳥は歌います。",
            id="Japanese with what hangs on it",
        ),
        pytest.param(
            "Cats purr.\n\nDogs fly.\n\nThis is all about birds. Birds sing.",
            "fly",
            "Cats purr.\n\nThis is all about birds. Birds sing.",
            id="another paragraph does not hang on it",
        ),
    ],
)
def test_the_rest_reads_on(text, gone, left):
    assert rest(text, gone) == left


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        pytest.param("Dogs fly.", ["fly"], id="nothing is left"),
        pytest.param(
            "Dogs fly. Cats bark. Birds sing.", ["fly", "bark"], id="less is left than goes"
        ),
        pytest.param("Run it:\n```\nfly()\n```\nCats purr. Birds sing.", ["fly"], id="code"),
        pytest.param("In short: dogs fly. And so on.", ["fly"], id="what is left states nothing"),
    ],
)
def test_where_the_rest_is_no_answer_nothing_is_returned(text, gone):
    assert rest(text, *gone) is None


@given(st.text(max_size=400), st.sets(st.integers(0, 20)))
def test_what_is_left_was_there_before(text, places):
    read = sentences(text)
    left = without(text, read, [s for i, s in enumerate(read) if i in places])
    if left is not None:
        remaining = iter(text)
        assert all(c in remaining for c in left)
