"""What operators read of the alerts of one process."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from gateway.alerts.engine import Phase

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from gateway.alerts.engine import Alerts
    from gateway.alerts.levels import Level
    from gateway.alerts.outbox import Deliveries
    from gateway.alerts.rules import Rule


@dataclass(frozen=True, slots=True)
class ChannelStatus:
    """One channel without its URL."""

    name: str
    level: Level
    deliveries: Deliveries


@dataclass(frozen=True, slots=True)
class LiveAlert:
    """An alert that is pending or fires; ``since`` is UTC."""

    rule: Rule
    subject: str
    phase: Phase
    since: datetime
    value: float
    words: str
    told: bool


@dataclass(frozen=True, slots=True)
class AlertsStatus:
    """One process's view for `GET /api/v1/alerts`."""

    instance: str
    alerts: tuple[LiveAlert, ...]
    rules: tuple[Rule, ...]
    channels: tuple[ChannelStatus, ...]
    quiet_hours: str | None
    quiet: bool
    claims_reachable: bool


def live_alerts(
    rules: Sequence[Rule], alerts: Alerts, now: float, today: datetime
) -> tuple[LiveAlert, ...]:
    """The alerts that are pending or fire. ``now`` is the engine's clock, ``today`` the same in UTC."""
    by_name = {rule.name: rule for rule in rules}
    return tuple(
        LiveAlert(
            rule=by_name[name],
            subject=subject,
            phase=alert.phase,
            since=today - timedelta(seconds=now - alert.since),
            value=alert.reading.value,
            words=alert.reading.words,
            told=alert.told_at is not None,
        )
        for (name, subject), alert in alerts.items()
        if alert.phase is not Phase.ENDED
    )
