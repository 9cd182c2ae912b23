"""What lies in a works by its ledgers, and which loads came out of which batches?"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, and_, func, or_, select
from sqlalchemy.orm import Session

from compliance.ledgers import queries
from compliance.ledgers.drawing import SOURCES, Lying
from compliance.ledgers.rules import Table
from compliance.ledgers.tables import Container, LedgerDraw, LedgerEntry, LoadBatches

_BOOK = ("BOOK", date(2000, 1, 1))


@dataclass(frozen=True, slots=True)
class Balance:
    """One waste of a works from the first entry on, kilograms."""

    code: str
    generated_kg: int = 0
    came_kg: int = 0
    """What loads brought, and what came back of own ones."""
    treated_kg: int = 0
    out_kg: int = 0
    """What left by the scale."""

    @property
    def left_kg(self) -> int:
        """Return what must lie in the works."""
        return self.generated_kg + self.came_kg - self.treated_kg - self.out_kg


def hold(session: Session, units: Iterable[UUID]) -> None:
    """Let nobody else take anything out of these units' batches until the transaction ends."""
    for unit in sorted(set(units)):
        queries.next_serial(session, unit, *_BOOK, 0)


def lying(session: Session, unit: UUID, code: str, until: date, besides: UUID) -> list[Lying]:
    """Return the batches of a waste that were there on a day, oldest first, beside what one load took.

    What was taken out for a load stands under that load's own line, and is no batch for others.
    """
    rest = LedgerEntry.kg - _taken(besides)
    rows = session.execute(
        select(LedgerEntry.batch, LedgerEntry.part, rest, LedgerEntry.day)
        .where(
            LedgerEntry.organisation_id == unit,
            LedgerEntry.code == code,
            LedgerEntry.day <= until,
            _gives(),
            rest > 0,
            or_(LedgerEntry.manifest_id.is_(None), LedgerEntry.manifest_id != besides),
        )
        .order_by(LedgerEntry.day, LedgerEntry.batch)
    )
    return [Lying(batch, Table(part), int(kg), day) for batch, part, kg, day in rows]


def left(session: Session, unit: UUID, batch: str, besides: UUID) -> int:
    """Return what lies of one batch, without what one load took of it."""
    found = session.scalar(
        select(LedgerEntry.kg - _taken(besides)).where(
            LedgerEntry.organisation_id == unit, LedgerEntry.batch == batch
        )
    )
    return int(found or 0)


def batches(session: Session, unit: UUID) -> list[tuple[LedgerEntry, int]]:
    """Return every batch of a unit of which something lies, with what does; oldest first."""
    rest = LedgerEntry.kg - _taken(None)
    rows = session.execute(
        select(LedgerEntry, rest)
        .where(LedgerEntry.organisation_id == unit, _gives(), rest > 0)
        .order_by(LedgerEntry.code, LedgerEntry.day, LedgerEntry.batch)
    )
    return [(row, int(kg)) for row, kg in rows]


def _gives() -> ColumnElement[bool]:
    by_hand = or_(LedgerEntry.part != Table.TAKEN_OUT.value, LedgerEntry.manifest_id.is_(None))
    return and_(LedgerEntry.part.in_([one.value for one in SOURCES]), by_hand)


def _taken(besides: UUID | None) -> ColumnElement[int]:
    """Return what was taken out of the batch of the row at hand: by lines that name it, and by loads."""
    other, draw = LedgerEntry.__table__.alias(), LedgerDraw.__table__.alias()
    named = select(func.coalesce(func.sum(other.c.kg), 0)).where(
        other.c.organisation_id == LedgerEntry.organisation_id, other.c.source == LedgerEntry.batch
    )
    drawn = select(func.coalesce(func.sum(draw.c.kg), 0)).where(
        draw.c.organisation_id == LedgerEntry.organisation_id, draw.c.source == LedgerEntry.batch
    )
    if besides is not None:
        named = named.where(or_(other.c.manifest_id.is_(None), other.c.manifest_id != besides))
        drawn = drawn.where(draw.c.manifest_id != besides)
    sums: tuple[ScalarSelect[int], ...] = (
        named.correlate(LedgerEntry).scalar_subquery(),
        drawn.correlate(LedgerEntry).scalar_subquery(),
    )
    return sums[0] + sums[1]


def of_load(session: Session, unit: UUID, manifest_id: UUID, table: Table) -> Sequence[LedgerEntry]:
    """Return the lines that a load has, or had, in one table of a unit."""
    return session.scalars(
        select(LedgerEntry)
        .where(
            LedgerEntry.organisation_id == unit,
            LedgerEntry.manifest_id == manifest_id,
            LedgerEntry.part == table.value,
        )
        .order_by(LedgerEntry.batch)
    ).all()


