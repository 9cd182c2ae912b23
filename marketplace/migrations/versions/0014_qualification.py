"""Documents of parties, suspensions, and the limits of yearly quantities

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

from compliance.record.moments import UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("organisation", sa.Column("wanted", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("person", sa.Column("escort_to", sa.Date(), nullable=True))
    op.add_column("licence", sa.Column("revoked_on", sa.Date(), nullable=True))
    op.add_column("licence", sa.Column("total_kg", sa.BigInteger(), nullable=True))
    _standing()
    _documents()


def _standing() -> None:
    op.create_table(
        "suspension",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("ordered_by", sa.Uuid(), nullable=True),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_suspension_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suspension")),
    )
    op.create_index(op.f("ix_suspension_organisation_id"), "suspension", ["organisation_id"], unique=False)
    op.create_table(
        "quota_policy",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("warn_percent", sa.Integer(), nullable=False),
        sa.Column("block_percent", sa.Integer(), nullable=False),
        sa.Column("alarm_percent", sa.Integer(), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=True),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quota_policy")),
    )


def _documents() -> None:
    op.create_table(
        "scan",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=20), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("uploaded_by", sa.Uuid(), nullable=True),
        sa.Column("uploaded_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_scan_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("organisation_id", "sha256", name=op.f("pk_scan")),
    )
    op.create_table(
        "document",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("subject_kind", sa.String(length=12), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("issued_by", sa.String(length=80), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("scan_sha256", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("licence_id", sa.Uuid(), nullable=True),
        sa.Column("submitted_by", sa.Uuid(), nullable=True),
        sa.Column("submitted_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("changed_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_document_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
    )
    for column in ("organisation_id", "subject_id", "valid_to", "state", "submitted_at"):
        op.create_index(op.f(f"ix_document_{column}"), "document", [column], unique=False)
    op.create_table(
        "document_decision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("act", sa.String(length=10), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("person_name", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_document_decision_document_id_document")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_decision")),
        sa.UniqueConstraint(
            "document_id", "person_id", "act", name=op.f("uq_document_decision_document_id_person_id_act")
        ),
    )
    op.create_index(
        op.f("ix_document_decision_document_id"), "document_decision", ["document_id"], unique=False
    )


def downgrade() -> None:
    for table in ("document_decision", "document", "scan", "quota_policy", "suspension"):
        op.drop_table(table)
    op.drop_column("licence", "total_kg")
    op.drop_column("licence", "revoked_on")
    op.drop_column("person", "escort_to")
    op.drop_column("organisation", "wanted")
