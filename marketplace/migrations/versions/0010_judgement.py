"""What was found on vehicles' ways, how far they are judged; restricted areas; planned routes

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

from compliance.record.moments import UtcDateTime
from compliance.record.shape import Shape, drop_statements, index_statements

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "judgement_touched",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("vehicle_id", sa.Uuid(), nullable=False),
        sa.Column("since", UtcDateTime(timezone=True), nullable=False),
        sa.Column("until", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_judgement_touched")),
    )
    op.create_index(op.f("ix_judgement_touched_vehicle_id"), "judgement_touched", ["vehicle_id"])
    op.create_table(
        "judgement_head",
        sa.Column("vehicle_id", sa.Uuid(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("vehicle_id", name=op.f("pk_judgement_head")),
    )
    op.create_table(
        "judgement_checkpoint",
        sa.Column("vehicle_id", sa.Uuid(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("vehicle_id", "at", name=op.f("pk_judgement_checkpoint")),
    )
    _episodes()
    _areas()
    op.create_table(
        "trip_route",
        sa.Column("trip_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.JSON(), nullable=False),
        sa.Column("distance_m", sa.Float(), nullable=False),
        sa.Column("duration_s", sa.Float(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("estimated", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("trip_id", name=op.f("pk_trip_route")),
    )


def _episodes() -> None:
    op.create_table(
        "episode",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("vehicle_id", sa.Uuid(), nullable=False),
        sa.Column("trip_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("since", UtcDateTime(timezone=True), nullable=False),
        sa.Column("until", UtcDateTime(timezone=True), nullable=True),
        sa.Column("opened_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("opened_seq", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("found_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_episode")),
    )
    op.create_index("ix_episode_vehicle_id_since", "episode", ["vehicle_id", "since"])
    op.create_index(op.f("ix_episode_trip_id"), "episode", ["trip_id"])


def _areas() -> None:
    op.create_table(
        "restricted_area",
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("basis", sa.String(length=200), nullable=False),
        sa.Column("boundary", Shape("MULTIPOLYGON"), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("minute_from", sa.Integer(), nullable=False),
        sa.Column("minute_to", sa.Integer(), nullable=False),
        sa.Column("weekdays", sa.JSON(), nullable=False),
        sa.Column("since", UtcDateTime(timezone=True), nullable=False),
        sa.Column("until", UtcDateTime(timezone=True), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_restricted_area")),
    )
    op.create_index(op.f("ix_restricted_area_id"), "restricted_area", ["id"])
    for statement in index_statements("restricted_area", "boundary", op.get_context().dialect.name):
        op.execute(statement)
    op.create_table(
        "area_approval",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("area_id", sa.Uuid(), nullable=False),
        sa.Column("plate", sa.String(length=16), nullable=False),
        sa.Column("plate_key", sa.String(length=16), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("added_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_area_approval")),
    )
    op.create_index(op.f("ix_area_approval_area_id"), "area_approval", ["area_id"])


def downgrade() -> None:
    op.drop_table("trip_route")
    op.drop_table("area_approval")
    for statement in drop_statements("restricted_area", "boundary", op.get_context().dialect.name):
        op.execute(statement)
    for table in (
        "restricted_area",
        "episode",
        "judgement_checkpoint",
        "judgement_head",
        "judgement_touched",
    ):
        op.drop_table(table)
