"""The three simulated vendors, and what they have read and will reply, in no vendor's dialect."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping


class Vendor(StrEnum):
    """A simulated vendor, by the name the gateway's users know it under."""

    GPT = "gpt"
    CLAUDE = "claude"
    GEMINI = "gemini"


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a conversation; ``self`` marks what the vendor itself said before.

    ``images`` counts the images beside the text. A ``tool`` turn holds what the call of ``tool``
    returned.
    """

    role: Literal["system", "user", "self", "tool"]
    text: str
    images: int = 0
    tool: str = ""


@dataclass(frozen=True, slots=True)
class Tool:
    """A function the caller offers; ``schema`` is the JSON schema of its arguments."""

    name: str
    description: str = ""
    schema: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Choice:
    """Whether tools may or must be called; ``among`` names those that may be, None being all."""

    mode: Literal["auto", "none", "required"] = "auto"
    among: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class JsonShape:
    """The reply has to be JSON, with a ``schema`` of that shape."""

    schema: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Called:
    """A tool that the vendor wants called; ``arguments`` is JSON text, cut where the reply is."""

    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Ask:
    """A request that passed its vendor's validation.

    ``max_tokens`` bounds the reply, reasoning included; None is no bound. ``reasons``: this model
    spends reasoning tokens before it writes. ``shows_thinking``: the caller asked to see them.
    ``marked_prefix`` is the part of the prompt to cache for a vendor that caches only what is
    marked (empty: nothing is), None for one that caches prefixes by itself; ``cache_floor`` the
    fewest tokens it caches, ``cache_step`` the block it counts them in. ``parallel``: several tools
    may be called at once. ``stop`` holds texts the reply ends before. ``effort`` multiplies the
    tokens that the model thinks for.
    """

    model: str
    turns: tuple[Turn, ...]
    max_tokens: int | None = None
    stream: bool = False
    stream_usage: bool = False
    reasons: bool = False
    shows_thinking: bool = False
    marked_prefix: str | None = None
    cache_floor: int = 1024
    cache_step: int = 1
    tools: tuple[Tool, ...] = ()
    choice: Choice = Choice()
    parallel: bool = True
    json: JsonShape | None = None
    stop: tuple[str, ...] = ()
    effort: float = 1.0

    @property
    def results(self) -> tuple[Turn, ...]:
        """The tools' results that the conversation ends with: what was called has been done."""
        found: list[Turn] = []
        for turn in reversed(self.turns):
            if turn.role != "tool":
                break
            found.insert(0, turn)
        return tuple(found)

    @property
    def question(self) -> str:
        """The last user turn."""
        return next((t.text for t in reversed(self.turns) if t.role == "user"), "")


@dataclass(frozen=True, slots=True)
class Reply:
    """What a vendor says, before its wire protocol and ``max_tokens`` shape it.

    ``refuses``: the model itself declines. ``thinking_tokens``: what a reasoning model spends
    before it writes. ``calls`` are the tools it wants called, instead of a text.
    """

    text: str
    refuses: bool = False
    thinking_tokens: int = 64
    calls: tuple[Called, ...] = ()


class End(StrEnum):
    """Why a reply ends; each wire has its own word for it."""

    STOP = "stop"
    CALLS = "calls"
    LENGTH = "length"
    FILTERED = "filtered"


@dataclass(frozen=True, slots=True)
class Spent:
    """Tokens of one exchange. The classes do not overlap; a wire adds up what its vendor adds up."""

    fresh_input: int
    cached_input: int = 0
    cache_write: int = 0
    reasoning: int = 0
    visible: int = 0

    @property
    def input(self) -> int:
        """All input tokens."""
        return self.fresh_input + self.cached_input + self.cache_write

    @property
    def output(self) -> int:
        """All output tokens."""
        return self.reasoning + self.visible


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells one reply from another: an id, and Unix seconds."""

    serial: str
    created: int


@dataclass(frozen=True, slots=True)
class Written:
    """A reply as it goes out: cut to size, counted and named.

    ``stopped_by`` is the stop sequence it ends before. The arguments of the last of ``calls`` lack
    their end where ``end`` is LENGTH.
    """

    pieces: tuple[str, ...]
    end: End
    spent: Spent
    refuses: bool
    stamp: Stamp
    calls: tuple[Called, ...] = ()
    stopped_by: str | None = None

    @property
    def text(self) -> str:
        """The whole text."""
        return "".join(self.pieces)
