"""Facts of profiles, and batteries with their lives

Revision ID: 0021
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op

from compliance.record.moments import UtcDateTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "profile_facts",
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("profile", sa.String(length=14), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("changed_at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("lot_id", name=op.f("pk_profile_facts")),
    )
    op.create_table(
        "battery",
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=6), nullable=False),
        sa.Column("holder_id", sa.Uuid(), nullable=False),
        sa.Column("parent_code", sa.String(length=24), nullable=True),
        sa.Column("manifest_id", sa.Uuid(), nullable=True),
        sa.Column("dismantled_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_battery")),
        sa.UniqueConstraint("id", name=op.f("uq_battery_id")),
    )
    op.create_table(
        "battery_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("step", sa.String(length=12), nullable=False),
        sa.Column("other_code", sa.String(length=24), nullable=True),
        sa.Column("holder_id", sa.Uuid(), nullable=False),
        sa.Column("manifest_id", sa.Uuid(), nullable=True),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_battery_step")),
    )
    op.create_index(op.f("ix_profile_facts_organisation_id"), "profile_facts", ["organisation_id"])
    for column in ("holder_id", "parent_code", "manifest_id"):
        op.create_index(op.f(f"ix_battery_{column}"), "battery", [column])
    op.create_index(op.f("ix_battery_step_code"), "battery_step", ["code"])


def downgrade() -> None:
    for table in ("battery_step", "battery", "profile_facts"):
        op.drop_table(table)
