"""Which round comes next, and when there is none."""

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus.flips import Flip
from consensus.round_results import RoundResult
from consensus.rounds import (
    Ask,
    Mode,
    Plan,
    Stop,
    StopReason,
    next_move,
    round_share_s,
    settled,
    worth_beginning,
)
from consensus.transcript import Attempt, Failure, Transcript
from consensus.weighting import Voter
from tests.support.deciding import decide_by_text
from tests.support.panels import decide_on, panel

TWO = ("gpt", "claude")
THREE = ("gpt", "claude", "gemini")
TRY_AGAIN = Failure("overloaded", "busy", retryable=True, down=True)
FOR_GOOD = Failure("rejected", "no", retryable=False)


def attempt(name, said, round=1, latency_ms=100.0):  # noqa: A002 - the field's own name
    text, failure = (None, said) if isinstance(said, Failure) else (said, None)
    return Attempt(name, "v", "m", round, latency_ms, text=text, failure=failure)


def held(*rounds):
    """A transcript from one mapping of provider to reply a round."""
    return Transcript(
        tuple(
            attempt(name, said, number)
            for number, replies in enumerate(rounds, 1)
            for name, said in replies.items()
        )
    )


def voters(names):
    """Each of a vendor of its own."""
    return tuple(Voter(name, name) for name in names)


def move_after(plan, *rounds):
    transcript = held(*rounds)
    return next_move(transcript, decide_by_text(transcript) if transcript.answers else None, plan)


@pytest.mark.parametrize("mode", Mode)
def test_the_first_round_asks_everybody_and_shows_nothing(mode):
    assert next_move(Transcript(), None, Plan(THREE, mode)) == Ask(1, THREE, shown=())


@pytest.mark.parametrize(
    ("replies", "reason"),
    [
        pytest.param({"gpt": "4", "claude": "4"}, StopReason.ONE_ROUND, id="agreed"),
        pytest.param({"gpt": "4", "claude": "5"}, StopReason.ONE_ROUND, id="contested"),
        pytest.param({"gpt": "4", "claude": TRY_AGAIN}, StopReason.ONE_ROUND, id="one answer"),
        pytest.param({"gpt": FOR_GOOD, "claude": TRY_AGAIN}, StopReason.ALL_FAILED, id="none"),
    ],
)
def test_parallel_mode_holds_one_round(replies, reason):
    assert move_after(Plan(TWO), replies) == Stop(reason)


@pytest.mark.parametrize(
    ("rounds", "reason"),
    [
        pytest.param([{"gpt": "4", "claude": "4"}], StopReason.AGREED, id="unanimous at once"),
        pytest.param(
            [{"gpt": "4", "claude": "4", "gemini": TRY_AGAIN}],
            StopReason.AGREED,
            id="all who answered agree",
        ),
        pytest.param(
            [{"gpt": "4", "claude": "5"}, {"gpt": "5", "claude": "5"}],
            StopReason.AGREED,
            id="one was persuaded",
        ),
        pytest.param(
            [{"gpt": "4", "claude": "5"}, {"gpt": "5", "claude": TRY_AGAIN}],
            StopReason.AGREED,
            id="persuaded by an answer whose author then failed",
        ),
        pytest.param(
            [{"gpt": "4", "claude": TRY_AGAIN}], StopReason.LONE_ANSWER, id="nobody to argue with"
        ),
        pytest.param(
            [{"gpt": TRY_AGAIN, "claude": TRY_AGAIN}], StopReason.ALL_FAILED, id="no answer at all"
        ),
        pytest.param(
            [{"gpt": "4", "claude": "5"}] * 3, StopReason.DEPTH, id="still contested at depth 3"
        ),
        pytest.param(
            [{"gpt": "4", "claude": "5"}, {"gpt": FOR_GOOD, "claude": FOR_GOOD}],
            StopReason.NOBODY_LEFT,
            id="everybody failed for good after answering",
        ),
    ],
)
def test_sequential_mode_stops_when_nothing_can_change(rounds, reason):
    plan = Plan(tuple(rounds[0]), Mode.SEQUENTIAL, depth=3)
    assert move_after(plan, *rounds) == Stop(reason)


FRUITLESS = RoundResult(2, TWO, 10.0)


