"""Makes a policy of what is in force: of the lessons, the model fitted to them, and a backtest's report. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from learning.backtest.calibration_figures import brier, ece
from learning.monitor.intervals import wilson
from learning.policy.document import (
    FORMAT,
    Calibration,
    Figure,
    FittedOn,
    PolicyDocument,
    Weights,
    canonical,
    digest_of,
)
from learning.policy.errors import UnreadablePolicyError
from learning.policy.models import model_of, parts_of, prior_digest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from consensus.ballot import TrustModel
    from learning.lessons import Label, Learner, Lesson

LEAST_JUDGED = 20
"""Labels from which the later half can say how well a fit to the earlier half is calibrated."""

REPORTED = {
    "lift": ("lift", "accuracy", "low", "high"),
    "over_consensus": ("lift", "over_consensus", "over_consensus_low", "over_consensus_high"),
    "cost_ratio": ("lift", "cost_ratio", None, None),
    "calls_saved": ("cheaper", "calls_saved", None, None),
    "accuracy_change": ("cheaper", "accuracy_change", "low", "high"),
}
"""By figure, where a backtest's report has it: section, value, lower and upper end."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a policy is made of.

    Attributes:
        lessons: What was learned from, oldest first.
        labels: The labels of the same.
        model: Fitted to the lessons.
        half_life: In lessons, of the fit.
        patterns: In the store.
        first_at: When the first labelled request came in.
        last_at: When the last did.
        cost_usd: Mean of the labelled requests whose cost is known, and how many these are.
        advice: What the environment lets advice do.
    """

    lessons: Sequence[Lesson]
    labels: Sequence[Label]
    model: TrustModel
    half_life: float
    patterns: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    cost_usd: tuple[float, int] | None = None
    advice: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Making:
    """Who makes it, when, why and how. ``program`` is this program's version."""

    version: int
    at: datetime
    by: str
    program: str
    note: str = ""
    frozen: bool = False


def policy_of(
    known: Known,
    making: Making,
    figures: Mapping[str, Figure],
    datasets: Mapping[str, str],
    *,
    layers: Any = None,
) -> PolicyDocument:
    """The policy.

    Args:
        known: What it is made of.
        making: By whom, and how.
        figures: How well it does.
        datasets: Digests besides the labels' own.
        layers: The weight of each layer of the index, by name; None leaves them.

    Raises:
        pydantic.ValidationError: ``layers`` or what was said in ``making`` does not fit a document.
        UnknownModelError: The model is of a kind no document holds.
    """
    parts = parts_of(known.model) if known.lessons else ()
    # Written and read, floats stay what they are: what the parts give is what the model gives.
    model = model_of(parts)
    asked: dict[str, dict[str, None]] = {}
    for lesson in known.lessons:
        of_kind = asked.setdefault(lesson.ballot.kind, {})
        of_kind.update(dict.fromkeys(voter.provider for voter in lesson.ballot.voters))
    told = canonical([[x.number, x.request_id, x.correct] for x in known.labels])
    return PolicyDocument(
        format=FORMAT,
        version=making.version,
        created_at=making.at,
        created_by=making.by,
        program=making.program,
        note=making.note,
        weights=Weights(
            providers={k: model.provider_weights(k, names) for k, names in sorted(asked.items())},
            layers={} if layers is None else layers,
        ),
        advice=dict(known.advice),
        calibration=Calibration(
            prior=prior_digest(), frozen=making.frozen, half_life=known.half_life, model=parts
        ),
        fitted_on=FittedOn(
            labels=len(known.lessons),
            patterns=known.patterns,
            first_at=known.first_at,
            last_at=known.last_at,
            datasets={"labels": digest_of(told), **datasets},
        ),
        figures=dict(figures),
    )


def served_figures(known: Known, learner: Learner) -> dict[str, Figure]:
    """How the answers given out did: accuracy, cost, and the calibration of confidence.

    The last is judged as it would have been met: the earlier half is fitted, the later half judged.
    """
    found: dict[str, Figure] = {}
    right = [lesson.correct for lesson in known.lessons]
    share = wilson(sum(right), len(right))
    if share is not None:
        found["accuracy"] = Figure(
            value=share.value, low=share.lower, high=share.upper, n=len(right)
        )
    if known.cost_usd is not None:
        mean, priced = known.cost_usd
        found["cost_usd"] = Figure(value=mean, n=priced)
    half = len(right) // 2
    if len(right) - half >= LEAST_JUDGED:
        earlier = learner.fit(known.lessons[:half])
        stated = [earlier.probabilities(x.ballot, {})[x.returned] for x in known.lessons[half:]]
        outcomes = np.array(right[half:], dtype=float)
        judged = len(stated)
        found["brier"] = Figure(value=float(brier(stated, outcomes)[0]), n=judged)
        found["calibration_error"] = Figure(value=float(ece(stated, outcomes)[0]), n=judged)
    return found


def reported_figures(report: Any) -> dict[str, Figure]:
    """The figures of a backtest's report (`wallbounce backtest --json`).

    Raises:
        UnreadablePolicyError: It is none, or a figure in it is no number.
    """
    if not isinstance(report, dict) or not isinstance(report.get("lift"), dict):
        raise UnreadablePolicyError(("report: it has no lift: it is no report of a backtest",))
    found, problems = {}, []
    for name, (section, value, low, high) in REPORTED.items():
        held = report.get(section)
        if not isinstance(held, dict) or held.get(value) is None:
            continue
        ends = {
            end: held.get(key) for end, key in (("low", low), ("high", high)) if key is not None
        }
        try:
            found[name] = Figure(value=held[value], **ends)
        except ValueError as error:
            problems.append(f"report: {section}.{value}: {str(error).splitlines()[-2].strip()}")
    if problems:
        raise UnreadablePolicyError(tuple(problems))
    return found
