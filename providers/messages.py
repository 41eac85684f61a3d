"""The words every floor uses for a conversation with a model: Prompt, Completion, Usage."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, Self

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model is asked, in no vendor's dialect.

    ``max_tokens`` bounds the reply in tokens, reasoning included; ``None`` leaves it to the
    adapter, and one over what the model can write is lowered to that. ``temperature`` is on OpenAI's scale, 0 to 2; an adapter clamps or omits it where its
    vendor takes less.
    """

    messages: tuple[Message, ...]
    max_tokens: int | None = None
    temperature: float | None = None

    @classmethod
    def of(cls, text: str, *, max_tokens: int | None = None) -> Self:
        """A prompt of a single user turn."""
        return cls((Message("user", text),), max_tokens=max_tokens)

    @property
    def question(self) -> str:
        """The last user turn: what the answer has to answer."""
        return next((m.content for m in reversed(self.messages) if m.role == "user"), "")

    @property
    def system(self) -> str | None:
        """All system turns joined, or ``None``: two of the three vendors take them apart."""
        turns = [m.content for m in self.messages if m.role == "system"]
        return "\n\n".join(turns) if turns else None

    @property
    def turns(self) -> tuple[Message, ...]:
        """The turns that are not system turns."""
        return tuple(m for m in self.messages if m.role != "system")


class FinishReason(StrEnum):
    """Why a model stopped writing, over all vendors."""

    STOP = "stop"
    LENGTH = "length"
    CONTENT_FILTER = "content_filter"
    REFUSAL = "refusal"
    TOOL_CALLS = "tool_calls"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens a call was billed for.

    ``cached_input_tokens`` and ``cache_write_tokens`` are parts of ``input_tokens``;
    ``reasoning_tokens`` is a part of ``output_tokens``. Vendors that report them apart are added
    up by their adapter.
    """

    input_tokens: int = 0
    cached_input_tokens: int = 0
    cache_write_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.input_tokens + other.input_tokens,
            self.cached_input_tokens + other.cached_input_tokens,
            self.cache_write_tokens + other.cache_write_tokens,
            self.output_tokens + other.output_tokens,
            self.reasoning_tokens + other.reasoning_tokens,
        )


@dataclass(frozen=True, slots=True)
class Completion:
    """A whole reply. ``model`` is the model the vendor says answered."""

    text: str
    model: str
    finish_reason: FinishReason
    usage: Usage = field(default_factory=Usage)


@dataclass(frozen=True, slots=True)
class TextDelta:
    """A piece of a streamed reply, in the order the vendor wrote it."""

    text: str
