"""Who drove and rode along on loads that were signed for before the manifest stated it

Their names as the register has them now; who signed the loading in person, as that signature has it.

Revision ID: 0048
Revises: 0047
"""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

BATCH = 1_000
NAMES_CREW = ("load", "take_over", "back_enter")


def _table(name: str, /, *columns: str, **typed: sa.types.TypeEngine[Any]) -> sa.TableClause:
    keys = [sa.column(one, sa.Uuid()) for one in columns]
    return sa.table(name, *keys, *(sa.column(key, kind) for key, kind in typed.items()))


TEXT = sa.String()
STATEMENT = _table("manifest_statement", "manifest_id", crew=sa.JSON(none_as_null=True))
MANIFEST = _table("manifest", "id", "driver_id", "escort_id")
SIGNATURE = _table("manifest_signature", "manifest_id", "person_id", act=TEXT, person_name=TEXT)
PERSON = _table("person", "id", name=TEXT)


def upgrade() -> None:
    op.add_column("manifest_statement", sa.Column("crew", sa.JSON(), nullable=True))
    connection = op.get_bind()
    change = (
        sa.update(STATEMENT)
        .where(STATEMENT.c.manifest_id == sa.bindparam("key"))
        .values(crew=sa.bindparam("told", type_=sa.JSON()))
    )
    for batch in _loaded(connection):
        connection.execute(change, batch)


def downgrade() -> None:
    op.drop_column("manifest_statement", "crew")


def _loaded(connection: sa.Connection) -> Iterator[list[dict[str, Any]]]:
    m, last = MANIFEST.c, None
    people = dict(connection.execute(sa.select(PERSON.c.id, PERSON.c.name)).all())
    signed = sa.exists().where(SIGNATURE.c.manifest_id == m.id, SIGNATURE.c.act.in_(NAMES_CREW))
    rows = sa.select(m.id, m.driver_id, m.escort_id).where(signed).order_by(m.id).limit(BATCH)
    while batch := connection.execute(rows if last is None else rows.where(m.id > last)).all():
        last = batch[-1].id
        own = SIGNATURE.c.manifest_id.in_([row.id for row in batch]), SIGNATURE.c.person_id.is_not(None)
        names = sa.select(SIGNATURE.c.manifest_id, SIGNATURE.c.person_id, SIGNATURE.c.person_name).where(*own)
        said = {(one.manifest_id, one.person_id): one.person_name for one in connection.execute(names)}
        yield [
            {
                "key": row.id,
                "told": {
                    place: {"name": said.get((row.id, key), people[key])}
                    for place, key in (("driver", row.driver_id), ("escort", row.escort_id))
                    if key in people
                },
            }
            for row in batch
        ]
