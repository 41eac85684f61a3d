"""A request answered as server-sent events (WHATWG HTML, server-sent events)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import structlog
from fastapi.sse import KEEPALIVE_COMMENT, EventSourceResponse, format_sse_event

from consensus.verdict import Vote
from gateway.api.answers import encode, to_wire, wire_consensus, wire_vote
from gateway.api.problems import problem, problem_response
from gateway.errors import GatewayError
from gateway.events import Accepted, Delta, Event, RoundSeen, VoteSeen

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from starlette.responses import Response

    from consensus.round_results import RoundResult
    from gateway.answer import Answer
    from gateway.events import Emit

log = structlog.get_logger(__name__)

KEEPALIVE_S = 15.0
"""Silence after which a comment is sent, so that proxies keep the connection (the SSE standard's advice)."""

DELTA_CHARS = 400
"""Length of the pieces a finished text is sent in: about a TCP segment."""


class EventStream:
    """Runs one request and hands out its events, each with an id that counts up from 1."""

    def __init__(self, request_id: str, answer: Callable[[Emit], Awaitable[Answer]]) -> None:
        self._request_id = request_id
        self._queue: asyncio.Queue[Event | None] = asyncio.Queue()
        self._task = asyncio.ensure_future(self._run(answer))
        self._streamed = False
        self._rounds: list[RoundResult] = []
        self._ids = 0

    async def _run(self, answer: Callable[[Emit], Awaitable[Answer]]) -> Answer:
        try:
            return await answer(self._queue.put_nowait)
        finally:
            self._queue.put_nowait(None)

    async def response(self) -> Response:
        """A stream once the request is accepted; a plain problem when it never is."""
        first = await self._queue.get()
        if first is None:
            try:
                await self._task
            except GatewayError as error:
                return problem_response(error, self._request_id)
            raise RuntimeError("a request ended without being accepted")
        path = {"x-wallbounce-path": first.path} if isinstance(first, Accepted) else {}
        return EventSourceResponse(
            self._events(first),
            headers=path
            | {
                "x-request-id": self._request_id,
                "cache-control": "no-store",
                "x-accel-buffering": "no",
            },
        )

    async def _events(self, event: Event | None) -> AsyncIterator[bytes]:
        try:
            while event is not None:
                yield self._format(event)
                while True:
                    try:
                        async with asyncio.timeout(KEEPALIVE_S):
                            event = await self._queue.get()
                        break
                    except TimeoutError:
                        yield KEEPALIVE_COMMENT
            async for chunk in self._ending():
                yield chunk
        finally:
            # The caller went away: what is under way for it ends, down to the vendors' sockets.
            if not self._task.done():
                self._task.cancel()
                await asyncio.wait([self._task])

    async def _ending(self) -> AsyncIterator[bytes]:
        try:
            answer = await self._task
        except GatewayError as error:
            yield self._event("error", problem(error, self._request_id))
            return
        except Exception:
            # The headers are long gone: what nobody caught is told in an event, and logged here.
            log.exception("request_failed", request_id=self._request_id)
            yield self._event(
                "error", problem(GatewayError("something went wrong on our side"), self._request_id)
            )
            return
        if not self._streamed:
            for start in range(0, len(answer.content), DELTA_CHARS):
                yield self._event("delta", {"text": answer.content[start : start + DELTA_CHARS]})
        yield self._event("result", to_wire(answer))

    def _format(self, event: Event) -> bytes:
        match event:
            case Accepted():
                return self._event(
                    "accepted",
                    {
                        "request_id": event.request_id,
                        "path": event.path,
                        "providers": event.providers,
                    },
                )
            case VoteSeen():
                return self._event("vote", wire_vote(Vote(event.attempt, None, None, 0.0)))
            case RoundSeen():
                self._rounds.append(event.result)
                standing = (
                    wire_consensus(event.consensus, self._rounds) if event.consensus else None
                )
                return self._event("round", {"round": event.round, "consensus": standing})
            case Delta():
                self._streamed = True
                return self._event("delta", {"text": event.text})

    def _event(self, name: str, data: Any) -> bytes:
        self._ids += 1
        return format_sse_event(data_str=encode(data).decode(), event=name, id=str(self._ids))
