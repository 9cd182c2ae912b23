"""How is an entry made and corrected, a container registered, a plan filed?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from compliance.catalogue import service as catalogue
from compliance.catalogue.rules import Kind, WasteType
from compliance.ledgers import pinning, queries, stock
from compliance.ledgers.book import Book, Known, Outcome
from compliance.ledgers.rules import (
    LAST_SERIAL,
    Draft,
    Origin,
    Purpose,
    Table,
    batch_code,
    prefix_of,
)
from compliance.ledgers.tables import Container, LedgerEntry
from compliance.papers.rules import digital_code, label_faults
from compliance.record.errors import N_, Conflict, Forbidden, Invalid, raise_all
from compliance.record.who import Role
from compliance.record.work import Work
from compliance.registry import queries as registry

KEEPERS = frozenset({Role.PRODUCER, Role.PROCESSOR})
"""Who keeps ledgers: whoever's works produce waste."""


@dataclass(frozen=True, slots=True)
class NewContainers:
    """So many containers alike that are filled on a day; litres and kilograms of one."""

    code: str
    litres: int
    kg: int
    count: int = 1
    made_on: date | None = None
    name: str = ""
    form: str = ""
    main: str = ""
    harmful: str = ""
    cautions: str = ""
    facility: str = ""
    handler: str = ""


def keeper(work: Work) -> UUID:
    """Return the unit whose ledgers a person keeps, or refuse."""
    if work.who.organisation_id is None or not work.who.has(*KEEPERS):
        raise Forbidden(N_("Only whoever produces waste keeps its ledgers."))
    return work.who.organisation_id


def record(work: Work, draft: Draft) -> LedgerEntry:
    """Enter a line into the own ledgers; without a batch code it is given the next one of its day."""
    unit = keeper(work)
    if draft.batch and queries.entry(work.session, unit, draft.batch) is not None:
        raise Conflict(
            N_("Entry {batch} is there already."),
            code="ledger_entry_exists",
            way_out=N_("Correct that entry, or leave the batch code empty for a new one."),
            values={"batch": draft.batch},
        )
    _, row = put(work, unit, draft, Origin.TYPED)
    return row


def correct(work: Work, batch: str, draft: Draft) -> LedgerEntry:
    """Correct an entry of the own ledgers; what it said before stays on the record."""
    unit = keeper(work)
    if queries.entry(work.session, unit, batch) is None:
        raise Invalid(N_("There is no entry {batch}."), field="batch", values={"batch": batch})
    _, row = put(work, unit, replace(draft, batch=batch), Origin.TYPED)
    return row


def put(
    work: Work, unit: UUID, draft: Draft, origin: Origin, manifest_id: UUID | None = None
) -> tuple[Outcome, LedgerEntry]:
    """Enter or correct a line, or raise every reason against it at once."""
    waste = pinning.waste_for(work, unit, draft)
    draft = replace(draft, code=waste.code, name=draft.name or waste.category_name)
    hazardous = waste.kind is Kind.HAZARDOUS
    stock.hold(work.session, [unit])
    outcome, found = book_of(work, unit, [draft]).judge(draft, work.today, hazardous=hazardous)
    raise_all(found)
    return outcome, write(work, unit, draft, waste, origin, manifest_id)


def write(
    work: Work, unit: UUID, draft: Draft, waste: WasteType, origin: Origin, manifest_id: UUID | None = None
) -> LedgerEntry:
    """Write an entry that was judged; the same again changes nothing."""
    hazardous = waste.kind is Kind.HAZARDOUS
    row = queries.entry(work.session, unit, draft.batch) if draft.batch else None
    before = asdict(draft_of(row)) if row is not None else None
    if row is not None and draft_of(row) == draft:
        return row
    if row is None:
        batch = draft.batch or _next_batch(work, unit, draft, hazardous=hazardous)
        row = LedgerEntry(
            id=work.new_id(),
            organisation_id=unit,
            batch=batch,
            origin=origin.value,
            manifest_id=manifest_id,
            created_at=work.now,
        )
        work.session.add(row)
    _fill(work, row, draft, waste)
    work.session.flush()
    after = asdict(draft_of(row))
    if before is None:
        work.append("LedgerEntryMade", row.id, organisation=str(unit), entry=after, origin=origin.value)
    else:
        work.append("LedgerEntryCorrected", row.id, organisation=str(unit), before=before, entry=after)
    return row


def take_back(work: Work, row: LedgerEntry) -> None:
    """Leave an entry with 0 kg in its place: its batch code tells a waste, purpose or day that was not so."""
    if not row.kg:
        return
    before = asdict(draft_of(row))
    row.kg, row.changed_at = 0, work.now
    work.session.flush()
    after = asdict(draft_of(row))
    unit = str(row.organisation_id)
    work.append("LedgerEntryCorrected", row.id, organisation=unit, before=before, entry=after)


