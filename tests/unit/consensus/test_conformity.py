"""Who changed its answer, and whether it had a reason of its own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus.answers import read_question
from consensus.conformity import flips_of
from consensus.evidence import Evidence
from consensus.flips import CONFORMED, ECHOED, Flip
from consensus.transcript import Attempt, Failure, Transcript

QUESTION = read_question("How many prime numbers are there below 30?")
FRAGE = read_question("1から100までの整数のうち、3または5で割り切れる数はいくつありますか。")


def said(name, text, round=1, review=None):  # noqa: A002 - the field's own name
    failure = Failure("timeout", "late", retryable=True) if text is None else None
    return Attempt(name, "v", "m", round, 1.0, text=text, failure=failure, review=review)


def after(*rounds, question=QUESTION):
    """The transcript of rounds, one mapping of provider to text (or text and remark) each."""
    transcript = Transcript()
    for number, replies in enumerate(rounds, 1):
        attempts = tuple(
            said(
                name,
                *((reply[0], number, reply[1]) if isinstance(reply, tuple) else (reply, number)),
            )
            for name, reply in replies.items()
        )
        flips = flips_of(question, transcript, attempts)
        transcript = Transcript(transcript.attempts + attempts, transcript.flips + flips)
    return transcript


THREE = {"gpt": "The answer is 10.", "claude": "The answer is 11.", "gemini": "The answer is 10."}


def test_a_first_answer_is_no_change():
    transcript = after(THREE)
    assert transcript.flips == ()
    assert set(transcript.independence.values()) == {1.0}


def test_who_joins_the_majority_with_nothing_new_has_conformed():
    transcript = after(THREE, {"claude": "The answer is 10."})
    (flip,) = transcript.flips
    assert flip == Flip("claude", 2, "11", "10", joined=("gpt", "gemini"))
    assert flip.conformed
    assert transcript.independence == {"gpt": 1.0, "claude": CONFORMED, "gemini": 1.0}


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(("10", "I had counted 1, which has only one divisor."), id="in the remark"),
        pytest.param("I had counted 1, which has only one divisor. So 10.", id="in the answer"),
    ],
)
def test_who_names_its_error_has_its_own_reason(reply):
    transcript = after(THREE, {"claude": reply})
    (flip,) = transcript.flips
    assert Evidence.ERROR in flip.evidence
    assert not flip.conformed
    assert transcript.independence["claude"] == 1.0


def test_the_same_in_japanese():
    answers = {"gpt": "53個です。", "claude": "47個です。", "gemini": "47個です。"}
    silent = after(answers, {"gpt": ("47", "なし")}, question=FRAGE)
    reasoned = after(answers, {"gpt": ("47", "15の倍数を二重に数えていました。")}, question=FRAGE)
    assert [flip.conformed for flip in (*silent.flips, *reasoned.flips)] == [True, False]


def test_who_repeats_anothers_reason_has_none_of_its_own():
    answers = THREE | {"gpt": "They are 2, 3, 5, 7, 11, 13, 17, 19, 23 and 29, so 10."}
    transcript = after(
        answers, {"claude": "They are 2, 3, 5, 7, 11, 13, 17, 19, 23 and 29, so 10."}
    )
    assert transcript.flips[0].conformed


def test_one_against_one_is_no_majority_but_an_echo_all_the_same():
    transcript = after({"gpt": "10", "claude": "11"}, {"claude": "10"})
    (flip,) = transcript.flips
    assert not flip.conformed
    assert transcript.independence["claude"] == ECHOED


def test_what_nobody_held_is_taken_over_from_nobody():
    transcript = after(THREE, {"claude": "9"})
    assert (transcript.flips[0].joined, transcript.independence["claude"]) == ((), 1.0)


def test_who_leaves_a_majority_for_one_has_not_conformed():
    transcript = after(THREE, {"gpt": "11"})
    (flip,) = transcript.flips
    assert (flip.joined, flip.left, flip.conformed) == (("claude",), ("gemini",), False)


def test_who_returns_to_its_first_answer_stands_by_its_own_again():
    transcript = after(THREE, {"claude": "10"}, {"claude": "11"})
    assert [flip.returned for flip in transcript.flips] == [False, True]
    assert transcript.independence["claude"] == 1.0


def test_a_failure_changes_nothing():
    transcript = after(THREE, {"claude": None})
    assert transcript.flips == ()


def test_free_text_changes_when_it_contradicts_what_it_said():
    question = read_question("Explain whether it is safe to mix bleach and ammonia.")
    safe = "Mixing bleach and ammonia is safe in a ventilated room."
    unsafe = "Mixing bleach and ammonia is not safe in a ventilated room."
    assert after({"gpt": safe}, {"gpt": unsafe}, question=question).flips
    assert not after({"gpt": safe}, {"gpt": safe + " Wear gloves."}, question=question).flips


_number = st.sampled_from(["9", "10", "11", "The answer is 10.", "I forgot 2. So 11.", None])
_rounds = st.lists(
    st.dictionaries(st.sampled_from(["gpt", "claude", "gemini", "grok"]), _number, min_size=1),
    min_size=1,
    max_size=4,
)


@given(_rounds)
def test_whatever_is_said_a_flip_is_from_one_answer_to_another(rounds):
    transcript = after(*rounds)
    assert transcript.independence.keys() == {a.provider for a in transcript.answers}
    for flip in transcript.flips:
        assert flip.before != flip.after
        assert flip.round > 1
        assert flip.provider not in {*flip.joined, *flip.left}
        assert not set(flip.joined) & set(flip.left)
        assert flip.independence in {1.0, ECHOED, CONFORMED}
        if flip.conformed:
            assert flip.independence == CONFORMED
            assert len(flip.joined) > 1


@given(_rounds)
def test_who_never_moves_is_independent_for_good(rounds):
    blind = {"stubborn": "10", "other": "11"}
    transcript = after(blind, *(replies | {"stubborn": "10"} for replies in rounds))
    assert transcript.independence["stubborn"] == 1.0
