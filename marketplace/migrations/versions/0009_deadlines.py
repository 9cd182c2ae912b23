"""Deadlines that run by working days

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

from compliance.record.moments import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "deadline",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.String(length=40), nullable=False),
        sa.Column("counted_from", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reminded", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadline")),
        sa.UniqueConstraint("kind", "subject_id", name=op.f("uq_deadline_kind_subject_id")),
    )
    for column in ("subject_id", "organisation_id", "due_on", "state"):
        op.create_index(op.f(f"ix_deadline_{column}"), "deadline", [column], unique=False)


def downgrade() -> None:
    for column in ("state", "due_on", "organisation_id", "subject_id"):
        op.drop_index(op.f(f"ix_deadline_{column}"), table_name="deadline")
    op.drop_table("deadline")
