"""Several loads on one vehicle: runs of trips, and tickets that weigh more than one load

Revision ID: 0027
Revises: 0026
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("trip") as table:
        table.add_column(sa.Column("run_id", sa.Uuid(), nullable=True))
        for name in ("sender_shared", "receiver_shared"):
            table.add_column(sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute("UPDATE trip SET run_id = id")
    with op.batch_alter_table("trip") as table:
        table.alter_column("run_id", existing_type=sa.Uuid(), nullable=False)
        for name in ("sender_shared", "receiver_shared"):
            table.alter_column(name, existing_type=sa.Boolean(), server_default=None)
    op.create_index(op.f("ix_trip_run_id"), "trip", ["run_id"], unique=False)
    op.create_table(
        "weighing_share",
        sa.Column("weighing_id", sa.Uuid(), nullable=False),
        sa.Column("trip_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["weighing_id"], ["weighing.id"], name=op.f("fk_weighing_share_weighing_id_weighing")
        ),
        sa.PrimaryKeyConstraint("weighing_id", "trip_id", name=op.f("pk_weighing_share")),
    )
    op.create_index(op.f("ix_weighing_share_trip_id"), "weighing_share", ["trip_id"], unique=False)


def downgrade() -> None:
    op.drop_table("weighing_share")
    with op.batch_alter_table("trip") as table:
        table.drop_index(op.f("ix_trip_run_id"))
        for name in ("run_id", "sender_shared", "receiver_shared"):
            table.drop_column(name)
