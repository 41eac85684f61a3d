"""The mock vendors, failing in every way that a question asks for (`bench.soak.scenes`)."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import sys
from collections import Counter
from typing import Any

import click
from aiohttp import web

from bench.mock_vendors import Handler, Wire, application, asks_for_stream
from bench.soak.scenes import Fault, fault_in

STATS = "/stats"

_USUAL_S = 0.06
"""What any reply takes: with nothing at all, a moment's wait for the processor would be ten times the usual."""

_SLOW_S = 0.3
_RETRY_AFTER_S = 1
# SO_LINGER with a time of zero: closing sends RST instead of FIN (socket(7)).
_LINGER_ZERO = struct.pack("ii", 1, 0)
_LIMITED, _OVERLOADED, _ANTHROPIC_OVERLOADED = 429, 503, 529
_STATUSES = {
    Fault.ERROR: 500,
    Fault.LIMITED: _LIMITED,
    Fault.WAIT: _LIMITED,
    Fault.OVERLOADED: _OVERLOADED,
}


class FaultyVendors:
    """The vendors, and what they have seen: ``open`` calls now, strikes by fault."""

    def __init__(self) -> None:
        self._open = 0
        self._seen = 0
        self._strikes: Counter[str] = Counter()

    def handler(self, wire: Wire) -> Handler:
        """Answers at one address."""

        async def handle(request: web.Request) -> web.StreamResponse:
            self._open += 1
            self._seen += 1
            try:
                return await self._answer(wire, request)
            finally:
                self._open -= 1

        return handle

    async def stats(self, _request: web.Request) -> web.Response:
        """What was seen so far."""
        return web.json_response(
            {"open": self._open, "seen": self._seen, "strikes": dict(self._strikes)}
        )

    async def _answer(self, wire: Wire, request: web.Request) -> web.StreamResponse:
        raw = await request.text()
        body = json.loads(raw)
        fault = fault_in(raw, wire.vendor)
        await asyncio.sleep(_USUAL_S)
        if fault is not None:
            self._strikes[fault] += 1
        if fault in _STATUSES:
            return _refusal(wire, _STATUSES[fault], wait=fault is Fault.WAIT)
        if fault is Fault.HANG:
            await asyncio.Event().wait()
        if fault is Fault.SLOW:
            await asyncio.sleep(_SLOW_S)
        reply = _emptied(wire.reply(body, raw)) if fault is Fault.EMPTY else wire.reply(body, raw)
        streamed = wire.frames is not None and asks_for_stream(request, body)
        frames = wire.frames(reply) if wire.frames and streamed else [json.dumps(reply).encode()]
        if fault is Fault.MALFORMED:
            frames = [b"data: {this is no JSON\n\n"] if streamed else [b"<html>no JSON</html>"]
        if fault in {Fault.STALL, Fault.RESET, Fault.CUT}:
            return await _broken_off(request, frames, fault, streamed=streamed)
        stream = await _begun(request, frames, streamed=streamed)
        for frame in frames:
            await stream.write(frame)
        return stream


def faulty_application() -> web.Application:
    """The vendors, and what they have seen at `STATS`."""
    vendors = FaultyVendors()
    app = application(vendors.handler)
    app.router.add_get(STATS, vendors.stats)
    return app


def _refusal(wire: Wire, status: int, *, wait: bool) -> web.Response:
    if status == _OVERLOADED and wire.vendor == "claude":
        status = _ANTHROPIC_OVERLOADED
    told: dict[str, Any] = {"message": "down for the bench", "type": "bench", "code": status}
    body = {"type": "error", "error": told} if wire.vendor == "claude" else {"error": told}
    headers = {"retry-after": str(_RETRY_AFTER_S)} if wait else None
    return web.json_response(body, status=status, headers=headers)


def _emptied(reply: dict[str, Any]) -> dict[str, Any]:
    """The same reply with no text in it."""
    emptied: dict[str, Any] = json.loads(json.dumps(reply))
    if "choices" in emptied:
        emptied["choices"][0]["message"]["content"] = ""
    elif "candidates" in emptied:
        emptied["candidates"][0]["content"]["parts"] = [{"text": ""}]
    else:
        emptied["content"] = [{"type": "text", "text": ""}]
    return emptied


async def _begun(
    request: web.Request, frames: list[bytes], *, streamed: bool
) -> web.StreamResponse:
    """The head of a reply; a whole one announces its length."""
    kind = "text/event-stream" if streamed else "application/json"
    stream = web.StreamResponse(headers={"content-type": kind})
    if not streamed:
        stream.content_length = sum(map(len, frames))
    await stream.prepare(request)
    return stream


async def _broken_off(
    request: web.Request, frames: list[bytes], fault: Fault, *, streamed: bool
) -> web.StreamResponse:
    """Half of the reply, then silence, RST, or an orderly close."""
    whole = b"".join(frames)
    half = b"".join(frames[: len(frames) // 2]) if streamed else whole[: len(whole) // 2]
    stream = await _begun(request, frames, streamed=streamed)
    await stream.write(half)
    transport = request.transport
    if fault is Fault.STALL:
        await asyncio.Event().wait()
    if transport is not None and fault is Fault.RESET:
        connection: socket.socket = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
        transport.abort()
    elif streamed:
        await stream.write_eof()  # a clean end, without the protocol's own end marker
    elif transport is not None:
        transport.close()
    return stream


@click.command()
@click.option("--port", type=int, required=True)
def main(port: int) -> None:
    """Serve the vendors on 127.0.0.1 until a signal ends it."""
    web.run_app(
        faulty_application(),
        host="127.0.0.1",
        port=port,
        print=None,
        access_log=None,
        # A caller that leaves ends what hangs for it, so that what is still open was not given back.
        handler_cancellation=True,
        shutdown_timeout=1.0,
    )
    sys.exit(0)


if __name__ == "__main__":
    main()
