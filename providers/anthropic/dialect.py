"""The Messages API as pure functions of values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from providers.anthropic.replies import AnthropicStream, completion_of
from providers.anthropic.turns import messages_of
from providers.anthropic.wishes import DEFAULT_VERSION, Version, decide
from providers.wishes import NOT_TO_BE_SENT, unsupported, wishes_nothing

if TYPE_CHECKING:
    from providers.catalog import ModelCard
    from providers.messages import Completion, Prompt


@dataclass(frozen=True, slots=True)
class AnthropicDialect:
    """A model's dialect. ``secret`` is masked in what the vendor says."""

    provider: str
    model: str
    secret: str | None = field(default=None, repr=False)
    card: ModelCard | None = None
    version: Version = DEFAULT_VERSION

    def path(self, *, stream: bool) -> str:  # noqa: ARG002 - one path for both
        """Where to POST, below the base URL."""
        return "/v1/messages"

    def adjustments(self, prompt: Prompt) -> tuple[str, ...]:
        """What of the prompt's wishes is left out or changed."""
        if wishes_nothing(prompt):
            return ()
        try:
            return tuple(decide(prompt, self.model, self.card, self.version).told)
        except NOT_TO_BE_SENT as error:
            raise unsupported(self.provider, error) from None

    def body(self, prompt: Prompt, *, stream: bool) -> bytes:
        """The JSON to send; ``max_tokens`` is lowered to what the model can write.

        A prompt of system turns only is asked as a user's: turns are due.
        """
        try:
            return orjson.dumps(self._body(prompt, stream=stream))
        except NOT_TO_BE_SENT as error:
            raise unsupported(self.provider, error) from None

    def _body(self, prompt: Prompt, *, stream: bool) -> dict[str, Any]:
        system, turns = prompt.system, prompt.turns
        body: dict[str, Any] = {
            "model": self.model,
            "messages": messages_of(turns, self.model) or [{"role": "user", "content": system}],
            **decide(prompt, self.model, self.card, self.version).fields,
        }
        if system is not None and turns:
            body["system"] = system
        if stream:
            body["stream"] = True
        return body

    def completion(self, body: bytes) -> Completion:
        """Read a whole reply."""
        return completion_of(body, self.provider, self.model, self.secret)

    def state(self) -> AnthropicStream:
        """A fresh state for one streamed reply."""
        return AnthropicStream(self.provider, self.model, self.secret)
