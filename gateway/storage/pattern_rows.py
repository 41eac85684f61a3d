"""Patterns and their members as rows, and back.

An embedding, a unit row or zeros, is kept in whole numbers of eight bits, the zeros at its end left out:
an English text's takes 258 bytes, a Japanese one's 770, where 32-bit floats would take 3072. Of the ten
nearest among 20,000 questions 98.3 % are found by these, by 16-bit floats 99.8 % at twice the room, in
every backup too (`python -m bench.pattern_store`).
"""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson

from gateway.storage.column_types import storable
from learning.patterns.merging import DatedFailure
from learning.patterns.pattern import Configuration, Failure, Pattern, Scenario, VendorTally
from learning.patterns.stances import Outcome, Stance

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from consensus.embedding.embedder import FloatArray
    from learning.patterns.contribution import NewPattern

_HEAD = struct.Struct("<H")
"""How many dimensions there are."""

_STEPS = 127

PATTERN_COLUMNS = (
    *(
        "id",
        "embedder",
        "embedding",
        "words",
        "task",
        "kind",
        "language",
        "configuration",
        "vendors",
    ),
    *("first_at", "last_at", "count", "right", "wrong", "confidence", "confident", "cost_usd"),
    *("latency_ms", "reused", "predictive", "failure", "lesson"),
)
"""In the order `pattern_of` reads them."""


def packed(embeddings: FloatArray) -> list[bytes]:
    """Rows (n, d) as they are kept, one each."""
    import numpy as np  # noqa: PLC0415 - 0.1 s of a start

    largest = np.abs(embeddings).max(axis=1)
    scales = np.where(largest > 0.0, largest / _STEPS, 1.0)
    steps = np.rint(embeddings / scales[:, None]).astype(np.int8)
    dimensions = embeddings.shape[1]
    return [_HEAD.pack(dimensions) + row.tobytes().rstrip(b"\0") for row in steps]


def unpacked(kept: bytes) -> FloatArray:
    """The unit row (d,) that was packed, to its rounding; zeros stay zeros."""
    import numpy as np  # noqa: PLC0415 - 0.1 s of a start

    (dimensions,) = _HEAD.unpack_from(kept)
    row = np.zeros(dimensions, dtype=np.float32)
    steps = np.frombuffer(kept, dtype=np.int8, offset=_HEAD.size)
    row[: len(steps)] = steps
    length = float(np.sqrt(row @ row))
    if length > 0.0:
        row /= length
    return row


def pattern_row(
    pattern: Pattern, embedder: str, embedding: bytes, failure: DatedFailure | None
) -> dict[str, Any]:
    """The pattern's row in `patterns`."""
    scenario = pattern.scenario
    return {
        "id": pattern.id,
        "embedder": embedder,
        "embedding": embedding,
        "words": " ".join(scenario.words),
        "task": scenario.task,
        "kind": scenario.kind,
        "language": scenario.language,
        "configuration": _configuration_text(pattern.configuration),
        "vendors": _vendors_text(pattern.vendors),
        "first_at": pattern.first_at,
        "last_at": pattern.last_at,
        "count": pattern.count,
        "right": pattern.right,
        "wrong": pattern.wrong,
        "confidence": pattern.confidence,
        "confident": pattern.confident,
        "cost_usd": pattern.cost_usd,
        "latency_ms": pattern.latency_ms,
        "reused": pattern.reused,
        "predictive": pattern.predictive,
        "failure": None if failure is None else _failure_text(failure),
        "lesson": pattern.lesson,
    }


def moved_row(pattern: Pattern, failure: DatedFailure | None) -> dict[str, Any]:
    """What of the row another request or a label changes."""
    return {
        "id": pattern.id,
        "vendors": _vendors_text(pattern.vendors),
        "first_at": pattern.first_at,
        "last_at": pattern.last_at,
        "count": pattern.count,
        "right": pattern.right,
        "wrong": pattern.wrong,
        "confidence": pattern.confidence,
        "confident": pattern.confident,
        "cost_usd": pattern.cost_usd,
        "latency_ms": pattern.latency_ms,
        "failure": None if failure is None else _failure_text(failure),
        "lesson": pattern.lesson,
    }


