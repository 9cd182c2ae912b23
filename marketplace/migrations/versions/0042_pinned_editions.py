"""By which edition entries, containers, pipelines and periods go, and what an import alone listed

What is there gets the edition in force on its day, or the newest before it that listed the code; what is
older than every edition of its kind, the first.

Revision ID: 0042
Revises: 0041
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

TABLES = ("ledger_entry", "container", "pipeline", "period_manifest")


def _table(name: str, /, **typed: sa.types.TypeEngine[Any]) -> sa.TableClause:
    return sa.table(name, *(sa.column(key, kind) for key, kind in typed.items()))


TEXT, DAY, FLAG = sa.String(), sa.Date(), sa.Boolean()
EDITION = _table("catalogue_edition", code=TEXT, kind=TEXT, valid_from=DAY)
LISTED = _table("catalogue_entry", edition=TEXT, code=TEXT)
IMPORT = _table("catalogue_import", edition=TEXT, before=sa.JSON())
ENTRY = _table("ledger_entry", edition=TEXT, code=TEXT, day=DAY, hazardous=FLAG)
CONTAINER = _table("container", edition=TEXT, waste=TEXT, made_on=DAY)
PIPELINE = _table("pipeline", id=sa.Uuid(), edition=TEXT, code=TEXT, started_on=DAY, hazardous=FLAG)
PERIOD = _table("period_manifest", pipeline_id=sa.Uuid(), edition=TEXT, last=DAY)


def upgrade() -> None:
    for name in TABLES:
        op.add_column(name, sa.Column("edition", sa.String(length=12), nullable=False, server_default=""))
    op.add_column("catalogue_import", sa.Column("after", sa.JSON(), nullable=False, server_default="[]"))
    _fill(ENTRY, ENTRY.c.day, _kind(ENTRY.c.hazardous))
    _fill(CONTAINER, CONTAINER.c.made_on, sa.literal("hazardous"))
    _fill(PIPELINE, PIPELINE.c.started_on, _kind(PIPELINE.c.hazardous))
    flows = sa.select(_kind(PIPELINE.c.hazardous)).where(PIPELINE.c.id == PERIOD.c.pipeline_id)
    _fill(PERIOD, PERIOD.c.last, flows.correlate(PERIOD).scalar_subquery())
    connection = op.get_bind()
    known = _known(connection)
    code = sa.select(PIPELINE.c.code).where(PIPELINE.c.id == PERIOD.c.pipeline_id).correlate(PERIOD)
    _go_back(connection, known, ENTRY, ENTRY.c.code)
    _go_back(connection, known, CONTAINER, CONTAINER.c.waste)
    _go_back(connection, known, PIPELINE, PIPELINE.c.code)
    _go_back(connection, known, PERIOD, code.scalar_subquery())


def downgrade() -> None:
    op.drop_column("catalogue_import", "after")
    for name in reversed(TABLES):
        op.drop_column(name, "edition")


def _kind(hazardous: sa.ColumnElement[bool]) -> sa.ColumnElement[str]:
    return sa.case((hazardous, "hazardous"), else_="solid")


def _fill(table: sa.TableClause, day: sa.ColumnElement[Any], kind: sa.ColumnElement[str]) -> None:
    of_kind = sa.select(EDITION.c.code).where(EDITION.c.kind == kind).limit(1).correlate(table)
    then = of_kind.where(EDITION.c.valid_from <= day).order_by(EDITION.c.valid_from.desc())
    first = of_kind.order_by(EDITION.c.valid_from)
    found = sa.func.coalesce(then.scalar_subquery(), first.scalar_subquery(), "")
    op.execute(sa.update(table).values(edition=found))


def _known(connection: sa.Connection) -> list[tuple[str, set[str]]]:
    """Return the editions, the newest first, with the codes that each lists or listed before an import."""
    newest = sa.select(EDITION.c.code).order_by(EDITION.c.valid_from.desc())
    found: dict[str, set[str]] = {edition: set() for edition in connection.scalars(newest)}
    for edition, code in connection.execute(sa.select(LISTED.c.edition, LISTED.c.code)):
        found[edition].add(code)
    for edition, before in connection.execute(sa.select(IMPORT.c.edition, IMPORT.c.before)):
        found.get(edition, set()).update(row["code"] for row in before)
    return list(found.items())


def _go_back(
    connection: sa.Connection,
    known: list[tuple[str, set[str]]],
    table: sa.TableClause,
    code: sa.ColumnElement[str],
) -> None:
    """Let what was entered before an import dropped its code go by the newest earlier edition that has it."""
    order = [edition for edition, _ in known]
    for edition, waste in connection.execute(sa.select(table.c.edition, code).distinct()).all():
        earlier = known[order.index(edition) :] if edition in order else []
        then = next((name for name, codes in earlier if waste in codes), edition)
        if then != edition:
            theirs = sa.update(table).where(table.c.edition == edition, code == waste)
            connection.execute(theirs.values(edition=then))
