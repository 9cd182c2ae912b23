"""By what a signature was made, and when a password was last given

Revision ID: 0026
Revises: 0025
"""

import sqlalchemy as sa
from alembic import op

from compliance.record.moments import UtcDateTime

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("manifest_signature", sa.Column("credential", sa.String(length=10), nullable=True))
    op.add_column("sign_in", sa.Column("proven_at", UtcDateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("sign_in", "proven_at")
    op.drop_column("manifest_signature", "credential")
