"""A real nginx with our configuration, before two gateways that tests script."""

from __future__ import annotations

import asyncio
import os
import re
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import aiohttp
import pytest
from aiohttp import web

from tests.support.gateway_process import ROOT
from tests.support.ports import free_port
from tests.support.programs import real_program

CONFIG = ROOT / "ops" / "nginx" / "nginx.conf"
# `resolve` in open-source nginx: since 1.27.3.
_RESOLVES_SINCE = (1, 27, 3)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Backend:
    """A stand-in for a gateway: counts what reaches it and answers as its ``handler`` says."""

    port: int
    handler: Handler
    requests: list[web.Request] = field(default_factory=list)
    runner: web.AppRunner | None = None

    async def start(self):
        async def handle(request):
            self.requests.append(request)
            return await self.handler(request)

        app = web.Application(client_max_size=10_000_000)
        app.router.add_route("*", "/{path:.*}", handle)
        # As uvicorn: five seconds.
        self.runner = web.AppRunner(app, keepalive_timeout=5.0, handler_cancellation=True)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", self.port).start()

    async def stop(self):
        if self.runner is not None:
            await self.runner.cleanup()
            self.runner = None


@dataclass
class Balancer:
    """The running nginx, its two backends and a client before it."""

    url: str
    backends: tuple[Backend, Backend]
    client: aiohttp.ClientSession
    process: asyncio.subprocess.Process

    async def quit(self):
        """Let nginx finish what it does, log included."""
        self.process.send_signal(signal.SIGQUIT)
        await self.process.wait()

    @property
    def seen(self) -> list[web.Request]:
        return [request for backend in self.backends for request in backend.requests]


async def _version(nginx):
    process = await asyncio.create_subprocess_exec(nginx, "-v", stderr=asyncio.subprocess.PIPE)
    _, text = await process.communicate()
    return tuple(int(part) for part in re.search(rb"nginx/([\d.]+)", text)[1].split(b"."))


def _localised(text, tmp_path, *, version, listen, gateways):
    """Our configuration on this machine's ports and folders, and nothing else changed."""
    for name, port in gateways.items():
        text = text.replace(f"server {name}:4000", f"server 127.0.0.1:{port}")
    text = text.replace("server grafana:3000", "server 127.0.0.1:9")
    if version < _RESOLVES_SINCE:
        text = re.sub(r"(server \S+) resolve", r"\1", text)
    text = text.replace("listen 8080", f"listen 127.0.0.1:{listen}")
    text = text.replace("/tmp/", f"{tmp_path}/").replace("/dev/stdout", f"{tmp_path}/access.log")
    text = text.replace("/dev/stderr", f"{tmp_path}/error.log").replace("auto;", "1;", 1)
    # Workers of a root master would be `nobody`, who may not enter pytest's folders.
    return ("user root;\n" if os.geteuid() == 0 else "") + text


@pytest.fixture
def nginx_config(tmp_path):
    """Writes our configuration for this machine; returns nginx's command line for it."""

    async def write(*, listen, gateways):
        nginx = real_program("nginx")
        version = await _version(nginx)
        text = _localised(
            CONFIG.read_text(), tmp_path, version=version, listen=listen, gateways=gateways
        )
        file = tmp_path / "nginx.conf"
        file.write_text(text)
        return [nginx, "-p", str(tmp_path), "-e", f"{tmp_path}/error.log", "-c", str(file)]

    return write


async def _answers_ok(_request):
    return web.json_response({"content": "ok"})


@pytest.fixture
async def balancer(nginx_config, tmp_path):
    """nginx in the foreground, ended by its id; its backends answer 200 until told otherwise."""
    backends = (Backend(free_port(), _answers_ok), Backend(free_port(), _answers_ok))
    listen = free_port()
    command = await nginx_config(
        listen=listen, gateways={f"gateway-{n}": b.port for n, b in enumerate(backends, start=1)}
    )
    for backend in backends:
        await backend.start()
    process = await asyncio.create_subprocess_exec(*command, "-g", "daemon off;")
    try:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20)) as client:
            url = f"http://127.0.0.1:{listen}"
            await _until_up(client, url, process)
            yield Balancer(url, backends, client, process)
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()
        for backend in backends:
            await backend.stop()


async def _until_up(client, url, process):
    async with asyncio.timeout(10):
        while True:
            assert process.returncode is None, "nginx ended"
            try:
                async with client.get(f"{url}/lb/health"):
                    return
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.02)
