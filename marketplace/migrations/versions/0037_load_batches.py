"""Which batches a load came out of, what left by the scale, and what no batch accounts for

Revision ID: 0037
Revises: 0036
"""

import sqlalchemy as sa
from alembic import op

from compliance.record.moments import UtcDateTime

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("ledger_entry") as table:
        table.drop_constraint(op.f("uq_ledger_entry_manifest_id"), type_="unique")
        table.add_column(sa.Column("out_kg", sa.BigInteger(), nullable=True))
        table.add_column(sa.Column("short_kg", sa.BigInteger(), nullable=False, server_default="0"))
    op.create_index(op.f("ix_ledger_entry_manifest_id"), "ledger_entry", ["manifest_id"])
    op.create_index("ix_ledger_entry_organisation_id_code", "ledger_entry", ["organisation_id", "code"])
    op.create_table(
        "ledger_draw",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("manifest_id", sa.Uuid(), nullable=False),
        sa.Column("kg", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", "source", name=op.f("pk_ledger_draw")),
    )
    op.create_index("ix_ledger_draw_organisation_id_source", "ledger_draw", ["organisation_id", "source"])
    op.create_index(op.f("ix_ledger_draw_manifest_id"), "ledger_draw", ["manifest_id"])
    op.create_table(
        "load_batches",
        sa.Column("manifest_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("batches", sa.JSON(), nullable=False),
        sa.Column("changed_at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("manifest_id", name=op.f("pk_load_batches")),
    )


def downgrade() -> None:
    op.drop_table("load_batches")
    op.drop_table("ledger_draw")
    op.drop_index("ix_ledger_entry_organisation_id_code", "ledger_entry")
    op.drop_index(op.f("ix_ledger_entry_manifest_id"), "ledger_entry")
    op.execute("DELETE FROM ledger_entry WHERE manifest_id IS NOT NULL AND (part <> 'outsourced' OR kg = 0)")
    with op.batch_alter_table("ledger_entry") as table:
        table.drop_column("short_kg")
        table.drop_column("out_kg")
        table.create_unique_constraint(op.f("uq_ledger_entry_manifest_id"), ["manifest_id"])
