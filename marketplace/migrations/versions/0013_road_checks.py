"""Road checks, and the way from a vehicle or a national number to its manifests

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

from compliance.record.moments import UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

INDEXED = ("at", "manifest_id", "vehicle_id")


def upgrade() -> None:
    op.create_table(
        "road_check",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("asked", sa.String(length=400), nullable=False),
        sa.Column("by", sa.String(length=10), nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=False),
        sa.Column("manifest_id", sa.Uuid(), nullable=True),
        sa.Column("vehicle_id", sa.Uuid(), nullable=True),
        sa.Column("plate", sa.String(length=16), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("person_name", sa.String(length=60), nullable=False),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_road_check")),
    )
    for column in INDEXED:
        op.create_index(op.f(f"ix_road_check_{column}"), "road_check", [column], unique=False)
    op.create_index(op.f("ix_manifest_national_number"), "manifest", ["national_number"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_manifest_national_number"), table_name="manifest")
    for column in reversed(INDEXED):
        op.drop_index(op.f(f"ix_road_check_{column}"), table_name="road_check")
    op.drop_table("road_check")
