"""Made-up ballots to try a model of trust on: what no model may get wrong, whatever it was fitted to. Pure."""

from __future__ import annotations

import math
from itertools import permutations
from typing import TYPE_CHECKING

from consensus.answers import AnswerKind
from consensus.ballot import DIFFICULTY, SIGNS, Ballot, BallotVoter

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from consensus.ballot import TrustModel

VENDORS = {"gpt": "openai", "claude": "anthropic", "gemini": "google"}
"""The providers that come along, and their vendors; others count as vendors of their own."""

PANEL = 3
"""Voters of the largest panel that is tried."""

MOST_PROVIDERS = 6
"""Of a model that knows more, so many are tried."""

SLACK = 1e-9
"""What sums of the same terms may differ by."""

SHAPES: tuple[tuple[tuple[int, ...], ...], ...] = (
    ((0,),),
    ((0, 1),),
    ((0,), (1,)),
    ((0, 1, 2),),
    ((0, 1), (2,)),
    ((0,), (1,), (2,)),
)
"""How up to three answers can fall."""


def wrong_with(model: TrustModel, providers: Sequence[str]) -> tuple[str, ...]:
    """What is wrong with the probabilities of ``model``, one sentence a kind of question at most.

    On each kind, for each panel of up to three of ``providers`` and each way their answers can fall:
    each probability is in [0, 1], together they are at most 1, and one more answer that agrees never
    makes its group less likely to be right.
    """
    names = list(dict.fromkeys([*providers, *VENDORS]))[:MOST_PROVIDERS]
    return tuple(
        problem
        for kind in AnswerKind
        if (problem := _wrong_in_kind(model, str(kind), names)) is not None
    )


def trial_ballot(
    kind: str, providers: Sequence[str], groups: tuple[tuple[int, ...], ...]
) -> Ballot:
    """An ordinary ballot of these providers: nothing about it is marked but who agrees with whom."""
    return Ballot(
        kind=kind,
        language="en",
        voters=tuple(BallotVoter(p, VENDORS.get(p, p), p) for p in providers),
        groups=groups,
        refuses=(False,) * len(groups),
        signs=((0.0,) * len(SIGNS),) * len(groups),
        difficulty=(0.0,) * len(DIFFICULTY),
    )


def _wrong_in_kind(model: TrustModel, kind: str, names: Sequence[str]) -> str | None:
    for panel, groups, chances in _tried(model, kind, names):
        where = f"{kind}: {' '.join(panel)} as {_shown(panel, groups)}"
        if not all(math.isfinite(p) and 0.0 <= p <= 1.0 for p in chances):
            return f"{where} gives {chances}, which are no probabilities"
        if math.fsum(chances) > 1.0 + SLACK:
            return f"{where} gives {chances}, together more than 1"
        if len(groups[0]) > 1:
            fewer = (groups[0][:-1], *groups[1:])
            left_out = groups[0][-1]
            kept = [p for i, p in enumerate(panel) if i != left_out]
            placed = tuple(tuple(i - (i > left_out) for i in members) for members in fewer)
            before = model.probabilities(trial_ballot(kind, kept, placed), {})[0]
            if chances[0] < before - SLACK:
                return (
                    f"{where} is less sure ({chances[0]:.4f}) than without {panel[left_out]} "
                    f"({before:.4f}), who agrees"
                )
    return None


def _tried(
    model: TrustModel, kind: str, names: Sequence[str]
) -> Iterator[tuple[tuple[str, ...], tuple[tuple[int, ...], ...], tuple[float, ...]]]:
    for groups in SHAPES:
        for panel in permutations(names, sum(map(len, groups))):
            yield panel, groups, model.probabilities(trial_ballot(kind, panel, groups), {})


def _shown(panel: Sequence[str], groups: tuple[tuple[int, ...], ...]) -> str:
    return " | ".join(" = ".join(panel[i] for i in members) for members in groups)
