"""A model of trust as it is for questions like one at hand: votes worth more or less there than elsewhere."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from consensus.trust.model import LogitTrust, MixedTrust

if TYPE_CHECKING:
    from collections.abc import Mapping

    from consensus.ballot import TrustModel


def shifted(trust: TrustModel, offsets: Mapping[str, float], harder: float = 0.0) -> TrustModel:
    """The model with each provider's vote moved by its offset, and "none is right" by ``harder``.

    The bounds of the model hold as before: no vote counts against its answer, however low its offset.

    Args:
        trust: What is known of all questions. A model of another making is left as it is.
        offsets: Log odds by provider; 0 where not named.
        harder: Log odds.
    """
    if not harder and not any(offsets.values()):
        return trust
    if isinstance(trust, MixedTrust):
        return replace(trust, models=tuple(_moved(m, offsets, harder) for m in trust.models))
    return _moved(trust, offsets, harder) if isinstance(trust, LogitTrust) else trust


def _moved(model: LogitTrust, offsets: Mapping[str, float], harder: float) -> LogitTrust:
    held = model.parameters
    providers = dict(held.providers)
    for name, offset in offsets.items():
        providers[name] = providers.get(name, 0.0) + offset
    return LogitTrust(replace(held, providers=providers, none=held.none + harder))
