"""The entailment model in a running gateway: loaded soon after the start, its time bounded."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from consensus.entailment.judgement import Entailment

BUDGET_MS: Final = 40.0
"""Thread CPU that the shipped model may take for one decision; then rules decide, and the answer says so."""

WARM_UP: Final = ("Is it safe?", ("Yes, it is safe.", "No, it is dangerous."))
"""Judged once after the start, so that no caller waits for the files."""


async def warm_up(entailment: Entailment) -> None:
    """Load the model, in a thread as it reads files."""
    question, pair = WARM_UP
    await asyncio.to_thread(entailment.compare, question, [pair])
