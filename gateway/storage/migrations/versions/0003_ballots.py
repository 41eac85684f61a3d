"""How a request's answers fell and which group of them was returned: what feedback teaches from."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Nullable, without a default: both databases add such columns without rewriting the table.
    op.add_column("requests", sa.Column("ballot", sa.JSON))
    op.add_column("requests", sa.Column("returned_group", sa.Integer))
    labelled = sa.text("correct IS NOT NULL")
    op.create_index(
        "ix_feedback_labels",
        "feedback",
        ["id"],
        sqlite_where=labelled,
        postgresql_where=labelled,
    )


def downgrade() -> None:
    op.drop_index("ix_feedback_labels", "feedback")
    op.drop_column("requests", "returned_group")
    op.drop_column("requests", "ballot")
