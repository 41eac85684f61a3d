"""The words every floor uses for a conversation with a model: Prompt, Completion, Usage."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - dataclasses' types are read when they run
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, Self, TypeAlias

from providers.values import value

Role = Literal["system", "user", "assistant", "tool"]

Effort = Literal["none", "minimal", "low", "medium", "high", "xhigh"]
"""How long a model may think, in OpenAI's words (``reasoning_effort``), least first."""


@dataclass(frozen=True, slots=True)
class TextPart:
    """A piece of a turn's text."""

    text: str


@dataclass(frozen=True, slots=True)
class ImagePart:
    """An image in a turn: by ``url`` (``https://…``), or as ``data`` in base64 with its ``media_type``.

    Exactly one of ``url`` and ``data`` is set. ``detail`` is how closely to look, where a vendor can
    be told; None leaves it to the vendor.
    """

    url: str | None = None
    data: str | None = None
    media_type: str | None = None
    detail: Literal["auto", "low", "high"] | None = None


Part: TypeAlias = TextPart | ImagePart


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A function a model wants called; ``arguments`` is the JSON text it wrote, unchecked.

    ``signature`` is what a vendor wants back with the call in the next turn to go on thinking where it
    stopped (Google's ``thoughtSignature``); None where it gave none.
    """

    id: str
    name: str
    arguments: str
    signature: str | None = None


@dataclass(frozen=True, slots=True)
class Tool:
    """A function a model may ask for. ``parameters`` is a JSON schema; None takes no arguments.

    ``strict`` holds the model to the schema, where its vendor can.
    """

    name: str
    description: str | None = None
    parameters: Mapping[str, Any] | None = None
    strict: bool | None = None


@dataclass(frozen=True, slots=True)
class NamedTool:
    """A ``tool_choice`` that names the one function to call."""

    name: str


ToolChoice: TypeAlias = Literal["auto", "none", "required"] | NamedTool


@dataclass(frozen=True, slots=True)
class JsonFormat:
    """The reply has to be JSON; with a ``schema`` (a JSON schema, called ``name``), JSON of that shape."""

    schema: Mapping[str, Any] | None = None
    name: str | None = None
    description: str | None = None
    strict: bool | None = None


@value(frozen=True, slots=True)
class Message:
    """One turn of a conversation.

    ``content`` is its text. ``parts`` holds text and images in their order where there are images
    (`Message.of_parts`), and is empty elsewhere. An assistant's turn may ask for ``tool_calls``; a tool's
    turn gives the result of the call with ``tool_call_id``.
    """

    role: Role
    content: str
    parts: tuple[Part, ...] = ()
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None

    @classmethod
    def of_parts(cls, role: Role, parts: tuple[Part, ...]) -> Self:
        """A turn of texts and images, in this order."""
        text = "\n\n".join(part.text for part in parts if isinstance(part, TextPart))
        plain = all(isinstance(part, TextPart) for part in parts)
        return cls(role, text, () if plain else parts)

    @property
    def images(self) -> tuple[ImagePart, ...]:
        """The images of the turn, in order."""
        return tuple(part for part in self.parts if isinstance(part, ImagePart))


@value(frozen=True, slots=True)
class Prompt:
    """What a model is asked, in no vendor's dialect.

    ``max_tokens`` bounds the reply in tokens, reasoning included; ``None`` leaves it to the
    adapter, and one over what the model can write is lowered to that. ``temperature`` is on OpenAI's
    scale, 0 to 2; an adapter clamps or omits it where its vendor takes less. ``stop`` holds texts the
    reply ends before. What a vendor or model lacks is refused (`providers.errors.UnsupportedError`)
    where the reply would mean something else without it, as images, tools and formats; what only nudges
    a reply (``temperature``, ``top_p``, ``seed``, penalties, a finer ``reasoning_effort``) is left out
    or brought within its range, and the completion says so (`Completion.adjusted`).
    """

    messages: tuple[Message, ...]
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()
    reasoning_effort: Effort | None = None
    format: JsonFormat | None = None
    tools: tuple[Tool, ...] = ()
    tool_choice: ToolChoice | None = None
    parallel_tool_calls: bool | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None

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
    """Why a model stopped writing, over all vendors. What stopped for any ``OTHER`` reason is no answer."""

    STOP = "stop"
    LENGTH = "length"
    CONTENT_FILTER = "content_filter"
    REFUSAL = "refusal"
    TOOL_CALLS = "tool_calls"
    OTHER = "other"


@value(frozen=True, slots=True)
class Usage:
    """Tokens a call was billed for.

    ``cached_input_tokens`` and ``cache_write_tokens`` are parts of ``input_tokens``, and
    ``cache_write_1h_tokens`` of the latter; ``reasoning_tokens`` is a part of ``output_tokens``. Vendors
    that report them apart are added up by their adapter. ``audio_input_tokens`` and
    ``audio_output_tokens`` are parts of the two totals.

    ``service_tier`` is the price list that the vendor says it billed by, as ``priority`` or ``flex``,
    ``region`` the place of processing that has a price of its own; None is the standard one, and a sum
    has neither. ``billed_apart`` names, in words, what the vendor reported and bills by another measure
    than tokens, as web searches.
    """

    input_tokens: int = 0
    cached_input_tokens: int = 0
    cache_write_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0
    cache_write_1h_tokens: int = 0
    audio_input_tokens: int = 0
    audio_output_tokens: int = 0
    service_tier: str | None = None
    region: str | None = None
    billed_apart: tuple[str, ...] = ()

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.input_tokens + other.input_tokens,
            self.cached_input_tokens + other.cached_input_tokens,
            self.cache_write_tokens + other.cache_write_tokens,
            self.output_tokens + other.output_tokens,
            self.reasoning_tokens + other.reasoning_tokens,
            self.cache_write_1h_tokens + other.cache_write_1h_tokens,
            self.audio_input_tokens + other.audio_input_tokens,
            self.audio_output_tokens + other.audio_output_tokens,
            billed_apart=self.billed_apart + other.billed_apart,
        )


@value(frozen=True, slots=True)
class Completion:
    """A whole reply. ``model`` is the model the vendor says answered.

    ``text`` may be empty where there are ``tool_calls``. ``adjusted`` says, in words for the caller, what of
    the prompt's wishes the vendor was not asked, or asked otherwise.
    """

    text: str
    model: str
    finish_reason: FinishReason
    usage: Usage = field(default_factory=Usage)
    tool_calls: tuple[ToolCall, ...] = ()
    adjusted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TextDelta:
    """A piece of a streamed reply, in the order the vendor wrote it."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolCallDelta:
    """A piece of a streamed tool call. ``index`` counts the reply's calls from 0.

    ``id``, ``name`` and ``signature`` come once, with the first piece; ``arguments`` are the next characters of the JSON text.
    """

    index: int
    id: str | None = None
    name: str | None = None
    arguments: str = ""
    signature: str | None = None


Piece: TypeAlias = TextDelta | ToolCallDelta
"""What a streamed reply is made of."""
