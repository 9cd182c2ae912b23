"""Why an exception has no photo or scan yet, by when it is handed in, and clocks that count hours

Revision ID: 0047
Revises: 0046
"""

import sqlalchemy as sa
from alembic import op

from compliance.record.moments import UtcDateTime

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("manifest_exception") as exception:
        exception.add_column(sa.Column("missing", sa.String(length=16), server_default="", nullable=False))
        exception.add_column(sa.Column("evidence_due_at", UtcDateTime(timezone=True), nullable=True))
        exception.add_column(sa.Column("handed_in_at", UtcDateTime(timezone=True), nullable=True))
        exception.add_column(
            sa.Column("handed_in_by", sa.String(length=60), server_default="", nullable=False)
        )
    op.add_column("deadline", sa.Column("due_at", UtcDateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("deadline") as deadline:
        deadline.drop_column("due_at")
    with op.batch_alter_table("manifest_exception") as exception:
        for column in ("handed_in_by", "handed_in_at", "evidence_due_at", "missing"):
            exception.drop_column(column)
