"""Which cleanings a carrier's vehicles need between wastes, and when they were cleaned

Revision ID: 0053
Revises: 0052
"""

import sqlalchemy as sa
from alembic import op

from compliance.record.moments import UtcDateTime

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "carrier_cleaning",
        sa.Column("carrier_id", sa.Uuid(), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("places", sa.JSON(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("carrier_id", name=op.f("pk_carrier_cleaning")),
    )
    op.create_table(
        "vehicle_cleaning",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("carrier_id", sa.Uuid(), nullable=False),
        sa.Column("vehicle_id", sa.Uuid(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vehicle_cleaning")),
    )
    op.create_index(op.f("ix_vehicle_cleaning_carrier_id"), "vehicle_cleaning", ["carrier_id"])


def downgrade() -> None:
    op.drop_table("vehicle_cleaning")
    op.drop_table("carrier_cleaning")
