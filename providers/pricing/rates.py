"""USD a token by class, and what the tokens of a call cost at them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from providers.messages import Usage


@dataclass(frozen=True, slots=True)
class Part:
    """What the tokens of one class cost. ``rate`` in USD a token."""

    name: str
    tokens: int
    rate: float

    @property
    def usd(self) -> float:
        """USD of the class."""
        return self.tokens * self.rate


@dataclass(frozen=True, slots=True)
class Rates:
    """USD a token.

    ``cached``, ``cache_write`` and ``cache_write_1h`` are input tokens read from and put in a cache, the
    last for an hour; ``reasoning`` is output that is not shown. None of the two rates of audio means that
    nobody knows it, not that audio is free.
    """

    input: float
    cached: float
    cache_write: float
    cache_write_1h: float
    output: float
    reasoning: float
    audio_input: float | None = None
    audio_output: float | None = None

    def cost_usd(self, usage: Usage) -> float | None:
        """USD of these tokens, each paid once; None where `obscure` finds a reason."""
        cached, written = usage.cached_input_tokens, usage.cache_write_tokens
        fresh = usage.input_tokens - cached - written
        written -= usage.cache_write_1h_tokens
        shown = usage.output_tokens - usage.reasoning_tokens
        if fresh < 0 or written < 0 or shown < 0:
            return None
        if usage.audio_input_tokens or usage.audio_output_tokens:
            return self._with_audio(usage)
        return (
            fresh * self.input
            + cached * self.cached
            + written * self.cache_write
            + usage.cache_write_1h_tokens * self.cache_write_1h
            + shown * self.output
            + usage.reasoning_tokens * self.reasoning
        )

    def _with_audio(self, usage: Usage) -> float | None:
        if self.obscure(usage) is not None:
            return None
        return sum(part.usd for part in self.parts(usage))

    def obscure(self, usage: Usage) -> str | None:
        """Why these tokens cannot be priced, in words; None when they can."""
        cached, written = usage.cached_input_tokens, usage.cache_write_tokens
        heard, spoken = usage.audio_input_tokens, usage.audio_output_tokens
        if (
            usage.input_tokens < cached + written
            or written < usage.cache_write_1h_tokens
            or usage.output_tokens < usage.reasoning_tokens
            or usage.input_tokens < heard
            or usage.output_tokens < spoken + usage.reasoning_tokens
        ):
            return "the vendor's counts of tokens contradict one another"
        if heard and cached + written:
            return "the vendor does not tell how much of the audio came from the cache"
        if (heard and self.audio_input is None) or (spoken and self.audio_output is None):
            return "the price of audio is unknown"
        return None

    def parts(self, usage: Usage) -> tuple[Part, ...]:
        """The classes these tokens are of and what each costs; none where `obscure` finds a reason."""
        if self.obscure(usage) is not None:
            return ()
        cached, written = usage.cached_input_tokens, usage.cache_write_tokens
        hour = usage.cache_write_1h_tokens
        heard, spoken = usage.audio_input_tokens, usage.audio_output_tokens
        reasoned = usage.reasoning_tokens
        parts = (
            Part("input", usage.input_tokens - cached - written - heard, self.input),
            Part("cached input", cached, self.cached),
            Part("cache write", written - hour, self.cache_write),
            Part("cache write, 1 hour", hour, self.cache_write_1h),
            Part("audio input", heard, self.audio_input or 0.0),
            Part("output", usage.output_tokens - reasoned - spoken, self.output),
            Part("reasoning", reasoned, self.reasoning),
            Part("audio output", spoken, self.audio_output or 0.0),
        )
        return tuple(part for part in parts if part.tokens)

    @property
    def dearest_input(self) -> float:
        """The most an input token may cost. Audio is none: no prompt of ours holds any."""
        return max(self.input, self.cached, self.cache_write, self.cache_write_1h)

    @property
    def dearest_output(self) -> float:
        """The most an output token may cost. Audio is none: no prompt of ours asks for it."""
        return max(self.output, self.reasoning)

    def times(self, factor: float) -> Rates:
        """All rates ``factor`` times as high."""
        return Rates(
            self.input * factor,
            self.cached * factor,
            self.cache_write * factor,
            self.cache_write_1h * factor,
            self.output * factor,
            self.reasoning * factor,
            None if self.audio_input is None else self.audio_input * factor,
            None if self.audio_output is None else self.audio_output * factor,
        )
