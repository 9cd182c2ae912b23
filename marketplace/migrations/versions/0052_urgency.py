"""How urgent a carrier has marked its loads

Revision ID: 0052
Revises: 0051
"""

import sqlalchemy as sa
from alembic import op

from compliance.record.moments import UtcDateTime

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "load_urgency",
        sa.Column("carrier_id", sa.Uuid(), nullable=False),
        sa.Column("manifest_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("carrier_id", "manifest_id", name=op.f("pk_load_urgency")),
    )


def downgrade() -> None:
    op.drop_table("load_urgency")
