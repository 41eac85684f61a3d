"""How the answers fell, as plain values that the journal keeps."""

import math
from dataclasses import replace

import orjson
import pytest
from hypothesis import given

from consensus.ballot import BALLOT_VERSION, DIFFICULTY, SIGNS, Ballot
from tests.support.ballots import BALLOT, any_ballot, ballot

KEPT = BALLOT.as_json()


@given(any_ballot())
def test_the_journal_gives_back_what_it_was_given(cast):
    assert Ballot.from_json(orjson.loads(orjson.dumps(cast.as_json()))) == cast


def test_every_group_is_sound_and_every_voter_independent_unless_told_otherwise():
    assert BALLOT.soundness == (1.0, 1.0)
    assert BALLOT.independence == (1.0, 1.0, 1.0)


def test_a_provider_is_found_in_its_group():
    assert [BALLOT.group_of(name) for name in ("gpt", "gemini", "claude")] == [0, 0, 1]


def test_a_provider_without_an_answer_is_in_no_group():
    with pytest.raises(KeyError):
        BALLOT.group_of("mistral")


def test_what_another_version_wrote_teaches_nothing():
    assert Ballot.from_json(KEPT | {"version": BALLOT_VERSION + 1}) is None


@pytest.mark.parametrize("name", KEPT)
def test_a_ballot_that_lacks_a_part_is_none(name):
    assert Ballot.from_json({key: value for key, value in KEPT.items() if key != name}) is None


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param({"groups": [[0, 1]]}, id="a voter in no group"),
        pytest.param({"groups": [[0, 1], [1, 2]]}, id="a voter in two"),
        pytest.param({"groups": [[0, 1], [3]]}, id="a voter that is not there"),
        pytest.param({"groups": [[0, 1], [-1]]}, id="a negative position"),
        pytest.param({"groups": [[0, 1, 2], []]}, id="an empty group"),
        pytest.param({"groups": [], "refuses": [], "signs": [], "soundness": []}, id="no group"),
        pytest.param({"groups": 3}, id="groups that are a number"),
        pytest.param({"voters": [["gpt", "openai"]] * 3}, id="voters without a model"),
        pytest.param({"refuses": [False]}, id="a group of which nobody knows whether it refuses"),
        pytest.param({"signs": [[0.0] * len(SIGNS)]}, id="a group without signs"),
        pytest.param({"signs": [[0.0]] * 2}, id="too few signs"),
        pytest.param({"signs": [[math.nan] * len(SIGNS)] * 2}, id="a sign that is no number"),
        pytest.param({"difficulty": [0.0]}, id="too few figures of difficulty"),
        pytest.param({"difficulty": [math.inf] * len(DIFFICULTY)}, id="an infinite figure"),
        pytest.param({"soundness": [1.0, 1.5]}, id="sounder than sound"),
        pytest.param({"independence": [1.0, -0.1, 1.0]}, id="a negative vote"),
        pytest.param({"independence": [1.0, math.nan, 1.0]}, id="a vote that is no number"),
        pytest.param({"independence": [1.0]}, id="voters of unknown independence"),
    ],
)
def test_a_broken_ballot_is_none(broken):
    assert Ballot.from_json(KEPT | broken) is None


def test_ballots_are_values():
    assert ballot("gpt", "claude") == ballot("gpt", "claude")
    assert len({BALLOT, replace(BALLOT), replace(BALLOT, kind="choice")}) == 2
