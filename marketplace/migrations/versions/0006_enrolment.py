"""Owners, keys, passwords and enrolment codes of devices

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

from compliance.record.moments import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

OWNERS = """
UPDATE device SET enrolled_at = created_at, organisation_id = coalesce(
    (SELECT vehicle.carrier_id FROM vehicle WHERE vehicle.id = device.vehicle_id),
    (SELECT site.organisation_id FROM site WHERE site.id = device.site_id))
"""
KEYS = """
INSERT INTO device_key (device_id, public_key, valid_from)
SELECT id, public_key, created_at FROM device WHERE public_key <> ''
"""


def moment(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, UtcDateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.add_column("device", sa.Column("organisation_id", sa.Uuid(), nullable=True))
    op.add_column("device", moment("enrolled_at"))
    op.create_index(op.f("ix_device_organisation_id"), "device", ["organisation_id"], unique=False)
    op.create_table(
        "device_key",
        sa.Column("device_id", sa.String(length=64), nullable=False),
        sa.Column("public_key", sa.String(length=64), nullable=False),
        moment("valid_from", nullable=False),
        moment("valid_to"),
        moment("revoked_at"),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_device_key_device_id")),
        sa.PrimaryKeyConstraint("device_id", "public_key", name=op.f("pk_device_key")),
    )
    op.create_table(
        "device_credential",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.String(length=64), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        moment("issued_at", nullable=False),
        moment("used_at"),
        moment("valid_to"),
        moment("revoked_at"),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_device_credential_device_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device_credential")),
        sa.UniqueConstraint("digest", name=op.f("uq_device_credential_digest")),
    )
    op.create_index(op.f("ix_device_credential_device_id"), "device_credential", ["device_id"], unique=False)
    op.create_table(
        "enrolment_code",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("device_id", sa.String(length=64), nullable=False),
        moment("issued_at", nullable=False),
        moment("expires_at", nullable=False),
        moment("used_at"),
        sa.Column("used_key", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_enrolment_code_device_id")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_enrolment_code")),
    )
    op.create_index(op.f("ix_enrolment_code_device_id"), "enrolment_code", ["device_id"], unique=False)
    op.execute(OWNERS)
    op.execute(KEYS)


def downgrade() -> None:
    op.drop_table("enrolment_code")
    op.drop_table("device_credential")
    op.drop_table("device_key")
    op.drop_index(op.f("ix_device_organisation_id"), table_name="device")
    op.drop_column("device", "enrolled_at")
    op.drop_column("device", "organisation_id")
