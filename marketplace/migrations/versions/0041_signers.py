"""Who signed what, found by the person

Revision ID: 0041
Revises: 0040
"""

from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_manifest_signature_person_id"), "manifest_signature", ["person_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_manifest_signature_person_id"), table_name="manifest_signature")
