"""The wire form of the alerts, for `GET /api/v1/alerts` and `wallbounce alerts list`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gateway.alerts.rules import Rule
    from gateway.alerts.status import AlertsStatus


def alerts_body(status: AlertsStatus) -> dict[str, Any]:
    """What one process sees and tells; no URL, no token."""
    return {
        "instance": status.instance,
        "alerts": [
            {
                "alert": live.rule.name,
                "level": live.rule.level,
                "subject": live.subject or None,
                "state": live.phase,
                "since": live.since,
                "value": live.value,
                "limit": live.rule.limit,
                "words": live.words or None,
                "told": live.told,
            }
            for live in status.alerts
        ],
        "quiet_hours": status.quiet_hours,
        "quiet": status.quiet,
        "claims_reachable": status.claims_reachable,
        "channels": [
            {"name": channel.name, "level": channel.level, **asdict(channel.deliveries)}
            for channel in status.channels
        ],
        "rules": [rule_body(rule) for rule in status.rules],
    }


def rule_body(rule: Rule) -> dict[str, Any]:
    """One rule, in the words of Prometheus where it has them."""
    return {
        "alert": rule.name,
        "level": rule.level,
        "measure": rule.measure,
        "is": "below" if rule.below else "above",
        "limit": rule.limit,
        "for_s": rule.wait_s,
        "keep_firing_for_s": rule.calm_s,
        "minimum": rule.minimum,
    }
