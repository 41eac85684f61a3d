"""The simulated vendors in a background thread, for tests and rehearsals."""

from __future__ import annotations

import http.client
import json
import logging
import threading
from typing import TYPE_CHECKING, Any, Self

from providers.simulator.addresses import Addresses
from providers.simulator.config import SimulatorConfig
from providers.simulator.listening import Listeners
from providers.simulator.places import USUAL, Place
from providers.simulator.serving import GRACE_S, server_of
from providers.simulator.vendors import Vendor

if TYPE_CHECKING:
    from types import TracebackType

_START_S = 30.0
_log = logging.getLogger(__name__)


class RunningSimulator:
    """The simulated vendors on a port of 127.0.0.1, in a thread of their own.

    A context manager. Everything but the URLs goes over the control endpoint, so it may be called
    from any thread. ``port`` 0 takes a free one.
    """

    def __init__(self, config: SimulatorConfig | None = None, *, port: int = 0) -> None:
        config = config or SimulatorConfig()
        self._listeners = Listeners(config, "127.0.0.1", port)
        self._server = server_of(config, self._listeners)
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
        self._thread.join(GRACE_S + 2)
        self._listeners.close()
