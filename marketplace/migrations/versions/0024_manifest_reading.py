"""The ways by which lists and road checks find manifests among many

Revision ID: 0024
Revises: 0023
"""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

INDEXES = (("changed_at", "id"), ("code", "changed_at"), ("vehicle_id", "changed_at"))


def upgrade() -> None:
    for columns in INDEXES:
        op.create_index(f"ix_manifest_{'_'.join(columns)}", "manifest", list(columns), unique=False)


def downgrade() -> None:
    for columns in reversed(INDEXES):
        op.drop_index(f"ix_manifest_{'_'.join(columns)}", table_name="manifest")
