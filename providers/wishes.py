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


def unsupported(provider: str, error: Exception) -> UnsupportedError:
    """A `LackError`, or what no JSON can be made of, as this provider's refusal."""
    if isinstance(error, LackError):
        return UnsupportedError(provider, str(error))
    # A schema nested deeper than orjson writes, a number of more than 64 bits, half a character.
    return UnsupportedError(provider, f"the prompt cannot be sent as JSON: {error}")


NOT_TO_BE_SENT = (LackError, orjson.JSONEncodeError)
"""What writing a prompt may raise that is the prompt's doing (`unsupported`)."""


@contextmanager
def refused_as_unsupported(provider: str) -> Iterator[None]:
    """Raise what is `NOT_TO_BE_SENT` as this provider's refusal; it costs a microsecond."""
    try:
        yield
    except NOT_TO_BE_SENT as error:
        raise unsupported(provider, error) from None


def wishes_nothing(prompt: Prompt) -> bool:
    """No wish that a vendor could leave out or change: mostly so, and found out in a microsecond."""
    if not (
        prompt.temperature is None
        and prompt.top_p is None
        and prompt.seed is None
        and prompt.reasoning_effort is None
        and prompt.format is None
        and prompt.tool_choice is None
        and not prompt.tools
        and not prompt.stop
        and not prompt.frequency_penalty
        and not prompt.presence_penalty
    ):
        return False
    for turn in prompt.messages:  # noqa: SIM110 - twice as fast as any(): it is on every call's way
        if turn.parts or turn.tool_calls or turn.tool_call_id:
            return False
    return True


def has_detail(prompt: Prompt) -> bool:
    """It says of an image how closely to look."""
    return any(
        image.detail not in {None, "auto"} for turn in prompt.messages for image in turn.images
    )


def refuse_images_in_system_turns(prompt: Prompt, model: str) -> None:
    """Raise `LackError` for an image among the rules: there they are text alone."""
    if any(turn.parts and turn.role == "system" for turn in prompt.messages):
        raise LackError(f"{model} takes no images in a system turn")
