"""One vendor's reply handed on piece by piece, as the vendor writes it."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

from consensus.asking import answered, crashed, failed, failure_of, timed_out
from gateway.events import Delta, Emit
from providers.errors import CutReplyError, ProviderError
from providers.messages import Completion, TextDelta

if TYPE_CHECKING:
    from consensus.asking import OnCrash, Panelist, Terms
    from consensus.transcript import Attempt, Failure
    from providers.messages import Prompt


async def ask_streaming(  # noqa: PLR0913 - the call's terms and who is told
    panelist: Panelist,
    prompt: Prompt,
    terms: Terms,
    begin_by: float,
    *,
    emit: Emit,
    on_crash: OnCrash,
) -> tuple[Attempt, bool]:
    """The attempt, and whether a piece of it was emitted.

    A vendor that has not begun at ``begin_by`` (on the loop's clock) is given up; one that has may
    write until the terms' deadline, for what was shown cannot be taken back.
    A reply is whole only with its `Completion`: a stream that ends without is a cut one.
    """
    loop = asyncio.get_running_loop()
    began = loop.time()
    provider = panelist.provider
    shown = False
    outcome: Completion | Failure = failure_of(
        CutReplyError(provider.name, "the stream ended before the reply did")
    )
    try:
        async with (
            asyncio.timeout_at(begin_by) as patience,
            aclosing(provider.stream(prompt, terms.deadline)) as pieces,
        ):
            async for piece in pieces:
                if isinstance(piece, Completion):
                    outcome = piece
                elif isinstance(piece, TextDelta) and piece.text:
                    if not shown:
                        patience.reschedule(terms.deadline.at)
                    shown = True
                    emit(Delta(piece.text))
    except TimeoutError:
        outcome = timed_out()
    except ProviderError as error:
        outcome = failure_of(error)
    except Exception as error:  # noqa: BLE001 - one vendor's adapter must not break the request; reported
        on_crash(provider.name, error)
        outcome = crashed()
    latency_ms = (loop.time() - began) * 1000
    if isinstance(outcome, Completion):
        return answered(panelist, outcome, terms.round, latency_ms), shown
    return failed(panelist, outcome, terms.round, latency_ms), shown
