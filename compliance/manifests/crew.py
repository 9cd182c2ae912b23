"""Who drives a load and who rides along, as called and certified when the loading was signed (L9, M7)?"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from compliance.manifests.tables import Manifest, ManifestStatement
from compliance.qualification import queries as documents
from compliance.qualification.rules import DocumentKind
from compliance.record.work import Work
from compliance.registry import queries as registry
from compliance.registry.tables import Person

DRIVER, ESCORT = "driver", "escort"
CERTIFICATES = {DRIVER: DocumentKind.DRIVER_CERTIFICATE, ESCORT: DocumentKind.ESCORT_CERTIFICATE}


@dataclass(frozen=True, slots=True)
class Crewed:
    """One of the crew; `added`: read off the register after the loading had been signed."""

    name: str
    certificate: str = ""
    added: bool = False


def name(work: Work, row: Manifest) -> None:
    """State the crew on a frozen manifest before its loading, or taking over, is signed: it covers them."""
    known = work.session.get(ManifestStatement, row.id)
    if known is None or known.frozen_at is None:
        return
    places = {DRIVER: row.driver_id, ESCORT: row.escort_id}
    people = registry.people(work.session, [key for key in places.values() if key is not None])
    found = {
        place: _called(work.session, place, people[key])
        for place, key in places.items()
        if key is not None and key in people
    }
    known.stated, known.crew = {**known.stated, "crew": found}, None


def _called(session: Session, place: str, one: Person) -> dict[str, str]:
    until = one.permit_to if place == DRIVER else one.escort_to
    paper = documents.longest(session, CERTIFICATES[place], one.id)
    return {
        "name": one.name,
        "certificate": paper.number if paper is not None else "",
        "valid_to": until.isoformat() if until is not None else "",
    }


def member(known: ManifestStatement | None, place: str, now: Person | None) -> Crewed | None:
    """Return one of a load's crew: as stated, as filled in at an upgrade, or before the loading as of now."""
    stated = known.stated.get("crew") if known is not None else None
    if isinstance(stated, dict) and place in stated:
        return Crewed(stated[place]["name"], stated[place]["certificate"])
    if known is not None and known.crew is not None and place in known.crew:
        return Crewed(known.crew[place]["name"], added=True)
    return Crewed(now.name) if now is not None else None
