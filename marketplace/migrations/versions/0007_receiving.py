"""Receiving hours and docks of sites, what a carrier's kilometres and hours cost, how firm matches are

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

from compliance.record.moments import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("site", sa.Column("opens", sa.Time(), nullable=True))
    op.add_column("site", sa.Column("closes", sa.Time(), nullable=True))
    op.add_column("site", sa.Column("docks", sa.Integer(), nullable=True))
    op.create_table(
        "carrier_costs",
        sa.Column("carrier_id", sa.Uuid(), nullable=False),
        sa.Column("fixed_fen", sa.BigInteger(), nullable=False),
        sa.Column("per_km_fen", sa.BigInteger(), nullable=False),
        sa.Column("per_hour_fen", sa.BigInteger(), nullable=False),
        sa.Column("stop_minutes", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("carrier_id", name=op.f("pk_carrier_costs")),
    )
    op.create_table(
        "match_firmness",
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("need_id", sa.Uuid(), nullable=False),
        sa.Column("made", sa.Boolean(), nullable=False),
        sa.Column("again", sa.Integer(), nullable=False),
        sa.Column("samples", sa.Integer(), nullable=False),
        sa.Column("percent", sa.Float(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("lot_id", "need_id", name=op.f("pk_match_firmness")),
    )


def downgrade() -> None:
    op.drop_table("match_firmness")
    op.drop_table("carrier_costs")
    for column in ("docks", "closes", "opens"):
        op.drop_column("site", column)
