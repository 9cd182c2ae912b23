"""What may lie at a site by waste and by facility, and who noted it

Revision ID: 0044
Revises: 0043
"""

import sqlalchemy as sa
from alembic import op

from compliance.record.moments import UtcDateTime

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

KEPT = ("site_id", "kg", "source", "set_at", "set_by")


def upgrade() -> None:
    fresh = (
        sa.Column("facility", sa.String(length=60), server_default="", nullable=False),
        sa.Column("code", sa.String(length=12), server_default="", nullable=False),
        sa.Column("by_authority", sa.Boolean(), server_default=sa.true(), nullable=False),
    )
    _remake(fresh, ("site_id", "facility", "code"), sa.true())


def downgrade() -> None:
    _remake((), ("site_id",), sa.literal_column("facility || code = ''"))


def _remake(fresh: tuple[sa.Column, ...], key: tuple[str, ...], kept: sa.ColumnElement[bool]) -> None:
    """Make the table anew with another key: SQLite cannot change the one it has."""
    columns = {
        "site_id": sa.Uuid(),
        "kg": sa.BigInteger(),
        "source": sa.String(length=200),
        "set_at": UtcDateTime(timezone=True),
        "set_by": sa.Uuid(),
    }
    old = sa.table("storage_limit", *(sa.column(name, kind) for name, kind in columns.items()))
    rows = [dict(row._mapping) for row in op.get_bind().execute(sa.select(old).where(kept))]
    op.drop_table("storage_limit")
    op.create_table(
        "storage_limit",
        *(sa.Column(name, kind, nullable=name == "set_by") for name, kind in columns.items()),
        *fresh,
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_storage_limit_site_id_site")),
        sa.PrimaryKeyConstraint(*key, name=op.f("pk_storage_limit")),
    )
    op.bulk_insert(old, rows)