@pytest.mark.parametrize(
    ("last", "goes_on"),
    [
        pytest.param(FRUITLESS, False, id="nothing came of it"),
        pytest.param(replace(FRUITLESS, flips=(Flip("gpt", 2, "4", "6"),)), True, id="one moved"),
        pytest.param(replace(FRUITLESS, news=("gpt",)), True, id="new evidence, nobody moved"),
        pytest.param(replace(FRUITLESS, unheard=("gpt",)), True, id="one has not been heard"),
        pytest.param(replace(FRUITLESS, arrived=("gpt",)), True, id="a first answer came"),
        pytest.param(replace(FRUITLESS, round=1), True, id="a blind round challenges nobody"),
    ],
)
def test_a_challenge_of_which_nothing_came_is_the_last(last, goes_on):
    transcript = held({"gpt": "4", "claude": "5"}, {"gpt": "4", "claude": "5"})
    move = next_move(
        transcript, decide_by_text(transcript), Plan(TWO, Mode.SEQUENTIAL, depth=5), last
    )
    assert isinstance(move, Ask) is goes_on
    assert goes_on or move == Stop(StopReason.FRUITLESS)


def test_a_contested_round_is_followed_by_one_that_shows_every_standing_answer():
    move = move_after(Plan(TWO, Mode.SEQUENTIAL), {"gpt": "4", "claude": "5"})
    assert move == Ask(2, TWO, shown=(attempt("gpt", "4"), attempt("claude", "5")))


def test_an_earlier_answer_is_shown_when_its_author_failed_since():
    move = move_after(
        Plan(TWO, Mode.SEQUENTIAL), {"gpt": "4", "claude": "5"}, {"gpt": "4", "claude": TRY_AGAIN}
    )
    assert isinstance(move, Ask)
    assert [(a.provider, a.text) for a in move.shown] == [("gpt", "4"), ("claude", "5")]


@pytest.mark.parametrize(
    ("failure", "asked"),
    [
        pytest.param(TRY_AGAIN, THREE, id="retryable: asked again"),
        pytest.param(FOR_GOOD, TWO, id="final: left out"),
    ],
)
def test_who_failed_is_asked_again_only_when_that_may_help(failure, asked):
    move = move_after(Plan(THREE, Mode.SEQUENTIAL), {"gpt": "4", "claude": "5", "gemini": failure})
    assert isinstance(move, Ask)
    assert move.providers == asked
    assert [shown.text for shown in move.shown] == ["4", "5"]


def test_a_final_failure_after_an_answer_ends_the_asking_but_not_the_standing():
    move = move_after(
        Plan(TWO, Mode.SEQUENTIAL), {"gpt": "4", "claude": "5"}, {"gpt": "4", "claude": FOR_GOOD}
    )
    assert isinstance(move, Ask)
    assert move.providers == ("gpt",)
    assert {a.provider for a in move.shown} == {"gpt", "claude"}


_reply = st.one_of(st.sampled_from(["4", "5", "6"]), st.sampled_from([TRY_AGAIN, FOR_GOOD]))


@given(
    names=st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=8, unique=True),
    mode=st.sampled_from(Mode),
    depth=st.integers(3, 5),
    data=st.data(),
)
def test_whatever_is_replied_a_deliberation_keeps_its_rules(names, mode, depth, data):
    """It ends within its depth, begins blind, asks nobody twice a round or after a final failure."""
    plan = Plan(tuple(names), mode, depth)
    transcript = Transcript()
    while isinstance(
        move := next_move(
            transcript, decide_by_text(transcript) if transcript.answers else None, plan
        ),
        Ask,
    ):
        assert move.round == transcript.rounds + 1
        assert move.round <= (1 if mode is Mode.PARALLEL else depth)
        assert bool(move.shown) == (move.round > 1)
        assert move.providers
        assert len(set(move.providers)) == len(move.providers)
        assert set(move.providers) <= set(names)
        barred = {a.provider for a in transcript.attempts if a.failure == FOR_GOOD}
        assert not barred & set(move.providers)
        transcript += tuple(attempt(name, data.draw(_reply), move.round) for name in move.providers)
    standing = {a.text for a in transcript.answers}
    match move.reason:
        case StopReason.ALL_FAILED:
            assert not standing
        case StopReason.AGREED:
            assert len(transcript.answers) >= 2
            assert len(standing) == 1
        case StopReason.LONE_ANSWER:
            assert len(transcript.answers) == 1
        case StopReason.DEPTH:
            assert transcript.rounds == depth
        case StopReason.ONE_ROUND:
            assert mode is Mode.PARALLEL
        case StopReason.NOBODY_LEFT:
            assert len(standing) > 1
        case _:
            pytest.fail(f"the rules alone cannot stop for {move.reason}")


