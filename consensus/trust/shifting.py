"""A model of trust as it is for questions like one at hand: votes worth more or less there than elsewhere."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from consensus.trust.model import LogitTrust, MixedTrust

if TYPE_CHECKING:
    from collections.abc import Mapping

    from consensus.ballot import TrustModel


def shifted(
    trust: TrustModel, offsets: Mapping[str, float], harder: float = 0.0, share: float = 1.0
) -> TrustModel:
    """The model with each provider's vote moved by its offset, and "none is right" by ``harder``.

    The bounds of the model hold as before: no vote counts against its answer, however low its offset.

    Args:
        trust: What is known of all questions. A model of another making is left as it is.
        offsets: Log odds by provider; 0 where not named.
        harder: Log odds.
        share: In [0, 1], how likely it is that these hold; the moved model and the other are averaged
            by it, as `consensus.trust.model.MixedTrust` averages.

    Raises:
        ValueError: ``share`` is no probability.
    """
    if not 0.0 <= share <= 1.0:
        raise ValueError(f"a share must lie in [0, 1], not {share}")
    if not share or (not harder and not any(offsets.values())):
        return trust
    held: tuple[LogitTrust, ...]
    shares: tuple[float, ...]
    if isinstance(trust, LogitTrust):
        held, shares = (trust,), (1.0,)
    elif isinstance(trust, MixedTrust):
        held, shares = trust.models, trust.shares
    else:
        return trust
    moved = tuple(_moved(model, offsets, harder) for model in held)
    if share < 1.0:
        moved += held
        shares = (*(s * share for s in shares), *(s * (1.0 - share) for s in shares))
    return moved[0] if len(moved) == 1 else MixedTrust(moved, shares)


def _moved(model: LogitTrust, offsets: Mapping[str, float], harder: float) -> LogitTrust:
    held = model.parameters
    providers = dict(held.providers)
    for name, offset in offsets.items():
        providers[name] = providers.get(name, 0.0) + offset
    return LogitTrust(replace(held, providers=providers, none=held.none + harder))
