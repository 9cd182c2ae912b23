"""Anchors of the record and their time stamps

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

from compliance.record import guard
from compliance.record.moments import UtcDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "anchor",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("first_seq", sa.BigInteger(), nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("head", sa.String(length=64), nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_anchor")),
        sa.UniqueConstraint("day", name=op.f("uq_anchor_day")),
        sa.UniqueConstraint("digest", name=op.f("uq_anchor_digest")),
        sa.UniqueConstraint("last_seq", name=op.f("uq_anchor_last_seq")),
    )
    op.create_table(
        "anchor_stamp",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("anchor_id", sa.Uuid(), nullable=False),
        sa.Column("authority", sa.String(length=120), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_anchor_stamp")),
        sa.UniqueConstraint("anchor_id", "authority", name=op.f("uq_anchor_stamp_anchor_id_authority")),
    )
    op.create_index(op.f("ix_anchor_stamp_anchor_id"), "anchor_stamp", ["anchor_id"], unique=False)
    dialect = op.get_bind().dialect.name
    for table in ("anchor", "anchor_stamp"):
        for statement in guard.append_only(table, dialect):
            op.execute(statement)


def downgrade() -> None:
    op.drop_table("anchor_stamp")
    op.drop_table("anchor")
