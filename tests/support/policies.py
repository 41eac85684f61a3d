"""Policy documents to test with."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from learning.policy.document import FORMAT, Calibration, Figure, FittedOn, PolicyDocument, Weights
from learning.policy.models import parts_of, prior_digest

if TYPE_CHECKING:
    from consensus.ballot import TrustModel

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def a_policy(
    version: int = 1, *, model: TrustModel | None = None, frozen: bool = False, **others: Any
) -> PolicyDocument:
    """A healthy policy: of ``model``, else of the shipped prior."""
    return PolicyDocument(
        **{
            "format": FORMAT,
            "version": version,
            "created_at": NOON,
            "created_by": "somebody",
            "program": "1.0",
            "weights": Weights(),
            "calibration": Calibration(
                prior=prior_digest(), frozen=frozen, model=parts_of(model) if model else ()
            ),
            "fitted_on": FittedOn(labels=40),
            "figures": {"accuracy": Figure(value=0.8, low=0.65, high=0.9, n=40)},
            **others,
        }
    )
