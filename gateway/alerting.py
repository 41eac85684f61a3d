"""Opens the alerts of one process: the settings' channels, the crash mark, the figures they look at."""

from __future__ import annotations

import time
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import psutil

from gateway.alerts.addresses import names
from gateway.alerts.claims import OwnClaims
from gateway.alerts.crash_marks import marked
from gateway.alerts.desk import AlertDesk
from gateway.alerts.outbox import Outbox
from gateway.alerts.readings import Standing
from gateway.monitoring.exposition import WorkersCollector

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from pathlib import Path

    from pydantic import SecretStr

    from gateway.alerts.channels import Channel
    from gateway.alerts.claims import Claims
    from gateway.monitoring.alert_metrics import AlertMetrics
    from gateway.rollout.status import Standing as RolloutStanding
    from gateway.settings import Alerts, Settings
    from gateway.storage.journal import Journal


@asynccontextmanager
async def open_alerts(  # noqa: PLR0913 - what it looks at, and who it is
    settings: Settings,
    *,
    instance: str,
    journal: Journal,
    metrics: AlertMetrics,
    rollout: Callable[[], RolloutStanding],
    changed: Callable[[datetime], Mapping[str, str]],
    workers_dir: Path | None = None,
) -> AsyncIterator[AlertDesk]:
    """Look and tell for as long as the block runs.

    Args:
        settings: Channels, quiet hours, repetition.
        instance: Names this process.
        journal: Its records are looked at.
        metrics: Where the figures are shown.
        rollout: What is in force now.
        changed: Vendors' figures found changed lately, as of a moment; as in `Standing`.
        workers_dir: As in `gateway.monitoring.metrics.Metrics`.
    """
    memory = _memory_reader(workers_dir)

    def standing() -> Standing:
        trip = rollout().trip
        return Standing(
            rolled_back=None if trip is None else f"{trip.reason}; by {trip.by}",
            memory_bytes=memory(),
            records_lost=journal.stats.dropped,
            changed=changed(datetime.now(UTC)),
        )

    async with AsyncExitStack() as stack:
        crashes = stack.enter_context(marked(settings.server.data_dir, instance))
        desk = AlertDesk(
            outboxes(settings.alerts, metrics.observe_message),
            await stack.enter_async_context(_claims(settings)),
            standing=standing,
            metrics=metrics,
            quiet_hours=settings.alerts.quiet_hours,
            repeat_s=settings.alerts.repeat.total_seconds(),
            monotonic=time.monotonic,
            clock=lambda: datetime.now(UTC),
            instance=instance,
            crashes=crashes,
        )
        journal.subscribe(desk.observe)
        await desk.start()
        stack.push_async_callback(desk.aclose)
        yield desk


def outboxes(
    settings: Alerts, on_end: Callable[[str, str], None] = lambda _name, _outcome: None
) -> tuple[Outbox, ...]:
    """The configured channels, not started."""
    return tuple(
        Outbox(name, level, partial(_channel, url), on_end)
        for name, (level, url) in zip(names(settings.urls), settings.urls, strict=True)
    )


@asynccontextmanager
async def _claims(settings: Settings) -> AsyncIterator[Claims]:
    """Shared over Redis; without one there is no other process to share them with."""
    url = settings.server.redis_url
    if url is None:
        yield OwnClaims(time.monotonic)
        return
    from gateway.redis.claims import RedisClaims  # noqa: PLC0415 - only with a REDIS_URL
    from gateway.redis.connection import opened  # noqa: PLC0415

    async with opened(url.get_secret_value()) as redis:
        yield RedisClaims(redis, settings.rollout.experiment)


def _channel(url: SecretStr) -> Channel:
    from gateway.alerts.apprise_door import AppriseChannel  # noqa: PLC0415 - slow, only where it is used

    return AppriseChannel(url)


def _memory_reader(workers_dir: Path | None) -> Callable[[], float]:
    """The same figure as `process_resident_memory_bytes` of `/metrics`, in bytes."""
    if workers_dir is None:
        process = psutil.Process()
        return lambda: float(process.memory_info().rss)
    workers = WorkersCollector(workers_dir)

    def read() -> float:
        family = next(f for f in workers.collect() if f.name == "process_resident_memory_bytes")
        return float(family.samples[0].value)

    return read
