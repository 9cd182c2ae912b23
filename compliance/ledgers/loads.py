"""What do both ends' ledgers say of a load, whatever became of it and in whatever order?

Every call works out what the lines must be from what the manifest says now, and writes only what differs:
told again, it changes nothing, and a correction or a refusal gives back what was taken too much.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from compliance.ledgers import queries, service, stock
from compliance.ledgers.drawing import SOURCES, Drawn, Moved, draw
from compliance.ledgers.keeping import Cause, held, keep, take
from compliance.ledgers.rules import Draft, Origin, Table, purpose_of_mode, read_batch
from compliance.ledgers.tables import LedgerEntry, LoadBatches
from compliance.manifests import pinning, returns
from compliance.manifests import queries as manifests
from compliance.manifests.rules import Act, Purpose, State
from compliance.manifests.tables import Manifest, ManifestSignature
from compliance.record.clock import local_date
from compliance.record.errors import N_, Conflict, DomainError, Forbidden, Invalid, raise_all
from compliance.record.work import Work
from compliance.registry import queries as registry
from compliance.registry.rules import Mode
from compliance.rulebook.rules import broken

SETTLES = frozenset({Act.DEPART, Act.BACK_ENTER, Act.CONFIRM, Act.REFUSE, Act.TREAT})
"""The acts after which the ledgers say something else of a load."""
MOST_NAMED = 200


@dataclass(frozen=True, slots=True)
class _Load:
    """A manifest with what it says became of its load, and what its lines have in common."""

    row: Manifest
    moved: Moved
    cause: Cause
    handler: str

    def line(self, table: Table, day: date, kg: int, **more: object) -> Draft:
        """Return a line about this load."""
        name = self.cause.waste.category_name
        said = {"handler": self.handler, "note": self.row.number or "", "name": name}
        return Draft(table, day, self.row.code, kg, **(said | more))  # type: ignore[arg-type]


def settle(work: Work, row: Manifest) -> None:
    """Bring the ledgers of both ends in step with a load, and with what went back or onward of it."""
    family = returns.family(work, row)
    stock.hold(work.session, [unit for one in family for unit in (one.mover_id, one.receiver_id)])
    for one in family:
        load = _read(work, one)
        _leave(work, load)
        _take_in(work, load)


def _read(work: Work, row: Manifest) -> _Load:
    signed = manifests.signatures(work.session, row.id)
    first = {Act(by.act): by for by in reversed(signed)}
    issued = first.get(Act.ISSUE)
    cause = Cause(row.id, pinning.waste_of(work.session, row), Origin.MANIFEST)
    return _Load(row, _moved(work, row, first), cause, issued.person_name if issued else "")


def _moved(work: Work, row: Manifest, first: Mapping[Act, ManifestSignature]) -> Moved:
    """Read from the signatures what became of a load; on paper it left on the day that the paper says."""
    paper = manifests.paper(work.session, row.id)
    left = first[Act.DEPART].at if Act.DEPART in first else None
    if left is None and Act.BACK_ENTER in first and paper is not None:
        left = paper.loaded_at
    said = first.get(Act.ACCEPT) or first.get(Act.ACCEPT_PART)
    confirmed = said is not None and Act.CONFIRM in first
    treated = first.get(Act.TREAT)
    return Moved(
        way=Purpose(row.purpose),
        mode=Mode(row.mode),
        loaded_kg=row.loaded_kg or 0,
        left_on=local_date(left) if left is not None else None,
        accepted_kg=row.accepted_kg if confirmed or Act.REFUSE in first else None,
        accepted_on=local_date(said.at) if said is not None and confirmed else None,
        treated_on=local_date(treated.at) if treated is not None else None,
    )


def _leave(work: Work, load: _Load) -> None:
    """Keep the mover's lines: B.3 for what came out of store, and B.5."""
    row, moved = load.row, load.moved
    left_on, kg = moved.left_on or moved.accepted_on, moved.outsourced_kg
    taken = _draw(work, load)
    facility = stock.facility_of(work.session, row.mover_id, next(iter(taken.stored or taken.direct), ""))
    store_kg, where = sum(taken.stored.values()), {"facility": facility, "party": "委外"}
    out = load.line(Table.TAKEN_OUT, left_on, store_kg, **where) if left_on and store_kg else None
    out_line = _keep(work, load, row.mover_id, Table.TAKEN_OUT, out)
    if out_line is not None:
        take(work, load.cause, out_line, taken.stored)
    line = _outsourced(work, load, left_on, kg, facility) if left_on and kg is not None else None
    entry = _keep(work, load, row.mover_id, Table.OUTSOURCED, line, out_kg=moved.out_kg)
    if entry is not None:
        through = {out_line.batch: store_kg} if out_line is not None and store_kg else {}
        batches = {**taken.direct, **through}
        take(work, load.cause, entry, batches, out_kg=moved.out_kg, short_kg=taken.short_kg)


def _draw(work: Work, load: _Load) -> Drawn:
    """Choose the batches: those named, then those held already, then the oldest."""
    row, left_on = load.row, load.moved.left_on
    if left_on is None or not load.moved.out_kg:
        return Drawn()
    session, unit = work.session, row.mover_id
    offers = stock.lying(session, unit, row.code, left_on, row.id)
    known = {batch: kg for _, taken in held(work, load.cause, unit) for batch, kg in taken.items()}
    named = stock.named(session, row.id)
    below = stock.stored_from(session, unit, named)
    wanted = [batch for one in named for batch in (one, *below.get(one, ()))]
    return draw(load.moved.out_kg, offers, wanted, known)


