"""What do both ends' ledgers say of a pipeline's period: what left each day, and what came (M13, G4)?

A confirmed period is worked out anew from its meters each time, as a load is from its manifest: one that is
reopened gives back what it took, and confirmed again it has its lines again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from compliance.ledgers import stock
from compliance.ledgers.drawing import ENDS, Drawn, Lying, draw
from compliance.ledgers.keeping import Cause, held, keep, take
from compliance.ledgers.rules import Draft, Origin, Table, purpose_of_mode
from compliance.pipelines import pinning, queries
from compliance.pipelines.rules import Side, shared
from compliance.pipelines.tables import MeterReading, PeriodManifest, Pipeline
from compliance.record.clock import local_date
from compliance.record.work import Work
from compliance.registry import queries as registry
from compliance.registry.rules import Mode


def settle(work: Work, row: Pipeline, period: PeriodManifest) -> None:
    """Bring the ledgers of both ends in step with a period; while it is not confirmed it has no lines."""
    stock.hold(work.session, [row.mover_id, row.receiver_id])
    cause = Cause(period.id, pinning.waste_of(work.session, row, period.edition), Origin.PIPELINE)
    read: Sequence[MeterReading] = ()
    if period.state in queries.ACCEPTED:
        read = queries.rows(work.session, row.id, period.first, period.last)
    _leave(work, row, period, cause, [one for one in read if one.side == Side.MOVER.value and one.kg])
    _take_in(work, row, period, cause, [one for one in read if one.side == Side.RECEIVER.value and one.kg])


def _line(row: Pipeline, period: PeriodManifest, cause: Cause, one: MeterReading) -> Draft:
    """Return what all lines of one day have in common (G4: a pipeline daily)."""
    return Draft(
        table=Table.OUTSOURCED,
        day=one.day,
        code=row.code,
        kg=one.kg,
        name=cause.waste.category_name,
        container_kind=row.carrying,
        handler=one.person_name,
        note=period.number,
    )


def _leave(
    work: Work, row: Pipeline, period: PeriodManifest, cause: Cause, read: Sequence[MeterReading]
) -> None:
    """Keep the mover's lines of each day: B.3 for what came out of store, and B.5."""
    unit, receiver = row.mover_id, registry.organisation(work.session, row.receiver_id).name
    taken = _draw(work, row, period, cause, read)
    out, gone = [], []
    for one in read:
        of_day = taken[one.day]
        place = next(iter(of_day.stored or of_day.direct), "")
        line = replace(_line(row, period, cause, one), facility=stock.facility_of(work.session, unit, place))
        gone.append(replace(line, purpose=purpose_of_mode(row.mode), party=receiver, method=row.mode))
        if of_day.stored:
            store_kg = sum(of_day.stored.values())
            out.append(replace(line, table=Table.TAKEN_OUT, kg=store_kg, party="委外"))
    out_lines = {one.day: one for one in keep(work, cause, unit, Table.TAKEN_OUT, out)}
    for day, entry in out_lines.items():
        take(work, cause, entry, taken[day].stored)
    for entry in keep(work, cause, unit, Table.OUTSOURCED, gone):
        of_day, through = taken[entry.day], out_lines.get(entry.day)
        batches = {**of_day.direct, **({through.batch: through.kg} if through is not None else {})}
        take(work, cause, entry, batches, out_kg=entry.kg, short_kg=of_day.short_kg)


def _draw(
    work: Work, row: Pipeline, period: PeriodManifest, cause: Cause, read: Sequence[MeterReading]
) -> Mapping[date, Drawn]:
    """Choose each day's batches: those that it held already, then the oldest that lay there on that day."""
    found: dict[date, Drawn] = {}
    before = _held_by_day(work, row, cause)
    offers = stock.lying(work.session, row.mover_id, row.code, period.last, period.id)
    left = {one.batch: one.kg for one in offers}
    for one in read:
        there = [replace(lot, kg=left[lot.batch]) for lot in offers if lot.day <= one.day]
        of_day = draw(one.kg, _kept_for(there, before, one.day), (), before.get(one.day))
        for batch, kg in (*of_day.stored.items(), *of_day.direct.items()):
            left[batch] -= kg
        found[one.day] = of_day
    return found


def _held_by_day(work: Work, row: Pipeline, cause: Cause) -> dict[date, dict[str, int]]:
    found: dict[date, dict[str, int]] = {}
    for one, taken in held(work, cause, row.mover_id):
        found.setdefault(one.day, {}).update(taken)
    return found


def _kept_for(there: Sequence[Lying], before: Mapping[date, Mapping[str, int]], day: date) -> list[Lying]:
    """Leave aside what later days of the period hold already, so that told again each takes the same."""
    later: dict[str, int] = {}
    for other, taken in before.items():
        if other > day:
            for batch, kg in taken.items():
                later[batch] = later.get(batch, 0) + kg
    return [replace(one, kg=one.kg - later.get(one.batch, 0)) for one in there]


def _take_in(
    work: Work, row: Pipeline, period: PeriodManifest, cause: Cause, read: Sequence[MeterReading]
) -> None:
    """Keep the receiver's lines: into store each day, and once it was treated out of store and into B.4."""
    unit = row.receiver_id
    shares = shared(period.accepted_kg or 0, [one.kg for one in read])
    stored = [
        replace(_line(row, period, cause, one), table=Table.STORED, kg=kg)
        for one, kg in zip(read, shares, strict=True)
        if kg
    ]
    lines = keep(work, cause, unit, Table.STORED, stored)
    rest = {one.batch: stock.left(work.session, unit, one.batch, period.id) for one in lines}
    rest = {batch: kg for batch, kg in rest.items() if kg > 0}
    out: list[Draft] = []
    if rest and period.treated_at is not None and Mode(row.mode) in ENDS:
        day, kg = local_date(period.treated_at), sum(rest.values())
        first = replace(stored[0], table=Table.TAKEN_OUT, day=day, kg=kg, handler="")
        out = [replace(first, party="自行利用/处置")]
    treated: list[Draft] = []
    for entry in keep(work, cause, unit, Table.TAKEN_OUT, out):
        take(work, cause, entry, rest)
        purpose = purpose_of_mode(row.mode)
        treated = [
            replace(
                out[0],
                table=Table.TREATED,
                purpose=purpose,
                method=row.mode,
                source=entry.batch,
                party="",
            )
        ]
    keep(work, cause, unit, Table.TREATED, treated)
