r"""Decides which alerts are pending, firing or over, and what is to be told; no clock, no channel.

Theory of operation. A rule looks at one measure, which is read of several subjects (arms, providers) or
of one (``""``). Each rule and subject has its own life::

    (none) --true--> PENDING --true for wait_s--> FIRING --not true for calm_s--> (none)
                        \--not true--> (none)

Not true is a good value, or none: without traffic nothing is known, and an alert that nobody can see
any more is over, in words that do not call it mended.

Firing and told are two things. A firing alert is told, while its condition is true, unless it is muted
(a louder rule of the same measure and subject fires) or hushed (a warning in quiet hours); it is told as
soon as neither holds, and again every ``repeat_s``. Its end is told only if its beginning was. Quiet
hours hold back the end of a warning, too; if it fires again before they are over, it just goes on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeAlias

from gateway.alerts.levels import Level
from gateway.alerts.rules import Measure, Rule

Key: TypeAlias = tuple[str, str]
"""A rule's name and a subject."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A measure of one subject: its value, and of how many requests or calls it comes.

    ``words`` say what the figure cannot: why a rollback stands.
    """

    value: float
    count: int = 0
    words: str = ""


Readings: TypeAlias = Mapping[tuple[Measure, str], Reading]
"""What is known now; what is missing is unknown."""


class Phase(StrEnum):
    """Where an alert is in its life; ENDED waits for the quiet hours to end."""

    PENDING = "pending"
    FIRING = "firing"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Alert:
    """One rule and subject. Times are seconds, monotonic.

    ``since``: true from then on. ``told_at``: when it was last told, None if never. ``calm_since``: not
    true from then on, None while it is true. ``reading`` is the last true one; ``known`` whether the
    measure is known now.
    """

    phase: Phase
    since: float
    reading: Reading
    told_at: float | None = None
    calm_since: float | None = None
    known: bool = True


Alerts: TypeAlias = Mapping[Key, Alert]


class Kind(StrEnum):
    """What is said of an alert."""

    FIRING = "firing"
    REPEATED = "repeated"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Notification:
    """To be told now. ``lasted_s`` since the condition became true; ``known`` as in `Alert`."""

    kind: Kind
    rule: Rule
    subject: str
    reading: Reading
    lasted_s: float
    known: bool = True

    @property
    def key(self) -> Key:
        """The alert it is about."""
        return self.rule.name, self.subject


def step(  # noqa: PLR0913 - the two states, the moment and the two settings
    rules: Sequence[Rule],
    alerts: Alerts,
    readings: Readings,
    now: float,
    *,
    quiet: bool,
    repeat_s: float,
) -> tuple[dict[Key, Alert], list[Notification]]:
    """Look once.

    Args:
        rules: The rules, of which names are unique.
        alerts: What the last look returned; empty at the start.
        readings: What is known now.
        now: Seconds, monotonic, not before the last look.
        quiet: Whether it is a quiet hour.
        repeat_s: After how long a firing alert is told again.

    Returns:
        The alerts that live now, and what is to be told of them, the loudest first.
    """
    lived = {
        key: alert for rule in rules for key, alert in _lived(rule, alerts, readings, now).items()
    }
    by_name = {rule.name: rule for rule in rules}
    after: dict[Key, Alert] = {}
    told: list[Notification] = []
    for (name, subject), alert in lived.items():
        rule = by_name[name]
        kind = _to_tell(rule, alert, now, repeat_s)
        over = alert.phase is Phase.ENDED
        hushed = quiet and rule.level is Level.WARNING
        # A louder alert of the same thing does not keep this one from being over.
        muted = not over and _muted(rule, subject, lived, by_name)
        tells = kind is not None and not hushed and not muted
        if kind is not None and tells:
            told.append(
                Notification(kind, rule, subject, alert.reading, now - alert.since, alert.known)
            )
        if not over:
            after[name, subject] = replace(alert, told_at=now) if tells else alert
        elif kind is not None and not tells:
            after[name, subject] = alert
    return after, sorted(told, key=lambda n: -n.rule.level.loudness)


def _lived(rule: Rule, alerts: Alerts, readings: Readings, now: float) -> dict[Key, Alert]:
    """The rule's alerts one look later."""
    subjects = {subject for name, subject in alerts if name == rule.name}
    subjects |= {subject for measure, subject in readings if measure is rule.measure}
    found = {}
    for subject in sorted(subjects):
        key = rule.name, subject
        reading = readings.get((rule.measure, subject))
        if reading is not None and reading.count < rule.minimum:
            reading = None
        alert = _next(rule, alerts.get(key), reading, now)
        if alert is not None:
            found[key] = alert
    return found


def _next(rule: Rule, alert: Alert | None, reading: Reading | None, now: float) -> Alert | None:
    if reading is not None and rule.is_true(reading.value):
        if alert is None:
            alert = Alert(Phase.PENDING, now, reading)
        elif alert.phase is Phase.ENDED:
            # Over and back in the same quiet hours: it was told, so it goes on.
            alert = replace(alert, phase=Phase.FIRING)
        alert = replace(alert, reading=reading, calm_since=None, known=True)
        ripe = now - alert.since >= rule.wait_s
        return replace(alert, phase=Phase.FIRING) if ripe else alert
    if alert is None or alert.phase is Phase.PENDING:
        return None
    calm_since = now if alert.calm_since is None else alert.calm_since
    alert = replace(alert, calm_since=calm_since, known=reading is not None)
    return replace(alert, phase=Phase.ENDED) if now - calm_since >= rule.calm_s else alert


def _muted(rule: Rule, subject: str, alerts: Alerts, by_name: Mapping[str, Rule]) -> bool:
    return any(
        other_subject == subject
        and alert.phase is Phase.FIRING
        and by_name[name].measure is rule.measure
        and by_name[name].level.loudness > rule.level.loudness
        for (name, other_subject), alert in alerts.items()
    )


def _to_tell(rule: Rule, alert: Alert, now: float, repeat_s: float) -> Kind | None:
    """What there is to tell of an alert, silence aside."""
    if alert.phase is Phase.PENDING:
        return None
    if alert.phase is Phase.ENDED:
        return None if alert.told_at is None or rule.silent_end else Kind.RESOLVED
    if alert.calm_since is not None:
        return None
    if alert.told_at is None:
        return Kind.FIRING
    return Kind.REPEATED if now - alert.told_at >= repeat_s else None
