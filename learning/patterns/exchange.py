"""Patterns as documents that other programs can read, and back. Pure.

A document is plain JSON: no numbers of ours, so that it can be taken in anywhere. Vectors only mean something
beside those of the same embedder, which stands in the file's first line.
"""

from __future__ import annotations

import base64
import binascii
import math
from dataclasses import astuple, fields
from datetime import UTC, datetime
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import numpy as np

from learning.patterns.pattern import Configuration, Failure, Pattern, Scenario, VendorTally

if TYPE_CHECKING:
    from collections.abc import Mapping

    from consensus.embedding.embedder import FloatArray

FORMAT = 1
"""The version of all that is written here."""

MOST_WORDS = 256
MOST_DIMENSIONS = 8_192
"""Far more than any pattern or embedder has: what is larger is no pattern."""

_FIGURES = (
    *("count", "right", "wrong", "confidence", "confident", "cost_usd", "latency_ms"),
    *("reused", "predictive"),
)


class UnreadablePatternError(ValueError):
    """A document is no pattern; the message says what is wrong and is fit to be shown."""


def head(embedder: str, dimensions: int) -> dict[str, Any]:
    """The first line of a file of patterns."""
    return {
        "patterns": "wallbounce",
        "format": FORMAT,
        "embedder": embedder,
        "dimensions": dimensions,
    }


def check_head(told: object, embedder: str) -> None:
    """Whether a file of this first line can be taken in beside patterns of ``embedder``.

    Raises:
        UnreadablePatternError: It cannot.
    """
    if not isinstance(told, dict) or told.get("patterns") != "wallbounce":
        raise UnreadablePatternError("no file of patterns: its first line does not say so")
    if told.get("format") != FORMAT:
        raise UnreadablePatternError(f"of form {told.get('format')}, this program knows {FORMAT}")
    if told.get("embedder") != embedder:
        raise UnreadablePatternError(
            f"its vectors are of the embedder {told.get('embedder')!r}, here is {embedder!r}"
        )


def document(pattern: Pattern) -> dict[str, Any]:
    """The pattern as plain JSON; its vector in whole numbers of eight bits, the largest being 127."""
    scenario, held = pattern.scenario, pattern.configuration
    return {
        "scenario": {
            "embedding": _packed(scenario.embedding),
            "words": list(scenario.words),
            "task": scenario.task,
            "kind": scenario.kind,
            "language": scenario.language,
        },
        "configuration": {
            "providers": list(held.providers),
            "mode": held.mode,
            "depth": held.depth,
            "weights": dict(held.weights),
        },
        "vendors": {name: list(astuple(tally)) for name, tally in pattern.vendors.items()},
        "first_at": _text(pattern.first_at),
        "last_at": _text(pattern.last_at),
        **{name: getattr(pattern, name) for name in _FIGURES},
        "failure": None if pattern.failure is None else list(astuple(pattern.failure)),
        "lesson": pattern.lesson,
    }


def pattern_from(told: object) -> Pattern:
    """The pattern a document tells of, without a number. Fields it does not know are passed over.

    Raises:
        UnreadablePatternError: It tells of none, or of one that makes no sense.
    """
    try:
        pattern = _pattern(_mapping(told))
    except UnreadablePatternError:
        raise
    except (KeyError, TypeError, ValueError, OverflowError, binascii.Error) as error:
        raise UnreadablePatternError(f"no pattern: {type(error).__name__}: {error}") from error
    if why := _senseless(pattern):
        raise UnreadablePatternError(f"this pattern makes no sense: {why}")
    return pattern


