"""Which kind of waste flows through a pipeline, as the edition of its day, or of a period, has it?

A period keeps the edition of its last day (C1, ADR 6). What has flowed needs its manifest whatever a later
edition drops: then the period goes by the edition under which the pipeline was agreed.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from compliance.catalogue import queries as catalogue
from compliance.catalogue.rules import WasteType, remembered
from compliance.pipelines.tables import Pipeline


def edition_on(session: Session, row: Pipeline, last: date) -> str:
    """Return the edition by which a period is judged that ends on a day."""
    found = catalogue.find(session, row.code, last)
    return found.edition if found is not None else row.edition


def waste_of(session: Session, row: Pipeline, edition: str) -> WasteType:
    """Return the kind of waste of a pipeline by an edition, whatever became of that."""
    found = catalogue.pinned(session, edition, row.code)
    return found or remembered(row.code, edition, row.waste_name, row.started_on)
