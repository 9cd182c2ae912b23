"""From which moment on every position is still in the database

Revision ID: 0050
Revises: 0049
"""

import sqlalchemy as sa
from alembic import op

from compliance.record.moments import UtcDateTime

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "position_kept_from",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_position_kept_from")),
    )


def downgrade() -> None:
    op.drop_table("position_kept_from")
