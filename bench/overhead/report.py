"""What a request costs us, beside the same request through other gateways.

All systems stand side by side before the same mock vendors and take turns, round by round, so that
whatever else the machine does falls on all of them alike. CPU is the user and system time of the
system's process tree over the round's requests; the mock and the load run in processes of their own.

``SYSTEMS``, ``ROUNDS`` and ``REQUESTS`` in the environment choose what is measured, and how long.
"""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from bench.bounds import bounded
from bench.figures import PROGRESS, Result
from bench.overhead.contenders import CONTENDERS, chosen
from bench.overhead.ratios import RATIOS
from bench.overhead.system import CONCURRENCY, Stage, System
from bench.processes import free_port

if TYPE_CHECKING:
    from bench.overhead.system import Contender

ROUNDS = 11
REQUESTS = 300
WARM_UP = 150

_COLUMNS = ("system", "CPU ms/request", "requests/s", "p50 ms", "p99 ms", "RSS MB")


def run() -> Result:
    """Measure; takes about three minutes once the peers are installed."""
    contenders = chosen(os.environ.get("SYSTEMS", ""))
    rounds = bounded("ROUNDS", ROUNDS, most=100)
    requests = bounded("REQUESTS", REQUESTS, most=20_000)
    systems = _measured(contenders, rounds, requests)
    return _result(systems, {"rounds": rounds, "requests_per_round": requests})


def _measured(contenders: tuple[Contender, ...], rounds: int, requests: int) -> list[System]:
    with tempfile.TemporaryDirectory(prefix="wallbounce-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        systems = [System(contender) for contender in contenders]
        stage = Stage(stack, folder, _mock_vendors(Stage(stack, folder, "")))
        for system in systems:
            system.start(stage)
        for system in systems:
            system.warm_up(WARM_UP)
        for number in range(rounds):
            PROGRESS.print(f"round {number + 1} of {rounds}")
            begin = number % len(systems)
            # Another one begins each round: whoever came after the same neighbour each time might
            # be measured with its leftovers.
            for system in systems[begin:] + systems[:begin]:
                system.round(requests=requests, first=WARM_UP + number * requests)
        return systems


def _mock_vendors(stage: Stage) -> str:
    port = free_port()
    command: list[str | Path] = [Path(sys.executable), "-m", "bench.mock_vendors"]
    return stage.serve([*command, f"--port={port}"], port=port, ready="/").url


def _result(systems: list[System], load: dict[str, int]) -> Result:
    of = {system.key: system for system in systems}
    spreads = {ratio.name: ratio.of(of) for ratio in RATIOS}
    keys = frozenset(of)
    bars = [r.judged(spreads[r.name]) for r in RATIOS if r.concerns(keys)]
    return Result(
        name="overhead",
        figures={
            "ratios": {
                name: None if spread is None else round(spread.median, 4)
                for name, spread in spreads.items()
            },
            "ratio_spread": {
                name: None if spread is None else spread.json() for name, spread in spreads.items()
            },
            "systems": {system.key: system.json() for system in systems},
            "left_out": [c.key for c in CONTENDERS if c.key not in keys],
            "load": load | {"in_flight": CONCURRENCY},
        },
        columns=_COLUMNS,
        rows=[system.row() for system in systems],
        bars=tuple(bar for bar in bars if bar is not None),
    )
