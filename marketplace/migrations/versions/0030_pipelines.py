"""Pipelines with their daily readings and the manifests of their periods

Revision ID: 0030
Revises: 0029
"""

import sqlalchemy as sa
from alembic import op

from compliance.record.moments import UtcDateTime

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _pipeline()
    op.create_table(
        "meter_reading",
        sa.Column("pipeline_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column("kg", sa.BigInteger(), nullable=False),
        sa.Column("how", sa.String(length=10), nullable=False),
        sa.Column("counter_from_kg", sa.BigInteger(), nullable=True),
        sa.Column("counter_to_kg", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("person_name", sa.String(length=60), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("batch", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["pipeline_id"], ["pipeline.id"], name=op.f("fk_meter_reading_pipeline_id_pipeline")
        ),
        sa.PrimaryKeyConstraint("pipeline_id", "day", "side", name=op.f("pk_meter_reading")),
    )
    op.create_table(
        "period_manifest",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("pipeline_id", sa.Uuid(), nullable=False),
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("number", sa.String(length=14), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("mover_kg", sa.BigInteger(), nullable=False),
        sa.Column("receiver_kg", sa.BigInteger(), nullable=True),
        sa.Column("accepted_kg", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("issued_by", sa.String(length=60), nullable=False),
        sa.Column("issued_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.String(length=60), nullable=False),
        sa.Column("confirmed_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("treated_at", UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["pipeline_id"], ["pipeline.id"], name=op.f("fk_period_manifest_pipeline_id_pipeline")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_period_manifest")),
        sa.UniqueConstraint("number", name=op.f("uq_period_manifest_number")),
        sa.UniqueConstraint("pipeline_id", "period", name=op.f("uq_period_manifest_pipeline_id_period")),
    )
    for column in ("pipeline_id", "state"):
        op.create_index(op.f(f"ix_period_manifest_{column}"), "period_manifest", [column], unique=False)


def _pipeline() -> None:
    ends = ("mover_id", "receiver_id")
    op.create_table(
        "pipeline",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("carrying", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        *(sa.Column(end, sa.Uuid(), nullable=False) for end in ends),
        sa.Column("origin_site_id", sa.Uuid(), nullable=False),
        sa.Column("destination_site_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("waste_name", sa.String(length=200), nullable=False),
        sa.Column("hazardous", sa.Boolean(), nullable=False),
        sa.Column("mode", sa.String(length=10), nullable=False),
        sa.Column("rhythm", sa.String(length=10), nullable=False),
        sa.Column("asked_by", sa.String(length=120), nullable=False),
        sa.Column("day_permille", sa.Integer(), nullable=False),
        sa.Column("span_permille", sa.Integer(), nullable=False),
        sa.Column("mover_meter", sa.String(length=60), nullable=False),
        sa.Column("receiver_meter", sa.String(length=60), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("changed_at", UtcDateTime(timezone=True), nullable=False),
        *(
            sa.ForeignKeyConstraint([end], ["organisation.id"], name=op.f(f"fk_pipeline_{end}_organisation"))
            for end in ends
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pipeline")),
    )
    for column in ("state", *ends, "created_at"):
        op.create_index(op.f(f"ix_pipeline_{column}"), "pipeline", [column], unique=False)


def downgrade() -> None:
    for table in ("period_manifest", "meter_reading", "pipeline"):
        op.drop_table(table)
