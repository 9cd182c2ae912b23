"""Draws by a seed of their own population, and which anchors have been written out

Revision ID: 0049
Revises: 0048
"""

import sqlalchemy as sa
from alembic import op

from compliance.record import guard
from compliance.record.moments import UtcDateTime

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("visit_draw", sa.Column("form", sa.Integer(), server_default="1", nullable=False))
    op.add_column("visit_draw", sa.Column("earlier", sa.Integer(), server_default="0", nullable=False))
    op.create_table(
        "anchor_publication",
        sa.Column("anchor_id", sa.Uuid(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("anchor_id", name=op.f("pk_anchor_publication")),
    )
    op.execute("INSERT INTO anchor_publication (anchor_id, at) SELECT id, at FROM anchor")
    for statement in guard.append_only("anchor_publication", op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("anchor_publication")
    op.drop_column("visit_draw", "earlier")
    op.drop_column("visit_draw", "form")
