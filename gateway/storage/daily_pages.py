"""Recorded traffic as the performance monitor reads it: pages of requests with what was said of them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

import orjson

from consensus.ballot import Ballot
from gateway.storage.schema import requests, votes
from learning.monitor.counting import UNSAID, Said
from learning.records import RequestRecord, VoteRecord
from providers.messages import Usage

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import RowMapping

REQUEST_COLUMNS = (
    requests.c.request_id,
    requests.c.at,
    requests.c.instance,
    requests.c.arm,
    requests.c.mode,
    requests.c.status,
    requests.c.code,
    requests.c.latency_ms,
    requests.c.timeout_ms,
    requests.c.confidence,
    requests.c.agreement,
    requests.c.cost_usd,
    requests.c.input_tokens,
    requests.c.output_tokens,
    requests.c.reasoning_tokens,
    requests.c.returned_group,
)

VOTE_COLUMNS = (
    votes.c.request_id,
    votes.c.provider,
    votes.c.vendor,
    votes.c.model,
    votes.c.round,
    votes.c.latency_ms,
    votes.c.cost_usd,
    votes.c.input_tokens,
    votes.c.output_tokens,
    votes.c.reasoning_tokens,
    votes.c.error_code,
    votes.c.down,
)

_TOKENS = ("input_tokens", "output_tokens", "reasoning_tokens")


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of some requests, of their votes (by request) and of their feedback (by request, in order).

    A request's row has its ballot as text, under ``ballot_text``.
    """

    requests: Sequence[RowMapping]
    votes: Sequence[RowMapping]
    feedback: Sequence[RowMapping]

    def records(self) -> list[tuple[RequestRecord, Said]]:
        """The requests as records, as far as the monitor reads them; some 60 µs each, most for ballots."""
        cast = {
            request_id: tuple(map(_vote, group))
            for request_id, group in groupby(self.votes, lambda row: row["request_id"])
        }
        said = {
            request_id: _said(group)
            for request_id, group in groupby(self.feedback, lambda row: row["request_id"])
        }
        return [
            (_record(row, cast.get(row["request_id"], ())), said.get(row["request_id"], UNSAID))
            for row in self.requests
        ]


@dataclass(frozen=True, slots=True)
class LabelRow:
    """The first label of a request, given at ``at``, and the ballot it speaks of."""

    at: datetime
    correct: bool
    ballot_text: str | None
    returned_group: int | None

    def ballot(self) -> Ballot | None:
        """None without one, or for one this program cannot read."""
        return read_ballot(self.ballot_text)


def read_ballot(text: str | None) -> Ballot | None:
    """A ballot from its text; None without one, or for one this program cannot read."""
    if text is None:
        return None
    try:
        read = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return Ballot.from_json(read) if isinstance(read, dict) else None


def _record(row: RowMapping, cast: tuple[VoteRecord, ...]) -> RequestRecord:
    kept = {k: v for k, v in row.items() if k not in _TOKENS and k != "ballot_text"}
    return RequestRecord(
        **kept, usage=_usage(row), votes=cast, ballot=read_ballot(row["ballot_text"])
    )


def _vote(row: RowMapping) -> VoteRecord:
    kept = {k: v for k, v in row.items() if k not in _TOKENS and k != "request_id"}
    return VoteRecord(**kept, usage=_usage(row))


def _usage(row: RowMapping) -> Usage:
    return Usage(**{name: row[name] for name in _TOKENS})


def _said(rows: Iterable[RowMapping]) -> Said:
    """Of several the last counts: callers correct themselves. A rating leaves a label as it is."""
    said = UNSAID
    for row in rows:
        said = Said(
            said.correct if row["correct"] is None else row["correct"],
            said.rating if row["rating"] is None else row["rating"],
        )
    return said