def draws(session: Session, entries: Collection[UUID]) -> dict[UUID, dict[str, int]]:
    """Return what the lines of loads took, kilograms by batch."""
    found: dict[UUID, dict[str, int]] = {}
    rows = select(LedgerDraw).where(LedgerDraw.entry_id.in_(entries)).order_by(LedgerDraw.source)
    for one in session.scalars(rows):
        found.setdefault(one.entry_id, {})[one.source] = one.kg
    return found


def by_loads(session: Session, unit: UUID, sources: Collection[str]) -> dict[str, int]:
    """Return what loads took of each batch, kilograms."""
    rows = session.execute(
        select(LedgerDraw.source, func.sum(LedgerDraw.kg))
        .where(LedgerDraw.organisation_id == unit, LedgerDraw.source.in_(sources))
        .group_by(LedgerDraw.source)
    )
    return {source: int(kg) for source, kg in rows}


def drawing_from(session: Session, unit: UUID, batch: str) -> Sequence[UUID]:
    """Return the manifests whose loads took something of a batch."""
    rows = select(LedgerDraw.manifest_id).where(
        LedgerDraw.organisation_id == unit, LedgerDraw.source == batch
    )
    return session.scalars(rows.distinct()).all()


def short(session: Session, unit: UUID, code: str | None = None) -> Sequence[LedgerEntry]:
    """Return the loads, oldest first, of which something came from no batch of the ledgers."""
    rows = select(LedgerEntry).where(LedgerEntry.organisation_id == unit, LedgerEntry.short_kg > 0)
    if code is not None:
        rows = rows.where(LedgerEntry.code == code)
    return session.scalars(rows.order_by(LedgerEntry.day, LedgerEntry.batch)).all()


def named(session: Session, manifest_id: UUID) -> tuple[str, ...]:
    """Return the batches that a load takes first, in order."""
    row = session.get(LoadBatches, manifest_id)
    return () if row is None else tuple(row.batches)


def stored_from(session: Session, unit: UUID, batches: Collection[str]) -> dict[str, list[str]]:
    """Return under which batches of store the named ones lie now."""
    rows = session.execute(
        select(LedgerEntry.source, LedgerEntry.batch)
        .where(
            LedgerEntry.organisation_id == unit,
            LedgerEntry.source.in_(batches),
            LedgerEntry.part == Table.STORED.value,
        )
        .order_by(LedgerEntry.batch)
    )
    found: dict[str, list[str]] = {}
    for source, batch in rows:
        found.setdefault(source, []).append(batch)
    return found


def facility_of(session: Session, unit: UUID, batch: str) -> str:
    """Return the facility at which a batch lies; empty where none is told."""
    row = queries.entry(session, unit, batch) if batch else None
    return row.facility if row is not None else ""


def batch_of_label(session: Session, unit: UUID, label: str) -> str | None:
    """Return the batch of the container that a digital code is on, where it is one of the unit's."""
    return session.scalar(
        select(Container.batch).where(Container.organisation_id == unit, Container.code == label)
    )


def balances(session: Session, unit: UUID, until: date) -> dict[str, Balance]:
    """Return what came, went and must lie in a works of each waste up to a day."""
    came = LedgerEntry.manifest_id.is_not(None)
    out = func.coalesce(LedgerEntry.out_kg, LedgerEntry.kg)
    rows = session.execute(
        select(LedgerEntry.code, LedgerEntry.part, came, func.sum(LedgerEntry.kg), func.sum(out))
        .where(LedgerEntry.organisation_id == unit, LedgerEntry.day <= until)
        .group_by(LedgerEntry.code, LedgerEntry.part, came)
    )
    found: dict[str, dict[str, int]] = {}
    for code, part, by_load, kg, out_kg in rows:
        place = _PLACES.get((Table(part), bool(by_load)))
        if place is not None:
            sums = found.setdefault(code, {})
            sums[place] = sums.get(place, 0) + int(out_kg if place == "out_kg" else kg)
    return {code: Balance(code, **found[code]) for code in sorted(found)}


_PLACES: Mapping[tuple[Table, bool], str] = {
    (Table.GENERATED, False): "generated_kg",
    (Table.STORED, True): "came_kg",
    (Table.TREATED, False): "treated_kg",
    (Table.TREATED, True): "treated_kg",
    (Table.OUTSOURCED, False): "out_kg",
    (Table.OUTSOURCED, True): "out_kg",
}
"""What one's own entries of store say is moved within the works; those of loads came from outside."""
