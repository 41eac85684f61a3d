"""``python -m bench [NAME ...]``: run benchmarks; without a name, or by ``all``, all of them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from bench import communities, decide, extraction, failover, hostile, start, trust_fit
from bench.figures import PROGRESS, publish
from bench.growth import report as growth
from bench.overhead import report as overhead
from bench.rollout import report as rollout
from bench.soak import report as soak

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.figures import Result

BENCHMARKS: dict[str, Callable[[], Result]] = {
    "communities": communities.run,
    "decide": decide.run,
    "extraction": extraction.run,
    "failover": failover.run,
    "hostile": hostile.run,
    "learning": growth.run,
    "overhead": overhead.run,
    "rollout": rollout.run,
    "soak": soak.run,
    "start": start.run,
    "trust_fit": trust_fit.run,
}


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(["all", *BENCHMARKS]))
def main(names: tuple[str, ...]) -> None:
    """Run the benchmarks NAMES, write bench/out/NAME.json; exit 1 when a bar is missed."""
    everything = not names or "all" in names
    chosen = list(BENCHMARKS) if everything else list(dict.fromkeys(names))
    if everything and not extraction.available():
        PROGRESS.print(f"extraction left out: {extraction.DATA} names no recorded answers")
        chosen.remove("extraction")
    met = [publish(BENCHMARKS[name]()) for name in chosen]
    sys.exit(0 if all(met) else 1)


if __name__ == "__main__":
    main()
