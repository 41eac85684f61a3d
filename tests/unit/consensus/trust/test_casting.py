"""The ballot of a panel."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus.answers import final_answer, read_question
from consensus.ballot import DIFFICULTY, SIGNS, Ballot
from consensus.panel import read_panel
from consensus.trust.casting import cast_ballot
from consensus.trust.topics import Topics
from tests.support.panels import EMBEDDER, attempt, panel

SUM = "What is 6 times 7?"
SKY = "Explain why the sky is blue."
REFUSAL = "I'm sorry, but I can't help with that."


def cast(question, attempts, **options):
    asked = read_question(question)
    compared = read_panel(asked, attempts, {}, EMBEDDER)
    return cast_ballot(asked, compared, **options)


def test_answers_that_say_the_same_are_one_group_best_supported_first():
    ballot = cast(SUM, panel("I think 43.", "The answer is 42.", "6 × 7 = 42"))
    assert ballot.groups == ((1, 2), (0,))
    assert [voter.provider for voter in ballot.voters] == ["gpt", "claude", "gemini"]
    assert [voter.vendor for voter in ballot.voters] == ["openai", "anthropic", "google"]
    assert (ballot.kind, ballot.language) == ("number", "en")


@pytest.mark.parametrize("declined", [REFUSAL, "I don't know."])
def test_who_declines_is_a_group_that_refuses_and_comes_last(declined):
    ballot = cast(SUM, panel(declined, "42", declined))
    assert ballot.groups[0] == (1,)
    assert ballot.refuses[0] is False
    assert all(ballot.refuses[1:])


@pytest.mark.parametrize(
    ("question", "texts", "typed"),
    [
        pytest.param(SUM, ("42", "42", "43"), True, id="numbers"),
        pytest.param(SKY, ("Air scatters blue light.", "Because of Rayleigh."), False, id="prose"),
        pytest.param(
            SUM, ("42", "It follows from the tables we learn at school."), True, id="half"
        ),
    ],
)
def test_a_ballot_is_typed_when_types_tell_at_least_half_of_the_answers_apart(
    question, texts, typed
):
    assert cast(question, panel(*texts)).typed is typed


def test_a_vote_is_its_own_unless_told_otherwise():
    ballot = cast(SUM, panel("42", "42", "43"), independence={"claude": 0.25})
    assert ballot.independence == (1.0, 0.25, 1.0)


def test_a_computed_answer_confirms_and_refutes():
    computed = final_answer(read_question(SUM), "42")
    ballot = cast(SUM, panel("43", "42", "43"), computed=computed)
    signs = [row[SIGNS.index("computed")] for row in ballot.signs]
    assert dict(zip(ballot.groups, signs, strict=True)) == {(0, 2): -1.0, (1,): 1.0}


def test_a_group_is_as_sound_as_the_soundest_that_says_it():
    torn = "The answer is 42. No wait, 6 × 7 = 44, so the answer is 42."
    alone, joined = (cast(SUM, panel(*texts)).soundness[0] for texts in ((torn,), (torn, "42")))
    assert alone < joined == 1.0


def test_topics_place_the_question():
    placed = cast(SUM, panel("42"), topics=Topics(EMBEDDER))
    topics = [n for n, name in enumerate(DIFFICULTY) if name.startswith("topic")]
    assert any(placed.difficulty[n] for n in topics)
    assert not any(cast(SUM, panel("42")).difficulty[n] for n in topics)


def test_a_ballot_holds_no_word_of_question_or_answers():
    secret = "xylophone"
    ballot = cast(f"How heavy is a {secret}?", panel(f"A {secret} weighs 42 kg.", f"{secret}: 43"))
    assert secret not in orjson.dumps(ballot.as_json()).decode()


@given(
    st.sampled_from([SUM, SKY, "日本の首都はどこですか？"]),
    st.lists(
        st.one_of(st.sampled_from(["42", "43", REFUSAL, "東京です。"]), st.text(max_size=60)),
        min_size=1,
        max_size=5,
    ),
)
def test_every_panel_makes_a_ballot_the_journal_can_keep(question, texts):
    attempts = tuple(attempt(f"p{n}", text) for n, text in enumerate(texts))
    ballot = cast(question, attempts, topics=Topics(EMBEDDER))
    kept = Ballot.from_json(orjson.loads(orjson.dumps(ballot.as_json())))
    assert kept is not None
    assert kept.groups == ballot.groups
    assert kept.as_json() == ballot.as_json()
