"""The one protocol all adapters keep, and the deadline they carry down to the socket."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from providers.values import value

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from providers.messages import Completion, Piece, Prompt


@value(frozen=True, slots=True)
class Deadline:
    """A point on the event loop's clock (``loop.time()``), in seconds."""

    at: float

    def remaining(self, now: float) -> float:
        """Seconds left at ``now``, never negative."""
        return max(0.0, self.at - now)


class Provider(Protocol):
    """One model of one vendor, behind its wire protocol.

    Contract, checked by ``tests/contract/test_providers.py`` for every adapter:

    * ``complete`` returns a whole, non-empty reply, or raises a `providers.errors.ProviderError`:
      filtered, empty, malformed, truncated and cut replies are errors, a refusal is a reply.
    * ``stream`` yields `TextDelta` and `ToolCallDelta` pieces and, last and exactly once, the `Completion` whose text
      and tool calls are their concatenation; a stream cut before its protocol's end marker raises
      `providers.errors.CutReplyError`.
    * both raise `providers.errors.TimedOutError` at the deadline; cancelling either closes the
      upstream connection.
    """

    @property
    def name(self) -> str:
        """The name callers use: ``gpt``, ``claude``, ``gemini``, and the operator's own."""

    @property
    def vendor(self) -> str:
        """Who runs the model: ``openai``, ``anthropic``, ``google``, or LiteLLM's word for others."""

    @property
    def model(self) -> str:
        """The model asked for, as the vendor names it."""

    async def complete(
        self, prompt: Prompt, deadline: Deadline, *, repeat_billed: bool = True
    ) -> Completion:
        """Ask for a whole reply. ``repeat_billed`` False: never repeat a call that may have been billed."""

    def stream(
        self, prompt: Prompt, deadline: Deadline, *, repeat_billed: bool = False
    ) -> AsyncGenerator[Piece | Completion, None]:
        """Ask for a reply piece by piece. Who leaves early closes it (``contextlib.aclosing``).

        ``repeat_billed`` True: before its first piece a call may be repeated that may have been billed.
        """
