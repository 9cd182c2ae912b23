"""Alerts of the telemetry and the scales

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

from compliance.record.moments import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INDEXED = (
    "subject",
    "device_id",
    "vehicle_id",
    "trip_id",
    "manifest_id",
    "weighing_id",
    "site_id",
    "assignee_id",
)


def upgrade() -> None:
    op.create_table(
        "alert",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=140), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.String(length=64), nullable=True),
        sa.Column("vehicle_id", sa.Uuid(), nullable=True),
        sa.Column("trip_id", sa.Uuid(), nullable=True),
        sa.Column("manifest_id", sa.Uuid(), nullable=True),
        sa.Column("weighing_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("since", UtcDateTime(timezone=True), nullable=False),
        sa.Column("until", UtcDateTime(timezone=True), nullable=True),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("raised_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("changed_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("assignee_id", sa.Uuid(), nullable=True),
        sa.Column("outcome", sa.String(length=10), nullable=True),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("ended_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
        sa.UniqueConstraint("key", name=op.f("uq_alert_key")),
    )
    for column in INDEXED:
        op.create_index(op.f(f"ix_alert_{column}"), "alert", [column], unique=False)
    op.create_index("ix_alert_state_raised_at", "alert", ["state", "raised_at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_alert_state_raised_at", table_name="alert")
    for column in reversed(INDEXED):
        op.drop_index(op.f(f"ix_alert_{column}"), table_name="alert")
    op.drop_table("alert")
