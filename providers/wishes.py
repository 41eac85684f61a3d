"""What a vendor does about a wish it cannot keep: refuse it, or leave it out and say so.

A vendor's deciding function takes a prompt and returns the fields to send and the `Decision.told`
words; it raises `LackError` for what would make the reply mean something else if it were left out.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from providers.errors import UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from providers.messages import Prompt


class LackError(ValueError):
    """The model lacks what the prompt wants; the message says what and which model, for the caller."""


@dataclass(slots=True)
class Decision:
    """The wishes as the vendor takes them: ``fields`` of the body, ``told`` in words for the caller."""

    fields: dict[str, Any] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)

    def left_out(self, model: str, what: str) -> None:
        """Tell that ``what`` was not sent."""
        self.told.append(f"{model} takes no {what}: left out")


@contextmanager
def refused_as_unsupported(provider: str) -> Iterator[None]:
    """Report a `LackError` inside, and what no JSON can be made of, as this provider's refusal."""
    try:
        yield
    except LackError as lack:
        raise UnsupportedError(provider, str(lack)) from None
    except orjson.JSONEncodeError as error:
        # A schema nested deeper than orjson writes, a number of more than 64 bits, half a character.
        raise UnsupportedError(provider, f"the prompt cannot be sent as JSON: {error}") from None


def wishes_nothing(prompt: Prompt) -> bool:
    """No wish that a vendor could leave out or change: mostly so, and found out in a microsecond."""
    return (
        prompt.temperature is None
        and prompt.top_p is None
        and prompt.seed is None
        and prompt.reasoning_effort is None
        and prompt.format is None
        and not prompt.tools
        and prompt.tool_choice is None
        and not prompt.stop
        and not prompt.frequency_penalty
        and not prompt.presence_penalty
        and all(
            not (turn.parts or turn.tool_calls or turn.tool_call_id) for turn in prompt.messages
        )
    )


def has_detail(prompt: Prompt) -> bool:
    """It says of an image how closely to look."""
    return any(
        image.detail not in {None, "auto"} for turn in prompt.messages for image in turn.images
    )
