"""What a request costs us, beside the same request through other gateways.

All systems stand side by side before the same mock vendors and take turns, round by round, so that
whatever else the machine does falls on all of them alike. CPU is the user and system time of the
system's process tree over the round's requests; the mock and the load run in processes of their own.

They are measured twice: after a short warm-up, and once they have settled. A compiler at run time (Portkey's V8) makes
some thousand requests cheaper by half, where an interpreter stays as it was.

``SYSTEMS``, ``ROUNDS`` and ``REQUESTS`` in the environment choose what is measured, and how long.
"""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.bounds import bounded
from bench.figures import PROGRESS, Result
from bench.overhead.contenders import CONTENDERS, chosen
from bench.overhead.ratios import RATIOS
from bench.overhead.system import CONCURRENCY, Stage, System
from bench.processes import free_port

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.figures import Spread
    from bench.overhead.system import Contender

ROUNDS = 5
REQUESTS = 300
WARM_UP = 150
SETTLING = 2_500

_COLUMNS = (
    "system",
    "CPU ms/request",
    "requests/s",
    "p50 ms",
    "p99 ms",
    "RSS MB",
    "settled CPU ms",
)


def run() -> Result:
    """Measure; takes about four minutes once the peers are installed."""
    contenders = chosen(os.environ.get("SYSTEMS", ""))
    rounds = bounded("ROUNDS", ROUNDS, most=100)
    requests = bounded("REQUESTS", REQUESTS, most=20_000)
    systems, settled = _measured(contenders, rounds, requests)
    load = {"rounds": rounds, "requests_per_round": requests}
    return _result(systems, settled, load | {"warm_up": WARM_UP, "settling": SETTLING})


def _measured(
    contenders: tuple[Contender, ...], rounds: int, requests: int
) -> tuple[list[System], list[System]]:
    with tempfile.TemporaryDirectory(prefix="wallbounce-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        systems = [System(contender) for contender in contenders]
        stage = Stage(stack, folder, _mock_vendors(Stage(stack, folder, "")))
        for system in systems:
            system.start(stage)
        for system in systems:
            system.warm_up(WARM_UP)
        _take_turns(systems, rounds, requests, first=WARM_UP)
        asked = WARM_UP + rounds * requests
        for system in systems:
            system.warm_up(SETTLING, first=asked)
        settled = [system.measured_anew() for system in systems]
        _take_turns(settled, rounds, requests, first=asked + SETTLING)
        return systems, settled


def _take_turns(systems: list[System], rounds: int, requests: int, *, first: int) -> None:
    for number in range(rounds):
        PROGRESS.print(f"round {number + 1} of {rounds}")
        begin = number % len(systems)
        # Another one begins each round: whoever came after the same neighbour each time might
        # be measured with its leftovers.
        for system in systems[begin:] + systems[:begin]:
            system.round(requests=requests, first=first + number * requests)


def _mock_vendors(stage: Stage) -> str:
    port = free_port()
    command: list[str | Path] = [Path(sys.executable), "-m", "bench.mock_vendors"]
    return stage.serve([*command, f"--port={port}"], port=port, ready="/").url


def _result(systems: list[System], settled: list[System], load: dict[str, int]) -> Result:
    of = {system.key: system for system in systems}
    later = {system.key: system for system in settled}
    spreads = {ratio.name: ratio.of(of) for ratio in RATIOS}
    spreads_settled = {ratio.name: ratio.of(later) for ratio in RATIOS}
    keys = frozenset(of)
    bars = [r.judged(spreads[r.name]) for r in RATIOS if r.concerns(keys)]
    return Result(
        name="overhead",
        figures={
            "ratios": _medians(spreads),
            "ratios_settled": _medians(spreads_settled),
            "ratio_spread": _spreads(spreads),
            "ratio_settled_spread": _spreads(spreads_settled),
            "systems": {system.key: system.json() for system in systems},
            "systems_settled": {system.key: system.json() for system in settled},
            "left_out": [c.key for c in CONTENDERS if c.key not in keys],
            "load": load | {"in_flight": CONCURRENCY},
        },
        columns=_COLUMNS,
        rows=[(*system.row(), later[system.key].row()[1]) for system in systems],
        bars=tuple(bar for bar in bars if bar is not None),
        notes=tuple(
            f"{name}, settled = {spread.median:.3f}"
            for name, spread in spreads_settled.items()
            if spread is not None
        ),
    )


def _medians(spreads: Mapping[str, Spread | None]) -> dict[str, float | None]:
    return {
        name: None if spread is None else round(spread.median, 4)
        for name, spread in spreads.items()
    }


def _spreads(spreads: Mapping[str, Spread | None]) -> dict[str, Any]:
    return {name: None if spread is None else spread.json() for name, spread in spreads.items()}
