"""Recorded traffic with ballots, for the performance monitor: days of it, and what was said of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from gateway.daily.rollup import Rollup
from gateway.storage.daily_store import DailyStore
from gateway.storage.journal_tables import JournalTables
from gateway.storage.vendor_store import VendorStore
from learning.records import Feedback
from providers.messages import Usage
from tests.support.ballots import ballot
from tests.support.records import answered, vote

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.daily.rollup import Done
    from gateway.storage.sql import Database
    from learning.records import RequestRecord

MIDNIGHT = datetime(2026, 3, 1, tzinfo=UTC)


def decided(
    number: int,
    at: datetime,
    *groups: str,
    returned: int | None = 0,
    latency_ms: float = 800.0,
    tokens: int = 120,
    **fields: Any,
) -> RequestRecord:
    """A request whose vendors said these things; default: gpt and claude the returned one, gemini another."""
    said = groups or ("gpt claude", "gemini")
    names = [name for group in said for name in group.split()]
    votes = tuple(
        vote(provider=name, latency_ms=latency_ms, usage=Usage(30, 0, 0, tokens + 20, 20))
        for name in names
    )
    plain = {
        "request_id": f"r-{number:06}",
        "at": at,
        "votes": votes,
        "ballot": ballot(*said),
        "returned_group": returned,
        "latency_ms": latency_ms + 50,
        "confidence": 0.8,
        "agreement": 0.7,
        "cost_usd": 0.003,
        "usage": Usage(90, 0, 0, 3 * (tokens + 20), 60),
    }
    return answered(**{**plain, **fields})


async def journalled(database: Database, records: Sequence[RequestRecord]) -> None:
    """Write requests as the journal does."""
    tables = JournalTables(database)
    for start in range(0, len(records), 500):
        await tables.add(records[start : start + 500])


async def said(
    database: Database, request_id: str, at: datetime, *, correct: bool | None, **fields: Any
) -> None:
    """Write feedback as the journal does."""
    await JournalTables(database).add_feedback(
        Feedback(request_id=request_id, at=at, correct=correct, **fields)
    )


async def rolled_up(database: Database, now: datetime) -> Done:
    """Roll up once, as of ``now``, without pauses."""

    async def at_once(_: float) -> None: ...

    return await Rollup(
        DailyStore(database), VendorStore(database), clock=lambda: now, pause=at_once
    ).run()


def after(**span: float) -> datetime:
    """So long after `MIDNIGHT`."""
    return MIDNIGHT + timedelta(**span)
