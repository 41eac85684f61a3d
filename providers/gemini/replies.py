"""What Gemini's replies say, whole and streamed: the same objects, one or more.

Shapes: ai.google.dev/api/generate-content (``GenerateContentResponse``, ``FinishReason``). Thoughts and
parts of new kinds are no text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from providers.errors import FilteredReplyError, MalformedReplyError
from providers.failures import failure_of_error
from providers.gemini.turns import own_id
from providers.messages import FinishReason, ToolCall, ToolCallDelta
from providers.replies import conclude
from providers.shapes import (
    ShapeError,
    a_text,
    an_object,
    json_object,
    json_text,
    maybe_object,
    maybe_text,
    objects,
)
from providers.usage.gemini import usage_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from providers.messages import Completion

FINISH_REASONS = {
    "STOP": FinishReason.STOP,
    "MAX_TOKENS": FinishReason.LENGTH,
}
"""All others (SAFETY, RECITATION, BLOCKLIST, PROHIBITED_CONTENT, SPII, LANGUAGE, OTHER, …) withhold
the reply or its rest, and read as the vendor's filter, as LiteLLM reads them."""

FAILURES = {
    "MALFORMED_FUNCTION_CALL": "the model wrote a tool call that cannot be read",
    "MALFORMED_RESPONSE": "the model wrote a reply that cannot be read",
    "UNEXPECTED_TOOL_CALL": "the model called a tool that it was not given",
    "TOO_MANY_TOOL_CALLS": "the model called tools without an end",
    "MISSING_THOUGHT_SIGNATURE": "the vendor misses a signature in the conversation",
}
"""Reasons that are failures of the model or the request: whatever text came is no answer."""


MAX_TOOL_CALLS = 1024
"""Most calls read of one reply: a stream that goes on with calls has to end."""


class GeminiStream:
    """A reply in one or more ``GenerateContentResponse``; the last has a ``finishReason``."""

    def __init__(self, provider: str, model: str, secret: str | None) -> None:
        self._provider = provider
        self._model = model
        self._secret = secret
        self._finish: str | None = None
        self._usage: dict[str, Any] = {}
        self._response_id = ""
        self._calls: list[ToolCall] = []
        self._pieces: list[ToolCallDelta] = []

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
            raise failure_of_error(self._provider, error, secret=self._secret)
        if maybe_text(maybe_object(response, "promptFeedback"), "blockReason"):
            message = "the vendor's content filter refused the prompt"
            told = maybe_object(response, "usageMetadata")
            usage = usage_of(told) if told else None
            raise FilteredReplyError(self._provider, message, usage=usage)
        self._model = maybe_text(response, "modelVersion") or self._model
        self._response_id = maybe_text(response, "responseId") or self._response_id
        self._usage |= maybe_object(response, "usageMetadata")
        if "candidates" not in response and "usageMetadata" not in response:
            raise ShapeError("candidates is missing")
        candidates = objects(response, "candidates") if "candidates" in response else []
        if not candidates:
            return ""
        candidate = candidates[0]
        self._finish = maybe_text(candidate, "finishReason") or self._finish
        content = maybe_object(candidate, "content")
        if content.get("parts") is None:
            return ""
        return "".join([self._part(part) for part in objects(content, "parts")])

    def tool_pieces(self) -> Sequence[ToolCallDelta]:
        """The pieces of tool calls that came since this was last asked; it forgets them."""
        if not self._pieces:
            return ()
        pieces, self._pieces = self._pieces, []
        return pieces

    def completion(self, text: str) -> Completion:
        """The whole reply."""
        usage = usage_of(self._usage)
        failure = FAILURES.get(self._finish or "")
        if failure is not None:
            raise MalformedReplyError(self._provider, failure, usage=usage)
        reason = FINISH_REASONS.get(self._finish or "", FinishReason.CONTENT_FILTER)
        if reason is FinishReason.STOP and self._calls:
            reason = FinishReason.TOOL_CALLS  # the vendor has no word of its own for it
        return conclude(
            self._provider,
            text=text,
            model=self._model,
            finish_reason=reason,
            usage=usage,
            tool_calls=tuple(self._calls),
        )

    def _part(self, part: Mapping[str, Any]) -> str:
        if "functionCall" in part:
            self._call(
                an_object(part, "functionCall"), maybe_text(part, "thoughtSignature") or None
            )
            return ""
        if "text" in part and part.get("thought") is not True:
            return a_text(part, "text")
        return ""

    def _call(self, call: Mapping[str, Any], signature: str | None) -> None:
        """A call comes whole, in one part."""
        index = len(self._calls)
        name = a_text(call, "name")
        if not name or index >= MAX_TOOL_CALLS:
            raise ShapeError("a functionCall has no name, or there are too many")
        arguments = json_text(maybe_object(call, "args"))
        its_id = maybe_text(call, "id") or own_id(self._response_id, index, name, arguments)
        self._calls.append(ToolCall(its_id, name, arguments, signature))
        self._pieces.append(ToolCallDelta(index, its_id, name, arguments, signature))
