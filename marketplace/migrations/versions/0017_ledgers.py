"""Ledgers, containers, management plans and declarations

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

from compliance.record.moments import UtcDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def _text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, UtcDateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "ledger_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        _text("part", 12),
        _text("batch", 20),
        _text("source", 20),
        sa.Column("day", sa.Date(), nullable=False),
        _text("code", 12),
        _text("category", 6),
        sa.Column("hazardous", sa.Boolean(), nullable=False),
        _text("name", 200),
        sa.Column("kg", sa.BigInteger(), nullable=False),
        _text("purpose", 14),
        _text("container", 60),
        _text("container_kind", 60),
        sa.Column("count", sa.Integer(), nullable=False),
        _text("facility", 60),
        _text("method", 60),
        _text("party", 120),
        _text("licence", 60),
        _text("handler", 60),
        _text("note", 400),
        _text("origin", 10),
        sa.Column("manifest_id", sa.Uuid(), nullable=True),
        _moment("created_at"),
        _moment("changed_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entry")),
        sa.UniqueConstraint("organisation_id", "batch", name=op.f("uq_ledger_entry_organisation_id_batch")),
        sa.UniqueConstraint("manifest_id", name=op.f("uq_ledger_entry_manifest_id")),
    )
    for column in ("day", "source"):
        op.create_index(
            f"ix_ledger_entry_organisation_id_{column}", "ledger_entry", ["organisation_id", column]
        )
    op.create_table(
        "ledger_serial",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        _text("prefix", 12),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "prefix", "day", name=op.f("pk_ledger_serial")),
    )
    _create_containers()
    _create_plans()
    op.create_table(
        "ledger_import",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        _text("file_name", 120),
        _text("sha256", 64),
        _text("part", 12),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.Column("outcomes", sa.JSON(), nullable=True),
        _moment("created_at"),
        _moment("taken_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_import")),
    )
    for table in ("container", "management_plan", "declaration", "ledger_import"):
        op.create_index(op.f(f"ix_{table}_organisation_id"), table, ["organisation_id"])


def _create_containers() -> None:
    op.create_table(
        "container",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        _text("code", 37),
        sa.Column("serial", sa.Integer(), nullable=False),
        _text("waste", 12),
        _text("name", 200),
        sa.Column("litres", sa.Integer(), nullable=False),
        sa.Column("kg", sa.BigInteger(), nullable=False),
        *(_text(name, 60) for name in ("form", "main", "harmful", "cautions")),
        sa.Column("made_on", sa.Date(), nullable=False),
        _text("batch", 20),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_container")),
        sa.UniqueConstraint("code", name=op.f("uq_container_code")),
    )


def _create_plans() -> None:
    op.create_table(
        "ledger_unit",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("amounts", sa.JSON(), nullable=False),
        sa.Column("treats_itself", sa.Boolean(), nullable=False),
        _moment("changed_at"),
        sa.PrimaryKeyConstraint("organisation_id", name=op.f("pk_ledger_unit")),
    )
    op.create_table(
        "management_plan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        _text("number", 40),
        sa.Column("filed_on", sa.Date(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        _moment("changed_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_management_plan")),
        sa.UniqueConstraint("organisation_id", "year", name=op.f("uq_management_plan_organisation_id_year")),
    )
    op.create_table(
        "declaration",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        _text("period", 8),
        _text("rhythm", 10),
        *(sa.Column(name, sa.Date(), nullable=False) for name in ("first", "last", "due_on")),
        sa.Column("declared_on", sa.Date(), nullable=True),
        _text("number", 40),
        sa.Column("figures", sa.JSON(), nullable=True),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_declaration")),
        sa.UniqueConstraint("organisation_id", "period", name=op.f("uq_declaration_organisation_id_period")),
    )


def downgrade() -> None:
    for table in (
        "ledger_import",
        "declaration",
        "management_plan",
        "ledger_unit",
        "container",
        "ledger_serial",
        "ledger_entry",
    ):
        op.drop_table(table)
