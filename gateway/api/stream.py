"""A request answered as server-sent events (WHATWG HTML, server-sent events). See docs/streaming.md."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

import structlog
from starlette.responses import Response

from consensus.verdict import Vote
from gateway.api.answers import encode, to_wire, wire_consensus, wire_vote
from gateway.api.backlog import Backlog
from gateway.api.hang_up import WhileThere
from gateway.api.problems import problem, problem_response
from gateway.errors import CallerGoneError, GatewayError
from gateway.events import Accepted, Delta, Event, RoundSeen, VoteSeen

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.types import Receive, Scope, Send

    from consensus.round_results import RoundResult
    from gateway.answer import Answer
    from gateway.events import Emit

log = structlog.get_logger(__name__)

KEEPALIVE_S: Final = 15.0
"""Silence after which a comment is sent, so that proxies keep the connection (the SSE standard's advice)."""

KEEPALIVE: Final = b": ping\n\n"

READER_S: Final = 120.0
"""A caller who takes nothing for so long, with more to write than its connection buffers, is given up."""

DELTA_CHARS: Final = 400
"""Length of the pieces a finished text is sent in: about a TCP segment."""


class EventStream(Response):
    """Runs one request and writes its events, each with an id that counts up from 1.

    The last one is ``result`` or ``error``. A request that is never accepted is answered by a plain
    problem. A caller who hangs up ends it, down to the vendors' sockets.
    """

    media_type = "text/event-stream"

    def __init__(self, request_id: str, answer: Callable[[Emit], Awaitable[Answer]]) -> None:
        super().__init__()
        self._request_id = request_id
        self._answer = answer
        self._backlog = Backlog()
        self._deltas = False
        self._rounds: list[RoundResult] = []
        self._ids = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request (ASGI)."""
        running = asyncio.ensure_future(self._run())
        try:
            async with WhileThere(receive):
                await self._serve(running, scope, receive, send)
        except CallerGoneError:
            return  # told by its record
        except TimeoutError:
            log.warning("reader_gave_up", request_id=self._request_id, waited_s=READER_S)
        finally:
            if not running.done():
                running.cancel()
                await asyncio.wait([running])
            if not running.cancelled():
                running.exception()  # where nobody is there to be told, it is not to be logged either

    async def _run(self) -> Answer:
        try:
            return await self._answer(self._backlog.put)
        finally:
            self._backlog.close()

    async def _serve(
        self, running: asyncio.Future[Answer], scope: Scope, receive: Receive, send: Send
    ) -> None:
        events = await self._backlog.take()
        if not events:
            error = running.exception()
            if not isinstance(error, GatewayError):
                await running
                raise RuntimeError("a request ended without being accepted")
            await problem_response(error, self._request_id)(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 200, "headers": self._head(events[0])})
        while events:
            await self._write(send, b"".join(map(self._format, events)))
            events = await self._next(send)
        await self._write(send, self._ending(running), more=False)

    async def _next(self, send: Send) -> list[Event]:
        while True:
            try:
                return await self._backlog.take(KEEPALIVE_S)
            except TimeoutError:
                await self._write(send, KEEPALIVE)

    @staticmethod
    async def _write(send: Send, data: bytes, *, more: bool = True) -> None:
        """Write, as fast as the caller reads.

        Raises:
            TimeoutError: It does not.
        """
        async with asyncio.timeout(READER_S):
            await send({"type": "http.response.body", "body": data, "more_body": more})

    def _head(self, first: Event) -> list[tuple[bytes, bytes]]:
        head = {
            "content-type": "text/event-stream; charset=utf-8",
            "cache-control": "no-store",
            "x-accel-buffering": "no",
            "x-request-id": self._request_id,
        }
        if isinstance(first, Accepted):
            head["x-wallbounce-path"] = first.path
        return [(name.encode(), value.encode()) for name, value in head.items()]

    def _ending(self, running: asyncio.Future[Answer]) -> bytes:
        """The last event, and before it the text where none was let go yet."""
        try:
            answer = running.result()
        except GatewayError as error:
            return self._event("error", problem(error, self._request_id))
        except Exception:
            # The headers are long gone: what nobody caught is told in an event, and logged here.
            log.exception("request_failed", request_id=self._request_id)
            crash = GatewayError("something went wrong on our side")
            return self._event("error", problem(crash, self._request_id))
        text = "" if self._deltas else answer.content
        pieces = [text[at : at + DELTA_CHARS] for at in range(0, len(text), DELTA_CHARS)]
        deltas = [self._event("delta", {"text": piece}) for piece in pieces]
        return b"".join([*deltas, self._event("result", to_wire(answer))])

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
                self._deltas = True
                return self._event("delta", {"text": event.text})

    def _event(self, name: str, data: Any) -> bytes:
        # JSON is one line, so nothing has to be folded.
        self._ids += 1
        return b"event: %b\ndata: %b\nid: %d\n\n" % (name.encode(), encode(data), self._ids)