def fingerprint(pattern: Pattern) -> bytes:
    """16 bytes by which the same pattern is known again: what was asked of whom, and when first."""
    scenario, held = pattern.scenario, pattern.configuration
    told = "\0".join(
        (
            *scenario.words,
            "",
            scenario.task,
            scenario.kind,
            scenario.language,
            *held.providers,
            "",
            held.mode,
            _text(pattern.first_at),
        )
    )
    packed = _packed(scenario.embedding)
    return blake2b(f"{told}\0{packed}".encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _pattern(told: Mapping[str, Any]) -> Pattern:
    asked, held = _mapping(told["scenario"]), _mapping(told["configuration"])
    failure = told.get("failure")
    return Pattern(
        id=0,
        scenario=Scenario(
            embedding=_unpacked(_mapping(asked["embedding"])),
            words=tuple(_word(word) for word in asked["words"]),
            task=_word(asked["task"]),
            kind=_word(asked["kind"]),
            language=_word(asked["language"]),
        ),
        configuration=Configuration(
            providers=tuple(_word(name) for name in held["providers"]),
            mode=_word(held["mode"]),
            depth=_count(held["depth"]),
            weights={_word(n): _amount(w) for n, w in _mapping(held.get("weights", {})).items()},
        ),
        vendors={_word(name): _tally(kept) for name, kept in _mapping(told["vendors"]).items()},
        first_at=_moment(told["first_at"]),
        last_at=_moment(told["last_at"]),
        count=_count(told["count"]),
        right=_count(told["right"]),
        wrong=_count(told["wrong"]),
        confident=_count(told["confident"]),
        reused=_count(told["reused"]),
        confidence=_amount(told["confidence"]),
        cost_usd=_amount(told["cost_usd"]),
        latency_ms=_amount(told["latency_ms"]),
        predictive=_whole(told["predictive"]),
        failure=None if failure is None else Failure(*(_word(part) for part in failure)),
        lesson=_word(told["lesson"]),
    )


def _senseless(pattern: Pattern) -> str | None:
    words = pattern.scenario.words
    checks = (
        (len(words) > MOST_WORDS, f"{len(words)} words"),
        (any(word.split() != [word] for word in words), "a word is empty or several"),
        ("" in (*pattern.vendors, *pattern.configuration.providers), "a provider has no name"),
        (pattern.last_at < pattern.first_at, "its last request came before its first"),
        (
            not max(1, pattern.labelled) <= pattern.count,
            f"{pattern.labelled} labels of {pattern.count} requests",
        ),
        (
            not 0.0 <= pattern.confidence <= pattern.confident <= pattern.count,
            f"a confidence of {pattern.confidence} in {pattern.confident} cases",
        ),
        *(
            (t.right + t.wrong + t.untold + t.failed > t.asked, f"{n} answered more than asked")
            for n, t in pattern.vendors.items()
        ),
    )
    return next((why for wrong, why in checks if wrong), None)


def _packed(embedding: FloatArray) -> dict[str, Any]:
    largest = float(np.abs(embedding).max()) if len(embedding) else 0.0
    steps = np.rint(embedding * (127.0 / largest)) if largest > 0.0 else np.zeros_like(embedding)
    kept = steps.astype(np.int8).tobytes().rstrip(b"\0")
    return {"dimensions": len(embedding), "int8": base64.b64encode(kept).decode("ascii")}


def _unpacked(told: Mapping[str, Any]) -> FloatArray:
    dimensions = _count(told["dimensions"])
    steps = np.frombuffer(base64.b64decode(told["int8"], validate=True), np.int8)
    if dimensions > MOST_DIMENSIONS or len(steps) > dimensions:
        raise UnreadablePatternError(f"a vector of {len(steps)} numbers in {dimensions} dimensions")
    row = np.zeros(dimensions, np.float32)
    row[: len(steps)] = steps
    length = float(np.sqrt(row @ row))
    return row / np.float32(length) if length > 0.0 else row


def _tally(kept: object) -> VendorTally:
    if not isinstance(kept, list) or len(kept) != len(fields(VendorTally)):
        raise UnreadablePatternError("a tally has not as many figures as it should")
    asked, right, wrong, untold, failed, latency, cost = kept
    return VendorTally(
        _count(asked),
        _count(right),
        _count(wrong),
        _count(untold),
        _count(failed),
        _amount(latency),
        _amount(cost),
    )


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _moment(value: object) -> datetime:
    at = datetime.fromisoformat(_word(value))
    if at.tzinfo is None:
        raise UnreadablePatternError(f"{value} has no time zone")
    return at.astimezone(UTC)


def _mapping(value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise UnreadablePatternError("no object where one belongs")
    return value


def _word(value: object) -> str:
    if not isinstance(value, str):
        raise UnreadablePatternError(f"{value!r:.40} is no text")
    if "\0" in value:
        raise UnreadablePatternError(f"{value!r:.40} has a NUL in it, which no database takes")
    return value


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) >= 1 << 53:
        raise UnreadablePatternError(f"{value!r:.40} is no whole number that counts anything")
    return value


def _count(value: object) -> int:
    if _whole(value) < 0:
        raise UnreadablePatternError(f"{value!r:.40} is below 0")
    return _whole(value)


def _amount(value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise UnreadablePatternError(f"{value!r:.40} is no number")
    if not math.isfinite(value) or value < 0:
        raise UnreadablePatternError(f"{value!r:.40} is no amount")
    return float(value)
