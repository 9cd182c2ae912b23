"""Collection points, and what is handed in there

Revision ID: 0036
Revises: 0035
"""

import sqlalchemy as sa
from alembic import op

from compliance.record.moments import UtcDateTime

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "collection_point",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("closed_at", UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_collection_point_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collection_point")),
    )
    op.create_index(op.f("ix_collection_point_organisation_id"), "collection_point", ["organisation_id"])
    op.create_index(op.f("ix_collection_point_created_at"), "collection_point", ["created_at"])
    op.create_table(
        "hand_in",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("receipt", sa.String(length=12), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("point_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("waste_name", sa.String(length=200), nullable=False),
        sa.Column("grams", sa.BigInteger(), nullable=False),
        sa.Column("giver", sa.String(length=14), nullable=False),
        sa.Column("giver_name", sa.String(length=60), nullable=False),
        sa.Column("paid_fen", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("taken_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("voided_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("void_reason", sa.String(length=200), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_hand_in_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["point_id"], ["collection_point.id"], name=op.f("fk_hand_in_point_id_collection_point")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_in")),
        sa.UniqueConstraint("receipt", name=op.f("uq_hand_in_receipt")),
    )
    op.create_index("ix_hand_in_waiting", "hand_in", ["organisation_id", "site_id", "code", "lot_id"])
    op.create_index(op.f("ix_hand_in_point_id"), "hand_in", ["point_id"])
    op.create_index(op.f("ix_hand_in_created_at"), "hand_in", ["created_at"])
    op.create_index(op.f("ix_hand_in_lot_id"), "hand_in", ["lot_id"])


def downgrade() -> None:
    op.drop_table("hand_in")
    op.drop_table("collection_point")
