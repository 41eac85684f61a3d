"""Patterns, policies, and the advice a request was answered by."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_key = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    # Nullable, without a default: both databases add such columns without rewriting the table.
    op.add_column("requests", sa.Column("advice", sa.JSON))
    op.create_table(
        "patterns",
        sa.Column("id", _key, nullable=False),
        sa.Column("embedder", sa.Text, nullable=False),
        sa.Column("embedding", sa.LargeBinary, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("task", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("configuration", sa.Text, nullable=False),
        sa.Column("vendors", sa.Text, nullable=False),
        sa.Column("first_at", _moment, nullable=False),
        sa.Column("last_at", _moment, nullable=False),
        sa.Column("count", sa.BigInteger, nullable=False),
        sa.Column("right", sa.BigInteger, nullable=False),
        sa.Column("wrong", sa.BigInteger, nullable=False),
        sa.Column("confidence", sa.Double, nullable=False),
        sa.Column("confident", sa.BigInteger, nullable=False),
        sa.Column("cost_usd", sa.Double, nullable=False),
        sa.Column("latency_ms", sa.Double, nullable=False),
        sa.Column("reused", sa.BigInteger, nullable=False),
        sa.Column("predictive", sa.BigInteger, nullable=False),
        sa.Column("failure", sa.Text),
        sa.Column("lesson", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_patterns"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_patterns_last_at", "patterns", ["last_at"])
    op.create_table(
        "pattern_members",
        sa.Column("request_id", sa.Text, nullable=False),
        sa.Column("pattern_id", _key, nullable=False),
        sa.Column("at", _moment, nullable=False),
        sa.Column("correct", sa.Boolean),
        sa.Column("vendors", sa.Text, nullable=False),
        sa.Column("advised", sa.Text),
        sa.PrimaryKeyConstraint("request_id", name="pk_pattern_members"),
        sa.ForeignKeyConstraint(
            ["pattern_id"],
            ["patterns.id"],
            name="fk_pattern_members_pattern_id_patterns",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_pattern_members_pattern_id", "pattern_members", ["pattern_id"])
    op.create_index("ix_pattern_members_at", "pattern_members", ["at"])
    op.create_table(
        "pattern_changes",
        sa.Column("number", _key, nullable=False),
        sa.Column("pattern_id", _key, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_pattern_changes"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "policies",
        sa.Column("version", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("at", _moment, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_policies"),
    )
    op.create_table(
        "policy_moves",
        sa.Column("number", _key, nullable=False),
        sa.Column("at", _moment, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.Text),
        sa.PrimaryKeyConstraint("number", name="pk_policy_moves"),
        sa.ForeignKeyConstraint(
            ["version"], ["policies.version"], name="fk_policy_moves_version_policies"
        ),
    )


def downgrade() -> None:
    op.drop_table("policy_moves")
    op.drop_table("policies")
    op.drop_table("pattern_changes")
    op.drop_table("pattern_members")
    op.drop_table("patterns")
    op.drop_column("requests", "advice")
