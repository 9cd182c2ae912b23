"""How are a party's checklists, documents, people and vehicles shown?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from compliance.qualification import queries
from compliance.qualification.entering import Terms, warnings
from compliance.qualification.rules import (
    OPEN,
    SHEETS,
    DocumentKind,
    Held,
    Line,
    Sheet,
    State,
    Subject,
    checklist,
    checklist_of,
)
from compliance.qualification.tables import Document, DocumentDecision
from compliance.record.errors import DomainError
from compliance.record.work import Work
from compliance.registry import queries as registry
from compliance.registry import standing
from compliance.registry.rules import OrganisationKind
from compliance.registry.tables import Organisation, Person, Site, Suspension
from marketplace.parties.rules import TRADES, roles_of
from tracking.fleet import queries as fleet
from tracking.fleet.tables import Vehicle


@dataclass(frozen=True, slots=True)
class Paper:
    """One document as a page shows it: with its sheet, its terms, and what was decided on it."""

    row: Document
    sheet: Sheet
    terms: Terms
    decisions: Sequence[DocumentDecision]

    @property
    def waits(self) -> bool:
        """Tell whether somebody still has to decide."""
        return State(self.row.state) in OPEN


@dataclass(frozen=True, slots=True)
class Check:
    """One checklist: of a kind of business, or of one person or vehicle."""

    title: str
    subject: Subject
    subject_id: UUID
    lines: tuple[Line, ...]
    approved: bool = True


@dataclass(frozen=True, slots=True)
class House:
    """An organisation with all that belongs to it."""

    row: Organisation
    barred: Suspension | None
    checks: tuple[Check, ...]
    papers: tuple[Paper, ...]
    people: Sequence[Person]
    person_checks: Mapping[UUID, Check]
    vehicles: Sequence[Vehicle]
    vehicle_checks: Mapping[UUID, Check]
    sites: Sequence[Site]
    further: tuple[OrganisationKind, ...]
    roles: tuple[str, ...]


def papers_of(work: Work, rows: Sequence[Document]) -> tuple[Paper, ...]:
    """Return documents as pages show them."""
    decided = queries.decisions(work.session, [row.id for row in rows])
    return tuple(
        Paper(row, SHEETS[DocumentKind(row.kind)], Terms.read(row.terms), decided.get(row.id, []))
        for row in rows
    )


def cautions(paper: Paper, on: date) -> list[DomainError]:
    """Return what a reviewer should look at twice."""
    return warnings(paper.sheet, paper.row.number, [code for code, _ in paper.terms.lines], on)


def suspension_on(work: Work, organisation_id: UUID) -> Suspension | None:
    """Return the suspension that counts today; of several the one that is lifted first."""
    row = standing.running(work, organisation_id)
    return row if row is not None and row.since <= work.today else None


def trade_checks(work: Work, row: Organisation) -> tuple[Check, ...]:
    """Return the checklist of each kind of business that an organisation does or has applied for."""
    held = queries.held(work.session, Subject.ORGANISATION, [row.id]).get(row.id, [])
    return tuple(
        Check(
            kind.value,
            Subject.ORGANISATION,
            row.id,
            checklist(kind, held, work.today),
            approved=kind.value in row.kinds,
        )
        for kind in TRADES
        if kind.value in {*row.kinds, *row.wanted}
    )


def own_house(work: Work, organisation_id: UUID) -> House:
    """Return the own organisation with all that belongs to it."""
    session = work.session
    row = registry.organisation(session, organisation_id)
    people = registry.people_of(session, organisation_id)
    vehicles = [one for one in fleet.vehicles(session, work.who) if one.carrier_id == organisation_id]
    known = {*row.kinds, *row.wanted}
    return House(
        row=row,
        barred=suspension_on(work, organisation_id),
        checks=trade_checks(work, row),
        papers=papers_of(work, queries.of_organisation(session, organisation_id, work.who)),
        people=people,
        person_checks=_checks(work, Subject.PERSON, {one.id: one.name for one in people}),
        vehicles=vehicles,
        vehicle_checks=_checks(work, Subject.VEHICLE, {one.id: one.plate for one in vehicles}),
        sites=registry.sites_of(session, organisation_id),
        further=tuple(kind for kind in TRADES if kind.value not in known),
        roles=tuple(sorted(roles_of(known))),
    )


def _checks(work: Work, subject: Subject, names: Mapping[UUID, str]) -> dict[UUID, Check]:
    held: dict[UUID, list[Held]] = queries.held(work.session, subject, names)
    return {
        key: Check(name, subject, key, checklist_of(subject, held.get(key, []), work.today))
        for key, name in names.items()
    }
