"""Serving the simulator: in the foreground until SIGTERM, or in a background thread."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import logging
import signal
import threading
from typing import TYPE_CHECKING, Any, Self

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from providers.simulator.addresses import Addresses
from providers.simulator.app import Simulator, create_app
from providers.simulator.config import SimulatorConfig
from providers.simulator.exchange import TRANSPORT
from providers.simulator.listening import Listeners
from providers.simulator.places import USUAL, Place
from providers.simulator.vendors import Vendor

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator
    from types import TracebackType

_GRACE_S = 3  # a reply under way may end; longer than any default latency
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


def _server(
    config: SimulatorConfig,
    listeners: Listeners,
    changed: Callable[[dict[str, Any]], None] | None = None,
) -> _Server:
    app = create_app(config)
    settings = uvicorn.Config(
        app, http=_Protocol, ws="none", lifespan="off", access_log=False, log_config=None,
        timeout_keep_alive=_KEEP_ALIVE_S, timeout_graceful_shutdown=_GRACE_S, server_header=False,
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
        _server(config, listeners, changed).run(sockets=[listeners.shared])
    finally:
        listeners.close()


class RunningSimulator:
    """The simulated vendors on a port of 127.0.0.1, in a thread of their own.

    A context manager. Everything but the URLs goes over the control endpoint, so it may be called
    from any thread. ``port`` 0 takes a free one.
    """

    def __init__(self, config: SimulatorConfig | None = None, *, port: int = 0) -> None:
        config = config or SimulatorConfig()
        self._listeners = Listeners(config, "127.0.0.1", port)
        self._server = _server(config, self._listeners)
        self._port = self._listeners.port
        self.addresses = Addresses("127.0.0.1", self._port, self._listeners.ports)
        self._thread = threading.Thread(target=self._run, name="simulator", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._server.ready.wait(_START_S):
            self._stop()
            raise RuntimeError("the simulated vendors did not start")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()

    @property
    def base_url(self) -> str:
        """``http://127.0.0.1:PORT``."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def openai_url(self) -> str:
        """For ``OPENAI_BASE_URL``."""
        return self.addresses.url(Place(Vendor.GPT))

    @property
    def anthropic_url(self) -> str:
        """For ``ANTHROPIC_BASE_URL``."""
        return self.addresses.url(Place(Vendor.CLAUDE))

    @property
    def gemini_url(self) -> str:
        """For ``GEMINI_BASE_URL``."""
        return self.addresses.url(Place(Vendor.GEMINI))

    @property
    def environment(self) -> dict[str, str]:
        """The variables that send a gateway here, with made-up keys."""
        return self.addresses.environment

    def url(self, vendor: str, endpoint: str = USUAL) -> str:
        """The base URL of one place of a vendor."""
        return self.addresses.url(Place(Vendor(vendor), endpoint))

    def set_fault(
        self,
        vendor: str,
        fault: str | None,
        probability: float = 1.0,
        count: int | None = None,
        *,
        skip: int = 0,
    ) -> None:
        """Make ``vendor`` (``gpt``), or one place of it (``gpt/eu``), fail; None ends it.

        The faults are those of `providers.simulator.faults.Fault`.

        Raises:
            ValueError: no such vendor or fault, or a figure that makes no sense.
        """
        rule = {"fault": fault, "probability": probability, "count": count, "skip": skip}
        self._put({vendor: rule})

    def set_latency(self, vendor: str, latency_ms: float, jitter_ms: float = 0.0) -> None:
        """Set how long ``vendor`` takes; raises ValueError as `set_fault` does."""
        self._put({vendor: {"latency_ms": latency_ms, "jitter_ms": jitter_ms}})

    def set_wrong_share(self, vendor: str, share: float) -> None:
        """Let ``vendor`` state another answer in so many of its replies; raises as `set_fault` does."""
        self._put({vendor: {"wrong_share": share}})

    def play(self, at_s: float = 0.0) -> dict[str, Any]:
        """Put the day to that time of it; the view of it. Raises ValueError for a time it has not."""
        status, body = self._call("PUT", "/_script", {"at_s": at_s})
        if status != http.client.OK:
            raise ValueError(body["error"])
        return dict(body)

    def day(self) -> dict[str, Any]:
        """Where the day is, what holds, and the counters (``GET /_script``)."""
        return dict(self._call("GET", "/_script")[1])

    def reset(self) -> None:
        """Back to the configuration it started with, the day's beginning, counters at zero."""
        self._call("DELETE", "/_control")

    def stats(self) -> dict[str, dict[str, Any]]:
        """Counters a vendor (see `providers.simulator.counts.Counts`), and a place where it has several."""
        status, body = self._call("GET", "/_stats")
        if status != http.client.OK:
            raise RuntimeError(f"the simulated vendors answered {status}")
        return dict(body)

    def _put(self, wanted: dict[str, Any]) -> None:
        status, body = self._call("PUT", "/_control", wanted)
        if status != http.client.OK:
            raise ValueError(body["error"])

    def _call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_START_S)
        try:
            connection.request(method, path, None if body is None else json.dumps(body))
            reply = connection.getresponse()
            return reply.status, json.loads(reply.read())
        finally:
            connection.close()

    def _run(self) -> None:
        try:
            self._server.run(sockets=[self._listeners.shared])
        except Exception:
            _log.exception("the simulated vendors stopped")
            raise

    def _stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(_GRACE_S + 2)
        self._listeners.close()
