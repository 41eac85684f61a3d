"""How long the gateway takes from exec to ready, and what it weighs then.

Each start finds an empty folder, so creating and migrating the database is part of it.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from bench.figures import PROGRESS, Bar, Result, Spread
from bench.gateway_environment import gateway_environment
from bench.processes import free_port, serving

READY_BAR_SECONDS = 2.0
RSS_BAR_MB = 200.0
STARTS = 5


def run() -> Result:
    """Start it five times, each in an empty folder."""
    ready: list[float] = []
    cpu: list[float] = []
    rss: list[float] = []
    for number in range(STARTS):
        PROGRESS.print(f"start {number + 1} of {STARTS}")
        with tempfile.TemporaryDirectory(prefix="wallbounce-bench-") as name:
            port = free_port()
            command: list[str | Path] = [
                Path(sys.executable).parent / "wallbounce",
                "serve",
                "--port",
                str(port),
            ]
            # No vendor listens there: starting and readiness never call one.
            env = gateway_environment("http://127.0.0.1:9")
            with serving(
                command, port=port, folder=Path(name), ready_path="/health/ready", env=env
            ) as server:
                ready.append(server.ready_seconds)
                cpu.append(server.cpu_seconds())
                rss.append(server.rss_mb())
    ready_s, cpu_s, rss_mb = Spread(tuple(ready)), Spread(tuple(cpu)), Spread(tuple(rss))
    return Result(
        name="start",
        figures={
            "ready_s": round(ready_s.median, 4),
            "rss_mb": round(rss_mb.median, 1),
            # On a busy machine the wall waits for others; the CPU a start takes does not.
            "cpu_s": round(cpu_s.median, 4),
            "spread": {"ready_s": ready_s.json(), "cpu_s": cpu_s.json(), "rss_mb": rss_mb.json()},
        },
        columns=("figure", "median (min–max) of 5", "bar"),
        rows=[
            ("exec to /health/ready 200, s", str(ready_s), f"≤ {READY_BAR_SECONDS:g}"),
            ("CPU until then, s", str(cpu_s), ""),
            ("resident memory then, MB", str(rss_mb), f"≤ {RSS_BAR_MB:g}"),
        ],
        bars=(
            Bar("ready_s", READY_BAR_SECONDS, ready_s.median),
            Bar("rss_mb", RSS_BAR_MB, rss_mb.median),
        ),
    )
