"""Every request leaves exactly one record, however it ends."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from consensus.evidence import Evidence
from consensus.flips import Flip
from consensus.round_results import Gain, RoundResult
from consensus.transcript import Attempt, Failure
from gateway.answer import Answer, RolloutPlace
from gateway.errors import (
    AllProvidersFailedError,
    AnswerInterruptedError,
    InvalidRequestError,
    ShuttingDownError,
)
from gateway.problem_types import status_of
from gateway.recording import Recording
from learning.records import FlipRecord, RequestRecord
from providers.messages import Usage

DRAFT = RequestRecord("r-1", datetime.now(UTC), "i", None, 0, None, 0.0)
PLACE = RolloutPlace("50", 0.25, "wall_bounce")
FAILED = Attempt(
    "gpt", "openai", "gpt-5", 1, 12.0, failure=Failure("server_error", "500", True, down=True)
)


@pytest.fixture
def kept():
    return []


@pytest.fixture
def recording(kept):
    times = iter([10.0, 10.5, 11.0])
    return Recording(DRAFT, kept.append, status_of, lambda: next(times))


def test_an_answered_request_is_recorded_with_its_answer(recording, kept):
    attempt = Attempt("gpt", "openai", "gpt-5", 1, 400.0, text="42", cost_usd=0.01)
    answer = Answer("r-1", "42", "gpt", PLACE, None, (attempt,), Usage(1), 0.01, 500.0, 3.0)
    with recording:
        recording.place(PLACE, 0.5)
        recording.finish(answer)
    (record,) = kept
    assert (record.status, record.arm, record.bucket, record.share) == (
        200,
        "wall_bounce",
        0.25,
        0.5,
    )
    assert (record.latency_ms, record.cost_usd) == (500.0, 0.01)
    assert record.votes[0].provider == "gpt"


def test_a_request_nobody_answered_is_recorded_with_each_failure(recording, kept):
    with pytest.raises(AllProvidersFailedError), recording:
        recording.place(PLACE, 0.5)
        raise AllProvidersFailedError((FAILED, replace(FAILED, vendor="google")))
    (record,) = kept
    assert (record.status, record.code, record.arm) == (503, "all_providers_failed", "wall_bounce")
    assert record.votes[0].error_code == "server_error"
    assert record.all_vendors_down
    assert record.latency_ms == 500.0


def test_an_answer_broken_off_is_recorded_with_every_call_and_what_they_cost(recording, kept):
    told = replace(FAILED, failure=None, text="42", cost_usd=0.25, usage=Usage(10, output_tokens=5))
    with pytest.raises(AnswerInterruptedError), recording:
        recording.place(PLACE, 0.5)
        raise AnswerInterruptedError((told, FAILED), "gpt did not finish")
    (record,) = kept
    assert (record.status, record.code, record.is_error) == (502, "answer_interrupted", True)
    assert (len(record.votes), record.cost_usd, record.usage) == (2, 0.25, told.usage)
    assert not record.all_vendors_down


def test_a_request_refused_before_it_got_an_arm_counts_for_none(recording, kept):
    with pytest.raises(InvalidRequestError), recording:
        raise InvalidRequestError("no")
    (record,) = kept
    assert (record.status, record.arm, record.is_error) == (422, None, False)


def test_a_caller_who_hung_up_is_recorded_and_is_no_error(recording, kept):
    with pytest.raises(asyncio.CancelledError), recording:
        recording.place(PLACE, 0.5)
        raise asyncio.CancelledError
    (record,) = kept
    assert (record.status, record.code, record.is_error) == (499, "client_gone", False)


def test_a_crash_of_ours_is_recorded_as_an_error(recording, kept):
    with pytest.raises(ZeroDivisionError), recording:
        recording.place(PLACE, 0.5)
        _ = 1 / 0
    (record,) = kept
    assert (record.status, record.code, record.is_error) == (500, "internal", True)


def seen(name, **outcome):
    return Attempt(name, name, name, 1, 5.0, usage=Usage(10, output_tokens=3), **outcome)


def test_a_caller_who_hung_up_half_way_leaves_the_attempts_so_far_and_their_cost(recording, kept):
    with pytest.raises(asyncio.CancelledError), recording:
        recording.place(PLACE, 0.5)
        recording.saw(seen("gpt", text="42", cost_usd=0.25))
        recording.saw(seen("claude", text="42", cost_usd=0.5))
        raise asyncio.CancelledError
    (record,) = kept
    assert [(v.provider, v.cost_usd) for v in record.votes] == [("gpt", 0.25), ("claude", 0.5)]
    assert (record.cost_usd, record.usage) == (0.75, Usage(20, output_tokens=6))


def test_vendors_that_had_failed_when_the_caller_left_are_not_all_vendors(recording, kept):
    with pytest.raises(asyncio.CancelledError), recording:
        recording.place(PLACE, 0.5)
        recording.saw(FAILED)
        recording.saw(replace(FAILED, vendor="google"))
        raise asyncio.CancelledError
    (record,) = kept
    assert len(record.votes) == 2
    assert not record.all_vendors_down


def test_a_request_the_shutdown_ended_has_its_own_code_and_is_no_error(recording, kept):
    with pytest.raises(ShuttingDownError), recording:
        recording.place(PLACE, 0.5)
        recording.saw(seen("gpt", text="42", cost_usd=0.25))
        raise ShuttingDownError("the server is shutting down")
    (record,) = kept
    assert (record.status, record.code, record.is_error) == (503, "shutting_down", False)
    assert (record.arm, record.cost_usd) == ("wall_bounce", 0.25)


def test_a_crash_after_votes_keeps_the_votes(recording, kept):
    with pytest.raises(ZeroDivisionError), recording:
        recording.saw(seen("gpt", text="42", cost_usd=0.25))
        _ = 1 / 0
    (record,) = kept
    assert (record.code, record.is_error, record.cost_usd) == ("internal", True, 0.25)


ROUNDS = (
    RoundResult(1, ("gpt", "claude"), 400.0, 0.01, 0.5, 0.6, 0.66),
    RoundResult(
        2,
        ("gpt", "claude"),
        300.0,
        None,
        1.0,
        0.8,
        1.0,
        Gain(0.5, 0.2, 0.34),
        (Flip("claude", 2, "41", "42", (Evidence.NUMBER,), ("gpt",)),),
    ),
)


def test_an_answered_request_is_recorded_with_its_rounds(recording, kept):
    attempt = Attempt("gpt", "openai", "gpt-5", 1, 400.0, text="42")
    answer = Answer(
        "r-1", "42", "gpt", PLACE, None, (attempt,), Usage(1), 0.01, 500.0, 3.0, rounds=ROUNDS
    )
    with recording:
        recording.place(PLACE, 0.5)
        recording.finish(answer)
    first, second = kept[0].round_details
    assert (first.round, first.providers, first.agreement_gain) == (1, ("gpt", "claude"), None)
    assert (second.latency_ms, second.cost_usd, second.support) == (300.0, None, 1.0)
    assert (second.agreement_gain, second.confidence_gain, second.support_gain) == (0.5, 0.2, 0.34)
    assert second.flips == (FlipRecord("claude", "41", "42", ("number",)),)


def test_a_request_cut_short_is_recorded_with_the_rounds_that_were_over(recording, kept):
    attempt = Attempt("gpt", "openai", "gpt-5", 1, 400.0, text="42")
    with pytest.raises(asyncio.CancelledError), recording:
        recording.place(PLACE, 0.5)
        recording.saw(attempt)
        recording.saw_round(ROUNDS[0])
        raise asyncio.CancelledError
    assert [held.round for held in kept[0].round_details] == [1]
