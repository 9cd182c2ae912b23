"""Which kind of waste does an entry or a container name, as the catalogue's edition of its day has it?

Both keep the edition that was in force on their day (C1, ADR 6). What comes out of a batch, and what corrects
one, is the waste that went in: because a later edition drops the code, no drum is left without a label and
none must stay where it stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.orm import Session

from compliance.catalogue import queries as catalogue
from compliance.catalogue import service as catalogue_service
from compliance.catalogue.rules import WasteCode, WasteType, remembered
from compliance.ledgers import queries
from compliance.ledgers.rules import Draft
from compliance.ledgers.tables import Container, LedgerEntry
from compliance.record.work import Work


def of_container(session: Session, row: Container) -> WasteType:
    """Return what is in a container, whatever became of its edition."""
    kept = catalogue.pinned(session, row.edition, row.waste)
    return kept or remembered(row.waste, row.edition, row.name, row.made_on)


def of_entry(session: Session, row: LedgerEntry) -> WasteType:
    """Return the kind of waste of an entry, whatever became of its edition."""
    kept = catalogue.pinned(session, row.edition, row.code)
    return kept or remembered(row.code, row.edition, row.name, row.day, row.category)


def waste_for(work: Work, unit: UUID, draft: Draft, read: Mapping[str, WasteType] | None = None) -> WasteType:
    """Return the waste of a new entry: that of the batch it corrects or comes out of, else of its day.

    `read` is what earlier rows of the same file name, by batch. Raises `RuleBroken` (C1) for another code
    that no edition in force on the day lists.
    """
    before = [one for one in (draft.batch, draft.source) if one]
    known = queries.entries(work.session, unit, before) if before else {}
    for batch in before:
        found = (read or {}).get(batch)
        if found is None and batch in known and _same(known[batch].code, draft.code):
            found = of_entry(work.session, known[batch])
        if found is not None and _same(found.code, draft.code):
            return found
    return catalogue_service.require(work, draft.code, draft.day, "code")


def _same(code: str, typed: str) -> bool:
    try:
        return WasteCode.parse(typed).text == code
    except ValueError:
        return False
