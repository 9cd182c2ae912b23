"""Whether an import is an edition's list of codes or its exemption list

Revision ID: 0043
Revises: 0042
"""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    listing = sa.Column("listing", sa.String(length=10), nullable=False, server_default="codes")
    op.add_column("catalogue_import", listing)


def downgrade() -> None:
    op.drop_column("catalogue_import", "listing")
