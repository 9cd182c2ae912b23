"""Whose duty an alert is about, and the authorities' deadlines as the authority's own

Revision ID: 0040
Revises: 0039
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

AUTHORITIES = ("x_notice", "x_opinion", "x_reply", "x_decision", "recheck")
OVERDUE = "deadline_overdue"


def _table(name: str, /, *columns: str, **typed: sa.types.TypeEngine[Any]) -> sa.TableClause:
    keys = [sa.column(one, sa.Uuid()) for one in columns]
    return sa.table(name, *keys, *(sa.column(key, kind) for key, kind in typed.items()))


TEXT = sa.String()
ALERT = _table("alert", "id", "site_id", "organisation_id", key=TEXT, kind=TEXT, subject=TEXT)
SITE = _table("site", "id", "organisation_id")
HOUSE = _table("organisation", "id", kinds=sa.JSON(), created_at=sa.DateTime())
DEADLINE = _table("deadline", "organisation_id", kind=TEXT)


def upgrade() -> None:
    op.add_column("alert", sa.Column("organisation_id", sa.Uuid(), nullable=True))
    op.create_index(op.f("ix_alert_organisation_id"), "alert", ["organisation_id"])
    connection = op.get_bind()
    _name_whose_duty_it_is(connection)
    _hand_over_to_the_authority(connection)


def downgrade() -> None:
    op.drop_index(op.f("ix_alert_organisation_id"), "alert")
    op.drop_column("alert", "organisation_id")


def _name_whose_duty_it_is(connection: sa.Connection) -> None:
    """Let alerts of what is overdue, which stood at their owner's first site, be about the owner."""
    columns = (ALERT.c.id, ALERT.c.key, ALERT.c.subject, SITE.c.organisation_id)
    told = sa.select(*columns).join(SITE, SITE.c.id == ALERT.c.site_id).where(ALERT.c.kind == OVERDUE)
    seen = set()
    for alert_id, key, subject, owner in connection.execute(told.order_by(ALERT.c.id)).all():
        again = key.replace(subject, str(owner))
        values = {"organisation_id": owner, "site_id": None}
        if again not in seen:
            values |= {"key": again, "subject": str(owner)}
        seen.add(again)
        connection.execute(sa.update(ALERT).where(ALERT.c.id == alert_id).values(values))


def _hand_over_to_the_authority(connection: sa.Connection) -> None:
    """Let the authorities' deadlines, which stood with whoever waits for them, be the authority's."""
    order = (HOUSE.c.created_at, HOUSE.c.id)
    houses = connection.execute(sa.select(HOUSE.c.id, HOUSE.c.kinds).order_by(*order)).all()
    for kind in ("authority", "operator"):
        owner = next((key for key, kinds in houses if kind in kinds), None)
        if owner is not None:
            theirs = DEADLINE.c.kind.in_(AUTHORITIES)
            connection.execute(sa.update(DEADLINE).where(theirs).values(organisation_id=owner))
            return
