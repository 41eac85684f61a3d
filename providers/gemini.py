"""Google's Gemini API, ``generateContent``.

Wire format: ai.google.dev/api/generate-content.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import orjson

from providers.errors import FilteredReplyError
from providers.failures import failure_of_error
from providers.http_provider import HttpProvider
from providers.limits import max_tokens_for
from providers.messages import FinishReason
from providers.replies import conclude
from providers.shapes import (
    ShapeError,
    a_text,
    json_object,
    maybe_object,
    maybe_text,
    objects,
    well_formed,
)
from providers.usage.gemini import usage_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import httpx
    from pydantic import SecretStr

    from providers.catalog import ModelCard
    from providers.messages import Completion, Prompt, ToolCallDelta

BASE_URL = "https://generativelanguage.googleapis.com"

ROLES = {"user": "user", "assistant": "model", "tool": "user"}

FINISH_REASONS = {
    "STOP": FinishReason.STOP,
    "MAX_TOKENS": FinishReason.LENGTH,
    "MALFORMED_FUNCTION_CALL": FinishReason.OTHER,
    "MALFORMED_RESPONSE": FinishReason.OTHER,
    "MISSING_THOUGHT_SIGNATURE": FinishReason.OTHER,
    "TOO_MANY_TOOL_CALLS": FinishReason.OTHER,
    "UNEXPECTED_TOOL_CALL": FinishReason.OTHER,
}
"""All others (SAFETY, RECITATION, BLOCKLIST, PROHIBITED_CONTENT, SPII, LANGUAGE, OTHER, …) withhold
the reply or its rest, and read as the vendor's filter, as LiteLLM reads them."""


@dataclass(frozen=True, slots=True)
class GeminiDialect:
    """``generateContent`` as pure functions. ``secret`` is masked in what the vendor says."""

    provider: str
    model: str
    secret: str | None = field(default=None, repr=False)
    card: ModelCard | None = None

    def path(self, *, stream: bool) -> str:
        """Where to POST, below the base URL. The key goes in a header, never here."""
        method = "streamGenerateContent?alt=sse" if stream else "generateContent"
        return f"/v1beta/models/{quote(self.model, safe='')}:{method}"

    def adjustments(self, prompt: Prompt) -> tuple[str, ...]:  # noqa: ARG002 - nothing is, so far
        """What of the prompt's wishes is left out or changed."""
        return ()

    def body(self, prompt: Prompt, *, stream: bool) -> bytes:  # noqa: ARG002 - the path tells
        """The JSON to send; ``max_tokens`` is lowered to what the model can write.

        A prompt of system turns only is asked as a user's: turns are due.
        """
        system, turns = prompt.system, prompt.turns
        body: dict[str, Any] = {
            "contents": [{"role": ROLES[m.role], "parts": [{"text": m.content}]} for m in turns]
            or [{"role": "user", "parts": [{"text": system}]}],
        }
        if system is not None and turns:
            body["systemInstruction"] = {"parts": [{"text": system}]}
        config: dict[str, Any] = {}
        max_tokens = max_tokens_for(prompt, self.card)
        if max_tokens is not None:
            config["maxOutputTokens"] = max_tokens
        if prompt.temperature is not None and (self.card is None or self.card.supports_temperature):
            config["temperature"] = prompt.temperature
        if config:
            body["generationConfig"] = config
        return orjson.dumps(body)

    def completion(self, body: bytes) -> Completion:
        """Read a whole reply."""
        with well_formed(self.provider):
            state = self.state()
            text = state.event(body)
            if not state.whole:
                raise ShapeError("candidates has no finishReason")
            return state.completion(text)

    def state(self) -> GeminiStream:
        """A fresh state for one reply."""
        return GeminiStream(self)


class GeminiStream:
    """A reply in one or more ``GenerateContentResponse``; the last has a ``finishReason``."""

    def __init__(self, dialect: GeminiDialect) -> None:
        self._dialect = dialect
        self._model = ""
        self._finish: str | None = None
        self._usage: dict[str, Any] = {}

    ended = False
    """Only the end of the body ends a stream: figures may follow a ``finishReason``, and early
    versions of the API sent one with every piece."""

    @property
    def whole(self) -> bool:
        """The candidate has said why it stopped."""
        return self._finish is not None

    def event(self, data: bytes) -> str:
        """Take one response; return the answer text it adds. Thoughts are none."""
        response = json_object(data)
        if response.get("error"):
            error = maybe_object(response, "error")
            raise failure_of_error(self._dialect.provider, error, secret=self._dialect.secret)
        if maybe_text(maybe_object(response, "promptFeedback"), "blockReason"):
            message = "the vendor's content filter refused the prompt"
            told = maybe_object(response, "usageMetadata")
            usage = usage_of(told) if told else None
            raise FilteredReplyError(self._dialect.provider, message, usage=usage)
        self._model = maybe_text(response, "modelVersion") or self._model
        self._usage |= maybe_object(response, "usageMetadata")
        if "candidates" not in response and "usageMetadata" not in response:
            raise ShapeError("candidates is missing")
        candidates = objects(response, "candidates") if "candidates" in response else []
        if not candidates:
            return ""
        candidate = candidates[0]
        self._finish = maybe_text(candidate, "finishReason") or self._finish
        content = maybe_object(candidate, "content")
        parts = objects(content, "parts") if content.get("parts") is not None else []
        return "".join(
            a_text(part, "text")
            for part in parts
            if "text" in part and part.get("thought") is not True
        )

    def tool_pieces(self) -> Sequence[ToolCallDelta]:
        """The pieces of tool calls that came since this was last asked."""
        return ()

    def completion(self, text: str) -> Completion:
        """The whole reply."""
        return conclude(
            self._dialect.provider,
            text=text,
            model=self._model or self._dialect.model,
            finish_reason=FINISH_REASONS.get(self._finish or "", FinishReason.CONTENT_FILTER),
            usage=usage_of(self._usage),
        )


class Gemini(HttpProvider):
    """A model behind Google's Gemini API."""

    vendor = "google"

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
            dialect=GeminiDialect(name, model, secret, card),
            headers={"x-goog-api-key": secret} if secret else {},
            secret=secret,
        )
