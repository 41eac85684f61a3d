"""The tables as they stand at the head of the migrations; a test holds the two together."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    text,
)

from gateway.storage.column_types import (
    JsonArray,
    JsonBallot,
    JsonMapping,
    LargeKey,
    OutsideText,
    UtcDateTime,
)

HEAD = "0006"
"""The newest migration. A database that is there already is opened without importing Alembic."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

TOKEN_COLUMNS = (
    "input_tokens",
    "cached_input_tokens",
    "cache_write_tokens",
    "output_tokens",
    "reasoning_tokens",
)
"""The first fields of `providers.messages.Usage`, each a column of its own so that SQL can add them up.

The finer ones decide what a call costs, and are kept in that alone."""


def _tokens() -> list[Column[int]]:
    return [Column(name, BigInteger, nullable=False) for name in TOKEN_COLUMNS]


requests = Table(
    "requests",
    metadata,
    Column("request_id", OutsideText, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("instance", Text, nullable=False),
    Column("arm", Text),
    Column("status", Integer, nullable=False),
    Column("code", Text),
    Column("latency_ms", Double, nullable=False),
    Column("overhead_ms", Double, nullable=False),
    Column("caller", Text),
    Column("task_type", Text, nullable=False),
    Column("mode", Text, nullable=False),
    Column("aggregation", Text, nullable=False),
    Column("streamed", Boolean, nullable=False),
    Column("timeout_ms", BigInteger, nullable=False),
    Column("share", Double, nullable=False),
    Column("bucket", Double),
    Column("prompt_sha256", Text, nullable=False),
    Column("prompt_chars", BigInteger, nullable=False),
    Column("answer_source", Text),
    Column("confidence", Double),
    Column("confidence_source", Text),
    Column("agreement", Double),
    Column("coherence", Double),
    Column("relevance", Double),
    Column("consensus_status", Text),
    Column("rounds", Integer, nullable=False),
    Column("cost_usd", Double),
    *_tokens(),
    Column("metadata", JsonMapping, nullable=False),
    # Last, where a database migrated to it has it; NULL is an empty list.
    Column("round_details", JsonArray),
    Column("ballot", JsonBallot),
    Column("returned_group", Integer),
    Column("advice", JSON(none_as_null=True)),
    Index(None, "at"),
)
"""One row per `learning.records.RequestRecord`."""

votes = Table(
    "votes",
    metadata,
    Column(
        "request_id",
        OutsideText,
        ForeignKey(requests.c.request_id, ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("provider", Text, nullable=False),
    Column("vendor", Text, nullable=False),
    Column("model", OutsideText, nullable=False),
    Column("round", Integer, nullable=False),
    Column("latency_ms", Double, nullable=False),
    Column("cost_usd", Double),
    *_tokens(),
    Column("final_answer", OutsideText),
    Column("agreement_score", Double),
    Column("weight", Double, nullable=False),
    Column("error_code", Text),
    Column("down", Boolean, nullable=False),
)
"""One row per `learning.records.VoteRecord`; ``position`` keeps their order in the request."""

_LABELLED = text("correct IS NOT NULL")

feedback = Table(
    "feedback",
    metadata,
    Column("id", LargeKey, primary_key=True),
    # No foreign key: feedback may come before its request is written.
    Column("request_id", OutsideText, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("correct", Boolean),
    Column("rating", Integer),
    Column("comment", OutsideText),
    Index(None, "request_id"),
    Index(None, "at"),
    # The labels alone, newest first, however many ratings lie between them.
    Index("ix_feedback_labels", "id", sqlite_where=_LABELLED, postgresql_where=_LABELLED),
)
"""Every `learning.records.Feedback`; several for one request are kept side by side."""

rollout_state = Table(
    "rollout_state",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1", name="one_row"), primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("document", Text, nullable=False),
    Column("digest", Text, nullable=False),
)
"""`gateway.rollout.state.RolloutState` as canonical JSON, and the digest of the event that led to it.

One row, made by the migration. At version 0 the document is empty, and means the state's defaults.
"""

rollout_events = Table(
    "rollout_events",
    metadata,
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("nonce", Text, nullable=False),
    Column("document", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Index(None, "nonce", unique=True),
)
"""`gateway.rollout.state.RolloutEvent`, only ever added to.

The document is the canonical text its digest was made from (`gateway.rollout.audit`): it is kept as
text, because a database's own JSON, numbers and times come back differently from each. ``nonce`` is
in it too, and stands here to be unique.
"""
