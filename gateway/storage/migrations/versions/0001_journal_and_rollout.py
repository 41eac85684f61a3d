"""The journal (requests, votes, feedback) and the rollout's trip.

What is written here stays as it is: a later change of the tables is a step of its own.
"""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TOKENS = (
    "input_tokens",
    "cached_input_tokens",
    "cache_write_tokens",
    "output_tokens",
    "reasoning_tokens",
)


def _tokens() -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger, nullable=False) for name in _TOKENS]


def _moment(name: str, *, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "requests",
        sa.Column("request_id", sa.Text, nullable=False),
        _moment("at"),
        sa.Column("instance", sa.Text, nullable=False),
        sa.Column("arm", sa.Text),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("code", sa.Text),
        sa.Column("latency_ms", sa.Double, nullable=False),
        sa.Column("overhead_ms", sa.Double, nullable=False),
        sa.Column("caller", sa.Text),
        sa.Column("task_type", sa.Text, nullable=False),
        sa.Column("mode", sa.Text, nullable=False),
        sa.Column("aggregation", sa.Text, nullable=False),
        sa.Column("streamed", sa.Boolean, nullable=False),
        sa.Column("timeout_ms", sa.BigInteger, nullable=False),
        sa.Column("share", sa.Double, nullable=False),
        sa.Column("bucket", sa.Double),
        sa.Column("prompt_sha256", sa.Text, nullable=False),
        sa.Column("prompt_chars", sa.BigInteger, nullable=False),
        sa.Column("answer_source", sa.Text),
        sa.Column("confidence", sa.Double),
        sa.Column("confidence_source", sa.Text),
        sa.Column("agreement", sa.Double),
        sa.Column("coherence", sa.Double),
        sa.Column("relevance", sa.Double),
        sa.Column("consensus_status", sa.Text),
        sa.Column("rounds", sa.Integer, nullable=False),
        sa.Column("cost_usd", sa.Double),
        *_tokens(),
        sa.Column("metadata", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("request_id", name="pk_requests"),
    )
    op.create_index("ix_requests_at", "requests", ["at"])
    op.create_table(
        "votes",
        sa.Column("request_id", sa.Text, nullable=False),
        sa.Column("position", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("provider", sa.Text, nullable=False),
        sa.Column("vendor", sa.Text, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("latency_ms", sa.Double, nullable=False),
        sa.Column("cost_usd", sa.Double),
        *_tokens(),
        sa.Column("final_answer", sa.Text),
        sa.Column("agreement_score", sa.Double),
        sa.Column("weight", sa.Double, nullable=False),
        sa.Column("error_code", sa.Text),
        sa.Column("down", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("request_id", "position", name="pk_votes"),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["requests.request_id"],
            name="fk_votes_request_id_requests",
            ondelete="CASCADE",
        ),
    )
    op.create_table(
        "feedback",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
        sa.Column("request_id", sa.Text, nullable=False),
        _moment("at"),
        sa.Column("correct", sa.Boolean),
        sa.Column("rating", sa.Integer),
        sa.Column("comment", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_feedback"),
    )
    op.create_index("ix_feedback_request_id", "feedback", ["request_id"])
    op.create_index("ix_feedback_at", "feedback", ["at"])
    state = op.create_table(
        "rollout_state",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("tripped", sa.Boolean, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("figures", sa.JSON, nullable=False),
        _moment("at", nullable=True),
        sa.Column("by", sa.Text),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rollout_state"),
        sa.CheckConstraint("id = 1", name=op.f("ck_rollout_state_one_row")),
    )
    op.bulk_insert(state, [{"id": 1, "tripped": False, "figures": {}, "version": 0}])
    op.create_table(
        "rollout_events",
        sa.Column("version", sa.BigInteger, nullable=False, autoincrement=False),
        _moment("at"),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("figures", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_rollout_events"),
    )


def downgrade() -> None:
    for table in ("rollout_events", "rollout_state", "feedback", "votes", "requests"):
        op.drop_table(table)
