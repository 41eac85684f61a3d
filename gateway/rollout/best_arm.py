"""Which of several arms is best, said only when it is known; pure.

Each arm's difference to the control has a time-uniform interval, made to miss the truth ever with a chance
of at most alpha divided by the number of arms, so all arms' intervals of one measure hold together, at every
moment of a stage, with a chance of at least 1 - alpha. An arm is *beaten* when the whole of its interval lies
above the whole of another's: while they hold, no arm is called beaten that is not. Two measures are read, so
the chance that a stage ever names a wrong one is at most 2 alpha (10 % at the usual 5 %), in one process's view.
The best arm is known when all others are beaten. This is successive elimination (Even-Dar, Mannor &
Mansour 2006, JMLR 7) with intervals that may be looked at after every request.

Quality comes first; where feedback is missing or tells nothing apart, the error rate is read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.rollout.verdict import Comparison, Verdict

MEASURES = ("quality", "error_rate")
"""What arms are compared by, most important first; lower is better for both."""


@dataclass(frozen=True, slots=True)
class BestArm:
    """The reading of several arms. ``best`` is None until it is known, ``leader`` looks best so far.

    ``measure`` is what was read, ``beaten`` are the arms known to be worse than some other.
    """

    measure: str | None
    best: str | None
    leader: str | None
    beaten: tuple[str, ...]
    said: str


def best_arm(verdicts: Mapping[str, Verdict]) -> BestArm:
    """Read the arms' verdicts, at least two of them.

    The first measure that tells all but one arm beaten decides; without one, the first with data.
    """
    readings = [reading for measure in MEASURES if (reading := _read(measure, verdicts))]
    for reading in readings:
        if reading.best is not None:
            return reading
    if readings:
        return readings[0]
    return BestArm(None, None, None, (), "no arm has data to be compared by yet")


def _read(measure: str, verdicts: Mapping[str, Verdict]) -> BestArm | None:
    found = {name: c for name, v in verdicts.items() if (c := _comparison(measure, v)) is not None}
    if len(found) < len(verdicts):
        return None
    spans = {name: c.interval for name, c in found.items() if c.interval is not None}
    differences = {name: c.difference for name, c in found.items() if c.difference is not None}
    lowest_top = min(high for _, high in spans.values())
    beaten = tuple(name for name, (low, _) in spans.items() if low > lowest_top)
    leader = min(differences, key=lambda name: (differences[name], name))
    standing = [name for name in spans if name not in beaten]
    if len(standing) == 1:
        said = f"{standing[0]} is best by {measure}: every other arm is proven worse"
        return BestArm(measure, standing[0], standing[0], beaten, said)
    said = f"{leader} leads by {measure}, not proven: {', '.join(standing)} cannot be told apart"
    return BestArm(measure, None, leader, beaten, said)


def _comparison(measure: str, verdict: Verdict) -> Comparison | None:
    for comparison in verdict.comparisons:
        if (
            comparison.measure == measure
            and comparison.interval
            and comparison.difference is not None
        ):
            return comparison
    return None
