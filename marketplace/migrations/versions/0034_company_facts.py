"""What was noted of companies that may tie them to each other

Revision ID: 0034
Revises: 0033
"""

import sqlalchemy as sa
from alembic import op

from compliance.record.moments import UtcDateTime

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "company_fact",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("shown", sa.String(length=60), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("noted_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("noted_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_company_fact_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_company_fact")),
        sa.UniqueConstraint(
            "organisation_id", "kind", "key", name=op.f("uq_company_fact_organisation_id_kind_key")
        ),
    )
    for column in ("organisation_id", "key"):
        op.create_index(op.f(f"ix_company_fact_{column}"), "company_fact", [column], unique=False)


def downgrade() -> None:
    op.drop_table("company_fact")
