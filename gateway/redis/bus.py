"""Tells the other processes over Redis: publish/subscribe, and beside it the newest state in a key.

Theory of operation. A *session* is one life of the connections: subscribe, greet, compare states, and
then listen, tell and look every second whether Redis still answers and knows our state. Whatever fails
ends the session, and after a pause the next one begins; that the others may have spoken meanwhile is
why each begins with a greeting and a comparison. Publish/subscribe loses what nobody hears, which costs
the moment until the next look at the database and nothing else: no rollback depends on this.

The key only ever goes up (a script sets it where the version is higher). An emptied Redis has it back
within a second from whoever knows it.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Any

import structlog

from gateway.redis.connection import ANSWER_S, FAILURES, opened, words_for
from gateway.redis.place import Place
from gateway.rollout.bus import BusHealth, ToldHarm
from gateway.rollout.state import RolloutState
from gateway.rollout.wire import (
    Hello,
    Seen,
    UnreadableMessageError,
    read,
    state_read,
    written,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence
    from random import Random

    from redis.asyncio.client import PubSub

    from gateway.rollout.observation import Label, Observation

_log = structlog.get_logger(__name__)

GATHER_S = 0.05
"""How long observations are gathered: a message each would cost more than the request's other books."""

MOST_A_MESSAGE = 500
"""Observations, and as many labels: some 75 KB."""

MOST_WAITING = 5_000
"""Observations and labels that wait while Redis is away; older ones give way."""

MOST_HARM = 64
"""Harm that is told again; each process finds little of it before a newer state answers it."""

BEAT_S = 1.0
"""How often Redis is asked whether it is there and knows our state."""

SILENCE_S = 3.0
"""Redis answers each beat; after so long a silence the connection is given up."""

PAUSES_S = (0.05, 2.0)
"""First and longest pause before connecting anew; each is twice the one before, spread by half."""

FAREWELL_S = 0.5
"""How long a process that ends may take to tell what is urgent."""

_COMING = "coming up: Redis was not reached yet"
_THERE = "Redis answers: the others hear within milliseconds"
_ALONE = "the database alone carries the state, within half a second"


