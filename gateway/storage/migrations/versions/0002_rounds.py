"""What came of each round of a request, beside the number of rounds that was kept before."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Nullable, without a default: of requests answered before this step nothing is known, and both
    # databases add such a column without rewriting the table.
    op.add_column("requests", sa.Column("round_details", sa.JSON))


def downgrade() -> None:
    op.drop_column("requests", "round_details")
