"""The health check of a policy: it is read, rebuilt and tried before anybody relies on it. Pure."""

from __future__ import annotations

import math
from contextlib import suppress
from typing import TYPE_CHECKING

from learning.index.layer_weights import LAYERS, LayerWeights
from learning.policy.errors import UnreadablePolicyError
from learning.policy.models import model_of, prior_digest
from learning.policy.trials import wrong_with

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from consensus.ballot import TrustModel
    from learning.policy.document import PolicyDocument

FRACTIONS = ("accuracy", "brier", "calibration_error", "calls_saved")
"""Figures in [0, 1]."""

DIFFERENCES = ("lift", "over_consensus", "accuracy_change")
"""Figures in [-1, 1]."""

NOT_NEGATIVE = ("cost_usd", "cost_ratio")

NEEDED = "accuracy"
"""Who promotes a policy must be able to see how it does."""

WEIGHT_SLACK = 1e-6
"""Between the weights a document tells and those its model gives: sums of the same terms."""


def reasons_against(document: PolicyDocument, digest: str | None = None) -> tuple[str, ...]:
    """Why ``document`` must not be put in force; empty for a healthy one.

    Args:
        document: What was read.
        digest: What its digest is said to be; None where nobody said.
    """
    found: list[str] = []
    if digest is not None and digest != document.digest:
        found.append(f"its digest is {document.digest}, not {digest} as noted beside it")
    found += _of_layers(document.weights.layers)
    found += _of_figures(document)
    if document.calibration.prior != prior_digest():
        found.append(
            "calibration.prior: it was fitted around another shipped prior than this program's "
            f"({document.calibration.prior[:12]}, not {prior_digest()[:12]})"
        )
    found += faults_of(document)
    with suppress(UnreadablePolicyError):  # its faults say so
        found += _of_weights(document.weights.providers, model_of(document.calibration.model))
    return tuple(found)


def faults_of(document: PolicyDocument) -> tuple[str, ...]:
    """Why ``document`` cannot serve at all: its model cannot be rebuilt, or judges nonsense."""
    try:
        model = model_of(document.calibration.model)
    except UnreadablePolicyError as error:
        return error.problems
    return wrong_with(model, _providers_of(document))


def _providers_of(document: PolicyDocument) -> list[str]:
    parts = document.calibration.model
    known = [name for part in parts for name in (*part.providers, *part.providers_by_kind)]
    return list(dict.fromkeys(known))


def _of_layers(layers: Mapping[str, float]) -> Iterable[str]:
    if not layers:
        return ()
    if layers.keys() != set(LAYERS):
        return (f"weights.layers: a weight is needed for each of {', '.join(LAYERS)}, no others",)
    try:
        LayerWeights(tuple(layers[name] for name in LAYERS))
    except ValueError as error:
        return (f"weights.layers: {error}",)
    return ()


def _of_weights(told: Mapping[str, Mapping[str, float]], model: TrustModel) -> Iterable[str]:
    for kind, weights in told.items():
        given = model.provider_weights(kind, weights)
        for name, weight in weights.items():
            if not math.isclose(weight, given[name], rel_tol=WEIGHT_SLACK, abs_tol=WEIGHT_SLACK):
                yield (
                    f"weights.providers.{kind}.{name}: {weight:g} is told, the model gives "
                    f"{given[name]:g}"
                )


def _of_figures(document: PolicyDocument) -> Iterable[str]:
    figures = document.figures
    if NEEDED not in figures:
        yield (
            f"figures.{NEEDED}: missing: nobody knows how it does (label answers, or give a "
            "backtest's report)"
        )
    for name, low, high in (
        *((name, 0.0, 1.0) for name in FRACTIONS),
        *((name, -1.0, 1.0) for name in DIFFERENCES),
        *((name, 0.0, math.inf) for name in NOT_NEGATIVE),
    ):
        if name in figures and not low <= figures[name].value <= high:
            yield f"figures.{name}: {figures[name].value:g} is not within {low:g} to {high:g}"
