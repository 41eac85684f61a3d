"""Models of trust as parts of a policy document, and back. Pure."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from consensus.trust.model import LogitTrust, MixedTrust
from consensus.trust.parameters import GENERAL, general_parameters, shipped_prior
from learning.policy.document import ModelPart, canonical, digest_of
from learning.policy.errors import UnknownModelError, UnreadablePolicyError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from consensus.ballot import TrustModel
    from consensus.trust.parameters import TrustParameters


def prior_digest() -> str:
    """The digest of the shipped prior: policies fitted to another are not comparable."""
    return digest_of(canonical(dict(zip(GENERAL, shipped_prior().general, strict=True))))


def parts_of(model: TrustModel) -> tuple[ModelPart, ...]:
    """The parts that hold ``model``; `model_of` makes it of them again.

    Raises:
        UnknownModelError: It is neither one set of parameters nor an average of some.
    """
    if isinstance(model, MixedTrust):
        pairs = zip(model.models, model.shares, strict=True)
        # A share too small to be told from none takes no part: it would not survive a sum to 1.
        return tuple(_part(each.parameters, share) for each, share in pairs if share > 0.0)
    if isinstance(model, LogitTrust):
        return (_part(model.parameters, 1.0),)
    raise UnknownModelError(f"a model of type {type(model).__name__} cannot be kept in a policy")


def model_of(parts: Sequence[ModelPart]) -> TrustModel:
    """The model that ``parts`` hold; the shipped prior for none.

    Raises:
        UnreadablePolicyError: Parameters are missing or unknown, or shares do not sum to 1.
    """
    if not parts:
        return LogitTrust(shipped_prior())
    problems = [
        f"calibration.model[{n}].general: {problem}"
        for n, part in enumerate(parts)
        for problem in _wrong_names(part.general)
    ]
    shares = [part.share for part in parts]
    if not math.isclose(math.fsum(shares), 1.0, abs_tol=1e-6):
        problems.append(f"calibration.model: shares sum to {math.fsum(shares):g}, not to 1")
    if problems:
        raise UnreadablePolicyError(tuple(problems))
    models = tuple(LogitTrust(_parameters(part)) for part in parts)
    return models[0] if len(models) == 1 else MixedTrust(models, tuple(shares))


def _wrong_names(general: Mapping[str, float]) -> list[str]:
    missing = [name for name in GENERAL if name not in general]
    unknown = sorted(general.keys() - set(GENERAL))
    return [
        *([f"lacks {', '.join(missing)}"] if missing else []),
        *([f"knows no {', '.join(unknown)}"] if unknown else []),
    ]


def _part(parameters: TrustParameters, share: float) -> ModelPart:
    by_provider: dict[str, dict[str, float]] = {}
    for (provider, kind), worth in parameters.providers_by_kind.items():
        by_provider.setdefault(provider, {})[kind] = worth
    return ModelPart(
        share=share,
        general=dict(zip(GENERAL, parameters.general, strict=True)),
        providers=dict(parameters.providers),
        providers_by_kind=by_provider,
        kinds=dict(parameters.kinds),
        lessons=dict(parameters.lessons),
    )


def _parameters(part: ModelPart) -> TrustParameters:
    return replace(
        general_parameters([part.general[name] for name in GENERAL]),
        providers=dict(part.providers),
        providers_by_kind={
            (provider, kind): worth
            for provider, kinds in part.providers_by_kind.items()
            for kind, worth in kinds.items()
        },
        kinds=dict(part.kinds),
        lessons=dict(part.lessons),
    )
