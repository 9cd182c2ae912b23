"""Positions parted by week on PostgreSQL, with their time in the key

Revision ID: 0005
Revises: 0004
"""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

NEW_KEY, OLD_KEY = ["device_id", "inc", "seq", "at"], ["device_id", "inc", "seq"]
OLDEST = timedelta(days=400)
AHEAD = 4
LIKE_BEFORE = "CREATE TABLE position (LIKE position_before INCLUDING DEFAULTS INCLUDING STORAGE)"


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        _key(OLD_KEY, NEW_KEY)
        return
    _set_aside()
    op.execute(f"{LIKE_BEFORE} PARTITION BY RANGE (at)")
    op.create_primary_key("pk_position", "position", NEW_KEY)
    op.create_index("ix_position_vehicle_id_at", "position", ["vehicle_id", "at"])
    op.execute("CREATE TABLE position_rest PARTITION OF position DEFAULT")
    for start in _weeks():
        year, number, _ = start.isocalendar()
        end = start + timedelta(days=7)
        op.execute(
            f"CREATE TABLE position_{year}w{number:02d} PARTITION OF position "
            f"FOR VALUES FROM ('{start.isoformat()}') TO ('{end.isoformat()}')"
        )
    _bring_over()


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        _key(NEW_KEY, OLD_KEY)
        return
    _set_aside()
    op.execute(LIKE_BEFORE)
    op.create_primary_key("pk_position", "position", OLD_KEY)
    op.create_index("ix_position_vehicle_id_at", "position", ["vehicle_id", "at"])
    _bring_over()


def _key(before: list[str], after: list[str]) -> None:
    """Change the key of SQLite's one table, which is written anew for that."""
    told = op.get_bind().exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = 'position'").scalar_one()
    key = f"PRIMARY KEY ({', '.join(before)})"
    assert key in told
    op.drop_index("ix_position_vehicle_id_at", "position")
    op.rename_table("position", "position_before")
    op.execute(told.replace(key, f"PRIMARY KEY ({', '.join(after)})"))
    op.create_index("ix_position_vehicle_id_at", "position", ["vehicle_id", "at"])
    _bring_over()


def _set_aside() -> None:
    op.rename_table("position", "position_before")
    op.execute("ALTER INDEX pk_position RENAME TO pk_position_before")
    op.execute("DROP INDEX ix_position_vehicle_id_at")


def _bring_over() -> None:
    op.execute("INSERT INTO position SELECT * FROM position_before WHERE true ON CONFLICT DO NOTHING")
    op.drop_table("position_before")


def _weeks() -> list[datetime]:
    """Return the Mondays of the weeks that hold positions now, and of those to come."""
    now: datetime = op.get_bind().exec_driver_sql("SELECT now()").scalar_one().astimezone(UTC)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    first = midnight - timedelta(days=midnight.weekday())
    ahead = {first + timedelta(days=7 * number) for number in range(AHEAD + 1)}
    rows = op.get_bind().execute(
        sa.text(
            "SELECT DISTINCT date_trunc('week', at, 'UTC') FROM position_before"
            " WHERE at >= :first AND at < :last"
        ),
        {"first": now - OLDEST, "last": max(ahead)},
    )
    return sorted(ahead | {row[0].astimezone(UTC) for row in rows})
