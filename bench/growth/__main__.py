"""``python -m bench.growth SIZE …``: grows one engine through the sizes; its figures as JSON on stdout."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import structlog

from bench.figures import PROGRESS
from bench.growth.filling import Store
from bench.processes import ROOT


async def grown(sizes: list[int]) -> dict[str, Any]:
    """The figures of each size, smallest first."""
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="wallbounce-bench-") as name:
        store = await Store.open(Path(name))
        for size in sizes:
            PROGRESS.print(f"learning: growing to {size} patterns")
            rates = await store.grow(size)
            PROGRESS.print(f"learning: measuring {size} patterns")
            found = _measured(Path(name) / "learning", size)
            families = await store.families()
            figures[str(size)] = {
                "register_per_s": round(rates.one_by_one.per_s, 1),
                "register_cpu_ms": round(rates.one_by_one.cpu_ms, 3),
                "bulk_per_s": None if rates.bulk is None else round(rates.bulk.per_s, 1),
                "bulk_cpu_ms": None if rates.bulk is None else round(rates.bulk.cpu_ms, 3),
                **{key: round(value, 4) for key, value in found.items()},
                "communities_s": round(families.wall_s, 2),
                "communities_cpu_s": round(families.cpu_s, 2),
            }
            PROGRESS.print(f"learning: {json.dumps({size: figures[str(size)]})}", soft_wrap=True)
        await store.aclose()
    return figures


def _measured(folder: Path, size: int) -> dict[str, float]:
    """In a process of its own, whose memory is the engine's alone."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.growth.measuring", str(folder), str(size)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    print(json.dumps(asyncio.run(grown([int(size) for size in sys.argv[1:]]))))
