"""Until when houses are insured and ready for an accident, and who escorts a load

Revision ID: 0029
Revises: 0028
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

PAPERS = {"insured_to": "liability_insurance", "emergency_to": "emergency_plan"}


def upgrade() -> None:
    for column in PAPERS:
        op.add_column("organisation", sa.Column(column, sa.Date(), nullable=True))
    op.add_column("manifest", sa.Column("escort_id", sa.Uuid(), nullable=True))
    organisation = sa.table("organisation", sa.column("id"), *(sa.column(name) for name in PAPERS))
    document = sa.table(
        "document", *(sa.column(name) for name in ("subject_id", "kind", "state", "valid_to"))
    )
    for column, kind in PAPERS.items():
        last = (
            sa.select(sa.func.max(document.c.valid_to))
            .where(
                document.c.subject_id == organisation.c.id,
                document.c.kind == kind,
                document.c.state == "accepted",
            )
            .scalar_subquery()
        )
        op.execute(sa.update(organisation).values({column: last}))


def downgrade() -> None:
    op.drop_column("manifest", "escort_id")
    for column in PAPERS:
        op.drop_column("organisation", column)