def opened(opening, enough=0.9, mode=Mode.PARALLEL, **more):
    return Plan(THREE, mode, opening=opening, enough=enough, **more)


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize(("opening", "first"), [(1, ("gpt",)), (2, TWO)])
def test_an_opening_is_asked_first_and_the_rest_kept_back(mode, opening, first):
    move = next_move(Transcript(), None, opened(opening, mode=mode))
    assert move == Ask(1, first, kept_back=THREE[opening:])


@pytest.mark.parametrize("opening", [0, 3, 8])
def test_an_opening_of_nobody_or_of_all_asks_all_at_once(opening):
    assert next_move(Transcript(), None, opened(opening)) == Ask(1, THREE)


AGREEING = {"gpt": "4", "claude": "4"}


@pytest.mark.parametrize(
    ("replies", "confidence", "moves_on"),
    [
        pytest.param(AGREEING, 0.95, False, id="agreed and confident"),
        pytest.param(AGREEING, 0.9, False, id="just confident enough"),
        pytest.param(AGREEING, 0.89, True, id="agreed, but not confident enough"),
        pytest.param({"gpt": "4", "claude": "5"}, 0.99, True, id="they differ"),
        pytest.param({"gpt": "4", "claude": TRY_AGAIN}, 0.99, True, id="one failed"),
        pytest.param({"gpt": "4", "claude": FOR_GOOD}, 0.99, True, id="one failed for good"),
        pytest.param({"gpt": TRY_AGAIN, "claude": FOR_GOOD}, None, True, id="nobody answered"),
    ],
)
@pytest.mark.parametrize("mode", Mode)
def test_the_rest_is_asked_blind_when_the_opening_is_not_enough(
    mode, replies, confidence, moves_on
):
    transcript = held(replies)
    consensus = (
        None if confidence is None else replace(decide_by_text(transcript), confidence=confidence)
    )
    move = next_move(transcript, consensus, opened(2, mode=mode))
    assert move == (Ask(1, ("gemini",)) if moves_on else Stop(StopReason.ENOUGH))


@pytest.mark.parametrize(
    ("confidence", "moves_on"), [(0.9, False), (0.5, True)], ids=["enough", "not enough"]
)
def test_a_lone_answer_is_enough_by_its_confidence(confidence, moves_on):
    transcript = held({"gpt": "4"})
    consensus = replace(decide_by_text(transcript), confidence=confidence)
    move = next_move(transcript, consensus, opened(1))
    assert move == (Ask(1, ("claude", "gemini")) if moves_on else Stop(StopReason.ENOUGH))


def test_a_straggler_that_had_to_be_cut_because_all_was_settled_is_no_failure():
    cut = Failure("cut_off", "settled", retryable=True)
    plan = Plan(tuple("abcde"), opening=4, enough=0.5)
    transcript = held({"a": "4", "b": "4", "c": "4", "d": cut})
    assert next_move(transcript, decide_by_text(transcript), plan) == Stop(StopReason.ENOUGH)


def test_whoever_is_silent_has_come_up_short_and_is_not_asked_again():
    move = next_move(Transcript(), None, opened(1), silent=("gpt",))
    assert move == Ask(1, ("claude", "gemini"))
    transcript = held({"gpt": "4"})
    move = next_move(transcript, decide_by_text(transcript), opened(2), silent=("claude",))
    assert move == Ask(1, ("gemini",))


def test_after_the_escalation_the_panel_argues_as_ever():
    plan = opened(2, mode=Mode.SEQUENTIAL)
    assert move_after(plan, {"gpt": "4", "claude": "5"}) == Ask(1, ("gemini",))
    whole = {"gpt": "4", "claude": "5", "gemini": "4"}
    move = move_after(plan, whole)
    assert isinstance(move, Ask)
    assert (move.round, move.providers, len(move.shown)) == (2, THREE, 3)


