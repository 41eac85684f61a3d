"""How long a reply may be asked for: the caller's bound, within what the model can write."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from providers.catalog import ModelCard
    from providers.messages import Prompt


def max_tokens_for(prompt: Prompt, card: ModelCard | None) -> int | None:
    """The bound on the reply in tokens to send to the vendor; None leaves it to the vendor.

    Every vendor refuses a bound over its model's longest reply with a 400, and one caller's bound
    goes to models of different lengths: so it is lowered to what each can write, as far as the card
    knows. No reply gets shorter by that.
    """
    limit = card.max_output_tokens if card is not None else None
    if prompt.max_tokens is None or limit is None:
        return prompt.max_tokens
    return min(prompt.max_tokens, limit)
