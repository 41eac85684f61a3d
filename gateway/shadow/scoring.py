"""What a shadow's answer is worth beside the one that was returned, and how a shadow ended. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from consensus.answers import final_answer, read_question, same_answer
from gateway.rollout.window import is_measured
from learning.records import AGREES, SHADOW_OF

if TYPE_CHECKING:
    from learning.records import RequestRecord

ShadowEnd = Literal["answered", "failed", "cut_short", "unmeasured", "skipped"]
"""``failed`` by our doing or the vendors'; ``cut_short`` by the end of the process; ``unmeasured``: it
says nothing of the path (a budget too small for it, an impatient deadline, a prompt no vendor takes);
``skipped``: as many as allowed were running."""


def agreement(question: str, returned: str, shadow: str) -> bool | None:
    """Whether two texts give the same final answer to ``question``; None where types cannot tell."""
    asked = read_question(question)
    return same_answer(final_answer(asked, returned), final_answer(asked, shadow))


def notes(request_id: str, agrees: bool | None = None) -> dict[str, str]:
    """A shadow's metadata: beside which request it ran, and whether it answers the same."""
    said = {SHADOW_OF: request_id}
    if agrees is not None:
        said[AGREES] = str(agrees).lower()
    return said


def end_of(record: RequestRecord) -> ShadowEnd:
    """How the shadow of this record ended."""
    if record.cut_short:
        return "cut_short"
    if record.is_error:
        return "failed"
    return "answered" if is_measured(record) else "unmeasured"
