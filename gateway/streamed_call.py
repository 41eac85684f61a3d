"""One vendor's reply handed on piece by piece, as the vendor writes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consensus.streaming import ask_streaming as ask
from gateway.events import Delta, Emit

if TYPE_CHECKING:
    from consensus.asking import OnCrash, Panelist, Terms
    from consensus.transcript import Attempt
    from providers.messages import Prompt


class _HandedOn:
    """Shows every piece at once, and wants them all. See `consensus.streaming.Reader`."""

    failure = None

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self.shown = False

    def take(self, text: str) -> None:
        self.shown = True
        self._emit(Delta(text))


async def ask_streaming(  # noqa: PLR0913 - the call's terms and who is told
    panelist: Panelist,
    prompt: Prompt,
    terms: Terms,
    begin_by: float,
    cut_at: float,
    *,
    emit: Emit,
    on_crash: OnCrash,
) -> tuple[Attempt, bool]:
    """The attempt, and whether a piece of it was emitted.

    A vendor that has not begun at ``begin_by`` (on the loop's clock) is given up; one that has may
    write until the terms' deadline, for what was shown cannot be taken back.
    """
    reader = _HandedOn(emit)
    attempt = await ask(panelist, prompt, terms, begin_by, cut_at, reader=reader, on_crash=on_crash)
    return attempt, reader.shown
