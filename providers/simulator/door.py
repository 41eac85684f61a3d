"""A vendor's door: one ASGI endpoint that reads, waits, answers, and fails as it was told to."""

from __future__ import annotations

import time
from hashlib import blake2b
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from providers.simulator import failures, writing
from providers.simulator.exchange import ClientGoneError, Exchange
from providers.simulator.faults import Fault
from providers.simulator.tools import shaped
from providers.simulator.vendors import End, Stamp, Written
from providers.simulator.wire import Head, RefusedRequestError, dumps

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Mapping

    from starlette.types import Receive, Scope, Send

    from providers.simulator.config import SimulatorConfig
    from providers.simulator.controls import Lot
    from providers.simulator.counts import Counts
    from providers.simulator.doors import Doors
    from providers.simulator.mind import Mind
    from providers.simulator.vendors import Ask
    from providers.simulator.wire import Events, Json, Wire

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
        self, wire: Wire, mind: Mind, doors: Doors, config: SimulatorConfig, closing: asyncio.Event
    ) -> None:
        self._wire = wire
        self._mind = mind
        self._doors = doors
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
        controls = self._doors.controls_at(scope, self._wire.vendor)
        if controls is None:
            await self._send_json(exchange, 404, {"error": "another vendor has this port"})
            return
        counts = controls.counts
        counts.seen += 1
        counts.open += 1
        try:
            ask = self._wire.read(_head(scope), await exchange.body())
            lot = controls.next_request()
            self._served += 1
            await self._serve(exchange, ask, lot, counts)
        except RefusedRequestError as refusal:
            counts.refused += 1
            await self._send_json(exchange, refusal.status, refusal.body)
        except ClientGoneError:
            # Who goes down takes along what is under way.
            counts.failed += controls.down
            counts.cancelled += not controls.down
        else:
            # A slow reply is a good one.
            struck = lot.fault not in {None, Fault.SLOW}
            counts.failed += struck
            counts.answered += not struck
            counts.misled += lot.misled and not struck
        finally:
            counts.open -= 1
            exchange.close()

    async def _serve(self, exchange: Exchange, ask: Ask, lot: Lot, counts: Counts) -> None:
        fault, wait_s = lot.fault, lot.wait_ms / 1000
        if fault is Fault.REFUSED:
            await exchange.drop(reset=True)
        elif fault is Fault.TIMEOUT:
            await exchange.hang()
        elif fault is Fault.BAD_GATEWAY:
            await exchange.wait(wait_s)
            await _send_page(exchange, 502, failures.BAD_GATEWAY)
        elif fault in failures.STATUS_FAULTS or (fault is Fault.ERROR_EVENT and not ask.stream):
            await exchange.wait(wait_s)
            status, body = failures.failure(self._wire, fault, ask.model, lot.retry_after_s)
            await self._send_json(exchange, status, body, self._more(lot))
        else:
            send = self._stream if ask.stream else self._send_whole
            await send(exchange, ask, self._write(ask, lot), lot, counts)

    def _write(self, ask: Ask, lot: Lot) -> Written:
        fault = lot.fault
        read = self._cache.read(ask)
        serial = blake2b(
            f"{self._config.seed} {self._wire.vendor} {self._served}".encode(), digest_size=12
        ).hexdigest()
        stamp = Stamp(serial, int(time.time()))
        if fault in {Fault.EMPTY, Fault.FILTERED}:
            end = End.FILTERED if fault is Fault.FILTERED else End.STOP
            return writing.blank(ask, end, read, stamp)
        reply = self._mind.reply(self._wire.vendor, ask.turns, misled=lot.misled)
        written = writing.write(ask, shaped(ask, reply), read, stamp)
        return writing.halved(written) if fault is Fault.TRUNCATED else written

    def _more(self, lot: Lot) -> dict[str, str]:
        """What the vendor's headers say of its limit."""
        vendor = self._wire.vendor
        more: dict[str, str] = {}
        if lot.allowance is not None:
            more |= failures.standing(vendor, lot.allowance)
        if lot.fault is Fault.RATE_LIMITED:
            more |= failures.waiting(vendor, lot.retry_after_s)
        return more

    async def _send_whole(
        self, exchange: Exchange, ask: Ask, written: Written, lot: Lot, counts: Counts
    ) -> None:
        fault = lot.fault
        await exchange.wait(lot.wait_ms / 1000)
        counts.bill(written.spent)
        body = dumps(_WRONG_SHAPE if fault is Fault.WRONG_SHAPE else self._wire.whole(ask, written))
        if fault is Fault.MALFORMED:
            body = body[: len(body) // 2]
        own = self._wire.headers(written.stamp.serial)
        await exchange.start(200, {"content-type": _JSON} | own | self._more(lot), len(body))
        if fault is Fault.STALL_FIRST:
            await exchange.part(b"")
            await exchange.hang()
        if fault in {Fault.CUT, Fault.RESET, Fault.STALL}:
            await exchange.part(body[: len(body) // 2])
            if fault is Fault.STALL:
                await exchange.hang()
            await exchange.drop(reset=fault is Fault.RESET)
            return
        await exchange.end(body)

    async def _stream(
        self, exchange: Exchange, ask: Ask, written: Written, lot: Lot, counts: Counts
    ) -> None:
        fault, wait_s = lot.fault, lot.wait_ms / 1000
        events = self._wire.events(ask, written)
        frames = _frames(events, fault)
        if fault is Fault.ERROR_EVENT:
            _, body = self._wire.failure(Fault.OVERLOADED, ask.model)
            frames.append(_named(events, b"error", body))
        gap_s = wait_s * (1 - _FIRST_EVENT) / max(1, len(frames))
        await exchange.wait(wait_s * _FIRST_EVENT)
        counts.bill(written.spent)
        headers = {"content-type": events.content_type, "cache-control": "no-cache"}
        own = self._wire.headers(written.stamp.serial)
        await exchange.start(200, headers | own | self._more(lot))
        if fault is Fault.STALL_FIRST:
            await exchange.part(b"")
        await exchange.parts(frames, gap_s)
        if fault in {Fault.STALL, Fault.STALL_FIRST}:
            await exchange.hang()
        if fault is Fault.RESET:
            await exchange.drop(reset=True)
            return
        await exchange.end()

    async def _send_json(
        self, exchange: Exchange, status: int, body: Json, more: Mapping[str, str] | None = None
    ) -> None:
        headers = {
            "content-type": _JSON,
            **self._wire.headers(f"{self._served:012x}"),
            **(more or {}),
        }
        data = dumps(body)
        await exchange.start(status, headers, len(data))
        await exchange.end(data)


async def _send_page(exchange: Exchange, status: int, page: bytes) -> None:
    await exchange.start(status, {"content-type": "text/html"}, len(page))
    await exchange.end(page)


def _frames(events: Events, fault: Fault | None) -> list[bytes]:
    """The frames that go out: all of them, or what a fault leaves."""
    if fault is Fault.STALL_FIRST:
        return []
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
