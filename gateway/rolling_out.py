"""Opens the rollout of one process: its state in the database, its way to the others, its controller."""

from __future__ import annotations

import random
import time
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from gateway.configuration import plan_of, rules_of, wish_of
from gateway.rollout.controller import RolloutController
from gateway.rollout.following import adoption
from gateway.rollout.shared import SharedState
from gateway.storage.rollout_evidence import SqlRolloutEvidence
from gateway.storage.rollout_store import SqlRolloutStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gateway.monitoring.rollout_metrics import RolloutMetrics
    from gateway.rollout.bus import StateBus
    from gateway.settings import Settings
    from gateway.storage.sql import Database


@asynccontextmanager
async def open_rollout(
    settings: Settings,
    database: Database,
    *,
    instance: str,
    metrics: RolloutMetrics,
) -> AsyncIterator[RolloutController]:
    """Start to follow the rollout; stop when the context ends.

    Whatever plan stands is followed; `adopt` puts the environment's into force.
    """
    rollout = RolloutController(
        SqlRolloutStore(database),
        environment=plan_of(settings),
        rules=partial(rules_of, settings),
        clock=lambda: datetime.now(UTC),
        monotonic=time.monotonic,
        rng=random.Random(),
        instance=instance,
        experiment=settings.rollout.experiment,
        bus=_bus(settings),
        past=SqlRolloutEvidence(database),
        on_change=metrics.show,
        on_look=metrics.show_verdicts,
    )
    await rollout.start()
    try:
        yield rollout
    finally:
        await rollout.aclose()


async def adopt(settings: Settings, database: Database, *, instance: str) -> None:
    """Put the plan of the environment into force, once and before any process serves.

    A worker that replaces a dead one follows what stands instead: its plan's file may have been
    edited since, and nobody has said yet that this is meant.

    Raises:
        gateway.environment.SettingsError: The plan's file cannot be followed.
        gateway.rollout.moves.RefusedMoveError: Every arm of the plan was closed for harm.
    """
    wish = wish_of(settings)
    if wish is not None:
        shared = SharedState(SqlRolloutStore(database))
        await shared.change(adoption(wish, f"environment@{instance}"), datetime.now(UTC))


def reconfigure(rollout: RolloutController, settings: Settings) -> None:
    """Apply what the environment asks for now.

    Raises:
        gateway.environment.SettingsError: As `adopt`; nothing is applied then.
    """
    wish = wish_of(settings)
    rollout.reconfigure(plan_of(settings), partial(rules_of, settings), wish)


def _bus(settings: Settings) -> StateBus | None:
    """The way to the other processes; without Redis there is one process alone."""
    if settings.server.redis_url is None:
        return None
    from gateway.redis.bus import RedisBus  # noqa: PLC0415 - only with a REDIS_URL

    return RedisBus(
        settings.server.redis_url.get_secret_value(),
        namespace=settings.rollout.experiment,
        monotonic=time.monotonic,
        rng=random.Random(),
    )
