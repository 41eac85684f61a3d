"""The chain of the rollout's events: what each digest covers, and whether a history is whole. Pure.

Every event is written as one canonical JSON text, and its digest is the SHA-256 of that text, which
holds the digest before it. Changing, removing, inserting or reordering events breaks the chain at that
place; what is missing at the end is told by the head, which the state's row keeps apart. Who may
rewrite all rows, the head included, can forge a whole new chain: against that only a digest noted
elsewhere helps, such as one that `wallbounce rollout verify` printed.

The text is kept as it was hashed, in a column of text: no database's own notion of JSON, numbers or
time comes between. It is pure ASCII, so that no reason given is one a database refuses.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from gateway.rollout.state import RolloutEvent

if TYPE_CHECKING:
    from collections.abc import Iterable

GENESIS = hashlib.sha256(b"wallbounce rollout history, format 1").hexdigest()
"""Stands for the digest before the first event."""


@dataclass(frozen=True, slots=True)
class Head:
    """What the state's row says of the history: its last event's version and digest, and the state.

    Before the first event the version is 0 and the digest `GENESIS`.
    """

    version: int = 0
    digest: str = GENESIS
    state: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verification:
    """Whether a history is whole. ``checked`` events are good, from the first on.

    ``first_broken`` is the version from which on nothing can be trusted, and ``why`` a sentence; both
    are None for a whole history. ``digest`` is that of the last good event.
    """

    ok: bool
    checked: int
    first_broken: int | None
    why: str | None
    digest: str


class Chain:
    """Checks a history event by event, oldest first, in constant memory."""

    def __init__(self) -> None:
        self._last: RolloutEvent | None = None
        self._broken: str | None = None

    @property
    def version(self) -> int:
        """The version of the last good event; 0 before the first."""
        return 0 if self._last is None else self._last.version

    @property
    def digest(self) -> str:
        """The digest of the last good event; `GENESIS` before the first."""
        return GENESIS if self._last is None else self._last.digest

    @property
    def broken(self) -> bool:
        """Whether an event was no continuation; nothing after it can be checked."""
        return self._broken is not None

    def add(self, event: RolloutEvent) -> None:
        """Take the next event in."""
        if self.broken:
            return
        self._broken = self._fault(event)
        if not self.broken:
            self._last = event

    def tear(self, version: int, why: str) -> None:
        """The next event, kept as ``version``, cannot be read."""
        if not self.broken:
            self._broken = f"event {version} is not what was written: {why}"

    def end(self, head: Head) -> Verification:
        """What came out, given what the state says the last event is."""
        why = self._broken or self._unlike(head)
        return Verification(
            ok=why is None,
            checked=self.version,
            first_broken=None if why is None else self._first_broken(head),
            why=why,
            digest=self.digest,
        )

    def _fault(self, event: RolloutEvent) -> str | None:
        due = self.version + 1
        if event.version != due:
            return f"event {due} is missing: after {self.version} comes {event.version}"
        if event.previous != self.digest:
            return f"event {due} does not follow the one before it: one of the two was replaced"
        try:
            digest = digest_of(event)
        except ValueError as error:
            return f"event {due} is not what was written: {error}"
        if event.digest != digest:
            return f"event {due} was changed after it was written"
        return None

    def _unlike(self, head: Head) -> str | None:
        if head.version > self.version:
            return (
                f"events {self.version + 1} to {head.version} are missing: the state is of version "
                f"{head.version}, the history ends at {self.version}"
            )
        if head.version < self.version:
            return (
                f"the history goes on to {self.version}, the state is of version {head.version}: "
                "what follows it was added by somebody else, or the state was set back"
            )
        if head.digest != self.digest:
            return f"event {self.version} is not the one the state was left by"
        if canonical(head.state) != canonical({} if self._last is None else self._last.state):
            return (
                f"the state is not the one that event {self.version} led to: it was changed alone"
            )
        return None

    def _first_broken(self, head: Head) -> int:
        if self.broken or head.version > self.version:
            return self.version + 1
        return min(self.version, head.version + 1) if head.version < self.version else self.version


def verify(events: Iterable[RolloutEvent], head: Head) -> Verification:
    """Check a whole history, oldest first, against what the state says of its end."""
    chain = Chain()
    for event in events:
        chain.add(event)
    return chain.end(head)


def sealed(event: RolloutEvent, previous: str) -> RolloutEvent:
    """The event as it is kept: plain values, chained to the event of digest ``previous``.

    Raises:
        ValueError: It holds what JSON cannot, or a time without zone.
    """
    kept = event_of(document_of(replace(event, previous=previous)))
    return replace(kept, digest=digest_of(kept))


def digest_of(event: RolloutEvent) -> str:
    """Hex SHA-256 over everything but the digest itself. Raises as `sealed`."""
    return hashlib.sha256(document_of(event).encode("ascii")).hexdigest()


def document_of(event: RolloutEvent) -> str:
    """The canonical text of everything but the digest. Raises as `sealed`."""
    if event.at.tzinfo is None:
        raise ValueError("a time without a zone")
    return canonical(
        {
            "version": event.version,
            "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "kind": event.kind,
            "by": event.by,
            "reason": event.reason,
            "figures": event.figures,
            "state": event.state,
            "nonce": event.nonce,
            "previous": event.previous,
        }
    )


def event_of(document: str, digest: str = "") -> RolloutEvent:
    """The event a canonical text tells of.

    Raises:
        ValueError: The text is none of ours.
    """
    try:
        read = json.loads(document)
        return RolloutEvent(**{**read, "at": datetime.fromisoformat(read["at"]), "digest": digest})
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"no event of a rollout: {error}") from error


def canonical(value: object) -> str:
    """The one JSON text of a value: keys sorted, ASCII, no spaces, numbers as Python writes them.

    Reading it and writing it again gives the same text. JSON has no infinity: ``Infinity``,
    ``-Infinity`` and ``NaN`` are kept as these words.

    Raises:
        ValueError: It holds something JSON has no word for.
    """
    return json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), allow_nan=False)


def _plain(value: object) -> object:
    match value:
        case None | bool() | int():
            return value
        case str():
            return str(value)
        case float():
            return float(value) if math.isfinite(value) else _WORDS[str(float(value))]
        case Mapping():
            if not all(isinstance(key, str) for key in value):
                raise ValueError("a mapping whose keys are not all text")
            return {str(key): _plain(item) for key, item in value.items()}
        case Sequence() if not isinstance(value, (bytes, bytearray, memoryview)):
            return [_plain(item) for item in value]
        case _:
            raise ValueError(f"JSON has no word for a {type(value).__name__}")


_WORDS = {"inf": "Infinity", "-inf": "-Infinity", "nan": "NaN"}
