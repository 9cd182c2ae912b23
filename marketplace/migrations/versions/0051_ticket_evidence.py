"""Tickets that are void, the pictures that tickets name, and the prints of a ticket

Revision ID: 0051
Revises: 0050
"""

import sqlalchemy as sa
from alembic import op

from compliance.record.moments import UtcDateTime

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("weighing") as table:
        table.add_column(sa.Column("voids_hash", sa.String(64), nullable=True))
        table.add_column(sa.Column("voided_by", sa.Uuid(), nullable=True))
        table.create_index(op.f("ix_weighing_voids_hash"), ["voids_hash"])
    op.create_table(
        "weighing_photo",
        sa.Column("weighing_id", sa.Uuid(), nullable=False),
        sa.Column("view", sa.String(16), nullable=False),
        sa.Column("device_id", sa.String(64), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("media_type", sa.String(20), nullable=False),
        sa.Column("received_at", UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["weighing_id"], ["weighing.id"], name=op.f("fk_weighing_photo_weighing_id_weighing")
        ),
        sa.PrimaryKeyConstraint("weighing_id", "view", name=op.f("pk_weighing_photo")),
    )
    op.create_index(op.f("ix_weighing_photo_sha256"), "weighing_photo", ["sha256"])
    op.create_table(
        "ticket_print",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ticket_hash", sa.String(64), nullable=False),
        sa.Column("device_id", sa.String(64), nullable=False),
        sa.Column("place", sa.String(6), nullable=False),
        sa.Column("copy", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(120), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_print")),
    )
    op.create_index("ix_ticket_print_ticket_hash", "ticket_print", ["ticket_hash"])


def downgrade() -> None:
    op.drop_table("ticket_print")
    op.drop_table("weighing_photo")
    with op.batch_alter_table("weighing") as table:
        table.drop_index(op.f("ix_weighing_voids_hash"))
        table.drop_column("voided_by")
        table.drop_column("voids_hash")
