"""Looks at the figures once a second, and has told what is to be told.

Nothing here is in the way of a request: `AlertDesk.observe` counts, and all else runs in two tasks of
its own; what goes wrong there is logged, and the next look comes.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import structlog

from gateway.alerts.engine import Kind, Notification, Phase, step
from gateway.alerts.levels import Level
from gateway.alerts.readings import WINDOW_S, Figures
from gateway.alerts.rules import RULES, Measure
from gateway.alerts.status import AlertsStatus, ChannelStatus, live_alerts
from gateway.alerts.teller import Teller
from gateway.rollout.state import RolloutEvent

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence
    from datetime import datetime

    from gateway.alerts.claims import Claims
    from gateway.alerts.engine import Alert, Key
    from gateway.alerts.messages import Message
    from gateway.alerts.outbox import Outbox
    from gateway.alerts.quiet_hours import QuietHours
    from gateway.alerts.readings import Standing
    from gateway.monitoring.alert_metrics import AlertMetrics
    from learning.records import RequestRecord

_log = structlog.get_logger(__name__)

LOOK_S = 1.0

TAKE_OVER_S = 30.0
"""How often a process asks whether an alert that another tells has become its own to tell."""

CLOSING_PATIENCE_S = 3.0
"""How long a process that ends may take to send what waits."""

WAITING = 500
"""News that may wait to be told."""

_News: TypeAlias = Notification | RolloutEvent | tuple[str, str]
"""What the telling task takes: something to tell, or the key of an alert that is over."""


class AlertDesk:
    """The alerts of one process; everything runs on its event loop.

    Args:
        outboxes: The channels.
        claims: Shared with the other processes that see the same.
        standing: What is no request's doing, as it is now; the crashes found at the start are added.
        metrics: Where the figures are shown.
        quiet_hours: When warnings wait, None for never.
        repeat_s: After how long a firing alert is told again.
        monotonic: Seconds that never jump.
        clock: The time in UTC, for the quiet hours and for what people read.
        instance: Names this process in messages.
        crashes: Names of the instances of which a process was found to have ended without a goodbye.
    """

    def __init__(  # noqa: PLR0913 - what a thin shell joins it is given, by keyword
        self,
        outboxes: Sequence[Outbox],
        claims: Claims,
        *,
        standing: Callable[[], Standing],
        metrics: AlertMetrics,
        quiet_hours: QuietHours | None,
        repeat_s: float,
        monotonic: Callable[[], float],
        clock: Callable[[], datetime],
        instance: str,
        crashes: tuple[str, ...] = (),
    ) -> None:
        self._outboxes = outboxes
        self._standing = standing
        self._metrics = metrics
        self._quiet_hours = quiet_hours
        self._repeat_s = repeat_s
        self._monotonic = monotonic
        self._clock = clock
        self._instance = instance
        self._crashes = crashes
        self._started = monotonic()
        self._figures = Figures()
        self._alerts: dict[Key, Alert] = {}
        self._news: asyncio.Queue[_News] = asyncio.Queue(WAITING)
        self._next_take_over = self._started + TAKE_OVER_S
        self._tasks: list[asyncio.Task[None]] = []
        self._teller = Teller(
            outboxes, claims, repeat_s=repeat_s, instance=instance, hushed=self._hushed
        )
        if crashes:
            metrics.show_crash(clock().timestamp())

    def observe(self, record: RequestRecord) -> None:
        """Take in a finished request; fits the journal's subscribers."""
        self._figures.observe(record, self._monotonic())

    def announce(self, event: RolloutEvent) -> None:
        """Have a move of the rollout told at once; never waits, never raises.

        May be called in every process that hears of the move: one tells it.
        """
        self._put(event)

    def look(self) -> None:
        """Read the figures, and pass on what is to be told."""
        now = self._monotonic()
        standing = self._standing()
        if now - self._started < WINDOW_S:
            standing = replace(standing, crashes=self._crashes)
        readings = self._figures.readings(standing, now)
        before = self._alerts
        self._alerts, notifications = step(
            RULES, before, readings, now, quiet=self._quiet(), repeat_s=self._repeat_s
        )
        for notification in notifications:
            self._put(notification)
        resolved = {n.key for n in notifications if n.kind is Kind.RESOLVED}
        for key in before.keys() - self._alerts.keys() - resolved:
            self._put(key)
        if now >= self._next_take_over:
            self._next_take_over = now + TAKE_OVER_S
            self._take_over(now)
        self._teller.flush()
        self._show(readings.get((Measure.ALL_DOWN, "")) is not None)

    async def start(self) -> None:
        """Begin to look, and to send."""
        for outbox in self._outboxes:
            await outbox.start()
        self._tasks = [
            asyncio.create_task(_forever(self._look_on), name="alerts-look"),
            asyncio.create_task(_forever(self._tell_on), name="alerts-tell"),
        ]

    async def aclose(self) -> None:
        """Send what waits, if that goes quickly, and stop."""
        if self._tasks:
            with suppress(TimeoutError):
                async with asyncio.timeout(CLOSING_PATIENCE_S):
                    await self._news.join()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        await asyncio.gather(*(o.aclose(CLOSING_PATIENCE_S) for o in self._outboxes))

    def status(self) -> AlertsStatus:
        """What operators read."""
        return AlertsStatus(
            instance=self._instance,
            alerts=live_alerts(RULES, self._alerts, self._monotonic(), self._clock()),
            rules=RULES,
            channels=tuple(ChannelStatus(o.name, o.level, o.deliveries) for o in self._outboxes),
            quiet_hours=None if self._quiet_hours is None else str(self._quiet_hours),
            quiet=self._quiet(),
            claims_reachable=self._teller.claims_reachable,
        )

    async def tell_next(self) -> None:
        """Wait for the next piece of news, and tell it."""
        news = await self._news.get()
        try:
            match news:
                case Notification():
                    await self._teller.tell(news)
                case RolloutEvent():
                    await self._teller.announce(news)
                case key:
                    await self._teller.release(key)
        finally:
            self._news.task_done()

    async def _tell_on(self) -> None:
        while True:
            await self.tell_next()

    async def _look_on(self) -> None:
        while True:
            self.look()
            await asyncio.sleep(LOOK_S)

    def _take_over(self, now: float) -> None:
        """Offer to tell what another process told, and may see no more."""
        for (name, subject), alert in self._alerts.items():
            rule = next(rule for rule in RULES if rule.name == name)
            true_now = alert.phase is Phase.FIRING and alert.calm_since is None
            if true_now and alert.told_at is not None and not self._teller.owns((name, subject)):
                lasted = now - alert.since
                self._put(Notification(Kind.REPEATED, rule, subject, alert.reading, lasted))

    def _put(self, news: _News) -> None:
        try:
            self._news.put_nowait(news)
        except asyncio.QueueFull:
            _log.error("alert_news_dropped", waiting=WAITING)

    def _quiet(self) -> bool:
        return self._quiet_hours is not None and self._quiet_hours.covers(self._clock())

    def _hushed(self, message: Message) -> bool:
        return message.level is Level.WARNING and self._quiet()

    def _show(self, all_down_known: bool) -> None:
        firing = Counter(
            name for (name, _), alert in self._alerts.items() if alert.phase is Phase.FIRING
        )
        self._metrics.show_firing({(r.name, r.level.value): firing[r.name] for r in RULES})
        self._metrics.show_all_down(down=all_down_known and firing["AllProvidersDown"] > 0)


async def _forever(run: Callable[[], Coroutine[None, None, None]]) -> None:
    """Run it anew whenever it ends by a failure: alerts that have stopped tell nobody so."""
    while True:
        try:
            await run()
        except Exception as error:  # noqa: BLE001 - see above
            _log.error("alerts_failed", exc_info=error)
            await asyncio.sleep(LOOK_S)
