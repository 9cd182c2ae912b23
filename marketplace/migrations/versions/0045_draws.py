"""Draws by the seed of an anchor, with who could have been sent; suspensions name the visit that brought them

Revision ID: 0045
Revises: 0044
"""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

LINK = """
UPDATE suspension SET cause_id = (
    SELECT v.id FROM site_visit v
    WHERE v.organisation_id = suspension.organisation_id AND v.state = 'rectifying'
    AND substr(v.order_text, 1, 400) = suspension.reason ORDER BY v.id LIMIT 1
)
"""


def upgrade() -> None:
    with op.batch_alter_table("visit_draw") as draw:
        draw.add_column(sa.Column("number", sa.Integer(), nullable=True))
        draw.add_column(sa.Column("period", sa.String(length=7), server_default="", nullable=False))
        draw.add_column(sa.Column("anchor_day", sa.Date(), nullable=True))
        draw.add_column(sa.Column("anchor_digest", sa.String(length=64), server_default="", nullable=False))
        draw.add_column(sa.Column("reason", sa.String(length=400), server_default="", nullable=False))
        draw.add_column(sa.Column("inspectors", sa.JSON(), nullable=True))
    op.execute("UPDATE visit_draw SET inspectors = '[]'")
    op.execute(
        "UPDATE visit_draw SET number = (SELECT count(*) FROM visit_draw b WHERE b.id <= visit_draw.id)"
    )
    with op.batch_alter_table("visit_draw") as draw:
        draw.alter_column("number", existing_type=sa.Integer(), nullable=False)
        draw.alter_column("inspectors", existing_type=sa.JSON(), nullable=False)
        draw.create_unique_constraint(op.f("uq_visit_draw_number"), ["number"])
    op.add_column("suspension", sa.Column("cause_id", sa.Uuid(), nullable=True))
    op.execute(LINK)


def downgrade() -> None:
    with op.batch_alter_table("suspension") as suspension:
        suspension.drop_column("cause_id")
    with op.batch_alter_table("visit_draw") as draw:
        draw.drop_constraint(op.f("uq_visit_draw_number"), type_="unique")
        for column in ("inspectors", "reason", "anchor_digest", "anchor_day", "period", "number"):
            draw.drop_column(column)
