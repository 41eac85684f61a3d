"""The tables of the performance monitor, as they stand at the head of the migrations."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    Double,
    Index,
    Integer,
    Table,
    Text,
)

from gateway.storage.column_types import LargeKey, OutsideText, UtcDateTime
from gateway.storage.learning_schema import metadata

__all__ = ["daily_figures", "figure_slices", "metadata", "vendor_changes", "vendor_watch"]

figure_slices = Table(
    "figure_slices",
    metadata,
    Column("at", UtcDateTime, primary_key=True),
    Column("requests", BigInteger, nullable=False),
    Column("document", Text, nullable=False),
)
"""One row a quarter of an hour (its beginning) in which requests came in: `learning.monitor.tally` as JSON.

Every time zone in use today is whole quarters from UTC, so days of any zone are made of them.
"""

daily_figures = Table(
    "daily_figures",
    metadata,
    Column("day", Date, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("subject", OutsideText, primary_key=True),
    Column("requests", BigInteger, nullable=False),
    Column("measured", BigInteger, nullable=False),
    Column("errors", BigInteger, nullable=False),
    Column("labelled", BigInteger, nullable=False),
    Column("right", BigInteger, nullable=False),
    Column("accuracy", Double),
    Column("accuracy_low", Double),
    Column("accuracy_high", Double),
    Column("confidence", Double),
    Column("calibration_error", Double),
    Column("agreement", Double),
    Column("rating", Double),
    Column("latency_p50_ms", Double),
    Column("latency_p95_ms", Double),
    Column("cost_usd", Double),
    Column("cost_per_request_usd", Double),
    Column("input_tokens", BigInteger, nullable=False),
    Column("output_tokens", BigInteger, nullable=False),
    Column("refusal_rate", Double),
    Column("length_p50_tokens", Double),
    Column("with_returned", Double),
    Column("codes", Text, nullable=False),
)
"""One row per UTC day and arm or provider: `learning.monitor.figures.Figures`, for readers of SQL.

``kind`` is ``arm`` or ``provider``; a provider's ``requests`` are its calls. ``codes`` is JSON.
"""

vendor_watch = Table(
    "vendor_watch",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1", name="one_row"), primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("busy_until", UtcDateTime, nullable=False),
    Column("rolled_up_at", UtcDateTime),
    Column("document", Text, nullable=False),
)
"""What `learning.monitor.drift` knows of the vendors, as JSON; one row at most.

``busy_until``: another process leaves the work alone before then. ``version`` counts up with the document, so
that of two processes that worked at once one is told that it was second.
"""

vendor_changes = Table(
    "vendor_changes",
    metadata,
    Column("number", LargeKey, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("provider", OutsideText, nullable=False),
    Column("model", OutsideText, nullable=False),
    Column("measure", Text, nullable=False),
    Column("direction", Text, nullable=False),
    Column("before", Double, nullable=False),
    Column("after", Double, nullable=False),
    Column("observations", BigInteger, nullable=False),
    Column("log_evidence", Double, nullable=False),
    Index(None, "at"),
)
"""Every `learning.monitor.drift.Change` that was found, only ever added to."""
