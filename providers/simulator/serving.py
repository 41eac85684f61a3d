"""Serving the simulator in the foreground until SIGTERM, and playing its day meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import threading
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from providers.simulator.addresses import Addresses
from providers.simulator.app import Simulator, create_app
from providers.simulator.exchange import TRANSPORT
from providers.simulator.listening import Listeners

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator

    from providers.simulator.config import SimulatorConfig

GRACE_S = 3  # a reply under way may end; longer than any default latency
_START_S = 30.0
_KEEP_ALIVE_S = 75  # as the vendors: pooled connections must not race with our closing them
_SIGNALS = (signal.SIGTERM, signal.SIGINT)
# A turn at the very end of a day would come again at once.
_TICK_S = 0.001
_log = logging.getLogger(__name__)


class _Protocol(HttpToolsProtocol):
    """Shows a request's transport to the application, which may have to break it off."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {TRANSPORT: self.transport}  # type: ignore[dict-item]  # our own extension is no dict


class _Server(uvicorn.Server):
    """Tells when it serves, plays the day, and ends hanging replies when it stops."""

    def __init__(
        self,
        config: uvicorn.Config,
        app: Simulator,
        listeners: Listeners,
        changed: Callable[[dict[str, Any]], None] | None,
    ) -> None:
        super().__init__(config)
        self._app = app
        self._listeners = listeners
        self._changed = changed
        self._playing: asyncio.Task[None] | None = None
        self.ready = threading.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End on SIGTERM and SIGINT, and well: uvicorn's own raises the signal again afterwards."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._app.doors.by_port = {port: place for place, port in self._listeners.ports.items()}
        self._app.settle = self._turn
        await self._turn()
        self._playing = asyncio.create_task(self._play())
        self.ready.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._playing is not None:
            self._playing.cancel()
        self._app.closing.set()
        self._listeners.close()
        await super().shutdown(sockets)

    async def _play(self) -> None:
        """Open and close places as the day and the controls say, and tell of each change."""
        turned, told = self._app.turned, None
        while True:
            try:
                now = await self._turn()
                if now != told and self._changed is not None:
                    self._changed(self._app.script_view())
                told = now
                wait_s = self._app.controls.schedule.until_change_s()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(None if wait_s is None else max(wait_s, _TICK_S)):
                        await turned.wait()
            except Exception:
                _log.exception("the day of the simulated vendors stopped")
                raise
            turned.clear()

    async def _turn(self) -> tuple[object, ...]:
        """Bring the doors to where the day is; what holds, to compare with."""
        controls = self._app.controls
        down = {place for place, c in controls.of.items() if c.down}
        await self._listeners.turn(down, self._protocol, self.server_state.connections)
        moment, standing = controls.schedule.standing()
        return moment.day, moment.over, standing, frozenset(down)

    def _protocol(self) -> asyncio.Protocol:
        return _Protocol(
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )


def server_of(
    config: SimulatorConfig,
    listeners: Listeners,
    changed: Callable[[dict[str, Any]], None] | None = None,
) -> _Server:
    """A server for the shared port, which it has to be run with; it opens and closes the others."""
    app = create_app(config)
    settings = uvicorn.Config(
        app, http=_Protocol, ws="none", lifespan="off", access_log=False, log_config=None,
        timeout_keep_alive=_KEEP_ALIVE_S, timeout_graceful_shutdown=GRACE_S, server_header=False,
    )  # fmt: skip
    return _Server(settings, app, listeners, changed)


def serve(
    config: SimulatorConfig,
    host: str = "127.0.0.1",
    port: int = 4100,
    *,
    listening: Callable[[Addresses], None] | None = None,
    changed: Callable[[dict[str, Any]], None] | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT; replies under way may end, hanging ones are broken off.

    ``listening`` is told where, once the ports are bound. ``changed`` is given the view of
    ``GET /_script`` whenever something else holds.

    Raises:
        OSError: an address is taken or not ours.
    """
    listeners = Listeners(config, host, port)
    try:
        if listening is not None:
            listening(Addresses.seen_from_here(host, listeners.port, listeners.ports))
        server_of(config, listeners, changed).run(sockets=[listeners.shared])
    finally:
        listeners.close()
