"""The document of a pipeline's period with its hash, and its ledger lines found by the period

Revision ID: 0046
Revises: 0045
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

READING, PERIOD = "meter_reading", "period_manifest"


def _table(name: str, /, *columns: str, **typed: sa.types.TypeEngine[Any]) -> sa.TableClause:
    keys = [sa.column(one, sa.Uuid()) for one in columns]
    return sa.table(name, *keys, *(sa.column(key, kind) for key, kind in typed.items()))


TEXT, DAY = sa.String(), sa.Date()
ENTRY = _table("ledger_entry", "organisation_id", "manifest_id", batch=TEXT, origin=TEXT)
LINE = _table(READING, "pipeline_id", day=DAY, batch=TEXT)
FLOW = _table("pipeline", "id", "mover_id")
SPAN = _table(PERIOD, "id", "pipeline_id", first=DAY, last=DAY)
OF_PIPELINES = ENTRY.c.origin == "pipeline"


def upgrade() -> None:
    op.add_column(PERIOD, sa.Column("document", sa.JSON(), nullable=True))
    op.add_column(PERIOD, sa.Column("document_hash", sa.String(length=64), nullable=False, server_default=""))
    of_line = (
        sa.select(SPAN.c.id)
        .select_from(LINE)
        .join(FLOW, FLOW.c.id == LINE.c.pipeline_id)
        .join(SPAN, sa.and_(SPAN.c.pipeline_id == FLOW.c.id, LINE.c.day.between(SPAN.c.first, SPAN.c.last)))
        .where(LINE.c.batch == ENTRY.c.batch, FLOW.c.mover_id == ENTRY.c.organisation_id)
        .limit(1)
        .correlate(ENTRY)
    )
    op.execute(sa.update(ENTRY).where(OF_PIPELINES).values(manifest_id=of_line.scalar_subquery()))
    op.drop_column(READING, "batch")


def downgrade() -> None:
    op.add_column(READING, sa.Column("batch", sa.String(length=20), nullable=False, server_default=""))
    op.execute(sa.update(ENTRY).where(OF_PIPELINES).values(manifest_id=None))
    op.drop_column(PERIOD, "document_hash")
    op.drop_column(PERIOD, "document")
