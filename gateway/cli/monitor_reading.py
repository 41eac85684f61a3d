"""Reads what the performance monitor knows of some days, bringing it up to date first."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.database import opened
from gateway.daily.body import report_body
from gateway.daily.rollup import Rollup
from gateway.storage.daily_store import DailyStore
from gateway.storage.errors import StorageError
from gateway.storage.vendor_store import VendorStore
from learning.monitor.calendar import beginning, by_day, last_days
from learning.monitor.vendors import Vendors

if TYPE_CHECKING:
    from datetime import date, tzinfo

    from gateway.settings import Settings
    from learning.monitor.tally import Tallies


async def read(settings: Settings, days: int, zone: tzinfo, *, roll_up: bool) -> dict[str, Any]:
    """`gateway.daily.body.report_body` of the last ``days``.

    Raises:
        click.ClickException: there is no database, or it cannot be used.
    """
    now = datetime.now(UTC)
    asked = last_days(now, days, zone)
    tallies: dict[date, Tallies] = {}
    async with opened(settings) as database:
        figures, vendors = DailyStore(database), VendorStore(database)
        try:
            if roll_up:
                await Rollup(
                    figures, vendors, clock=lambda: now, pause=lambda _: asyncio.sleep(0)
                ).run()
            for day in asked:  # one at a time: all slices of a year would take a gigabyte
                since, until = beginning(day, zone), beginning(day + timedelta(days=1), zone)
                tallies |= by_day(await figures.slices(since, until), zone)
            changes = await vendors.changes(beginning(asked[0], zone))
            kept = await vendors.kept()
        except StorageError as error:
            raise click.ClickException(f"DATABASE_URL: {error}") from None
    return report_body(
        tallies,
        changes,
        Vendors.from_json(kept.document.get("vendors", {})).standing(),
        asked=asked,
        zone=zone,
        rolled_up_at=kept.rolled_up_at,
    )
