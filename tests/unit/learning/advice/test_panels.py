"""Ballots as they would have been had only some been asked."""

from hypothesis import given
from hypothesis import strategies as st

from consensus.ballot import DIFFICULTY
from learning.advice.panels import among
from tests.support.ballots import any_ballot, ballot, plain

SPLIT = plain("gpt claude", "gemini")


def who(cast):
    return [{cast.voters[i].provider for i in members} for members in cast.groups]


def test_two_who_differ_differ_without_the_third():
    assert who(among(SPLIT, ("claude", "gemini"))) == [{"claude"}, {"gemini"}]


def test_two_who_agree_agree_without_the_third():
    assert who(among(SPLIT, ("gpt", "claude"))) == [{"gpt", "claude"}]


def test_who_has_no_answer_leaves_nothing_to_be_told():
    assert among(plain("gpt", "claude"), ("gpt", "gemini")) is None


def test_everybody_is_the_ballot_itself():
    assert among(SPLIT, ("gpt", "claude", "gemini")) is SPLIT


@given(any_ballot(), st.data())
def test_of_any_ballot_any_part_is_a_sound_ballot(cast, data):
    names = [voter.provider for voter in cast.voters]
    kept = data.draw(st.lists(st.sampled_from(names), min_size=1, unique=True))
    part = among(cast, kept)
    assert {voter.provider for voter in part.voters} == set(kept)
    assert type(cast).from_json(part.as_json()) is not None


def test_a_lone_answer_shares_words_and_numbers_with_nobody():
    cast = ballot("gpt claude")
    alone = dict(zip(DIFFICULTY, among(cast, ("gpt",)).difficulty, strict=True))
    assert alone["shared_words"] == alone["shared_numbers"] == 0.0
    assert alone["hedging"] == cast.difficulty[DIFFICULTY.index("hedging")]
