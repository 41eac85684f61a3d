"""The tables of what is learned, as they stand at the head of the migrations: patterns and policies."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    LargeBinary,
    Table,
    Text,
)

from gateway.storage.column_types import LargeKey, OutsideText, UtcDateTime
from gateway.storage.schema import metadata

__all__ = [
    "metadata",
    "pattern_changes",
    "pattern_members",
    "patterns",
    "policies",
    "policy_moves",
]

patterns = Table(
    "patterns",
    metadata,
    Column("id", LargeKey, primary_key=True),
    Column("embedder", Text, nullable=False),
    Column("embedding", LargeBinary, nullable=False),
    Column("words", OutsideText, nullable=False),
    Column("task", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("configuration", Text, nullable=False),
    Column("vendors", Text, nullable=False),
    Column("first_at", UtcDateTime, nullable=False),
    Column("last_at", UtcDateTime, nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("right", BigInteger, nullable=False),
    Column("wrong", BigInteger, nullable=False),
    Column("confidence", Double, nullable=False),
    Column("confident", BigInteger, nullable=False),
    Column("cost_usd", Double, nullable=False),
    Column("latency_ms", Double, nullable=False),
    Column("reused", BigInteger, nullable=False),
    Column("predictive", BigInteger, nullable=False),
    Column("failure", OutsideText),
    Column("lesson", OutsideText, nullable=False),
    Index(None, "last_at"),
    sqlite_autoincrement=True,  # a number is never given out twice, even once its pattern is gone
)
"""One row per `learning.patterns.pattern.Pattern`.

``embedding`` are the vector's bytes as `gateway.storage.pattern_rows` packs them, of the embedder
``embedder``; ``words`` are apart by spaces; ``configuration``, ``vendors`` and ``failure`` are JSON, kept
as text so that reading many costs no decoding.
"""

pattern_members = Table(
    "pattern_members",
    metadata,
    Column("request_id", OutsideText, primary_key=True),
    Column(
        "pattern_id",
        LargeKey,
        ForeignKey(patterns.c.id, ondelete="CASCADE"),
        nullable=False,
    ),
    Column("at", UtcDateTime, nullable=False),
    Column("correct", Boolean),
    Column("vendors", Text, nullable=False),
    Column("advised", Text),
    Index(None, "pattern_id"),
    Index(None, "at"),  # by which members are forgotten
)
"""Which requests a pattern stands for, and what each gave to its figures.

By it a label finds its pattern, and a corrected label takes back what the first one gave. ``vendors`` is
JSON: how each provider's answer lay to the returned one. ``advised``: the patterns its advice rested on,
JSON; NULL for none.
"""

pattern_changes = Table(
    "pattern_changes",
    metadata,
    Column("number", LargeKey, primary_key=True),
    Column("pattern_id", LargeKey, nullable=False),
    sqlite_autoincrement=True,
)
"""What changed, in order: who follows reads from the last number it has on. No foreign key: a pattern
that is gone is a change too."""

policies = Table(
    "policies",
    metadata,
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("document", Text, nullable=False),
    Column("digest", Text, nullable=False),
)
"""Policy documents (`learning.policy`), canonical text and its SHA-256; only ever added to."""

policy_moves = Table(
    "policy_moves",
    metadata,
    Column("number", LargeKey, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("by", OutsideText, nullable=False),
    Column("version", BigInteger, ForeignKey(policies.c.version), nullable=False),
    Column("reason", OutsideText),
)
"""Which version was put in force when, by whom and why; the last one is in force."""
