"""How are the lines that follow a load, or a pipeline's period, kept as they must be (G4)?

Whoever calls has worked out what the lines must be; only what differs is written, so that told again nothing
changes, and a line that no longer holds gives back what it took.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import delete

from compliance.catalogue.rules import WasteType
from compliance.ledgers import service, stock
from compliance.ledgers.rules import Draft, Origin, Table
from compliance.ledgers.tables import LedgerDraw, LedgerEntry
from compliance.record.work import Work


@dataclass(frozen=True, slots=True)
class Cause:
    """What lines follow: the manifest of a load or of a pipeline's period, and the waste that it names."""

    id: UUID
    waste: WasteType
    origin: Origin


def keep(
    work: Work, cause: Cause, unit: UUID, table: Table, wanted: Sequence[Draft], out_kg: int = 0
) -> list[LedgerEntry]:
    """Keep the lines of a table as they must be; one that no longer holds stays there with 0 kg.

    A batch code tells purpose and day, so that a line of another purpose or day is a new one.
    """
    found = stock.of_load(work.session, unit, cause.id, table)
    fitting = [next((one for one in found if _fits(one, draft)), None) for draft in wanted]
    for one in found:
        if one not in fitting and (one.kg or one.out_kg or one.short_kg):
            service.take_back(work, one)
            take(work, cause, one, {})
    return [
        service.write(
            work, unit, replace(draft, batch=one.batch if one else ""), cause.waste, cause.origin, cause.id
        )
        for draft, one in zip(wanted, fitting, strict=True)
        if one is not None or draft.kg or out_kg
    ]


def _fits(one: LedgerEntry, draft: Draft) -> bool:
    said = service.draft_of(one)
    return (said.code, said.purpose, said.day) == (draft.code, draft.purpose, draft.day)


def take(
    work: Work,
    cause: Cause,
    entry: LedgerEntry,
    taken: Mapping[str, int],
    *,
    out_kg: int | None = None,
    short_kg: int = 0,
) -> None:
    """Note which batches a line took how much of, in the place of what was noted before."""
    before = stock.draws(work.session, [entry.id]).get(entry.id, {})
    if (before, entry.out_kg, entry.short_kg) == (dict(taken), out_kg, short_kg):
        return
    work.session.execute(delete(LedgerDraw).where(LedgerDraw.entry_id == entry.id))
    for batch, kg in taken.items():
        work.session.add(
            LedgerDraw(
                entry_id=entry.id,
                source=batch,
                organisation_id=entry.organisation_id,
                manifest_id=cause.id,
                kg=kg,
            )
        )
    entry.out_kg, entry.short_kg = out_kg, short_kg
    work.session.flush()
    work.append(
        "LedgerDrawn",
        entry.id,
        organisation=str(entry.organisation_id),
        manifest=str(cause.id),
        batch=entry.batch,
        taken=dict(taken),
        out_kg=out_kg,
        short_kg=short_kg,
    )


def held(work: Work, cause: Cause, unit: UUID) -> list[tuple[LedgerEntry, dict[str, int]]]:
    """Return the lines of a cause by which waste leaves, each with what it took of a mover's batches, kg."""
    lines = [
        one
        for table in (Table.TAKEN_OUT, Table.OUTSOURCED)
        for one in stock.of_load(work.session, unit, cause.id, table)
    ]
    taken = stock.draws(work.session, [one.id for one in lines])
    return [(one, taken.get(one.id, {})) for one in lines]
