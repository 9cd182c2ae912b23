"""What a trip knows of the loads beside it, so that a load alone is read without looking for others

Revision ID: 0033
Revises: 0032
"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("trip") as table:
        table.add_column(sa.Column("together", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("tickets_shared", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(
        "UPDATE trip SET together = (SELECT count(*) - 1 FROM trip other WHERE other.run_id = trip.run_id"
        " AND other.state <> 'cancelled') WHERE state <> 'cancelled'"
    )
    op.execute("UPDATE trip SET tickets_shared = true WHERE id IN (SELECT trip_id FROM weighing_share)")
    with op.batch_alter_table("trip") as table:
        table.alter_column("together", existing_type=sa.Integer(), server_default=None)
        table.alter_column("tickets_shared", existing_type=sa.Boolean(), server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("trip") as table:
        table.drop_column("together")
        table.drop_column("tickets_shared")
