"""Builds request records by what a case is about; everything else is plain."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from learning.records import RequestRecord, VoteRecord
from providers.messages import Usage

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)

PLAIN = RequestRecord(
    request_id="r",
    at=NOON,
    instance="i",
    arm="wall_bounce",
    status=200,
    code=None,
    latency_ms=100.0,
)


VENDORS = {"gpt": "openai", "claude": "anthropic", "gemini": "google"}


def vote(
    error: str | None = None, *, down: bool = False, provider: str = "gpt", **fields: Any
) -> VoteRecord:
    """A vote: an answer, or a failure by its code."""
    plain = VoteRecord(provider, VENDORS[provider], "a-model", 1, 90.0, 0.001, Usage())
    return replace(plain, error_code=error, down=down, **fields)


def answered(**fields: Any) -> RequestRecord:
    """A request two vendors answered."""
    return replace(PLAIN, **{"votes": (vote(), vote(provider="claude")), **fields})


def shadowed(**fields: Any) -> RequestRecord:
    """A request that ran unseen beside an answered one, and was answered too."""
    return answered(**{"request_id": "r-shadow", "arm": "shadow", **fields})


def failed(**fields: Any) -> RequestRecord:
    """A request that failed by our doing: one vendor was down, the other answered nonsense."""
    votes = (vote("server_error", down=True), vote("malformed_reply", provider="claude"))
    plain = {"status": 503, "code": "all_providers_failed", "votes": votes}
    return replace(PLAIN, **{**plain, **fields})


def all_down(**fields: Any) -> RequestRecord:
    """A request whose vendors were all down."""
    votes = (vote("server_error", down=True), vote("timeout", down=True, provider="claude"))
    plain = {"status": 503, "code": "all_providers_failed", "votes": votes}
    return replace(PLAIN, **{**plain, **fields})


def impatient(**fields: Any) -> RequestRecord:
    """A request whose caller gave the vendors no time."""
    votes = (vote("timeout", down=True), vote("timeout", down=True, provider="claude"))
    plain = {"status": 504, "code": "deadline_exceeded", "votes": votes, "timeout_ms": 100}
    return replace(PLAIN, **{**plain, **fields})


def filtered(**fields: Any) -> RequestRecord:
    """A request whose prompt no vendor takes."""
    votes = (vote("content_filtered"), vote("content_filtered", provider="claude"))
    plain = {"status": 503, "code": "all_providers_failed", "votes": votes}
    return replace(PLAIN, **{**plain, **fields})
