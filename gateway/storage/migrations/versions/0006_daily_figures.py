"""Figures by quarter of an hour and by day, what is watched of vendors, and the changes found in them."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_key = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "figure_slices",
        sa.Column("at", _moment, nullable=False),
        sa.Column("requests", sa.BigInteger, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("at", name="pk_figure_slices"),
    )
    op.create_table(
        "daily_figures",
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("requests", sa.BigInteger, nullable=False),
        sa.Column("measured", sa.BigInteger, nullable=False),
        sa.Column("errors", sa.BigInteger, nullable=False),
        sa.Column("labelled", sa.BigInteger, nullable=False),
        sa.Column("right", sa.BigInteger, nullable=False),
        sa.Column("accuracy", sa.Double),
        sa.Column("accuracy_low", sa.Double),
        sa.Column("accuracy_high", sa.Double),
        sa.Column("confidence", sa.Double),
        sa.Column("calibration_error", sa.Double),
        sa.Column("agreement", sa.Double),
        sa.Column("rating", sa.Double),
        sa.Column("latency_p50_ms", sa.Double),
        sa.Column("latency_p95_ms", sa.Double),
        sa.Column("cost_usd", sa.Double),
        sa.Column("cost_per_request_usd", sa.Double),
        sa.Column("input_tokens", sa.BigInteger, nullable=False),
        sa.Column("output_tokens", sa.BigInteger, nullable=False),
        sa.Column("refusal_rate", sa.Double),
        sa.Column("length_p50_tokens", sa.Double),
        sa.Column("with_returned", sa.Double),
        sa.Column("codes", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("day", "kind", "subject", name="pk_daily_figures"),
    )
    op.create_table(
        "vendor_watch",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("busy_until", _moment, nullable=False),
        sa.Column("rolled_up_at", _moment),
        sa.Column("document", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_vendor_watch"),
        sa.CheckConstraint("id = 1", name=op.f("ck_vendor_watch_one_row")),
    )
    op.create_table(
        "vendor_changes",
        sa.Column("number", _key, nullable=False),
        sa.Column("at", _moment, nullable=False),
        sa.Column("since", _moment, nullable=False),
        sa.Column("provider", sa.Text, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("measure", sa.Text, nullable=False),
        sa.Column("direction", sa.Text, nullable=False),
        sa.Column("before", sa.Double, nullable=False),
        sa.Column("after", sa.Double, nullable=False),
        sa.Column("observations", sa.BigInteger, nullable=False),
        sa.Column("log_evidence", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_vendor_changes"),
    )
    op.create_index("ix_vendor_changes_at", "vendor_changes", ["at"])


def downgrade() -> None:
    op.drop_table("vendor_changes")
    op.drop_table("vendor_watch")
    op.drop_table("daily_figures")
    op.drop_table("figure_slices")
