"""Which pairs of answers are open, who may judge them, and what a verdict changes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING

from consensus.agreement import Likeness, Reason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from consensus.panel import Panel

UNSURE_FROM = 0.25
UNSURE_TO = 0.75
"""Degrees of likeness, on either side of the threshold at one half, between which a pair counts as open.
Set by hand."""

MAX_PAIRS = 3
"""Pairs judged a request, the most open first: all that three answers have."""


@dataclass(frozen=True, slots=True)
class OpenPair:
    """Two answers, by their providers, that neither types nor wording nor entailment decide."""

    first: str
    second: str
    degree: float

    @property
    def providers(self) -> frozenset[str]:
        """Both."""
        return frozenset((self.first, self.second))


def open_pairs(panel: Panel) -> tuple[OpenPair, ...]:
    """The pairs of a panel worth a judgement, the most open first, at most `MAX_PAIRS`.

    Open is what no type decided and whose degree of likeness is unsure. Refusals are never open.
    """
    names = [answer.provider for answer in panel.answers]
    found = [
        OpenPair(names[i], names[j], likeness.degree)
        for i, j in combinations(range(len(names)), 2)
        if not (likeness := panel.likeness[i][j]).typed
        and UNSURE_FROM <= likeness.degree <= UNSURE_TO
        and not (panel.readings[i].refuses or panel.readings[j].refuses)
    ]
    return tuple(sorted(found, key=lambda pair: abs(pair.degree - 0.5))[:MAX_PAIRS])


def two_judges(
    judges: Sequence[str], vendors: Mapping[str, str], authors: frozenset[str]
) -> tuple[str, str] | None:
    """Two judges of different vendors, those that wrote neither answer before those that did.

    A model prefers what it wrote itself (Panickssery, Bowman, Feng: "LLM Evaluators Recognize and Favor
    Their Own Generations", NeurIPS 2024), so an author judges only where no other vendor is at hand.

    Args:
        judges: Who may judge, in order of preference.
        vendors: Everybody's vendor, by name.
        authors: The vendors of the two answers.

    Returns:
        None where the judges are not of two vendors.
    """
    ordered = sorted(judges, key=lambda name: vendors[name] in authors)
    for place, first in enumerate(ordered):
        for second in ordered[place + 1 :]:
            if vendors[second] != vendors[first]:
                return first, second
    return None


def with_verdicts(panel: Panel, verdicts: Mapping[frozenset[str], bool]) -> Panel:
    """The panel, its open pairs decided as the judges found; others stay as they are.

    Args:
        panel: The answers compared.
        verdicts: By the two providers: whether their answers say the same.
    """
    if not verdicts:
        return panel
    names = [answer.provider for answer in panel.answers]
    grid = [list(row) for row in panel.likeness]
    for i, j in combinations(range(len(names)), 2):
        same = verdicts.get(frozenset((names[i], names[j])))
        if same is not None and not grid[i][j].typed:
            grid[i][j] = grid[j][i] = Likeness(
                same,
                1.0 if same else 0.0,
                typed=False,
                reason=Reason.ENTAILED if same else Reason.CONFLICTING,
            )
    return replace(panel, likeness=tuple(map(tuple, grid)))