def _outsourced(work: Work, load: _Load, left_on: date, kg: int, facility: str) -> Draft:
    row = load.row
    held = registry.licences(work.session, [row.receiver_id], left_on.year).get(row.receiver_id, [])
    licence = next((one.number for one in held if one.line_for(row.code, load.cause.waste.category)), "")
    return load.line(
        Table.OUTSOURCED,
        left_on,
        kg,
        purpose=purpose_of_mode(row.mode),
        facility=facility,
        party=registry.organisation(work.session, row.receiver_id).name,
        licence=licence,
        method=row.mode,
    )


def _take_in(work: Work, load: _Load) -> None:
    """Keep the receiver's lines: into store, and once it was treated out of store and into B.4."""
    row, moved = load.row, load.moved
    unit, day, kg = row.receiver_id, moved.accepted_on, moved.taken_kg
    line = load.line(Table.STORED, day, kg) if day and kg else None
    stored = _keep(work, load, unit, Table.STORED, line)
    out = treated = None
    if stored is not None and stored.kg and moved.is_treated and moved.treated_on is not None:
        rest = stock.left(work.session, unit, stored.batch, row.id)
        if rest > 0:
            out = load.line(
                Table.TAKEN_OUT, moved.treated_on, rest, source=stored.batch, party="自行利用/处置"
            )
    taken_out = None if unit == row.mover_id else _keep(work, load, unit, Table.TAKEN_OUT, out)
    if out is not None and taken_out is not None:
        treated = load.line(
            Table.TREATED,
            out.day,
            out.kg,
            purpose=purpose_of_mode(row.mode),
            method=row.mode,
            source=taken_out.batch,
        )
    _keep(work, load, unit, Table.TREATED, treated)


def _keep(
    work: Work, load: _Load, unit: UUID, table: Table, draft: Draft | None, *, out_kg: int = 0
) -> LedgerEntry | None:
    kept = keep(work, load.cause, unit, table, [draft] if draft is not None else [], out_kg)
    return kept[0] if kept else None


def entered(
    work: Work, unit: UUID, entry: Mapping[str, object], settle_again: Callable[[UUID], None]
) -> None:
    """Let what left earlier draw on a batch that was entered since, and give up what a correction took.

    `settle_again` is told the manifest, of a load or a pipeline's period, whose lines are to be worked out.
    """
    if Table(str(entry["table"])) not in SOURCES:
        return
    code, batch = str(entry["code"]), str(entry["batch"])
    for manifest_id in stock.drawing_from(work.session, unit, batch):
        settle_again(manifest_id)
    again: set[UUID] = set()
    for one in stock.short(work.session, unit, code):
        assert one.manifest_id is not None
        if one.manifest_id in again:
            continue
        if stock.lying(work.session, unit, code, one.day, one.manifest_id):
            again.add(one.manifest_id)
            settle_again(one.manifest_id)


def may_be_named(row: Manifest) -> bool:
    """Tell whether batches can be named for a load: what goes on after a refusal has left already."""
    return Purpose(row.purpose) is Purpose.TRANSFER and State(row.state) is not State.CANCELLED


def name(work: Work, row: Manifest, batches: Sequence[str]) -> tuple[str, ...]:
    """Name the batches, or the containers by their digital codes, that a load takes before all others.

    None named: the oldest. A load that has left already is drawn anew.
    """
    unit = service.keeper(work)
    if unit != row.mover_id:
        raise Forbidden(N_("Only the {party} may do this on the manifest."), values={"party": "mover"})
    if not may_be_named(row):
        raise Conflict(
            N_("What this manifest moves had left the works before, or never leaves it."), code="load_named"
        )
    said = [one.strip() for one in batches if one.strip()]
    if len(said) > MOST_NAMED:
        raise Invalid(
            N_("Must have at most {limit} characters or entries."),
            field="batches",
            values={"limit": MOST_NAMED},
        )
    found = [stock.batch_of_label(work.session, unit, one) or one for one in said]
    rows = queries.entries(work.session, unit, found)
    raise_all([one for place, batch in enumerate(found) for one in _misnamed(work, row, place, batch, rows)])
    _name(work, row, list(dict.fromkeys(found)))
    settle(work, row)
    return tuple(dict.fromkeys(found))


def _misnamed(
    work: Work, row: Manifest, place: int, batch: str, rows: Mapping[str, LedgerEntry]
) -> list[DomainError]:
    field, known = f"batches.{place}", rows.get(batch)
    if known is None or read_batch(batch) is None:
        return [Invalid(N_("There is no entry {batch}."), field=field, values={"batch": batch[:40]})]
    if known.code != row.code:
        about = {"batch": batch, "code": known.code, "since": known.day.isoformat()}
        return [broken("G4.source", work.today, field=field, **about)]
    return []


def label_read(work: Work, row: Manifest, label: str) -> None:
    """Take the container whose label was read at loading before all others but those named."""
    batch = stock.batch_of_label(work.session, row.mover_id, label)
    before = stock.named(work.session, row.id)
    if batch is not None and batch not in before:
        _name(work, row, [*before, batch])


def _name(work: Work, row: Manifest, batches: list[str]) -> None:
    found = work.session.get(LoadBatches, row.id)
    if found is None:
        found = LoadBatches(manifest_id=row.id, organisation_id=row.mover_id)
        work.session.add(found)
    found.batches, found.changed_at = batches, work.now
    work.session.flush()
    work.append("LoadBatchesNamed", row.id, organisation=str(row.mover_id), batches=batches)