class RedisBus:
    """`gateway.rollout.bus.StateBus` over one Redis.

    Args:
        url: Where it is; may hold a password, and is shown to nobody.
        namespace: Keeps rollouts apart that share a Redis.
        monotonic: Seconds that never jump.
        rng: Spreads the processes' tries to connect.

    Raises:
        gateway.redis.connection.UnreadableUrlError: By `start`.
    """

    def __init__(
        self, url: str, *, namespace: str, monotonic: Callable[[], float], rng: Random
    ) -> None:
        self._url = url
        self._namespace = namespace
        self._monotonic = monotonic
        self._rng = rng
        self._sender = secrets.token_hex(8)
        self._known = RolloutState()
        self._harm: dict[str, ToldHarm] = {}
        self._untold: dict[str, ToldHarm] = {}
        self._state_due = False
        self._set_back_due = False
        self._observations: deque[Observation] = deque()
        self._labels: deque[Label] = deque()
        self._something = asyncio.Event()
        self._urgent = asyncio.Event()
        self._told = asyncio.Event()
        self._told.set()
        self._reachable = False
        self._words = f"{_COMING}; {_ALONE}"
        self._last_heard = 0.0
        self._sent = self._heard = self._dropped = self._refused = self._losses = 0
        self._task: asyncio.Task[None] | None = None

    @property
    def health(self) -> BusHealth:
        """How it stands now."""
        return BusHealth(
            reachable=self._reachable,
            words=self._words,
            sent=self._sent,
            heard=self._heard,
            dropped=self._dropped,
            refused=self._refused,
            losses=self._losses,
        )

    async def start(
        self,
        on_state: Callable[[RolloutState], None],
        on_harm: Callable[[ToldHarm], None],
        on_seen: Callable[[Sequence[Observation], Sequence[Label]], None],
    ) -> None:
        """Begin. What was published before is told too."""
        async with opened(self._url):
            pass  # so that a URL nobody can read fails here, and not for ever in the background
        self._on_state, self._on_harm, self._on_seen = on_state, on_harm, on_seen
        self._task = asyncio.create_task(self._run(), name="rollout-bus")

    def publish_state(self, state: RolloutState) -> None:
        """Tell a state, if it is newer than any told or heard."""
        if state.version > self._known.version:
            self._learn(state)
            self._state_due = True
            self._hurry()

    def set_back(self, state: RolloutState) -> None:
        """Put this state into the key, whatever newer one is there."""
        self._known = state
        self._harm.clear()
        self._set_back_due = self._state_due = True
        self._hurry()

    def publish_harm(self, harm: ToldHarm) -> None:
        """Tell harm, now and to whoever comes until a newer state is known."""
        if len(self._harm) >= MOST_HARM:
            self._harm.pop(next(iter(self._harm)))
        self._harm[harm.nonce] = self._untold[harm.nonce] = harm
        self._hurry()

    def publish_seen(self, observations: Sequence[Observation], labels: Sequence[Label]) -> None:
        """Gather, and tell within `GATHER_S`."""
        self._observations.extend(observations)
        self._labels.extend(labels)
        waiting: deque[Any]
        for waiting in (self._observations, self._labels):
            while len(waiting) > MOST_WAITING:
                waiting.popleft()
                self._dropped += 1
        self._something.set()

    async def aclose(self) -> None:
        """Tell what is urgent, if that goes quickly, and end."""
        if self._task is None:
            return
        if self._reachable:
            with suppress(TimeoutError):
                async with asyncio.timeout(FAREWELL_S):
                    await self._told.wait()
        self._task.cancel()
        await asyncio.wait([self._task], timeout=FAREWELL_S + ANSWER_S)
        self._task = None
        self._reachable = False

    async def _run(self) -> None:
        pause_s, longest_s = PAUSES_S
        while True:
            try:
                await self._session()
            except FAILURES as failure:
                if self._reachable:
                    pause_s = PAUSES_S[0]
                self._lost(failure)
            except Exception as mistake:  # noqa: BLE001 - a mistake of ours must not end it for good
                _log.error("rollout_bus_failed", exc_info=mistake)
                self._lost(mistake)
            await asyncio.sleep(pause_s * self._rng.uniform(0.5, 1.5))
            pause_s = min(2 * pause_s, longest_s)

    async def _session(self) -> None:
        """One life of the connections; ends by whatever breaks it."""
        async with opened(self._url) as redis:
            place = Place(redis, self._namespace)
            async with place.listening() as pubsub:
                await self._compare(place)
                # Whoever knows of harm tells us again; and we do, to whoever came while we were away.
                await place.tell(written(self._sender, Hello()))
                self._untold.update(self._harm)
                self._hurry()
                self._found()
                await _until_one_fails(
                    self._listen(pubsub), self._beat(place, pubsub), self._tell(place)
                )

    async def _listen(self, pubsub: PubSub) -> None:
        while True:
            message = await pubsub.get_message(timeout=None)
            self._last_heard = self._monotonic()
            if message is not None and message["type"] == "message":
                self._hear(message["data"])

    async def _beat(self, place: Place, pubsub: PubSub) -> None:
        while True:
            await asyncio.sleep(BEAT_S)
            if self._monotonic() - self._last_heard > SILENCE_S:
                raise TimeoutError
            await pubsub.ping()
            if (await place.version() or 0) != self._known.version:
                await self._compare(place)

    async def _tell(self, place: Place) -> None:
        while True:
            await self._something.wait()
            with suppress(TimeoutError):
                async with asyncio.timeout(GATHER_S):
                    await self._urgent.wait()
            self._something.clear()
            self._urgent.clear()
            await self._tell_news(place)
            await self._tell_seen(place)

    async def _tell_news(self, place: Place) -> None:
        while self._untold or self._state_due:
            # Harm first: it is in nobody's database yet.
            for nonce, harm in list(self._untold.items()):
                await place.tell(written(self._sender, harm))
                self._sent += 1
                self._untold.pop(nonce, None)
            if self._state_due:
                await self._compare(place)
        self._told.set()

    async def _tell_seen(self, place: Place) -> None:
        while self._observations or self._labels:
            seen = Seen(
                tuple(islice(self._observations, MOST_A_MESSAGE)),
                tuple(islice(self._labels, MOST_A_MESSAGE)),
            )
            # Taken out before it is told: told twice it would count twice, and it may be told and not
            # confirmed.
            for _ in seen.observations:
                self._observations.popleft()
            for _ in seen.labels:
                self._labels.popleft()
            await place.tell(written(self._sender, seen))
            self._sent += 1

    async def _compare(self, place: Place) -> None:
        """Raise the key to what we know and tell it, or learn what it knows."""
        known, set_back = self._known, self._set_back_due
        self._state_due = self._set_back_due = False
        try:
            if set_back:
                await place.put(known)
                return
            newer = await place.compare(known, written(self._sender, known))
        except BaseException:
            self._state_due, self._set_back_due = True, self._set_back_due or set_back
            raise
        if newer is not None:
            try:
                self._hear_state(state_read(newer))
            except UnreadableMessageError:
                self._refused += 1

    def _hear(self, data: bytes) -> None:
        try:
            sender, message = read(data)
        except UnreadableMessageError as error:
            self._refused += 1
            if self._refused == 1:
                _log.warning("rollout_bus_message_refused", why=str(error))
            return
        if sender == self._sender:
            return
        self._heard += 1
        match message:
            case RolloutState():
                self._hear_state(message)
            case ToldHarm():
                self._call(self._on_harm, message)
            case Seen():
                self._call(self._on_seen, message.observations, message.labels)
            case Hello():
                if self._harm:
                    self._untold.update(self._harm)
                    self._hurry()

    def _hear_state(self, state: RolloutState) -> None:
        if state.version > self._known.version:
            self._learn(state)
            self._call(self._on_state, state)

    def _learn(self, state: RolloutState) -> None:
        self._known = state
        answered = [nonce for nonce, harm in self._harm.items() if harm.is_answered_by(state)]
        for nonce in answered:
            del self._harm[nonce]

    @staticmethod
    def _call(listener: Callable[..., None], *told: object) -> None:
        try:
            listener(*told)
        except Exception:  # noqa: BLE001 - see below
            # What a listener does wrong is no reason to hear nothing any more.
            _log.exception("rollout_bus_listener_failed")

    def _hurry(self) -> None:
        self._told.clear()
        self._urgent.set()
        self._something.set()

    def _found(self) -> None:
        self._last_heard = self._monotonic()
        self._reachable, self._words = True, _THERE
        _log.info("rollout_bus_reached", losses=self._losses)

    def _lost(self, failure: BaseException) -> None:
        words = words_for(failure)
        if self._reachable or self._losses == 0:
            _log.warning("rollout_bus_lost", why=words)
        self._losses += self._reachable
        self._reachable, self._words = False, f"{words}; {_ALONE}"


async def _until_one_fails(*parts: Coroutine[Any, Any, None]) -> None:
    """Run all; as soon as one ends, end the others and raise what it raised.

    No task group: where a part fails in the moment the whole is cancelled, Python 3.11's loses the
    cancellation.
    """
    tasks = [asyncio.create_task(part) for part in parts]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    for result in results:
        if isinstance(result, Exception):
            raise result