def pattern_of(row: Sequence[Any]) -> Pattern:
    """The pattern of a row of `PATTERN_COLUMNS`, as the driver gives it."""
    providers, mode, depth, weights = orjson.loads(row[7])
    failure = failure_of_row(row)
    return Pattern(
        id=row[0],
        scenario=Scenario(
            embedding=unpacked(row[2]),
            words=tuple(row[3].split(" ")) if row[3] else (),
            task=row[4],
            kind=row[5],
            language=row[6],
        ),
        configuration=Configuration(tuple(providers), mode, depth, weights),
        vendors={name: VendorTally(*told) for name, told in orjson.loads(row[8]).items()},
        first_at=moment(row[9]),
        last_at=moment(row[10]),
        count=row[11],
        right=row[12],
        wrong=row[13],
        confidence=row[14],
        confident=row[15],
        cost_usd=row[16],
        latency_ms=row[17],
        reused=row[18],
        predictive=row[19],
        failure=None if failure is None else failure.failure,
        lesson=row[21],
    )


def failure_of_row(row: Sequence[Any]) -> DatedFailure | None:
    """The pattern's last failure with its date, of a row of `PATTERN_COLUMNS`."""
    if row[20] is None:
        return None
    at, request_id, *told = orjson.loads(row[20])
    return DatedFailure(datetime.fromisoformat(at), request_id, Failure(*told))


def member_text(new: NewPattern) -> str:
    """What a member gave to its pattern, as JSON."""
    failure = new.failure
    kept = {
        "outcomes": {
            storable(name): [outcome.stance, outcome.latency_ms, outcome.cost_usd]
            for name, outcome in new.outcomes.items()
        },
        "confidence": new.confidence,
        "failure": None if failure is None else _words(failure),
    }
    return orjson.dumps(kept).decode()


class Member:
    """One request of a pattern, read back from `pattern_members`."""

    def __init__(self, row: Sequence[Any]) -> None:
        """``row``: request_id, pattern_id, at, correct, vendors, advised."""
        kept = orjson.loads(row[4])
        self.request_id: str = row[0]
        self.pattern_id: int = row[1]
        self.at = moment(row[2])
        self.correct: bool | None = None if row[3] is None else bool(row[3])
        self.outcomes = {
            name: Outcome(Stance(stance), latency, cost)
            for name, (stance, latency, cost) in kept["outcomes"].items()
        }
        self.confidence: float | None = kept["confidence"]
        self.failure = None if kept["failure"] is None else Failure(*kept["failure"])
        self.advised: list[list[int]] = [] if row[5] is None else orjson.loads(row[5])
        """Patterns its advice rested on, each with what its label has given to their ``predictive``."""


def advised_text(advised: Sequence[Sequence[int]]) -> str | None:
    """As `Member.advised`, as it is kept."""
    return orjson.dumps([list(pair) for pair in advised]).decode() if advised else None


def moment(value: Any) -> datetime:
    """A moment as a driver gives it: SQLite's is text in UTC."""
    if isinstance(value, str):
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    at: datetime = value.astimezone(UTC)
    return at


def _configuration_text(held: Configuration) -> str:
    kept = [list(map(storable, held.providers)), held.mode, held.depth, dict(held.weights)]
    return orjson.dumps(kept).decode()


def _vendors_text(vendors: Mapping[str, VendorTally]) -> str:
    kept = {
        storable(name): [v.asked, v.right, v.wrong, v.untold, v.failed, v.latency_ms, v.cost_usd]
        for name, v in vendors.items()
    }
    return orjson.dumps(kept).decode()


def _failure_text(held: DatedFailure) -> str:
    kept = [held.at.isoformat(), storable(held.request_id), *_words(held.failure)]
    return orjson.dumps(kept).decode()


def _words(failure: Failure) -> list[str]:
    told = (failure.trigger, failure.impact, failure.resolution, failure.prevention)
    return [storable(text) for text in told]
