"""What the database says of the requests a policy was fitted to: when they came in, what they cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from gateway.storage.learning_schema import patterns
from gateway.storage.schema import requests

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from gateway.storage.sql import Database

CHUNK = 500
"""Requests asked for at once."""


@dataclass(frozen=True, slots=True)
class PolicyFacts:
    """``cost_usd``: the mean of the requests whose cost is known, and how many; None of none."""

    patterns: int
    first_at: datetime | None
    last_at: datetime | None
    cost_usd: tuple[float, int] | None


async def policy_facts(database: Database, request_ids: Sequence[str]) -> PolicyFacts:
    """Of these requests, those whose record is written.

    Raises:
        gateway.storage.errors.DatabaseAwayError: The database cannot be used now.
    """
    times: list[datetime] = []
    costs: list[float] = []
    async with database.read() as connection:
        stored = (await connection.execute(select(func.count()).select_from(patterns))).scalar_one()
        for start in range(0, len(request_ids), CHUNK):
            query = select(requests.c.at, requests.c.cost_usd).where(
                requests.c.request_id.in_(request_ids[start : start + CHUNK])
            )
            for at, cost in await connection.execute(query):
                times.append(at)
                if cost is not None:
                    costs.append(cost)
    return PolicyFacts(
        patterns=stored,
        first_at=min(times, default=None),
        last_at=max(times, default=None),
        cost_usd=(sum(costs) / len(costs), len(costs)) if costs else None,
    )
