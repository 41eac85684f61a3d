"""What the model of trust was fitted to: the shipped prior, and what lessons add to it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from consensus.ballot import DIFFICULTY, SIGNS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PRIOR_FILE = Path(__file__).with_name("prior.json")
"""Written by ``python -m bench.trust_prior``; its ``about`` says what it was fitted on."""


@dataclass(frozen=True, slots=True)
class TrustParameters:
    """Log odds. `consensus.trust.model` says what each is added to.

    ``support``: of one independent vote. ``none``: of no answer being right, in a panel of three;
    ``lone`` and ``pair`` are added to it for one and two answers, ``dissent`` for each further
    group, ``scattered`` once there are three groups or more. ``signs`` and ``difficulty``: for each
    unit of these figures. ``providers``, by name and by (name, kind): what a provider's vote counts more
    or less than ``support``. ``kinds``: what is added to ``none`` for a kind of question.
    ``lessons``: labelled requests behind it, by kind.
    """

    support: float
    none: float
    lone: float
    pair: float
    dissent: float
    scattered: float
    signs: tuple[float, ...]
    difficulty: tuple[float, ...]
    providers: Mapping[str, float] = field(default_factory=dict)
    providers_by_kind: Mapping[tuple[str, str], float] = field(default_factory=dict)
    kinds: Mapping[str, float] = field(default_factory=dict)
    lessons: Mapping[str, int] = field(default_factory=dict)

    @property
    def general(self) -> tuple[float, ...]:
        """Everything that is no provider's and no kind's, in the order of `GENERAL`."""
        return (
            self.support,
            self.none,
            self.lone,
            self.pair,
            self.dissent,
            self.scattered,
            *self.signs,
            *self.difficulty,
        )


SCALARS = 6
"""Parameters before the signs."""

GENERAL = (
    "support",
    "none",
    "lone",
    "pair",
    "dissent",
    "scattered",
    *(f"sign_{name}" for name in SIGNS),
    *(f"difficulty_{name}" for name in DIFFICULTY),
)
"""Names of `TrustParameters.general`, in order."""


def general_parameters(values: Sequence[float]) -> TrustParameters:
    """The parameters that `TrustParameters.general` gives, and nothing of providers and kinds."""
    support, none, lone, pair, dissent, scattered = values[:SCALARS]
    figures = tuple(values[SCALARS:])
    return TrustParameters(
        support=support,
        none=none,
        lone=lone,
        pair=pair,
        dissent=dissent,
        scattered=scattered,
        signs=figures[: len(SIGNS)],
        difficulty=figures[len(SIGNS) :],
    )


def parameters_from(kept: Mapping[str, Any]) -> TrustParameters:
    """Read the general parameters from JSON.

    Raises:
        ValueError: One is missing, or the figures are not those of this version.
    """
    if missing := [name for name in GENERAL if name not in kept]:
        raise ValueError(f"the prior lacks {', '.join(missing)}")
    return general_parameters([float(kept[name]) for name in GENERAL])


@cache
def shipped_prior() -> TrustParameters:
    """The prior this package ships."""
    return parameters_from(json.loads(PRIOR_FILE.read_text(encoding="utf-8"))["parameters"])
