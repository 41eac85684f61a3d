"""Databases of both kinds, and records to put into them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gateway.storage.sql import Database
from learning.records import RequestRecord, VoteRecord
from providers.messages import Usage

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

ROOT = Path(__file__).resolve().parents[2]
"""The repository, where a process of a test's own finds the packages."""

NOON = datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database, once of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/journal.sqlite3"
    url: str = request.getfixturevalue("postgres_cluster").new_database()
    return url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An open and migrated database, once of each kind."""
    opened = await Database.open(database_url)
    await opened.migrate()
    yield opened
    await opened.aclose()


async def until(condition: Callable[[], bool]) -> None:
    """Wait until a background task has made it true; fail when it does not."""
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 - what is watched offers no event, as users see it
            await asyncio.sleep(0.005)


def vote(provider: str = "gpt", **changes: Any) -> VoteRecord:
    """One vendor's answer."""
    usual = VoteRecord(
        provider=provider,
        vendor="openai",
        model="gpt-5",
        round=1,
        latency_ms=812.4,
        cost_usd=0.0021,
        usage=Usage(31, 8, 4, 120, 64),
        final_answer="42",
        agreement_score=0.95,
        weight=0.41,
    )
    return replace(usual, **changes)


def record(request_id: str = "r-1", *, after_s: float = 0.0, **changes: Any) -> RequestRecord:
    """One answered request that came ``after_s`` seconds past `NOON`."""
    usual = RequestRecord(
        request_id=request_id,
        at=NOON + timedelta(seconds=after_s),
        instance="a",
        arm="wall_bounce",
        status=200,
        code=None,
        latency_ms=843.125,
        votes=(vote(),),
    )
    return replace(usual, **changes)
