"""The models on offer, in the shape of OpenAI's list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from providers.pool import ProviderPool

OURS = ("wallbounce", "wallbounce-basic", "wallbounce-premium", "wallbounce-critical")


def model_list(pool: ProviderPool) -> dict[str, Any]:
    """`wallbounce`, its task types, and each single provider."""
    owners = dict.fromkeys(OURS, "wallbounce") | {name: pool[name].vendor for name in pool.names}
    return {
        "object": "list",
        # Dates of creation mean nothing here; 0 is what OpenAI-compatible servers give.
        "data": [
            {"id": name, "object": "model", "created": 0, "owned_by": owner}
            for name, owner in owners.items()
        ],
    }
