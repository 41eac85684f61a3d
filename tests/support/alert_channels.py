"""Channels that tests script, and the places that real ones send to."""

from __future__ import annotations

import asyncio
import threading
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import web

from gateway.alerts.channels import Refused

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from gateway.alerts.messages import Message


@dataclass
class Script:
    """A channel that fails as often as told, then takes everything."""

    fails: int = 0
    error: Callable[[], Exception] = lambda: Refused("answered 500")
    taken: list[Message] = field(default_factory=list)
    tries: int = 0

    def send(self, message: Message) -> None:
        self.tries += 1
        if self.tries <= self.fails:
            raise self.error()
        self.taken.append(message)

    @property
    def titles(self) -> list[str]:
        return [message.title for message in self.taken]


@dataclass
class Stuck:
    """A channel that answers when it is let go."""

    go: threading.Event = field(default_factory=threading.Event)
    tries: int = 0

    def send(self, message: Message) -> None:
        self.tries += 1
        self.go.wait(60)


@dataclass
class Hook:
    """A web server that keeps what is posted to it and answers ``status``."""

    url: str = ""
    status: int = 200
    paths: list[str] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)


@asynccontextmanager
async def web_hook(port: int) -> AsyncIterator[Hook]:
    """A real HTTP server on 127.0.0.1."""
    hook = Hook(url=f"127.0.0.1:{port}")

    async def take(request: web.Request) -> web.Response:
        hook.paths.append(request.path)
        hook.bodies.append(await request.json())
        # Slack's word for a message it took.
        return web.Response(status=hook.status, text="ok")

    app = web.Application()
    app.router.add_post("/{path:.*}", take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield hook
    finally:
        await runner.cleanup()


async def until(condition: Callable[[], bool], within_s: float = 20.0) -> None:
    """Wait until it is so, looking again and again; fails after ``within_s``."""
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110 - what is waited for sets no event
            await asyncio.sleep(0.01)
