"""What a request's record gives to the patterns."""

from dataclasses import replace

import pytest

from consensus.ballot import Ballot, BallotVoter
from learning.patterns.contribution import configuration_of, contribution_of
from learning.patterns.stances import Stance, outcomes_of
from tests.support.patterns import scenario
from tests.support.records import PLAIN, all_down, answered, failed, filtered, impatient, vote


def ballot(groups, refuses=None, voters=("gpt", "claude", "gemini")):
    return Ballot(
        kind="number",
        language="en",
        voters=tuple(BallotVoter(name, name, "m") for name in voters),
        groups=groups,
        refuses=refuses or (False,) * len(groups),
        signs=((0.0, 0.0),) * len(groups),
        difficulty=(0.0,) * 17,
    )


THREE = (vote(), vote(provider="claude"), vote(provider="gemini"))


def stances(record):
    return {name: str(outcome.stance) for name, outcome in outcomes_of(record).items()}


def test_who_said_what_was_given_out_is_with_it_and_who_said_otherwise_against_it():
    record = answered(votes=THREE, ballot=ballot(((0, 2), (1,))), returned_group=0)
    assert stances(record) == {"gpt": "with", "claude": "against", "gemini": "with"}


def test_who_failed_failed_and_who_answered_outside_the_ballot_stands_aside():
    record = answered(
        votes=(*THREE[:2], vote("timeout", provider="gemini"), vote(provider="gemini", round=2)),
        ballot=ballot(((0,),), voters=("gpt",)),
        returned_group=0,
    )
    assert stances(record) == {"gpt": "with", "claude": "aside", "gemini": "aside"}
    assert stances(answered(votes=(vote(), vote("timeout", provider="claude")))) == {
        "gpt": "aside",
        "claude": "failed",
    }


@pytest.mark.parametrize("returned", [None, 5, -1])
def test_where_nobody_knows_whose_answer_was_given_out_all_stand_aside(returned):
    record = answered(votes=THREE, ballot=ballot(((0, 2), (1,))), returned_group=returned)
    assert set(stances(record).values()) == {"aside"}


def test_of_a_refusal_that_was_given_out_a_label_tells_nothing():
    record = answered(votes=THREE, ballot=ballot(((0, 1, 2),), (True,)), returned_group=0)
    assert set(stances(record).values()) == {"aside"}


def test_without_a_panel_the_one_whose_words_were_given_out_is_with_them():
    record = answered(
        arm="legacy", votes=(vote("timeout"), vote(provider="claude")), answer_source="claude"
    )
    assert stances(record) == {"gpt": "failed", "claude": "with"}


def test_a_shadow_s_answer_was_given_to_nobody():
    record = answered(
        arm="shadow",
        votes=THREE,
        ballot=ballot(((0, 1, 2),)),
        answer_source="gpt",
        returned_group=0,
    )
    assert set(stances(record).values()) == {"aside"}


def test_time_and_money_are_summed_over_a_provider_s_attempts_time_only_of_answers():
    votes = (vote(latency_ms=100.0), vote("timeout", round=2, latency_ms=900.0), vote(round=3))
    (outcome,) = outcomes_of(answered(votes=votes)).values()
    assert (outcome.latency_ms, round(outcome.cost_usd, 6)) == (190.0, 0.003)


def test_a_hurried_caller_s_time_outs_say_nothing():
    assert contribution_of(impatient(), scenario()) is None
    assert stances(
        answered(votes=(vote(), vote("timeout", provider="claude")), timeout_ms=900)
    ) == {"gpt": "aside"}


def test_a_request_that_asked_nobody_teaches_nothing():
    assert contribution_of(PLAIN, scenario()) is None


def test_a_request_cut_short_teaches_who_answered_until_then():
    new = contribution_of(answered(status=499, code="client_gone"), scenario())
    assert (set(new.outcomes), new.failure) == ({"gpt", "claude"}, None)


@pytest.mark.parametrize(
    ("record", "trigger"),
    [
        (all_down(), "no answer: claude (timeout), gpt (server_error)"),
        (failed(), "no answer: claude (malformed_reply), gpt (server_error)"),
        (filtered(), "no answer: claude (content_filtered), gpt (content_filtered)"),
        (
            answered(votes=(vote(), vote("timeout", provider="claude"))),
            "no answer of claude (timeout)",
        ),
        (answered(status=500, code="internal"), "failed: internal"),
    ],
)
def test_what_went_wrong_is_told_the_same_for_the_same_cause(record, trigger):
    failure = contribution_of(record, scenario()).failure
    assert failure.trigger == trigger
    assert all((failure.impact, failure.resolution, failure.prevention))


def test_a_wrong_answer_given_out_with_confidence_is_told_apart():
    record = answered(votes=THREE, ballot=ballot(((0, 2), (1,))), returned_group=0, confidence=0.93)
    new = contribution_of(record, scenario())
    assert new.failure_with(True) is None
    wrong = new.failure_with(False)
    assert wrong.trigger == "wrong and sure of it"
    assert "0.93" in wrong.impact
    assert "claude" in wrong.prevention
    unsure = replace(new, confidence=0.4).failure_with(False)
    assert unsure.trigger == "wrong answer"


def test_the_configuration_is_who_was_asked_in_order_how_and_how_deep():
    record = answered(
        votes=(vote(provider="claude"), vote(), vote(provider="claude", round=2)),
        mode="sequential",
        advice={"weights": {"gpt": 0.5}, "neighbours": [3, 1]},
    )
    found = configuration_of(record)
    assert (found.providers, found.mode, found.depth) == (("claude", "gpt"), "sequential", 2)
    assert found.weights == {"gpt": 0.5}
    assert contribution_of(record, scenario()).advised == (3, 1)


@pytest.mark.parametrize("advice", [None, {}, {"neighbours": None}, {"neighbours": ["x", 4]}])
def test_advice_of_another_making_is_read_as_far_as_it_goes(advice):
    assert contribution_of(answered(advice=advice), scenario()).advised in {(), (4,)}


def test_each_stance_tells_what_it_does():
    table = {
        Stance.WITH: {True: (1, 0, 0, 0), False: (0, 1, 0, 0), None: (0, 0, 1, 0)},
        Stance.AGAINST: {True: (0, 1, 0, 0), False: (0, 0, 1, 0), None: (0, 0, 1, 0)},
        Stance.ASIDE: {True: (0, 0, 1, 0), False: (0, 0, 1, 0), None: (0, 0, 1, 0)},
        Stance.FAILED: {True: (0, 0, 0, 1), False: (0, 0, 0, 1), None: (0, 0, 0, 1)},
    }
    from learning.patterns.stances import Outcome

    for stance, by_label in table.items():
        for correct, expected in by_label.items():
            tally = Outcome(stance).tally(correct)
            assert (tally.right, tally.wrong, tally.untold, tally.failed) == expected
