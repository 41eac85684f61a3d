"""A request's events as they are written: at once, to their end, and to nobody who is gone."""

import asyncio
import json

import pytest

from gateway.api.stream import KEEPALIVE_S, READER_S, EventStream
from gateway.errors import AllProvidersFailedError, BudgetTooSmallError
from gateway.events import Accepted, Delta
from tests.support.virtual_time import in_virtual_time, run_in_virtual_time

ACCEPTED = Accepted("r-1", "legacy", ("gpt",))


class Caller:
    """Reads what is written to it; leaves, or stops reading, when told to."""

    def __init__(self, *, leaves_at=None, stuck_after=None):
        self.messages = []
        self.at = []
        self.cancelled_at = None
        self._leaves_at = leaves_at
        self._stuck_after = stuck_after

    async def serve(self, answer):
        async def watched(emit):
            try:
                return await answer(emit)
            except asyncio.CancelledError:
                self.cancelled_at = asyncio.get_running_loop().time()
                raise

        try:
            await EventStream("r-1", watched)({"type": "http"}, self._receive, self._send)
        finally:
            await asyncio.sleep(0)  # who watched for the hang-up ends

    async def _receive(self):
        if self._leaves_at is None:
            await asyncio.Event().wait()
        await asyncio.sleep(self._leaves_at)
        return {"type": "http.disconnect"}

    async def _send(self, message):
        if self._stuck_after is not None and len(self.messages) >= self._stuck_after:
            await asyncio.Event().wait()
        self.messages.append(message)
        self.at.append(asyncio.get_running_loop().time())

    @property
    def status(self):
        return self.messages[0]["status"]

    @property
    def body(self):
        return b"".join(m.get("body", b"") for m in self.messages).decode()

    @property
    def names(self):
        return [line[7:] for line in self.body.splitlines() if line.startswith("event: ")]

    @property
    def last(self):
        return json.loads(self.body.split("data: ")[-1].splitlines()[0])

    @property
    def ended(self):
        return self.messages[-1].get("more_body") is False


@in_virtual_time
async def test_every_event_is_written_when_it_happens():
    async def answer(emit):
        emit(ACCEPTED)
        await asyncio.sleep(2)
        emit(Delta("forty"))
        await asyncio.sleep(3)
        raise AllProvidersFailedError(())

    caller = Caller()
    await caller.serve(answer)
    assert caller.names == ["accepted", "delta", "error"]
    assert caller.at == [0, 0, 2, 5]
    assert caller.ended


@in_virtual_time
async def test_a_request_that_is_never_accepted_is_a_plain_problem():
    async def answer(emit):
        raise BudgetTooSmallError("too little")

    caller = Caller()
    await caller.serve(answer)
    assert caller.status == 422
    assert json.loads(caller.body)["code"] == "budget_too_small"


@in_virtual_time
async def test_a_crash_after_the_first_event_is_told_without_its_reason():
    async def answer(emit):
        emit(ACCEPTED)
        raise RuntimeError("a secret")

    caller = Caller()
    await caller.serve(answer)
    assert caller.last["code"] == "internal"
    assert "secret" not in caller.body
    assert caller.ended


@in_virtual_time
async def test_a_crash_before_it_is_for_who_serves_to_tell():
    async def answer(emit):
        raise RuntimeError("a bug")

    with pytest.raises(RuntimeError, match="a bug"):
        await Caller().serve(answer)


@in_virtual_time
async def test_silence_is_kept_alive():
    async def answer(emit):
        emit(ACCEPTED)
        await asyncio.sleep(2.5 * KEEPALIVE_S)
        raise AllProvidersFailedError(())

    caller = Caller()
    await caller.serve(answer)
    assert caller.body.count(": ping\n\n") == 2
    assert caller.names == ["accepted", "error"]


@pytest.mark.parametrize("leaves_at", [0, 1, 7])
def test_a_caller_who_hangs_up_ends_what_runs_for_it_at_once(leaves_at):
    async def answer(emit):
        await asyncio.sleep(0.5)
        emit(ACCEPTED)
        for _ in range(100):
            await asyncio.sleep(1)
            emit(Delta("word "))

    caller = Caller(leaves_at=leaves_at)
    run_in_virtual_time(caller.serve(answer))
    assert caller.cancelled_at == leaves_at


@in_virtual_time
async def test_a_caller_who_stops_reading_holds_up_nobody_and_is_given_up():
    emitted = []

    async def answer(emit):
        emit(ACCEPTED)
        for _ in range(50):
            await asyncio.sleep(1)
            emit(Delta("word "))
            emitted.append(asyncio.get_running_loop().time())
        raise AllProvidersFailedError(())

    caller = Caller(stuck_after=5)
    await caller.serve(answer)
    assert emitted == [float(n) for n in range(1, 51)], "who answers never waits for who reads"
    assert asyncio.get_running_loop().time() == 4 + READER_S
    assert not caller.ended


@in_virtual_time
async def test_a_server_that_ends_ends_the_request():
    async def answer(emit):
        emit(ACCEPTED)
        await asyncio.sleep(1_000)

    caller = Caller()
    serving = asyncio.create_task(caller.serve(answer))
    await asyncio.sleep(3)
    serving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await serving
    assert caller.cancelled_at == 3
