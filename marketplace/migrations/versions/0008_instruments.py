"""What the scales are, their verifications, what two nets may differ; whose vehicle a ticket weighs

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

from compliance.record.moments import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "scale",
        sa.Column("device_id", sa.String(length=64), nullable=False),
        sa.Column("division_kg", sa.Integer(), nullable=False),
        sa.Column("max_kg", sa.BigInteger(), nullable=False),
        sa.Column("serial", sa.String(length=60), nullable=False),
        sa.Column("indicator", sa.String(length=60), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("device_id", name=op.f("pk_scale")),
    )
    op.create_table(
        "scale_certificate",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("issued_by", sa.String(length=120), nullable=False),
        sa.Column("verified_on", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scale_certificate")),
        sa.UniqueConstraint("device_id", "number", name=op.f("uq_scale_certificate_device_id_number")),
    )
    op.create_table(
        "weight_allowance",
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.String(length=8), nullable=False),
        sa.Column("fixed_permille", sa.Numeric(precision=7, scale=3), nullable=True),
        sa.Column("moisture_permille", sa.Numeric(precision=7, scale=3), nullable=False),
        sa.Column("fuel_kg", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("subject_id", name=op.f("pk_weight_allowance")),
    )
    op.add_column("weighing", sa.Column("vehicle_id", sa.Uuid(), nullable=True))
    op.create_index("ix_weighing_vehicle_id_at", "weighing", ["vehicle_id", "at"], unique=False)
    op.create_index("ix_weighing_device_id_at", "weighing", ["device_id", "at"], unique=False)
    op.add_column("receipt", sa.Column("tolerance_kg", sa.BigInteger(), nullable=True))
    op.add_column("receipt", sa.Column("tolerance_parts", sa.JSON(none_as_null=True), nullable=True))
    _name_vehicles()


def _name_vehicles() -> None:
    """Say of the tickets that belong to a trip already which vehicle they weighed."""
    op.execute(
        "UPDATE weighing SET vehicle_id = "
        "(SELECT trip.vehicle_id FROM trip WHERE trip.id = weighing.trip_id) WHERE trip_id IS NOT NULL"
    )


def downgrade() -> None:
    op.drop_column("receipt", "tolerance_parts")
    op.drop_column("receipt", "tolerance_kg")
    op.drop_index("ix_weighing_device_id_at", table_name="weighing")
    op.drop_index("ix_weighing_vehicle_id_at", table_name="weighing")
    op.drop_column("weighing", "vehicle_id")
    op.drop_table("weight_allowance")
    op.drop_table("scale_certificate")
    op.drop_table("scale")
