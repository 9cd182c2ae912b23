"""Treatment plans, disposal sites and closed vehicles of construction waste

Revision ID: 0032
Revises: 0031
"""

import sqlalchemy as sa
from alembic import op

from compliance.record.moments import UtcDateTime

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _plan()
    op.create_table(
        "disposal_site",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("capacity_kg", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("set_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_disposal_site_site_id_site")),
        sa.PrimaryKeyConstraint("site_id", name=op.f("pk_disposal_site")),
    )
    op.create_table(
        "closed_vehicle",
        sa.Column("vehicle_id", sa.Uuid(), nullable=False),
        sa.Column("carrier_id", sa.Uuid(), nullable=False),
        sa.Column("plate", sa.String(length=16), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("set_at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("vehicle_id", name=op.f("pk_closed_vehicle")),
    )
    op.create_index(op.f("ix_closed_vehicle_carrier_id"), "closed_vehicle", ["carrier_id"], unique=False)
    op.create_table(
        "spoil_draw",
        sa.Column("manifest_id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("kg", sa.BigInteger(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["treatment_plan.id"], name=op.f("fk_spoil_draw_plan_id_treatment_plan")
        ),
        sa.PrimaryKeyConstraint("manifest_id", name=op.f("pk_spoil_draw")),
    )
    for column in ("plan_id", "site_id"):
        op.create_index(op.f(f"ix_spoil_draw_{column}"), "spoil_draw", [column], unique=False)


def _plan() -> None:
    op.create_table(
        "treatment_plan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("project", sa.String(length=120), nullable=False),
        sa.Column("codes", sa.JSON(), nullable=False),
        sa.Column("kg", sa.BigInteger(), nullable=False),
        sa.Column("reused_kg", sa.BigInteger(), nullable=False),
        sa.Column("sites", sa.JSON(), nullable=False),
        sa.Column("permit_number", sa.String(length=40), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("decided_by", sa.String(length=60), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("changed_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_treatment_plan_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_treatment_plan")),
    )
    for column in ("organisation_id", "site_id", "state", "created_at"):
        op.create_index(op.f(f"ix_treatment_plan_{column}"), "treatment_plan", [column], unique=False)


def downgrade() -> None:
    for table in ("spoil_draw", "closed_vehicle", "disposal_site", "treatment_plan"):
        op.drop_table(table)
