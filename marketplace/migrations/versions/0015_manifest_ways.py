"""Loads that go back or onward, hand-overs, transfers on paper

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

from compliance.record.moments import UtcDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("manifest") as manifest:
        manifest.drop_constraint(op.f("uq_manifest_deal_id"), type_="unique")
        manifest.add_column(sa.Column("parent_id", sa.Uuid(), nullable=True))
        manifest.add_column(
            sa.Column("purpose", sa.String(length=12), nullable=False, server_default="transfer")
        )
        manifest.add_column(sa.Column("received_kg", sa.BigInteger(), nullable=True))
        manifest.add_column(sa.Column("resume_state", sa.String(length=20), nullable=True))
    for column in ("deal_id", "parent_id"):
        op.create_index(op.f(f"ix_manifest_{column}"), "manifest", [column], unique=False)
    op.create_table(
        "manifest_leg",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("manifest_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("from_carrier_id", sa.Uuid(), nullable=False),
        sa.Column("carrier_id", sa.Uuid(), nullable=False),
        sa.Column("means", sa.String(length=10), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("agreed_for", UtcDateTime(timezone=True), nullable=False),
        sa.Column("plate", sa.String(length=20), nullable=False),
        sa.Column("offered_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_manifest_leg")),
        sa.UniqueConstraint("manifest_id", "ordinal", name=op.f("uq_manifest_leg_manifest_id_ordinal")),
    )
    for column in ("manifest_id", "carrier_id"):
        op.create_index(op.f(f"ix_manifest_leg_{column}"), "manifest_leg", [column], unique=False)
    op.create_table(
        "manifest_paper",
        sa.Column("manifest_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("began_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("paper_number", sa.String(length=40), nullable=False),
        sa.Column("loaded_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("ended_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("sender_kg", sa.BigInteger(), nullable=True),
        sa.Column("receiver_kg", sa.BigInteger(), nullable=True),
        sa.Column("evidence", sa.String(length=400), nullable=False),
        sa.Column("entered_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("entered_by", sa.String(length=60), nullable=False),
        sa.PrimaryKeyConstraint("manifest_id", name=op.f("pk_manifest_paper")),
    )


def downgrade() -> None:
    op.drop_table("manifest_paper")
    for column in ("carrier_id", "manifest_id"):
        op.drop_index(op.f(f"ix_manifest_leg_{column}"), table_name="manifest_leg")
    op.drop_table("manifest_leg")
    for column in ("parent_id", "deal_id"):
        op.drop_index(op.f(f"ix_manifest_{column}"), table_name="manifest")
    with op.batch_alter_table("manifest") as manifest:
        for column in ("resume_state", "received_kg", "purpose", "parent_id"):
            manifest.drop_column(column)
        manifest.create_unique_constraint(op.f("uq_manifest_deal_id"), ["deal_id"])
