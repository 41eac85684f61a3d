"""OpenAI's Chat Completions, also spoken by many compatible servers.

Wire format: platform.openai.com/docs/api-reference/chat/create, and …/chat-streaming for chunks; of
several ``choices`` the one with index 0 is read, as no more than one is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from providers.failures import failure_of_error
from providers.limits import max_tokens_for
from providers.openai import turns
from providers.openai.calls import StreamedCalls, calls_of, ending
from providers.openai.models import takes_of
from providers.openai.wishes import SAY_JSON, asked_of
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
from providers.wishes import refused_as_unsupported

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from providers.catalog import ModelCard
    from providers.messages import Completion, Prompt, ToolCallDelta
    from providers.openai.wishes import Asked


@dataclass(frozen=True, slots=True)
class OpenAIDialect:
    """Chat Completions as pure functions.

    ``secret`` is masked in what the vendor says. ``query`` is added to the URL, encoded already.
    ``deployment`` is what the model is called there, where that is not its name.
    """

    provider: str
    model: str
    secret: str | None = field(default=None, repr=False)
    card: ModelCard | None = None
    query: str = ""
    deployment: str | None = None

    def path(self, *, stream: bool) -> str:  # noqa: ARG002 - one path for both
        """Where to POST, below the base URL."""
        return f"/chat/completions?{self.query}" if self.query else "/chat/completions"

    def adjustments(self, prompt: Prompt) -> tuple[str, ...]:
        """What of the prompt's wishes is left out or changed (`providers.openai.wishes`)."""
        return self._asked(prompt).adjusted

    def body(self, prompt: Prompt, *, stream: bool) -> bytes:
        """The JSON to send; ``max_tokens`` is lowered to what the model can write."""
        asked = self._asked(prompt)
        messages = [turns.turn(message) for message in prompt.messages]
        if asked.say_json:
            messages.insert(0, {"role": "system", "content": SAY_JSON})
        called = self.deployment or self.model
        body: dict[str, Any] = {"model": called, "messages": messages, **asked.fields}
        max_tokens = max_tokens_for(prompt, self.card)
        if max_tokens is not None:
            reasons = takes_of(self.model).reasons
            body["max_completion_tokens" if reasons else "max_tokens"] = max_tokens
        if stream:
            body["stream"] = True
            body["stream_options"] = {"include_usage": True}
        with refused_as_unsupported(self.provider):
            return orjson.dumps(body)

    def _asked(self, prompt: Prompt) -> Asked:
        sampling = self.card is None or self.card.supports_temperature
        return asked_of(self.provider, self.model, takes_of(self.model, sampling=sampling), prompt)

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
            reason, calls = ending(
                a_text(choice, "finish_reason"), calls_of(message), refused=bool(refusal)
            )
            return conclude(
                self.provider,
                text=maybe_text(message, "content") + refusal,
                model=maybe_text(reply, "model") or self.model,
                finish_reason=reason,
                usage=usage_of(maybe_object(reply, "usage"), maybe_text(reply, "service_tier")),
                tool_calls=calls,
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
        self._tier = ""
        self._calls = StreamedCalls()
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
        self._tier = maybe_text(chunk, "service_tier") or self._tier
        if chunk.get("usage") is not None:
            self._usage = an_object(chunk, "usage")
        choice = _first(objects(chunk, "choices"))
        if choice is None:
            return ""  # the chunk that brings the usage
        self._finish = maybe_text(choice, "finish_reason") or self._finish
        delta = maybe_object(choice, "delta")
        refusal = maybe_text(delta, "refusal")
        self._refused = self._refused or bool(refusal)
        if delta.get("tool_calls") is not None:
            self._calls.take(delta)
        return maybe_text(delta, "content") + refusal

    def tool_pieces(self) -> Sequence[ToolCallDelta]:
        """The pieces of tool calls that came since this was last asked."""
        return self._calls.pieces()

    def completion(self, text: str) -> Completion:
        """The whole reply."""
        reason, calls = ending(self._finish or "", self._calls.calls(), refused=self._refused)
        return conclude(
            self._dialect.provider,
            text=text,
            model=self._model or self._dialect.model,
            finish_reason=reason,
            usage=usage_of(self._usage, self._tier),
            tool_calls=calls,
        )


def _first_choice(reply: Mapping[str, Any]) -> dict[str, Any]:
    choice = _first(objects(reply, "choices"))
    if choice is None:
        raise ShapeError("choices is empty")
    return choice


def _first(choices: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """The choice of index 0; a server that counts none says the same of its only one."""
    return next((choice for choice in choices if not choice.get("index")), None)
