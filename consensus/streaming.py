"""One provider asked once, its reply read while it is being written."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from consensus.asking import Call, crashed, end_calls, timed_out
from consensus.ending import Ending
from providers.errors import CutReplyError
from providers.messages import Completion, TextDelta

if TYPE_CHECKING:
    from consensus.asking import OnCrash, Panelist, Terms
    from consensus.transcript import Attempt, Failure
    from providers.messages import Prompt


class Reader(Protocol):
    """What reads a reply as it comes."""

    def take(self, text: str) -> None:
        """The next characters; never none. Must be quick and never raise."""

    @property
    def shown(self) -> bool:
        """Whether a caller has seen any of it, so that the call may take until its deadline."""

    @property
    def failure(self) -> Failure | None:
        """Why the rest need not come; None as long as it is wanted."""


class StreamedCall(Call):
    """A streamed call on its way, which ``reader`` reads."""

    def __init__(self, panelist: Panelist, prompt: Prompt, terms: Terms, reader: Reader) -> None:
        self._reader = reader
        super().__init__(panelist, prompt, terms)

    async def _reply(self, prompt: Prompt, terms: Terms) -> Completion:
        """The whole reply; what comes without a `Completion` at its end is a cut one."""
        reader, whole = self._reader, None
        source = self._panelist.provider.stream(
            prompt, terms.deadline, repeat_billed=terms.repeat_billed
        )
        async with aclosing(source) as pieces:
            async for piece in pieces:
                if isinstance(piece, Completion):
                    whole = piece
                elif isinstance(piece, TextDelta) and piece.text:
                    reader.take(piece.text)
                    if reader.failure is not None:
                        break
        if whole is None:
            raise CutReplyError(self.name, "the stream ended before the reply did")
        return whole


async def ask_streaming(  # noqa: PLR0913 - the call's terms, its two ends, who reads and who is told
    panelist: Panelist,
    prompt: Prompt,
    terms: Terms,
    begin_by: float,
    cut_at: float,
    *,
    reader: Reader,
    on_crash: OnCrash,
) -> Attempt:
    """Ask one provider alone, and have its reply read as it comes.

    Args:
        panelist: Who is asked.
        prompt: What it is asked.
        terms: Of the call; their deadline bounds all of it.
        begin_by: When it is given up (on the loop's clock) as long as nothing was shown; what was shown
            cannot be taken back.
        cut_at: When it is cut in any case.
        reader: Reads the reply; where it wants no more of it, its failure is the attempt's.
        on_crash: Told of an exception that is no `ProviderError`.
    """
    loop = asyncio.get_running_loop()
    call = StreamedCall(panelist, prompt, terms, reader)
    if_cut = crashed()
    given_up = loop.create_future()

    def give_up() -> None:
        if not (reader.shown or given_up.done()):
            given_up.set_result(None)

    patience = loop.call_at(begin_by, give_up)
    try:
        await asyncio.wait(
            [call.task, given_up],
            timeout=max(0.0, cut_at - loop.time()),
            return_when=asyncio.FIRST_COMPLETED,
        )
        if not call.task.done():
            if_cut = timed_out()
    finally:
        patience.cancel()
        await end_calls([call], on_crash, Ending(terms.deadline, cut_at).closing_s)
    attempt = call.attempt(if_cut, on_crash)
    if reader.failure is not None and attempt.text is None:
        return replace(attempt, failure=reader.failure)
    return attempt
