"""Anthropic's Messages API.

Wire format: docs.anthropic.com/en/api/messages and …/messages-streaming.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from providers.failures import failure_of_error
from providers.http_provider import HttpProvider
from providers.limits import max_tokens_for
from providers.messages import FinishReason
from providers.replies import conclude
from providers.shapes import (
    a_text,
    an_object,
    json_object,
    maybe_object,
    maybe_text,
    objects,
    well_formed,
)
from providers.usage.anthropic import usage_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import httpx
    from pydantic import SecretStr

    from providers.catalog import ModelCard
    from providers.messages import Completion, Prompt, ToolCallDelta

BASE_URL = "https://api.anthropic.com"
VERSION = "2023-06-01"
"""The wire format's version (docs.anthropic.com/en/api/versioning)."""

DEFAULT_MAX_TOKENS = 8_192
"""Bound on a reply that sets none: the API demands one. The least any current Claude allows."""

MAX_TEMPERATURE = 1.0
"""Top of Anthropic's scale; OpenAI's ends at 2."""

FINISH_REASONS = {
    "end_turn": FinishReason.STOP,
    "stop_sequence": FinishReason.STOP,
    "max_tokens": FinishReason.LENGTH,
    "model_context_window_exceeded": FinishReason.LENGTH,
    "tool_use": FinishReason.TOOL_CALLS,
}


@dataclass(frozen=True, slots=True)
class AnthropicDialect:
    """The Messages API as pure functions. ``secret`` is masked in what the vendor says."""

    provider: str
    model: str
    secret: str | None = field(default=None, repr=False)
    card: ModelCard | None = None

    def path(self, *, stream: bool) -> str:  # noqa: ARG002 - one path for both
        """Where to POST, below the base URL."""
        return "/v1/messages"

    def adjustments(self, prompt: Prompt) -> tuple[str, ...]:  # noqa: ARG002 - nothing is, so far
        """What of the prompt's wishes is left out or changed."""
        return ()

    def body(self, prompt: Prompt, *, stream: bool) -> bytes:
        """The JSON to send; ``max_tokens`` is lowered to what the model can write.

        A prompt of system turns only is asked as a user's: turns are due.
        """
        system, turns = prompt.system, prompt.turns
        body: dict[str, Any] = {
            "model": self.model,
            "max_tokens": max_tokens_for(prompt, self.card) or self._default_max_tokens(),
            "messages": [{"role": m.role, "content": m.content} for m in turns]
            or [{"role": "user", "content": system}],
        }
        if system is not None and turns:
            body["system"] = system
        if prompt.temperature is not None and (self.card is None or self.card.supports_temperature):
            body["temperature"] = min(prompt.temperature, MAX_TEMPERATURE)
        if stream:
            body["stream"] = True
        return orjson.dumps(body)

    def _default_max_tokens(self) -> int:
        limit = self.card.max_output_tokens if self.card else None
        return min(limit or DEFAULT_MAX_TOKENS, DEFAULT_MAX_TOKENS)

    def completion(self, body: bytes) -> Completion:
        """Read a whole reply."""
        with well_formed(self.provider):
            reply = json_object(body)
            if reply.get("error"):
                raise failure_of_error(
                    self.provider, maybe_object(reply, "error"), secret=self.secret
                )
            text = "".join(
                a_text(block, "text")
                for block in objects(reply, "content")
                if block.get("type") == "text"
            )
            return conclude(
                self.provider,
                text=text,
                model=maybe_text(reply, "model") or self.model,
                finish_reason=_finish_reason(a_text(reply, "stop_reason"), text),
                usage=usage_of(maybe_object(reply, "usage")),
            )

    def state(self) -> AnthropicStream:
        """A fresh state for one streamed reply."""
        return AnthropicStream(self)


class AnthropicStream:
    """A streamed message: ``message_start``, blocks of deltas, ``message_delta``, ``message_stop``."""

    def __init__(self, dialect: AnthropicDialect) -> None:
        self._dialect = dialect
        self._model = ""
        self._stop_reason: str | None = None
        self._usage: dict[str, Any] = {}
        self._stopped = False

    @property
    def ended(self) -> bool:
        """``message_stop`` came."""
        return self._stopped

    @property
    def whole(self) -> bool:
        """``message_stop`` came, and the reply had said why it stopped."""
        return self._stopped and self._stop_reason is not None

    def event(self, data: bytes) -> str:
        """Take one event; return the answer text it adds (thinking is none). New kinds are skipped."""
        event = json_object(data)
        match event.get("type"):
            case "content_block_delta":
                delta = an_object(event, "delta")
                if delta.get("type") == "text_delta":
                    return a_text(delta, "text")
            case "content_block_start":
                block = an_object(event, "content_block")
                if block.get("type") == "text":
                    return maybe_text(block, "text")
            case "message_start":
                message = an_object(event, "message")
                self._model = maybe_text(message, "model")
                self._usage |= maybe_object(message, "usage")
            case "message_delta":
                reason = maybe_text(an_object(event, "delta"), "stop_reason")
                self._stop_reason = reason or self._stop_reason
                told = maybe_object(event, "usage")  # cumulative; null where unchanged
                self._usage |= {key: value for key, value in told.items() if value is not None}
            case "message_stop":
                self._stopped = True
            case "error":
                error = an_object(event, "error")
                raise failure_of_error(self._dialect.provider, error, secret=self._dialect.secret)
            case _:
                pass
        return ""

    def tool_pieces(self) -> Sequence[ToolCallDelta]:
        """The pieces of tool calls that came since this was last asked."""
        return ()

    def completion(self, text: str) -> Completion:
        """The whole reply."""
        return conclude(
            self._dialect.provider,
            text=text,
            model=self._model or self._dialect.model,
            finish_reason=_finish_reason(self._stop_reason or "", text),
            usage=usage_of(self._usage),
        )


def _finish_reason(word: str, text: str) -> FinishReason:
    """``refusal`` with text is the model's refusal; without, the classifier's, which is a filter."""
    if word == "refusal":
        return FinishReason.REFUSAL if text.strip() else FinishReason.CONTENT_FILTER
    return FINISH_REASONS.get(word, FinishReason.OTHER)


class Anthropic(HttpProvider):
    """A model behind Anthropic's Messages API."""

    vendor = "anthropic"

    def __init__(  # noqa: PLR0913 - the parts of one endpoint, all of them named by the caller
        self,
        *,
        name: str,
        model: str,
        client: httpx.AsyncClient,
        base_url: str = BASE_URL,
        api_key: SecretStr | None = None,
        card: ModelCard | None = None,
    ) -> None:
        secret = api_key.get_secret_value() if api_key else None
        headers = {"anthropic-version": VERSION}
        super().__init__(
            name=name,
            model=model,
            client=client,
            base_url=base_url,
            dialect=AnthropicDialect(name, model, secret, card),
            headers=headers | {"x-api-key": secret} if secret else headers,
            secret=secret,
        )
