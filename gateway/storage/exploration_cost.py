"""What explored requests have cost, over all processes: the journal knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from gateway.storage.schema import requests

if TYPE_CHECKING:
    from datetime import datetime

    from gateway.storage.sql import Database


async def explored_cost_usd(database: Database, since: datetime) -> float:
    """The cost of the requests from ``since`` on whose choice was drawn, as far as it is known.

    Raises:
        DatabaseAwayError: The database cannot be used now.
    """
    drawn = requests.c.advice["explored"].as_boolean()
    query = select(func.coalesce(func.sum(requests.c.cost_usd), 0.0)).where(
        requests.c.at >= since, requests.c.advice.is_not(None), drawn
    )
    async with database.read() as connection:
        return float((await connection.execute(query)).scalar_one())
