"""Which kind of waste does a manifest name, as the catalogue's edition of its day has it?

A document keeps the edition that was in force on its day (C1, ADR 6): because a later edition drops the code,
no load on its way stops and no clock stands still.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from compliance.catalogue import queries as catalogue
from compliance.catalogue import service as catalogue_service
from compliance.catalogue.rules import WasteType, remembered
from compliance.manifests.rules import State
from compliance.manifests.tables import Manifest, ManifestStatement
from compliance.record.clock import local_date
from compliance.record.errors import RuleBroken
from compliance.record.work import Work


class Pinned(Protocol):
    """What is known of a manifest wherever it is asked for its waste."""

    @property
    def id(self) -> UUID:
        """Return its id."""

    @property
    def code(self) -> str:
        """Return the code of its waste."""

    @property
    def edition(self) -> str:
        """Return the edition of its day."""

    @property
    def waste_name(self) -> str:
        """Return how its waste is called."""

    @property
    def hazardous(self) -> bool:
        """Tell whether its waste is hazardous."""

    @property
    def created_at(self) -> datetime:
        """Return when it was drawn up."""


def waste_of(session: Session, row: Pinned) -> WasteType:
    """Return the kind of waste of a manifest that is there, whatever became of its edition."""
    return catalogue.pinned(session, row.edition, row.code) or _stated(session, row)


def lapsed(work: Work, row: Manifest) -> list[RuleBroken]:
    """Return whether a draft names a code that is no longer in force on the day of issue (C1).

    What was issued stays good; so does what goes back or onward, which is the same waste on its way.
    """
    if State(row.state) is not State.DRAFT or row.parent_id is not None:
        return []
    return catalogue_service.against(work, row.code, work.today, "code")


def corrected(work: Work, row: Manifest, code: str) -> WasteType:
    """Return the kind of waste to which a manifest is corrected: of its own day, else of today.

    Raises `RuleBroken` (C1) for a code in force on neither.
    """
    found = catalogue.find(work.session, code, local_date(row.created_at))
    return found or catalogue_service.require(work, code, work.today, "code")


def _stated(session: Session, row: Pinned) -> WasteType:
    """Return what the manifest itself says: no list on file ever had its code."""
    known = session.get(ManifestStatement, row.id)
    stated = known.stated if known is not None else {}
    category, hazards = (str(stated.get(name) or "") for name in ("category", "hazards"))
    day = local_date(row.created_at)
    return remembered(row.code, row.edition, row.waste_name, day, category, hazards)
