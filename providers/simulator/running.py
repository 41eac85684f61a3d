"""Serving the simulator: in the foreground until SIGTERM, or in a background thread."""

from __future__ import annotations

import contextlib
import http.client
import json
import logging
import signal
import socket
import threading
from typing import TYPE_CHECKING, Any, Self

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from providers.simulator.app import Simulator, create_app
from providers.simulator.controls import SimulatorConfig
from providers.simulator.exchange import TRANSPORT
from providers.simulator.vendors import Vendor

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

_GRACE_S = 3  # a reply under way may end; longer than any default latency
_START_S = 30.0
_KEEP_ALIVE_S = 75  # as the vendors: pooled connections must not race with our closing them
_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_log = logging.getLogger(__name__)


class _Protocol(HttpToolsProtocol):
    """Shows a request's transport to the application, which may have to break it off."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {TRANSPORT: self.transport}  # type: ignore[dict-item]  # our own extension is no dict


class _Server(uvicorn.Server):
    """Tells when it serves, and ends hanging replies when it stops."""

    def __init__(self, config: uvicorn.Config, app: Simulator) -> None:
        super().__init__(config)
        self._app = app
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
        self.ready.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._app.closing.set()
        await super().shutdown(sockets)


def _server(config: SimulatorConfig) -> _Server:
    app = create_app(config)
    settings = uvicorn.Config(
        app, http=_Protocol, ws="none", lifespan="off", access_log=False, log_config=None,
        timeout_keep_alive=_KEEP_ALIVE_S, timeout_graceful_shutdown=_GRACE_S, server_header=False,
    )  # fmt: skip
    return _Server(settings, app)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=2048)


def serve(config: SimulatorConfig, host: str = "127.0.0.1", port: int = 4100) -> None:
    """Serve until SIGTERM or SIGINT; replies under way may end, hanging ones are broken off.

    Raises:
        OSError: the address is taken or not ours.
    """
    with _listen(host, port) as listener:
        _server(config).run(sockets=[listener])


class RunningSimulator:
    """The simulated vendors on a port of 127.0.0.1, in a thread of their own.

    A context manager. Everything but the URLs goes over the control endpoint, so it may be called
    from any thread. ``port`` 0 takes a free one.
    """

    def __init__(self, config: SimulatorConfig | None = None, *, port: int = 0) -> None:
        self._server = _server(config or SimulatorConfig())
        self._listener = _listen("127.0.0.1", port)
        self._port: int = self._listener.getsockname()[1]
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
        return f"{self.base_url}/v1"

    @property
    def anthropic_url(self) -> str:
        """For ``ANTHROPIC_BASE_URL``."""
        return self.base_url

    @property
    def gemini_url(self) -> str:
        """For ``GEMINI_BASE_URL``."""
        return self.base_url

    @property
    def environment(self) -> dict[str, str]:
        """The variables that send a gateway here, with made-up keys."""
        return {
            "OPENAI_API_KEY": "sk-simulated",
            "OPENAI_BASE_URL": self.openai_url,
            "ANTHROPIC_API_KEY": "sk-ant-simulated",
            "ANTHROPIC_BASE_URL": self.anthropic_url,
            "GEMINI_API_KEY": "simulated",
            "GEMINI_BASE_URL": self.gemini_url,
        }

    def set_fault(
        self,
        vendor: str,
        fault: str | None,
        probability: float = 1.0,
        count: int | None = None,
        *,
        skip: int = 0,
    ) -> None:
        """Make ``vendor`` fail (see `providers.simulator.faults.Fault`); None ends it.

        Raises:
            ValueError: no such vendor or fault, or a figure that makes no sense.
        """
        rule = {"fault": fault, "probability": probability, "count": count, "skip": skip}
        self._put({vendor: rule})

    def set_latency(self, vendor: str, latency_ms: float, jitter_ms: float = 0.0) -> None:
        """Set how long ``vendor`` takes; raises ValueError as `set_fault` does."""
        self._put({vendor: {"latency_ms": latency_ms, "jitter_ms": jitter_ms}})

    def reset(self) -> None:
        """Back to the configuration it started with, counters at zero."""
        self._call("DELETE", "/_control")

    def stats(self) -> dict[Vendor, dict[str, Any]]:
        """Counters a vendor (see `providers.simulator.controls.Counts`) and ``faults`` that struck."""
        status, body = self._call("GET", "/_stats")
        if status != http.client.OK:
            raise RuntimeError(f"the simulated vendors answered {status}")
        return {Vendor(name): counts for name, counts in body.items()}

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
            self._server.run(sockets=[self._listener])
        except Exception:
            _log.exception("the simulated vendors stopped")
            raise

    def _stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(_GRACE_S + 2)
        self._listener.close()
