"""Masses typed by leave, what a receiver found, and the file that shows why leave was asked

Revision ID: 0035
Revises: 0034
"""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    typed = {"nullable": False, "server_default": sa.false()}
    op.add_column("manifest", sa.Column("loaded_typed", sa.Boolean(), **typed))
    op.add_column("manifest", sa.Column("findings", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("receipt", sa.Column("receiver_typed", sa.Boolean(), **typed))
    op.add_column("manifest_exception", sa.Column("file", sa.String(length=64), nullable=True))


def downgrade() -> None:
    op.drop_column("manifest_exception", "file")
    op.drop_column("receipt", "receiver_typed")
    op.drop_column("manifest", "findings")
    op.drop_column("manifest", "loaded_typed")
