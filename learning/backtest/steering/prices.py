"""What asking a recorded model would have cost at list price. Recordings tell no tokens: they are estimated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from providers.catalog import Catalog
from providers.messages import Usage

if TYPE_CHECKING:
    from learning.backtest.seating import Asked

CHARS_A_TOKEN = 4.0
"""Of ASCII text: OpenAI's rule of thumb for English. Any other character counts as a token of its own."""

TODAY = {"openai": "gpt-5", "anthropic": "claude-sonnet-4-6", "google": "gemini-2.5-pro"}
"""By vendor, the model whose price counts. Most recorded models are no longer sold and have no list price;
a mix of prices of several years would say nothing of what steering saves now."""


class Prices:
    """List prices of calls by the installed catalog, every call at its vendor's price of today."""

    def __init__(self, catalog: Catalog | None = None) -> None:
        self._catalog = Catalog.load() if catalog is None else catalog

    def of(self, request: Asked) -> dict[str, float]:
        """USD of asking each provider; those without a known price are left out."""
        told = {answer.model: answer.text for answer in reversed(request.record.answers)}
        asked = tokens(request.prompt)
        found = {}
        for attempt in request.attempts:
            usage = Usage(input_tokens=asked, output_tokens=tokens(told[attempt.model] or ""))
            model = TODAY.get(attempt.vendor, attempt.model)
            cost = self._catalog.card(model, attempt.vendor).cost_usd(usage)
            if cost is not None:
                found[attempt.provider] = cost
        return found


def tokens(text: str) -> int:
    """About how many tokens a text has."""
    plain = len(text.encode("ascii", "ignore"))
    return round(plain / CHARS_A_TOKEN) + len(text) - plain
