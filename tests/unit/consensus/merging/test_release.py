"""A merged text is let go sentence by sentence, and nothing that was let go is ever taken back."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus.answers import final_answer, read_question, same_answer
from consensus.merging import release as module
from consensus.merging.checks import Checks
from consensus.merging.release import Release
from consensus.merging.sources import Sources
from consensus.merging.support import Support

ASKED = "What is 17 + 25?"
QUESTION = read_question(ASKED)
ANSWERS = (
    """The answer is 42. Cats purr and mice squeak. Birds sing in the morning.
- They fly south
- They build nests
```
print(42)
```""",
    "It is 42. Dogs bark loudly. 猫は鳴きます。鳥は歌います。",
)
SETTLED = final_answer(QUESTION, ANSWERS[0])


def agrees(text):
    return same_answer(SETTLED, final_answer(QUESTION, text))


CHECKS = Checks(agrees, Support(Sources(ASKED, ANSWERS)))


def let_go(*pieces, typed=False):
    """What went out with each piece, and what the text came to at its end."""
    release = Release(CHECKS, typed=typed)
    out = [release.feed(piece) for piece in pieces]
    rest, checked = release.finish()
    return [*out, rest], checked


@pytest.mark.parametrize(
    ("pieces", "out"),
    [
        pytest.param(
            ["Cats purr. Mice squ", "eak. Bi", "rds sing.", " The"],
            ["", "Cats purr. Mice squeak.", "", " Birds sing.", " The"],
            id="a sentence goes once it is whole",
        ),
        pytest.param(
            ["Cats purr. ", "Mice squeak. "],
            ["", "Cats purr. Mice squeak.", ""],
            id="a first sentence waits for the second",
        ),
        pytest.param(
            ["猫は鳴きます。", "鳥は歌います。", "Cats", " purr. "],
            ["", "", "猫は鳴きます。鳥は歌います。", "Cats purr.", ""],
            id="a stop in Japanese may be followed by a closing bracket",
        ),
        pytest.param(
            ["Cats purr. The answer is 42", ".", " ", "Mice squeak"],
            ["", "", "Cats purr. The answer is 42.", "", " Mice squeak"],
            id="a dot after a figure may go on in it",
        ),
        pytest.param(
            ["Birds sing:\n", "- They fly south", "\n- They build nests"],
            ["", "", "Birds sing:\n- They fly south", "\n- They build nests"],
            id="an item of a list ends with its line",
        ),
        pytest.param(
            ["Birds sing. Cats purr.\n```\nprint(42)", "\n```", "\n"],
            ["Birds sing. Cats purr.", "", "\n```\nprint(42)\n```", ""],
            id="a block of code goes as one",
        ),
        pytest.param(
            ["Cats purr. Dogs fly 17 times. ", "Birds sing. "],
            ["", "Cats purr. Birds sing.", ""],
            id="what no answer supports is left out",
        ),
        pytest.param(
            [
                "Cats purr. Birds sing. Dogs fly 17 times. ",
                "This tires them. ",
                "The answer is 42.",
            ],
            ["Cats purr. Birds sing.", "", "", " The answer is 42."],
            id="with what hangs on it",
        ),
        pytest.param(
            [
                "Dogs sail ships. Mice drive cars. Pigs write novels. ",
                "Cats purr. Birds sing. ",
                "Mice squeak. ",
            ],
            ["", "", "Cats purr. Birds sing. Mice squeak.", ""],
            id="as long as more goes than stays, nothing does",
        ),
    ],
)
def test_what_goes_out_with_each_piece(pieces, out):
    assert let_go(*pieces)[0] == out


def test_where_types_tell_answers_apart_nothing_goes_before_the_panel_s_is_stated():
    out, checked = let_go(
        "Cats purr. ", "Birds sing. ", "The answer is 42. ", "They fly", typed=True
    )
    assert out == ["", "", "Cats purr. Birds sing. The answer is 42.", "", " They fly"]
    assert checked.failure is None


def test_a_figure_on_the_way_is_held_until_the_answer_follows():
    out, _ = let_go("The answer is 17. ", "Birds sing. ", typed=True)
    assert out[:2] == ["", ""]


def test_another_answer_after_the_first_went_out_breaks_the_text_off():
    out, checked = let_go("The answer is 42. ", "Cats purr. ", "The answer is 17. ", typed=True)
    assert out == ["The answer is 42.", " Cats purr.", "", ""]
    assert checked.failure.code == "contradicts_consensus"


def test_a_text_most_of_which_goes_in_the_end_fails():
    astray = ("Dogs sail ships. ", "Mice drive cars. ", "Pigs write novels. ")
    out, checked = let_go("Cats purr. Birds sing. ", *astray)
    assert "".join(out) == "Cats purr. Birds sing."
    assert checked.failure.code == "unsupported_synthesis"


def test_code_that_nobody_supports_ends_the_text_at_once():
    release = Release(CHECKS, typed=False)
    assert release.feed("Cats purr. Birds sing. ") == "Cats purr. Birds sing."
    assert release.failure is None
    assert release.feed("\n```\nrm()\n```\n") == ""
    assert release.failure.code == "unsupported_synthesis"


def test_a_text_that_lets_nothing_go_is_checked_as_a_whole_and_may_be_repaired():
    release = Release(CHECKS, typed=False)
    release.feed("Dogs sail ships. ")
    assert release.failure is None, "its end is waited for: it may be written again"
    rest, checked = release.finish()
    assert rest == ""
    assert checked.unsupported == ("Dogs sail ships.",)


@pytest.mark.parametrize("limit", ["MAX_CHARS", "MAX_READ"])
def test_a_text_too_long_to_be_checked_ends(limit, monkeypatch):
    monkeypatch.setattr(module, limit, 30 if limit == "MAX_CHARS" else 3)
    release = Release(CHECKS, typed=False)
    for _ in range(5):
        release.feed("Cats purr. ")
    assert "too long" in release.failure.message


PARTS = [
    "The answer is 42.",
    "Cats purr.",
    "Dogs fly 17 times.",
    "This tires them.",
    "It is 43.",
    "猫は鳴きます。",
    "犬は17回飛びます。",
    "\n- They fly south\n",
    "\n- Pigs fly 99\n",
    "\n\n",
    "\n```\nprint(42)\n```\n",
    "\n```\nrm()\n```\n",
    "E.g. dr. Smith has 3.14",
    "  ",
    "-",
]


@settings(max_examples=300)
@given(st.lists(st.sampled_from(PARTS), max_size=9), st.booleans(), st.data())
def test_however_it_is_cut_it_comes_to_what_the_whole_text_comes_to(parts, typed, data):
    text = " ".join(parts)
    release, out = Release(CHECKS, typed=typed), ""
    at = 0
    while at < len(text):
        step = data.draw(st.integers(1, 20))
        out += release.feed(text[at : at + step])
        at += step
    rest, checked = release.finish()
    whole = CHECKS(text)
    assert (checked.failure is None) == (whole.failure is None)
    if checked.failure is None:
        assert out + rest == checked.text
        assert squeezed(checked.text) == squeezed(whole.text)
        assert checked.removed == whole.removed
    else:
        assert rest == ""


def squeezed(text):
    return "".join(text.split())
