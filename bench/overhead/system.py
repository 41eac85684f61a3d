"""One system under load: what its rounds showed, or why it has no figures."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from bench.figures import PROGRESS, Spread
from bench.load import LoadError, run_load
from bench.overhead.installing import NotInstalledError
from bench.processes import NotReadyError, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import ExitStack
    from pathlib import Path

    from bench.load_figures import Load
    from bench.processes import Server

CONCURRENCY = 16
"""Requests in flight at once, the same for all systems."""

_READY_WITHIN_S = 120.0
_T = TypeVar("_T")


class Loaded(Protocol):
    """Something that answers a load, and what it uses of the machine."""

    def send(self, *, requests: int, first: int) -> Load:
        """Ask ``requests`` questions from number ``first`` on, `CONCURRENCY` at once, and check every answer.

        Raises:
            LoadError: an answer was not what it should be.
        """

    def cpu_seconds(self) -> float:
        """User and system time so far, in seconds."""

    def rss_mb(self) -> float:
        """Resident memory, in 10^6 bytes."""


@dataclass(frozen=True, slots=True)
class OverHttp:
    """A gateway behind an address. ``model`` and ``headers`` are what its chat completions need."""

    server: Server
    path: str
    model: str = "gpt-5"
    headers: tuple[tuple[str, str], ...] = ()

    def send(self, *, requests: int, first: int) -> Load:
        """See `Loaded`; the client is a process of its own."""
        return run_load(
            self.server.url,
            self.path,
            requests=requests,
            concurrency=CONCURRENCY,
            first=first,
            model=self.model,
            headers=self.headers,
        )

    def cpu_seconds(self) -> float:
        """See `Loaded`; of the process and its descendants."""
        return self.server.cpu_seconds()

    def rss_mb(self) -> float:
        """See `Loaded`; of the process and its descendants."""
        return self.server.rss_mb()


@dataclass(frozen=True, slots=True)
class Stage:
    """Where systems are started: all before the same mock vendors, ended with ``stack``."""

    stack: ExitStack
    folder: Path
    upstream: str

    def serve(
        self,
        command: Sequence[str | Path],
        *,
        port: int,
        ready: str,
        env: Mapping[str, str] | None = None,
    ) -> Server:
        """Start a server, and wait until ``ready`` answers 200.

        Raises:
            NotReadyError: it ended or stayed silent.
        """
        return self.stack.enter_context(
            serving(
                command,
                port=port,
                folder=self.folder,
                ready_path=ready,
                env=env,
                within=_READY_WITHIN_S,
            )
        )


@dataclass(frozen=True, slots=True)
class Contender:
    """A system that can be measured; ``group`` and ``key`` are the words that choose it."""

    key: str
    group: str
    name: str
    start: Callable[[Stage], Loaded]
    """Raises NotInstalledError, NotReadyError."""


@dataclass(slots=True)
class System:
    """A contender on the stage. ``missing`` says why it has no figures, None while it has."""

    contender: Contender
    loaded: Loaded | None = None
    missing: str | None = None
    cpu_ms: list[float] = field(default_factory=list)
    loads: list[Load] = field(default_factory=list)
    rss_mb: float = 0.0

    @property
    def key(self) -> str:
        """Its name in the figures."""
        return self.contender.key

    def start(self, stage: Stage) -> None:
        """Install it where needed, and start it."""
        PROGRESS.print(f"starting: {self.contender.name}")
        self.loaded = self._or_missing(lambda: self.contender.start(stage))

    def warm_up(self, requests: int, first: int = 0) -> None:
        """A round that is not counted: connections opened, caches filled, code compiled."""
        loaded = self.loaded
        if loaded is not None and self.missing is None:
            PROGRESS.print(f"warming up: {self.contender.name}")
            self._or_missing(lambda: loaded.send(requests=requests, first=first))

    def measured_anew(self) -> System:
        """The same system, still running, with no figures yet."""
        return System(self.contender, self.loaded, self.missing)

    def round(self, *, requests: int, first: int) -> None:
        """A round that counts."""
        loaded = self.loaded
        if loaded is None or self.missing is not None:
            return
        before = loaded.cpu_seconds()
        load = self._or_missing(lambda: loaded.send(requests=requests, first=first))
        if load is not None:
            self.cpu_ms.append((loaded.cpu_seconds() - before) * 1e3 / load.requests)
            self.loads.append(load)
            self.rss_mb = loaded.rss_mb()

    def _or_missing(self, step: Callable[[], _T]) -> _T | None:
        """The step's outcome; a system that fails once has no figures at all."""
        try:
            return step()
        except (NotInstalledError, NotReadyError, LoadError) as error:
            self.missing = f"{type(error).__name__.removesuffix('Error')}: {error}"
            self.cpu_ms.clear()
            self.loads.clear()
            PROGRESS.print(f"NOT MEASURED: {self.contender.name}: {error}", markup=False)
            return None

    @property
    def figures(self) -> dict[str, Spread] | None:
        """CPU a request in ms, requests a second, latencies in ms, each over the rounds."""
        if self.missing is not None or not self.loads:
            return None
        return {
            "cpu_ms_per_request": Spread(tuple(self.cpu_ms)),
            "requests_per_s": Spread(tuple(load.requests / load.seconds for load in self.loads)),
            "p50_ms": Spread(tuple(load.p50_ms for load in self.loads)),
            "p99_ms": Spread(tuple(load.p99_ms for load in self.loads)),
        }

    def json(self) -> dict[str, Any]:
        """The system's figures, or that it has none and why."""
        figures = self.figures
        if figures is None:
            return {"measured": False, "reason": self.missing}
        told = {name: spread.json() for name, spread in figures.items()}
        return {"measured": True, **told, "rss_mb": round(self.rss_mb, 1)}

    def row(self) -> tuple[str, ...]:
        """The system's line of the table."""
        figures = self.figures
        if figures is None:
            return (self.contender.name, "not measured", "", "", "", "")
        return (
            self.contender.name,
            *(str(spread) for spread in figures.values()),
            f"{self.rss_mb:.0f}",
        )
