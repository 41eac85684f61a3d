"""False alarms of the watch over vendors in a month without a change, and how soon changes are found.

Made-up traffic, seeded: `python -m bench.drift [FLEETS]`, 100 fleets by default (some minutes). Prints JSON.
"""

from __future__ import annotations

import json
import random
import sys
from datetime import UTC, datetime, timedelta
from multiprocessing import Pool
from statistics import median, quantiles
from typing import TYPE_CHECKING

from learning.monitor.drift import TERMS, Measure, Seen
from learning.monitor.vendors import Vendors

if TYPE_CHECKING:
    from collections.abc import Callable

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = 30
A_DAY = 200
"""Requests a day, each answered by three vendors."""

VENDORS = {"gpt": 0.05, "claude": 0.15, "gemini": 0.4}
"""What part errs, dissents, refuses, fails: from rare to common."""

AT = 3_000
LIMIT = 20_000
RUNS = 40


def rate(before: float, after: float) -> Callable[[random.Random, bool], float]:
    """A rate that changes."""
    return lambda chance, changed: float(chance.random() < (after if changed else before))


def times(factor: float) -> Callable[[random.Random, bool], float]:
    """A latency or length, lognormal of sigma 0.6, that changes by a factor."""
    return lambda chance, changed: 800 * chance.lognormvariate(0, 0.6) * (factor if changed else 1)


CHANGES = {
    "wrong 15 % to 30 %": (Measure.WRONG, rate(0.15, 0.3)),
    "wrong 15 % to 22 %": (Measure.WRONG, rate(0.15, 0.22)),
    "dissent 15 % to 30 %": (Measure.DISSENT, rate(0.15, 0.3)),
    "refusals 0.5 % to 5 %": (Measure.REFUSAL, rate(0.005, 0.05)),
    "failures 1 % to 5 %": (Measure.FAILURE, rate(0.01, 0.05)),
    "latency x 2": (Measure.LATENCY, times(2.0)),
    "latency x 1.5": (Measure.LATENCY, times(1.5)),
    "latency / 2": (Measure.LATENCY, times(0.5)),
    "length x 1.5": (Measure.LENGTH, times(1.5)),
}


def alarms_of(seed: int) -> int:
    """Alarms of one fleet in a month in which nothing changes."""
    chance, vendors, alarms = random.Random(seed), Vendors(), 0
    for n in range(DAYS * A_DAY):
        at = BEGIN + timedelta(days=n / A_DAY)
        for provider, hardness in VENDORS.items():
            for measure, terms in TERMS.items():
                draw = times(1.0) if terms.ranked else rate(hardness, hardness)
                found = vendors.see(Seen(at, provider, "m", measure, draw(chance, False)))
                alarms += found is not None
    return alarms


def found_after(name: str, seed: int) -> int | None:
    """Values from a change until it is found; negative before it, None for never."""
    measure, draw = CHANGES[name]
    chance, vendors = random.Random(seed), Vendors()
    for n in range(AT + LIMIT):
        at = BEGIN + timedelta(minutes=n)
        if vendors.see(Seen(at, "gpt", "m", measure, draw(chance, n >= AT))) is not None:
            return n + 1 - AT
    return None


def main() -> None:
    """Print the figures as JSON."""
    fleets = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    with Pool() as pool:
        alarms = pool.map(alarms_of, range(fleets), chunksize=1)
        delays = {
            name: pool.starmap(found_after, [(name, seed) for seed in range(RUNS)])
            for name in CHANGES
        }
    told = {
        "fleet_months": fleets,
        "values": fleets * DAYS * A_DAY * len(VENDORS) * len(TERMS),
        "fleets_with_a_false_alarm": sum(map(bool, alarms)),
        "values_until_found": {name: _told(found) for name, found in delays.items()},
    }
    print(json.dumps(told, indent=2))


def _told(found: list[int | None]) -> dict[str, float | int]:
    seen = [n for n in found if n is not None and n > 0]
    body: dict[str, float | int] = {"runs": len(found), "found": len(seen)}
    if len(seen) > 1:
        body |= {"median": median(seen), "p90": round(quantiles(seen, n=10)[-1]), "most": max(seen)}
    return body


if __name__ == "__main__":
    main()