@given(
    names=st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=8, unique=True),
    opening=st.integers(0, 8),
    enough=st.sampled_from([0.0, 0.4, 0.8, 1.0]),
    mode_and_depth=st.tuples(st.sampled_from(Mode), st.integers(3, 5)),
    data=st.data(),
)
def test_whatever_an_opening_replies_a_deliberation_keeps_its_rules(
    names, opening, enough, mode_and_depth, data
):
    """Nobody twice a round, first answers blind, the rest asked iff needed, depth untouched."""
    mode, depth = mode_and_depth
    plan = Plan(tuple(names), mode, depth, opening=opening, enough=enough)
    first = plan.first
    transcript, consensus, silent, asks = Transcript(), None, (), []
    while isinstance(move := next_move(transcript, consensus, plan, silent=silent), Ask):
        asks.append(move)
        answered = {a.provider for a in transcript.attempts if a.text is not None}
        assert not {(a.round, a.provider) for a in transcript.attempts} & {
            (move.round, name) for name in move.providers
        }
        assert not set(move.providers) & set(silent)
        assert bool(move.shown) == (move.round > 1)
        assert move.round <= (1 if mode is Mode.PARALLEL else depth)
        assert {a.provider for a in move.shown} <= answered
        if len(asks) > 1 and move.round == 1:
            short = silent or any(a.failure is not None for a in transcript.attempts)
            assert short or consensus.dissent or consensus.confidence < enough
        arrived = (*silent, *move.providers)
        silent = ()
        if move.kept_back:
            assert (move.providers, move.kept_back) == (first, tuple(names[len(first) :]))
            silent = tuple(name for name in arrived if data.draw(st.integers(0, 5)) == 0)
        transcript += tuple(
            attempt(name, data.draw(_reply), move.round) for name in arrived if name not in silent
        )
        consensus = decide_by_text(transcript) if transcript.answers else None
        if consensus is not None:
            drawn = data.draw(st.sampled_from([0.2, 0.6, 0.9]))
            consensus = replace(consensus, confidence=drawn)
    blind = [ask for ask in asks if ask.round == 1]
    heard = {a.provider for a in transcript.attempts if a.round == 1}
    if move.reason is StopReason.ENOUGH:
        assert (heard, len(asks)) == (set(first), 1)
        assert not consensus.dissent
        assert consensus.confidence >= enough
        assert all(a.failure is None for a in transcript.attempts)
    else:
        assert heard == set(names)
        assert len(blind) == (2 if len(first) < len(names) else 1)
    if mode is Mode.SEQUENTIAL and move.reason is StopReason.DEPTH:
        assert transcript.rounds == depth


@pytest.mark.parametrize(
    "wrong", [{"opening": -1}, {"enough": 1.5}, {"enough": -0.1}, {"enough": math.nan}]
)
def test_a_plan_with_an_opening_nobody_could_follow_is_refused(wrong):
    with pytest.raises(ValueError, match=r"opening|enough"):
        Plan(THREE, **wrong)


def test_an_opening_leaves_half_of_the_time_to_the_rest():
    ask = next_move(Transcript(), None, opened(2))
    assert round_share_s(10.0, ask, opened(2)) == 5.0
    assert round_share_s(10.0, Ask(1, ("gemini",)), opened(2)) == math.inf


@pytest.mark.parametrize(
    ("said", "weights", "expected"),
    [
        pytest.param({"gpt": "4", "claude": "4"}, {}, True, id="2 of 3 heads"),
        pytest.param({"gpt": "4", "claude": "5"}, {}, False, id="a tie of those who are in"),
        pytest.param({"gpt": "4"}, {"gpt": 9, "claude": 1, "gemini": 1}, False, id="one, heavy"),
        pytest.param(
            {"gpt": "4", "claude": "4"},
            {"gpt": 0.2, "claude": 0.2, "gemini": 0.6},
            False,
            id="two lighter than the third: 0.4 < 0.5",
        ),
        pytest.param(
            {"gpt": "4", "claude": "4"},
            {"gpt": 0.25, "claude": 0.25, "gemini": 0.5},
            False,
            id="exactly half can be tied",
        ),
        pytest.param(
            {"gpt": "4", "claude": "4"},
            {"gpt": 0.4, "claude": 0.4, "gemini": 0.2},
            True,
            id="0.8 > 0.5",
        ),
        pytest.param(
            {"gpt": "4", "claude": "4"},
            {"gpt": 0.4, "claude": 0.4},
            False,
            id="an unknown weight is 1, as in the decision: 0.8 of 1.8",
        ),
    ],
)
def test_the_rest_is_not_waited_for_once_it_cannot_change_the_winner(said, weights, expected):
    assert settled(decide_by_text(held(said)), voters(THREE), weights) is expected


