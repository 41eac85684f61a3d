"""CPU a three-vendor consensus costs us, beside a single-vendor request through the LiteLLM proxy.

All systems stand side by side before the same mock vendors and take turns, round by round, so that
whatever else the machine does falls on all of them alike. CPU is the user and system time of the
system's process tree over the round's requests; the mock and the load run in processes of their own.
"""

from __future__ import annotations

import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench import litellm_proxy
from bench.figures import PROGRESS, Bar, Result, Spread
from bench.load import Load, run_load
from bench.processes import Server, free_port, serving

CONSENSUS_BAR = 0.4
"""The issue's bar: CPU of our consensus of three over CPU of the proxy's single call."""

ROUNDS = 5
REQUESTS = 300
WARM_UP = 150
CONCURRENCY = 16

OURS = "wallbounce, 3 vendors, consensus"
LITELLM = "LiteLLM proxy, 1 vendor"
BARE = "bare fan-out, 3 vendors"


@dataclass(slots=True)
class System:
    """One system under load, and what its rounds showed."""

    name: str
    server: Server
    path: str
    cpu_ms: list[float] = field(default_factory=list)
    loads: list[Load] = field(default_factory=list)
    rss_mb: float = 0.0

    def warm_up(self, first: int) -> None:
        """A round that is not counted: connections opened, caches filled, code compiled."""
        run_load(self.server.url, self.path, requests=WARM_UP, concurrency=CONCURRENCY, first=first)

    def round(self, first: int) -> None:
        """A round that counts."""
        before = self.server.cpu_seconds()
        load = run_load(
            self.server.url, self.path, requests=REQUESTS, concurrency=CONCURRENCY, first=first
        )
        self.cpu_ms.append((self.server.cpu_seconds() - before) * 1e3 / load.requests)
        self.loads.append(load)
        self.rss_mb = self.server.rss_mb()

    @property
    def cpu(self) -> Spread:
        """CPU a request in ms, over the rounds."""
        return Spread(tuple(self.cpu_ms))

    @property
    def requests_per_s(self) -> Spread:
        """Requests a second with `CONCURRENCY` in flight, over the rounds."""
        return Spread(tuple(load.requests / load.seconds for load in self.loads))

    @property
    def p50_ms(self) -> Spread:
        """Median latency in ms, over the rounds."""
        return Spread(tuple(load.p50_ms for load in self.loads))

    @property
    def p99_ms(self) -> Spread:
        """99th percentile of latency in ms, over the rounds."""
        return Spread(tuple(load.p99_ms for load in self.loads))

    def json(self) -> dict[str, Any]:
        """The system's figures."""
        return {
            "cpu_ms_per_request": self.cpu.json(),
            "requests_per_s": self.requests_per_s.json(),
            "p50_ms": self.p50_ms.json(),
            "p99_ms": self.p99_ms.json(),
            "rss_mb": round(self.rss_mb, 1),
        }

    def row(self) -> tuple[str, ...]:
        """The system's line of the table."""
        figures = (self.cpu, self.requests_per_s, self.p50_ms, self.p99_ms)
        return (self.name, *(str(figure) for figure in figures), f"{self.rss_mb:.0f}")


def ratio(over: System, under: System) -> Spread:
    """CPU a request of one system over another's, round by round."""
    return Spread(tuple(a / b for a, b in zip(over.cpu_ms, under.cpu_ms, strict=True)))


def run() -> Result:
    """Measure; takes about two minutes once the proxy is installed."""
    program = litellm_proxy.installed()
    with tempfile.TemporaryDirectory(prefix="wallbounce-bench-") as name, ExitStack() as stack:
        systems = _start(stack, Path(name), program)
        for system in systems:
            PROGRESS.print(f"warming up: {system.name}")
            system.warm_up(first=0)
        for number in range(ROUNDS):
            PROGRESS.print(f"round {number + 1} of {ROUNDS}")
            for system in systems:
                system.round(first=WARM_UP + number * REQUESTS)
    ours, litellm, bare = systems
    against_litellm, against_bare = ratio(ours, litellm), ratio(ours, bare)
    return Result(
        name="overhead",
        figures={
            "ratios": {
                "consensus_vs_litellm": round(against_litellm.median, 4),
                "consensus_vs_bare_fanout": round(against_bare.median, 4),
                "bare_fanout_vs_litellm": round(ratio(bare, litellm).median, 4),
            },
            "ratio_spread": {
                "consensus_vs_litellm": against_litellm.json(),
                "consensus_vs_bare_fanout": against_bare.json(),
            },
            "systems": {
                "wallbounce": ours.json(),
                "litellm": litellm.json(),
                "bare_fanout": bare.json(),
            },
            "load": {"rounds": ROUNDS, "requests_per_round": REQUESTS, "in_flight": CONCURRENCY},
        },
        columns=("system", "CPU ms/request", "requests/s", "p50 ms", "p99 ms", "RSS MB"),
        rows=[system.row() for system in systems],
        bars=(Bar("consensus_vs_litellm", CONSENSUS_BAR, against_litellm.median),),
    )


def gateway_environment(upstream: str) -> dict[str, str]:
    """The gateway's settings: the mock vendors, all traffic on the wall-bounce path."""
    return {
        "OPENAI_API_KEY": "bench",
        "OPENAI_BASE_URL": f"{upstream}/v1",
        "ANTHROPIC_API_KEY": "bench",
        "ANTHROPIC_BASE_URL": upstream,
        "GOOGLE_API_KEY": "bench",
        "GEMINI_BASE_URL": upstream,
        "USE_SRP_WALL_BOUNCE": "true",
        "SRP_TRAFFIC_PERCENTAGE": "100",
        "SRP_INSTANCE_ID": "bench",
    }


def _start(stack: ExitStack, folder: Path, program: Path) -> tuple[System, System, System]:
    def start(name: str, command: list[str | Path], *, ready: str, env: dict[str, str]) -> Server:
        PROGRESS.print(f"starting: {name}")
        server = serving(command, port=port, folder=folder, ready_path=ready, env=env, within=120.0)
        return stack.enter_context(server)

    python = Path(sys.executable)
    port = free_port()
    mock = start(
        "mock vendors", [python, "-m", "bench.mock_vendors", f"--port={port}"], ready="/", env={}
    )
    port = free_port()
    wallbounce: list[str | Path] = [python.parent / "wallbounce", "serve", "--port", str(port)]
    ours = start(OURS, wallbounce, ready="/health/ready", env=gateway_environment(mock.url))
    port = free_port()
    proxy = list(litellm_proxy.command(program, folder, upstream=mock.url, port=port))
    litellm = start(LITELLM, proxy, ready="/health/readiness", env=litellm_proxy.ENVIRONMENT)
    port = free_port()
    uvicorn: list[str | Path] = [
        python,
        "-m",
        "uvicorn",
        "bench.bare_fanout:app",
        "--port",
        str(port),
    ]
    uvicorn += ["--log-level", "warning", "--no-access-log"]
    bare = start(BARE, uvicorn, ready="/health/ready", env={"BENCH_UPSTREAM": mock.url})
    return (
        System(OURS, ours, "/api/v1/generate"),
        System(LITELLM, litellm, "/v1/chat/completions"),
        System(BARE, bare, "/v1/chat/completions"),
    )
