"""How much a simulated model reads and writes at most, as its vendor documents the real one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from providers.simulator.text import count_tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

    from providers.simulator.vendors import Turn


@dataclass(frozen=True, slots=True)
class Limits:
    """The longest prompt and the longest reply, reasoning included, in tokens."""

    input: int
    output: int


#: The first family whose pattern begins the model's name holds. To be checked against the vendors' pages when models change:
#: platform.openai.com/docs/models, docs.claude.com/en/docs/about-claude/models,
#: ai.google.dev/gemini-api/docs/models.
_FAMILIES = (
    (r"gpt-5[\w.\-]*-chat", Limits(128_000, 16_384)),
    (r"gpt-5[\d.]*-pro", Limits(272_000, 272_000)),
    (r"gpt-5\.[4-9]", Limits(1_050_000, 128_000)),
    (r"gpt-5", Limits(272_000, 128_000)),
    (r"gpt-4\.1", Limits(1_047_576, 32_768)),
    (r"(?:chat)?gpt-4o", Limits(128_000, 16_384)),
    (r"gpt-4-turbo", Limits(128_000, 4_096)),
    (r"gpt-4", Limits(8_192, 4_096)),
    (r"gpt-3\.5-turbo", Limits(16_385, 4_096)),
    (r"o[134]", Limits(200_000, 100_000)),
    (r"claude-3-7", Limits(200_000, 64_000)),
    (r"claude-3-5", Limits(200_000, 8_192)),
    (r"claude-3-", Limits(200_000, 4_096)),
    (r"claude-opus-4(?:-[01])?(?:-\d{8})?$", Limits(200_000, 32_000)),
    (r"claude-(?:opus|sonnet|haiku)-4(?:-[0-5])?(?:-\d{8})?$", Limits(200_000, 64_000)),
    (r"claude-(?:opus|sonnet)-4-[6-9]", Limits(1_000_000, 128_000)),
    (r"claude-(?:opus|sonnet|haiku|fable|mythos)-5", Limits(1_000_000, 128_000)),
    (r"gemini-(?:1\.5|2\.0)", Limits(1_048_576, 8_192)),
    (r"gemini-(?:2\.5|3)", Limits(1_048_576, 65_536)),
)
_PATTERNS = tuple((re.compile(pattern), limits) for pattern, limits in _FAMILIES)


def limits_of(model: str) -> Limits | None:
    """The limits of a model; None for one of no known family, which then has none."""
    return next((limits for pattern, limits in _PATTERNS if pattern.match(model)), None)


def tokens_over(turns: Sequence[Turn], limits: Limits | None) -> int | None:
    """The tokens of a prompt that is too long, by a rough count; None for one that fits.

    No token is shorter than a character, so a prompt of few characters is not counted.
    """
    if limits is None or sum(len(turn.text) for turn in turns) <= limits.input:
        return None
    tokens = sum(count_tokens(turn.text) for turn in turns)
    return tokens if tokens > limits.input else None
