"""What is in a lot, what a processor accepts and when, and what the market would give for it

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

from compliance.record.moments import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("lot") as table:
        table.add_column(sa.Column("composition", sa.JSON(), nullable=False, server_default="{}"))
    with op.batch_alter_table("need") as table:
        table.add_column(sa.Column("limits", sa.JSON(), nullable=False, server_default="{}"))
        table.add_column(sa.Column("weekdays", sa.JSON(), nullable=False, server_default="[]"))
    op.create_table(
        "gate_price",
        sa.Column("need_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("ask", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("bid", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("need_id"),
    )
    op.create_index(op.f("ix_gate_price_code"), "gate_price", ["code"], unique=False)
    op.create_table(
        "market_look",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("lots", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def downgrade() -> None:
    op.drop_table("market_look")
    op.drop_index(op.f("ix_gate_price_code"), table_name="gate_price")
    op.drop_table("gate_price")
    with op.batch_alter_table("need") as table:
        table.drop_column("weekdays")
        table.drop_column("limits")
    with op.batch_alter_table("lot") as table:
        table.drop_column("composition")
