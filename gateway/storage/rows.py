"""Records as rows of their tables, and back."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from gateway.storage.schema import TOKEN_COLUMNS
from learning.records import FlipRecord, RequestRecord, RoundRecord, VoteRecord
from providers.messages import Usage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import RowMapping

Row = dict[str, Any]

_REQUEST_FIELDS = tuple(
    f.name
    for f in fields(RequestRecord)
    if f.name not in {"usage", "votes", "round_details", "metadata"}
)
_VOTE_FIELDS = tuple(f.name for f in fields(VoteRecord) if f.name != "usage")
_ROUND_FIELDS = tuple(f.name for f in fields(RoundRecord) if f.name != "flips")
_FLIP_FIELDS = tuple(f.name for f in fields(FlipRecord))


def request_row(record: RequestRecord) -> Row:
    """The record's row in `requests`; its votes have their own."""
    row = {name: getattr(record, name) for name in _REQUEST_FIELDS}
    row["round_details"] = [_round_row(held) for held in record.round_details]
    row["metadata"] = record.metadata
    _spread_usage(row, record.usage)
    return row


def _round_row(held: RoundRecord) -> Row:
    """As `dataclasses.asdict` has it, which copies every value it meets: ten times the cost."""
    row = {name: getattr(held, name) for name in _ROUND_FIELDS}
    row["flips"] = [{name: getattr(flip, name) for name in _FLIP_FIELDS} for flip in held.flips]
    return row


def vote_rows(record: RequestRecord) -> list[Row]:
    """The record's rows in `votes`, in their order."""
    rows = []
    for position, vote in enumerate(record.votes):
        row: Row = {name: getattr(vote, name) for name in _VOTE_FIELDS}
        row["request_id"] = record.request_id
        row["position"] = position
        _spread_usage(row, vote.usage)
        rows.append(row)
    return rows


def record_of(row: RowMapping, votes: Iterable[RowMapping]) -> RequestRecord:
    """The record as it was written. ``votes`` are its rows, in their order."""
    return RequestRecord(
        **{name: row[name] for name in _REQUEST_FIELDS},
        usage=_usage_of(row),
        votes=tuple(
            VoteRecord(**{name: vote[name] for name in _VOTE_FIELDS}, usage=_usage_of(vote))
            for vote in votes
        ),
        round_details=tuple(_round_of(held) for held in row["round_details"]),
        metadata=row["metadata"],
    )


def _round_of(held: Row) -> RoundRecord:
    """A round as it was written. What a newer version wrote beside it is left unread."""
    flips = tuple(
        FlipRecord(**{**_known(flip, FlipRecord), "evidence": tuple(flip.get("evidence", ()))})
        for flip in held.get("flips", ())
    )
    return RoundRecord(
        **{
            **_known(held, RoundRecord),
            "providers": tuple(held["providers"]),
            "flips": flips,
            "escalated": tuple(held.get("escalated", ())),
        }
    )


def _known(written: Row, kind: type[FlipRecord | RoundRecord]) -> Row:
    return {f.name: written[f.name] for f in fields(kind) if f.name in written}


def _spread_usage(row: Row, usage: Usage) -> None:
    for name in TOKEN_COLUMNS:
        row[name] = getattr(usage, name)


def _usage_of(row: RowMapping) -> Usage:
    return Usage(*(row[name] for name in TOKEN_COLUMNS))
