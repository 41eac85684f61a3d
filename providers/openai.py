"""OpenAI's Chat Completions, also spoken by many compatible servers.

Wire format: platform.openai.com/docs/api-reference/chat.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from providers.failures import failure_of_error
from providers.http_provider import HttpProvider
from providers.limits import max_tokens_for
from providers.messages import FinishReason
from providers.replies import conclude
from providers.shapes import (
    ShapeError,
    a_text,
    an_object,
    json_object,
    maybe_object,
    maybe_text,
    objects,
    well_formed,
)
from providers.usage.openai import usage_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import httpx
    from pydantic import SecretStr

    from providers.catalog import ModelCard
    from providers.messages import Completion, Prompt, ToolCallDelta

BASE_URL = "https://api.openai.com/v1"

FINISH_REASONS = {
    "stop": FinishReason.STOP,
    "length": FinishReason.LENGTH,
    "content_filter": FinishReason.CONTENT_FILTER,
    "tool_calls": FinishReason.TOOL_CALLS,
    "function_call": FinishReason.TOOL_CALLS,
}

_REASONING = re.compile(r"(?:^|/)(?:o\d|gpt-(?:[5-9]|\d{2,})(?!\d*-chat|[\d.]*-chat))")


def is_reasoning_model(model: str) -> bool:
    """True for the models that think first: ``o1``, ``o3``, ``o4-mini``, ``gpt-5`` and later.

    They refuse ``max_tokens`` for ``max_completion_tokens``, and any temperature but 1
    (platform.openai.com/docs/guides/reasoning). The ``gpt-5-chat`` family does not think.
    """
    return _REASONING.search(model) is not None


@dataclass(frozen=True, slots=True)
class OpenAIDialect:
    """Chat Completions as pure functions. ``secret`` is masked in what the vendor says."""

    provider: str
    model: str
    secret: str | None = field(default=None, repr=False)
    card: ModelCard | None = None

    def path(self, *, stream: bool) -> str:  # noqa: ARG002 - one path for both
        """Where to POST, below the base URL."""
        return "/chat/completions"

    def adjustments(self, prompt: Prompt) -> tuple[str, ...]:  # noqa: ARG002 - nothing is, so far
        """What of the prompt's wishes is left out or changed."""
        return ()

    def body(self, prompt: Prompt, *, stream: bool) -> bytes:
        """The JSON to send; ``max_tokens`` is lowered to what the model can write."""
        body: dict[str, Any] = {
            "model": self.model,
            "messages": [{"role": m.role, "content": m.content} for m in prompt.messages],
        }
        reasoning = is_reasoning_model(self.model)
        max_tokens = max_tokens_for(prompt, self.card)
        if max_tokens is not None:
            body["max_completion_tokens" if reasoning else "max_tokens"] = max_tokens
        accepts = not reasoning and (self.card is None or self.card.supports_temperature)
        if prompt.temperature is not None and accepts:
            body["temperature"] = prompt.temperature
        if stream:
            body["stream"] = True
            body["stream_options"] = {"include_usage": True}
        return orjson.dumps(body)

    def completion(self, body: bytes) -> Completion:
        """Read a whole reply."""
        with well_formed(self.provider):
            reply = json_object(body)
            if reply.get("error"):
                raise failure_of_error(
                    self.provider, maybe_object(reply, "error"), secret=self.secret
                )
            choice = _first_choice(reply)
            message = an_object(choice, "message")
            refusal = maybe_text(message, "refusal")
            return conclude(
                self.provider,
                text=maybe_text(message, "content") + refusal,
                model=maybe_text(reply, "model") or self.model,
                finish_reason=_finish_reason(
                    a_text(choice, "finish_reason"), refused=bool(refusal)
                ),
                usage=usage_of(maybe_object(reply, "usage")),
            )

    def state(self) -> OpenAIStream:
        """A fresh state for one streamed reply."""
        return OpenAIStream(self)


class OpenAIStream:
    """A streamed Chat Completion: chunks, then the usage, then ``[DONE]``."""

    def __init__(self, dialect: OpenAIDialect) -> None:
        self._dialect = dialect
        self._model = ""
        self._finish: str | None = None
        self._refused = False
        self._usage: dict[str, Any] = {}
        self._done = False

    @property
    def ended(self) -> bool:
        """``[DONE]`` came."""
        return self._done

    @property
    def whole(self) -> bool:
        """``[DONE]`` came, and the reply had said why it stopped."""
        return self._done and self._finish is not None

    def event(self, data: bytes) -> str:
        """Take one chunk; return the text it adds."""
        if data.strip() == b"[DONE]":
            self._done = True
            return ""
        chunk = json_object(data)
        if chunk.get("error"):
            error = maybe_object(chunk, "error")
            raise failure_of_error(self._dialect.provider, error, secret=self._dialect.secret)
        self._model = self._model or maybe_text(chunk, "model")
        if chunk.get("usage") is not None:
            self._usage = an_object(chunk, "usage")
        choices = objects(chunk, "choices")
        if not choices:
            return ""  # the chunk that brings the usage
        choice = choices[0]
        self._finish = maybe_text(choice, "finish_reason") or self._finish
        delta = maybe_object(choice, "delta")
        refusal = maybe_text(delta, "refusal")
        self._refused = self._refused or bool(refusal)
        return maybe_text(delta, "content") + refusal

    def tool_pieces(self) -> Sequence[ToolCallDelta]:
        """The pieces of tool calls that came since this was last asked."""
        return ()

    def completion(self, text: str) -> Completion:
        """The whole reply."""
        return conclude(
            self._dialect.provider,
            text=text,
            model=self._model or self._dialect.model,
            finish_reason=_finish_reason(self._finish or "", refused=self._refused),
            usage=usage_of(self._usage),
        )


def _first_choice(reply: Mapping[str, Any]) -> dict[str, Any]:
    choices = objects(reply, "choices")
    if not choices:
        raise ShapeError("choices is empty")
    return choices[0]


def _finish_reason(word: str, *, refused: bool) -> FinishReason:
    reason = FINISH_REASONS.get(word, FinishReason.OTHER)
    return FinishReason.REFUSAL if refused and reason is FinishReason.STOP else reason


class OpenAI(HttpProvider):
    """A model behind OpenAI's Chat Completions."""

    vendor = "openai"

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
        super().__init__(
            name=name,
            model=model,
            client=client,
            base_url=base_url,
            dialect=OpenAIDialect(name, model, secret, card),
            headers={"authorization": f"Bearer {secret}"} if secret else {},
            secret=secret,
        )