def _fill(work: Work, row: LedgerEntry, draft: Draft, waste: WasteType) -> None:
    row.part, row.day, row.code, row.category = draft.table.value, draft.day, waste.code, waste.category
    row.edition, row.hazardous, row.name = waste.edition, waste.kind is Kind.HAZARDOUS, draft.name
    row.kg, row.purpose, row.source, row.count = draft.kg, draft.purpose.value, draft.source, draft.count
    row.container, row.container_kind, row.facility = draft.container, draft.container_kind, draft.facility
    row.method, row.party, row.licence = draft.method, draft.party, draft.licence
    row.handler, row.note, row.changed_at = draft.handler, draft.note, work.now


def draft_of(row: LedgerEntry) -> Draft:
    """Return what a stored entry says."""
    return Draft(
        table=Table(row.part),
        day=row.day,
        code=row.code,
        kg=row.kg,
        purpose=Purpose(row.purpose),
        batch=row.batch,
        source=row.source,
        name=row.name,
        container=row.container,
        container_kind=row.container_kind,
        count=row.count,
        facility=row.facility,
        method=row.method,
        party=row.party,
        licence=row.licence,
        handler=row.handler,
        note=row.note,
    )


def drafts_of(session: Session, rows: Sequence[LedgerEntry]) -> list[Draft]:
    """Return what stored entries say; that of a load names as its source every batch it came out of."""
    drawn = stock.draws(session, [row.id for row in rows if row.manifest_id is not None])
    return [
        replace(draft_of(row), source="、".join(drawn[row.id])) if row.id in drawn else draft_of(row)
        for row in rows
    ]


def book_of(work: Work, unit: UUID, drafts: Iterable[Draft]) -> Book:
    """Return the part of a unit's ledgers that some drafts touch."""
    touched = {one for draft in drafts for one in (draft.batch, draft.source) if one}
    rows = queries.entries(work.session, unit, sorted(touched))
    known = {batch: Known(draft_of(row), row.manifest_id is not None) for batch, row in rows.items()}
    drawn = queries.drawn(work.session, unit, sorted(touched))
    return Book(known, drawn, stock.by_loads(work.session, unit, sorted(touched)))


def _next_batch(work: Work, unit: UUID, draft: Draft, *, hazardous: bool) -> str:
    prefix = prefix_of(draft.table, draft.purpose, hazardous=hazardous)
    serial = queries.next_serial(work.session, unit, prefix, draft.day)
    taken = queries.last_batch(work.session, unit, prefix, draft.day)
    if taken >= serial:
        serial = queries.next_serial(work.session, unit, prefix, draft.day, taken - serial + 1)
    if serial > LAST_SERIAL:
        raise Invalid(
            N_("A day has at most {most} batches of one kind."),
            field="day",
            way_out=N_("Enter what is alike as one batch with its count of containers."),
            values={"most": LAST_SERIAL},
        )
    return batch_code(prefix, draft.day, serial)


def register_containers(work: Work, new: NewContainers) -> Sequence[Container]:
    """Register filled containers, each with its digital code and its own line in table B.1 (G7, G8)."""
    unit = keeper(work)
    on = new.made_on or work.today
    waste = catalogue.require(work, new.code, on, "code")
    if waste.kind is not Kind.HAZARDOUS:
        raise Invalid(
            N_("This label belongs to hazardous waste; {code} is none."),
            field="code",
            values={"code": waste.code},
        )
    raise_all(label_faults(litres=new.litres, kg=new.kg, first=1, count=new.count, on=work.today))
    counter = f"C{waste.code.replace('-', '')}"
    last = queries.next_serial(work.session, unit, counter, on, new.count)
    first = last - new.count + 1
    raise_all(label_faults(litres=new.litres, kg=new.kg, first=first, count=new.count, on=work.today))
    uscc = registry.organisation(work.session, unit).uscc
    return [_container(work, unit, uscc, waste, new, on, first + n) for n in range(new.count)]


def _container(
    work: Work, unit: UUID, uscc: str, waste: WasteType, new: NewContainers, on: date, serial: int
) -> Container:
    code = digital_code(uscc, waste.code, on, serial)
    draft = Draft(
        Table.GENERATED,
        on,
        waste.code,
        new.kg,
        name=new.name,
        container=code,
        container_kind=f"{new.litres} L",
        facility=new.facility,
        handler=new.handler or work.who.name,
    )
    _, line = put(work, unit, draft, Origin.CONTAINER)
    row = Container(
        id=work.new_id(),
        organisation_id=unit,
        code=code,
        serial=serial,
        waste=waste.code,
        edition=waste.edition,
        name=line.name,
        litres=new.litres,
        kg=new.kg,
        form=new.form,
        main=new.main,
        harmful=new.harmful,
        cautions=new.cautions,
        made_on=on,
        batch=line.batch,
        created_at=work.now,
    )
    work.session.add(row)
    work.append("ContainerRegistered", row.id, organisation=str(unit), code=code, batch=line.batch, kg=new.kg)
    return row
