"""Tables that a unit fills for a year: its management plan's, and its list of industrial waste

Revision ID: 0038
Revises: 0037
"""

import sqlalchemy as sa
from alembic import op

from compliance.record.moments import UtcDateTime

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "year_table",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("form", sa.String(length=4), nullable=False),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.Column("changed_at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "year", "form", name=op.f("pk_year_table")),
    )


def downgrade() -> None:
    op.drop_table("year_table")