def test_a_majority_settles_even_against_a_dissenter():
    five = ("a", "b", "c", "d", "e")
    said = {"a": "4", "b": "4", "c": "4", "d": "5"}
    assert settled(decide_by_text(held(said)), voters(five), {})


@pytest.mark.parametrize(
    ("vendors", "expected"),
    [
        pytest.param({"a": "x", "b": "x", "c": "x"}, False, id="1 + 0.5 + 0.5 against two others"),
        pytest.param({"a": "x", "d": "x", "e": "x"}, True, id="3 against 0.5 + 0.5"),
    ],
)
def test_one_vendors_further_answers_settle_no_more_than_they_weigh(vendors, expected):
    five = tuple(Voter(name, vendors.get(name, name)) for name in "abcde")
    said = held({"a": "4", "b": "4", "c": "4"})
    assert settled(decide_by_text(said), five, {}) is expected


SAID = st.sampled_from(["Final answer: 4", "Final answer: 5", "I cannot help with that."])


@settings(max_examples=200, deadline=None)
@given(
    said=st.lists(SAID, min_size=3, max_size=5),
    out=st.integers(1, 3),
    raw=st.lists(st.none() | st.sampled_from([0.0, 0.2, 1.0, 1.0 + 1e-12, 3.0]), min_size=5),
)
def test_what_is_settled_no_answer_still_out_can_change_under_the_decisions_own_weights(
    said, out, raw
):
    everybody = panel(*said)
    early = everybody[: max(1, len(said) - out)]
    weights = {
        a.provider: weight for a, weight in zip(everybody, raw, strict=False) if weight is not None
    }
    asked = tuple(Voter(a.provider, a.vendor) for a in everybody)

    def winning(answers):
        consensus = decide_on("What is 2 + 2?", answers, weights=weights, embedder=None)
        return consensus, next(a.text for a in answers if a.provider == consensus.winner)

    consensus, text = winning(early)
    if settled(consensus, asked, weights):
        assert winning(everybody)[1] == text


@pytest.mark.parametrize(
    ("transcript", "remaining_s", "expected"),
    [
        pytest.param(Transcript(), 0.01, True, id="the first round needs only some time"),
        pytest.param(Transcript(), 0.0, False, id="but not none"),
        pytest.param(held({"gpt": "4", "claude": "5"}), 0.2, True, id="200 ms for one of 100 ms"),
        pytest.param(held({"gpt": "4", "claude": "5"}), 0.1, False, id="100 ms for one of 100 ms"),
    ],
)
def test_a_round_is_begun_only_when_it_could_bring_an_answer(transcript, remaining_s, expected):
    assert worth_beginning(transcript, remaining_s) is expected


@pytest.mark.parametrize(
    ("plan", "round_number", "share"),
    [
        pytest.param(Plan(TWO), 1, math.inf, id="parallel: the only round"),
        pytest.param(Plan(TWO, Mode.SEQUENTIAL, 3), 1, 5.0, id="half, with rounds to follow"),
        pytest.param(Plan(TWO, Mode.SEQUENTIAL, 3), 3, math.inf, id="the last round"),
    ],
)
def test_a_round_leaves_time_for_the_ones_that_follow(plan, round_number, share):
    assert round_share_s(10.0, Ask(round_number, TWO), plan) == share


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        pytest.param({"providers": ()}, "at least one", id="nobody"),
        pytest.param({"providers": ("gpt", "gpt")}, "twice", id="somebody twice"),
        pytest.param({"providers": TWO, "depth": 0}, "depth", id="no round"),
        pytest.param({"providers": TWO, "weights": {"gpt": -1.0}}, "weight", id="negative"),
        pytest.param({"providers": TWO, "weights": {"gpt": math.nan}}, "weight", id="no number"),
    ],
)
def test_a_plan_that_cannot_be_followed_is_refused(wrong, complaint):
    with pytest.raises(ValueError, match=complaint):
        Plan(**wrong)
