"""Has each thing told once, by one of the processes that see it, to every channel.

Who claims an alert first owns it: that process tells its beginning, its end, and repeats it. When the
owner sees it end, another process that still sees it takes it over and says so. A process that cannot
ask who owns what tells by itself: twice is better than never.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

import structlog

from gateway.alerts.engine import Kind
from gateway.alerts.messages import Message, of_event, of_notification

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gateway.alerts.claims import Claims
    from gateway.alerts.engine import Key, Notification
    from gateway.alerts.outbox import Outbox
    from gateway.rollout.state import RolloutEvent

_log = structlog.get_logger(__name__)

CLAIM_PATIENCE_S = 1.0
"""How long an emergency may wait for the answer of who tells it."""

MOVE_CLAIM_S = 3600.0
"""How long a move of the rollout is remembered as told; processes hear of one within seconds."""

CLAIM_PART = 0.95
"""Of the time between two repetitions: the claim has ended when the owner's own repetition is due."""

ROLLED_BACK: Key = ("RolledBack", "")

WAITING = 500


class Teller:
    """The telling of one process; all on its event loop.

    Args:
        outboxes: The channels.
        claims: Shared with the other processes.
        repeat_s: As for `gateway.alerts.engine.step`.
        instance: Named in messages.
        hushed: Whether the rollout's own quiet news must wait now.
    """

    def __init__(
        self,
        outboxes: Sequence[Outbox],
        claims: Claims,
        *,
        repeat_s: float,
        instance: str,
        hushed: Callable[[Message], bool],
    ) -> None:
        self._outboxes = outboxes
        self._claims = claims
        self._claim_s = max(1.0, CLAIM_PART * repeat_s)
        self._instance = instance
        self._hushed = hushed
        self._owned: set[Key] = set()
        self._held: deque[Message] = deque(maxlen=WAITING)
        self._claims_reachable = True

    @property
    def claims_reachable(self) -> bool:
        """Whether the last question of who tells was answered."""
        return self._claims_reachable

    def owns(self, key: Key) -> bool:
        """Whether this process tells that alert."""
        return key in self._owned

    async def tell(self, notification: Notification) -> bool:
        """Tell it, if it is ours to tell. Returns whether it was."""
        key = notification.key
        if notification.kind is Kind.RESOLVED:
            ours = self.owns(key)
            await self.release(key)
        elif notification.kind is Kind.FIRING and self.owns(key):
            return False  # the rollout's own message was quicker
        else:
            ours = await self._claim(_name(key), self._claim_s)
            (self._owned.add if ours else self._owned.discard)(key)
        if ours:
            self._send(of_notification(notification, self._instance))
        return ours

    async def announce(self, event: RolloutEvent) -> bool:
        """Tell a move of the rollout, if nobody has. Returns whether it is ours to tell."""
        if not await self._claim(f"move/{event.version}/{event.at.isoformat()}", MOVE_CLAIM_S):
            return False
        if event.kind == "trip":
            if not await self._claim(_name(ROLLED_BACK), self._claim_s):
                return False  # another process saw it stand, and told it already
            self._owned.add(ROLLED_BACK)
        message = of_event(event, self._instance)
        if self._hushed(message):
            self._held.append(message)
        else:
            self._send(message)
        return True

    def flush(self) -> None:
        """Send what was held back and need not wait any more."""
        while self._held and not self._hushed(self._held[0]):
            self._send(self._held.popleft())

    async def release(self, key: Key) -> None:
        """An alert is over: whoever sees it next tells it."""
        if key not in self._owned:
            return
        self._owned.discard(key)
        try:
            async with asyncio.timeout(CLAIM_PATIENCE_S):
                await self._claims.release(_name(key))
        except Exception as error:  # noqa: BLE001 - it ends by itself in time
            self._away(error)

    async def _claim(self, name: str, ttl_s: float) -> bool:
        try:
            async with asyncio.timeout(CLAIM_PATIENCE_S):
                ours = await self._claims.claim(name, ttl_s)
        except Exception as error:  # noqa: BLE001 - whatever keeps us from asking, people are told
            self._away(error)
            return True
        self._claims_reachable = True
        return ours

    def _away(self, error: Exception) -> None:
        if self._claims_reachable:
            _log.warning("alert_claims_away", error=type(error).__name__)
        self._claims_reachable = False

    def _send(self, message: Message) -> None:
        _log.warning("alert_told", level=message.level, title=message.title)
        for outbox in self._outboxes:
            outbox.put(message)


def _name(key: Key) -> str:
    return "/".join(("alert", *key))
