"""A vendor's door: one ASGI endpoint that reads, waits, answers, and fails as it was told to."""

from __future__ import annotations

import time
from hashlib import blake2b
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from providers.simulator import writing
from providers.simulator.exchange import ClientGoneError, Exchange
from providers.simulator.faults import Fault
from providers.simulator.tools import shaped
from providers.simulator.vendors import End, Stamp, Written
from providers.simulator.wire import Head, RefusedRequestError, dumps

if TYPE_CHECKING:
    import asyncio

    from starlette.types import Receive, Scope, Send

    from providers.simulator.controls import SimulatorConfig, VendorControls
    from providers.simulator.mind import Mind
    from providers.simulator.vendors import Ask
    from providers.simulator.wire import Events, Json, Wire

_STATUS_FAULTS = frozenset({Fault.RATE_LIMITED, Fault.SERVER_ERROR, Fault.OVERLOADED})
_JSON = "application/json; charset=utf-8"
# A stream's first event comes after this share of the whole latency, the rest evenly after it.
_FIRST_EVENT = 0.4
_BROKEN = b'{"choices": [{"delta": {"con'
# Keys that the three protocols know, with values that none of them allows.
_WRONG_SHAPE: Json = {
    "type": "content_block_delta",
    "index": 0,
    "delta": "none",
    "choices": "none",
    "content": 7,
    "candidates": {},
}


class Door:
    """Answers for one vendor. ``closing`` is set when the simulator stops."""

    def __init__(
        self, wire: Wire, mind: Mind, controls: VendorControls, config: SimulatorConfig, closing: asyncio.Event
    ) -> None:  # fmt: skip
        self._wire = wire
        self._mind = mind
        self._controls = controls
        self._config = config
        self._closing = closing
        self._cache = writing.PromptCache()
        self._served = 0

    def reset(self) -> None:
        """Forget what was served, so that a run can be repeated exactly."""
        self._cache.clear()
        self._served = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request (ASGI)."""
        exchange = Exchange(scope, receive, send, self._closing)
        counts = self._controls.counts
        counts.seen += 1
        counts.open += 1
        try:
            struck = await self._serve(_head(scope), exchange)
        except RefusedRequestError as refusal:
            counts.refused += 1
            await self._send_json(exchange, refusal.status, refusal.body)
        except ClientGoneError:
            counts.cancelled += 1
        else:
            counts.failed += struck
            counts.answered += not struck
        finally:
            counts.open -= 1
            exchange.close()

    async def _serve(self, head: Head, exchange: Exchange) -> bool:
        """Answer; returns whether a fault struck. A slow reply is a good one."""
        ask = self._wire.read(head, await exchange.body())
        self._served += 1
        fault, latency_ms = self._controls.next_request()
        if fault is Fault.TIMEOUT:
            await exchange.hang()
        elif fault in _STATUS_FAULTS or (fault is Fault.ERROR_EVENT and not ask.stream):
            await exchange.wait(latency_ms / 1000)
            status, body = self._wire.failure(fault, ask.model)
            await self._send_json(exchange, status, body)
        else:
            reply = self._write(ask, fault)
            send = self._stream if ask.stream else self._send_whole
            await send(exchange, ask, reply, fault, latency_ms / 1000)
        return fault not in {None, Fault.SLOW}

    def _write(self, ask: Ask, fault: Fault | None) -> Written:
        read = self._cache.read(ask)
        serial = blake2b(
            f"{self._config.seed} {self._wire.vendor} {self._served}".encode(), digest_size=12
        ).hexdigest()
        stamp = Stamp(serial, int(time.time()))
        if fault in {Fault.EMPTY, Fault.FILTERED}:
            end = End.FILTERED if fault is Fault.FILTERED else End.STOP
            return writing.blank(ask, end, read, stamp)
        said = shaped(ask, self._mind.reply(self._wire.vendor, ask.turns))
        written = writing.write(ask, said, read, stamp)
        return writing.halved(written) if fault is Fault.TRUNCATED else written

    async def _send_whole(
        self, exchange: Exchange, ask: Ask, written: Written, fault: Fault | None, wait_s: float
    ) -> None:
        await exchange.wait(wait_s)
        self._controls.counts.bill(written.spent)
        body = dumps(_WRONG_SHAPE if fault is Fault.WRONG_SHAPE else self._wire.whole(ask, written))
        if fault is Fault.MALFORMED:
            body = body[: len(body) // 2]
        headers = {"content-type": _JSON, **self._wire.headers(written.stamp.serial)}
        await exchange.start(200, headers, len(body))
        if fault in {Fault.CUT, Fault.RESET, Fault.STALL}:
            await exchange.part(body[: len(body) // 2])
            if fault is Fault.STALL:
                await exchange.hang()
            await exchange.drop(reset=fault is Fault.RESET)
            return
        await exchange.end(body)

    async def _stream(
        self, exchange: Exchange, ask: Ask, written: Written, fault: Fault | None, wait_s: float
    ) -> None:
        events = self._wire.events(ask, written)
        frames = _frames(events, fault)
        if fault is Fault.ERROR_EVENT:
            _, body = self._wire.failure(Fault.OVERLOADED, ask.model)
            frames.append(_named(events, b"error", body))
        gap_s = wait_s * (1 - _FIRST_EVENT) / max(1, len(frames))
        await exchange.wait(wait_s * _FIRST_EVENT)
        self._controls.counts.bill(written.spent)
        headers = {
            "content-type": events.content_type,
            "cache-control": "no-cache",
            **self._wire.headers(written.stamp.serial),
        }
        await exchange.start(200, headers)
        await exchange.parts(frames, gap_s)
        if fault is Fault.STALL:
            await exchange.hang()
        if fault is Fault.RESET:
            await exchange.drop(reset=True)
            return
        await exchange.end()

    async def _send_json(self, exchange: Exchange, status: int, body: Json) -> None:
        headers = {"content-type": _JSON, **self._wire.headers(f"{self._served:012x}")}
        if status == 429:  # noqa: PLR2004 - HTTP's own number
            headers["retry-after"] = str(self._config.retry_after_s)
        data = dumps(body)
        await exchange.start(status, headers, len(data))
        await exchange.end(data)


def _frames(events: Events, fault: Fault | None) -> list[bytes]:
    """The frames that go out: all of them, or what a fault leaves."""
    half = [*events.opening, *events.text[: (len(events.text) + 1) // 2]]
    if fault in {Fault.CUT, Fault.RESET, Fault.STALL, Fault.ERROR_EVENT}:
        return half
    if fault is Fault.MALFORMED:
        return [*half, b"data: " + _BROKEN + b"\n\n", *events.ending]
    if fault is Fault.WRONG_SHAPE:
        return [_named(events, b"content_block_delta", _WRONG_SHAPE)] * 2
    return events.frames


def _named(events: Events, name: bytes, body: Json) -> bytes:
    """A frame of one's own; it has a name where the vendor's frames have."""
    line = b"event: " + name + b"\n" if events.frames[0].startswith(b"event:") else b""
    return line + b"data: " + dumps(body) + b"\n\n"


def _head(scope: Scope) -> Head:
    params = scope.get("path_params", {})
    return Head(
        headers={k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]},
        query=dict(parse_qsl(scope["query_string"].decode("latin-1"))),
        model=params.get("model", ""),
        action=scope["path"].rpartition(":")[2],
    )
