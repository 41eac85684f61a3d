"""CPU one call to a vendor costs below the adapter: our own connections beside the general clients.

``python -m bench.wire``. All take turns, round by round, against the same mock vendor, sixteen calls at once; the
mock runs in a process of its own. Each is given the same request and reads the whole reply.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from contextlib import AsyncExitStack, aclosing
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
import httpx
import uvloop
from httpx_aiohttp import AiohttpTransport

from bench.figures import PROGRESS, Result, Spread, publish
from bench.processes import free_port, serving
from providers.exchange import Post, whole_reply
from providers.provider import Deadline
from providers.wire.client import Address
from providers.wire.direct import DirectClient

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Call = Callable[[], Awaitable[int]]

ROUNDS = 5
CALLS = 1_600
AT_ONCE = 16
HEADERS = {"content-type": "application/json", "authorization": "Bearer bench"}
BODY = b'{"model":"gpt-5","messages":[{"role":"user","content":"Please add 1203 and 5421."}]}'
OURS = "wallbounce (providers.wire)"


async def _open(url: str, stack: AsyncExitStack) -> dict[str, Call]:
    direct = await stack.enter_async_context(aclosing(DirectClient()))
    address = Address.of(url, HEADERS)
    session = await stack.enter_async_context(aiohttp.ClientSession())
    mixed = await stack.enter_async_context(httpx.AsyncClient(transport=AiohttpTransport()))
    plain = await stack.enter_async_context(httpx.AsyncClient())
    far = Deadline(float("inf"))

    async def ours() -> int:
        return len((await whole_reply(direct, Post("mock", address, BODY), far)).body)

    async def bare_aiohttp() -> int:
        async with session.post(url, data=BODY, headers=HEADERS) as reply:
            return len(await reply.read())

    async def httpx_over_aiohttp() -> int:
        return len((await mixed.post(url, content=BODY, headers=HEADERS)).content)

    async def httpx_alone() -> int:
        return len((await plain.post(url, content=BODY, headers=HEADERS)).content)

    return {
        OURS: ours,
        "aiohttp": bare_aiohttp,
        "httpx over aiohttp": httpx_over_aiohttp,
        "httpx": httpx_alone,
    }


async def _round(call: Call) -> float:
    """CPU of this process a call, in ms."""

    async def one_after_the_other() -> None:
        for _ in range(CALLS // AT_ONCE):
            if not await call():
                raise RuntimeError("the mock vendor said nothing")

    began = time.process_time()
    await asyncio.gather(*(one_after_the_other() for _ in range(AT_ONCE)))
    return (time.process_time() - began) * 1e3 / CALLS


async def _measure(url: str) -> dict[str, Spread]:
    async with AsyncExitStack() as stack:
        calls = await _open(url, stack)
        seen: dict[str, list[float]] = {name: [] for name in calls}
        for number in range(ROUNDS + 1):
            PROGRESS.print(f"round {number} of {ROUNDS}" if number else "warming up")
            for name, call in calls.items():
                spent = await _round(call)
                if number:
                    seen[name].append(spent)
    return {name: Spread(tuple(spent)) for name, spent in seen.items()}


def run() -> Result:
    """Measure; takes about half a minute."""
    port = free_port()
    command: list[str | Path] = [sys.executable, "-m", "bench.mock_vendors", f"--port={port}"]
    with (
        tempfile.TemporaryDirectory(prefix="wallbounce-bench-") as folder,
        serving(command, port=port, folder=Path(folder), ready_path="/") as mock,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        figures = runner.run(_measure(f"{mock.url}/v1/chat/completions"))
    ours = figures[OURS].median
    return Result(
        name="wire",
        figures={"cpu_ms_per_call": {name: spread.json() for name, spread in figures.items()}},
        columns=("client", "CPU ms/call", "× ours"),
        rows=[(name, str(s), f"{s.median / ours:.1f}") for name, s in figures.items()],
        bars=(),
    )


if __name__ == "__main__":
    publish(run())
