"""Solves that run outside the web process, plans of carriers, the hour a trip is due

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

from compliance.record.moments import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "solve",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("iterations", sa.BigInteger(), nullable=True),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("problem", sa.JSON(), nullable=False),
        sa.Column("progress", sa.JSON(), nullable=False),
        sa.Column("result", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("failure", sa.String(length=20), nullable=False),
        sa.Column("detail", sa.String(length=400), nullable=False),
        sa.Column("holder", sa.String(length=80), nullable=False),
        sa.Column("beat_s", sa.Float(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("began_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("ended_at", UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_solve")),
    )
    for column in ("organisation_id", "asked_at", "state"):
        op.create_index(op.f(f"ix_solve_{column}"), "solve", [column], unique=False)
    op.create_table(
        "plan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("carrier_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("solve_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan")),
    )
    for column in ("carrier_id", "at"):
        op.create_index(op.f(f"ix_plan_{column}"), "plan", [column], unique=False)
    op.create_table(
        "plan_lock",
        sa.Column("carrier_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("carrier_id", "subject_id", name=op.f("pk_plan_lock")),
    )
    op.add_column("trip", sa.Column("due_at", UtcDateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("trip", "due_at")
    op.drop_table("plan_lock")
    for column in ("at", "carrier_id"):
        op.drop_index(op.f(f"ix_plan_{column}"), table_name="plan")
    op.drop_table("plan")
    for column in ("state", "asked_at", "organisation_id"):
        op.drop_index(op.f(f"ix_solve_{column}"), table_name="solve")
    op.drop_table("solve")
