"""Exceptions, and corrections as revisions

Revision ID: 0022
Revises: 0021
"""

import sqlalchemy as sa
from alembic import op

from compliance.record import guard
from compliance.record.moments import UtcDateTime

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

ANSWERS = "manifest_revision_answer"


def upgrade() -> None:
    _exceptions()
    _revisions()
    op.add_column("manifest_signature", sa.Column("exception_id", sa.Uuid(), nullable=True))
    for statement in guard.append_only(ANSWERS, op.get_bind().dialect.name):
        op.execute(statement)


def _exceptions() -> None:
    op.create_table(
        "manifest_exception",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("manifest_id", sa.Uuid(), nullable=False),
        sa.Column("situation", sa.String(length=20), nullable=False),
        sa.Column("act", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("evidence", sa.String(length=400), nullable=False),
        sa.Column("kg", sa.BigInteger(), nullable=True),
        sa.Column("carrier_id", sa.Uuid(), nullable=True),
        sa.Column("plate", sa.String(length=20), nullable=False),
        sa.Column("vehicle_id", sa.Uuid(), nullable=True),
        sa.Column("driver_id", sa.Uuid(), nullable=True),
        sa.Column("asked_by_id", sa.Uuid(), nullable=True),
        sa.Column("asked_by", sa.String(length=60), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("asked_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("decided_by", sa.String(length=60), nullable=False),
        sa.Column("decided_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.String(length=400), nullable=False),
        sa.Column("used_at", UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_manifest_exception")),
    )
    for column in ("manifest_id", "state"):
        op.create_index(op.f(f"ix_manifest_exception_{column}"), "manifest_exception", [column], unique=False)


def _revisions() -> None:
    op.create_table(
        "manifest_revision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("manifest_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("asked_of", sa.JSON(), nullable=False),
        sa.Column("proposed_by", sa.String(length=60), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("proposed_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("hash_before", sa.String(length=64), nullable=False),
        sa.Column("hash_after", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_manifest_revision")),
        sa.UniqueConstraint("manifest_id", "ordinal", name=op.f("uq_manifest_revision_manifest_id_ordinal")),
    )
    op.create_index(
        op.f("ix_manifest_revision_manifest_id"), "manifest_revision", ["manifest_id"], unique=False
    )
    op.create_table(
        ANSWERS,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("revision_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("person_name", sa.String(length=60), nullable=False),
        sa.Column("approves", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_manifest_revision_answer")),
        sa.UniqueConstraint(
            "revision_id",
            "organisation_id",
            name=op.f("uq_manifest_revision_answer_revision_id_organisation_id"),
        ),
    )
    op.create_index(op.f("ix_manifest_revision_answer_revision_id"), ANSWERS, ["revision_id"], unique=False)


def downgrade() -> None:
    op.drop_column("manifest_signature", "exception_id")
    op.drop_index(op.f("ix_manifest_revision_answer_revision_id"), table_name=ANSWERS)
    op.drop_table(ANSWERS)
    op.drop_index(op.f("ix_manifest_revision_manifest_id"), table_name="manifest_revision")
    op.drop_table("manifest_revision")
    for column in ("state", "manifest_id"):
        op.drop_index(op.f(f"ix_manifest_exception_{column}"), table_name="manifest_exception")
    op.drop_table("manifest_exception")
