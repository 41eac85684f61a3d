"""Ballots as they would have been had only some been asked."""

from hypothesis import given
from hypothesis import strategies as st

from learning.advice.panels import among
from tests.support.ballots import any_ballot, plain

SPLIT = plain("gpt claude", "gemini")


def who(ballot):
    return [{ballot.voters[i].provider for i in members} for members in ballot.groups]


def test_two_who_differ_differ_without_the_third():
    assert who(among(SPLIT, ("claude", "gemini"))) == [{"claude"}, {"gemini"}]


def test_two_who_agree_agree_without_the_third():
    assert who(among(SPLIT, ("gpt", "claude"))) == [{"gpt", "claude"}]


def test_who_has_no_answer_leaves_nothing_to_be_told():
    assert among(plain("gpt", "claude"), ("gpt", "gemini")) is None


def test_everybody_is_the_ballot_itself():
    assert among(SPLIT, ("gpt", "claude", "gemini")) is SPLIT


@given(any_ballot(), st.data())
def test_of_any_ballot_any_part_is_a_sound_ballot(ballot, data):
    names = [voter.provider for voter in ballot.voters]
    kept = data.draw(st.lists(st.sampled_from(names), min_size=1, unique=True))
    part = among(ballot, kept)
    assert {voter.provider for voter in part.voters} == set(kept)
    assert type(ballot).from_json(part.as_json()) is not None
