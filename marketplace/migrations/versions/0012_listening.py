"""Messages of devices that somebody listens to

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

from compliance.record.moments import UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("device", sa.Column("listen_left", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "device_message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.String(length=64), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device_message")),
    )
    op.create_index(op.f("ix_device_message_device_id"), "device_message", ["device_id"], unique=False)


def downgrade() -> None:
    op.drop_table("device_message")
    op.drop_column("device", "listen_left")
