"""What is there to know of one party, a company or a person: one file for each (一企一人一档)?

Each part of the file is a function of `PARTS`; another slice adds its own there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from compliance.manifests import queries as manifests
from compliance.manifests.tables import Manifest
from compliance.qualification.tables import Document
from compliance.record import ledger
from compliance.record.errors import N_, NotFound
from compliance.record.work import Work
from compliance.registry import queries as registry
from compliance.registry.tables import LicenceRow, Organisation, Person, Site
from compliance.visits import queries as visits
from marketplace.deals import queries as deals
from marketplace.deals.tables import Deal
from tracking.alerts import queries as alerts
from tracking.alerts.kinds import Kind
from tracking.alerts.sheets import SHEETS
from tracking.alerts.tables import Alert
from tracking.fleet.tables import Vehicle

MOST = 20
MOST_EVENTS = 60


class Reach(StrEnum):
    """How much of a file a reader sees."""

    WHOLE = "whole"
    PUBLIC = "public"
    """Who it is, what it is approved for, its licences, and whether it is suspended."""


@dataclass(frozen=True, slots=True)
class Party:
    """A company, or one of its people, as a reader may see it."""

    organisation: Organisation
    person: Person | None
    reach: Reach

    @property
    def id(self) -> UUID:
        """Return whose file it is."""
        return self.person.id if self.person else self.organisation.id


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a part: what it is, a code of its state, when, and the page it leads to."""

    words: str
    state: str = ""
    detail: str = ""
    at: datetime | None = None
    href: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a file."""

    key: str
    title: str
    entries: tuple[Entry, ...]


Part = Callable[[Work, Party], Section]


def party(work: Work, party_id: UUID) -> Party:
    """Return a company or a person with how much of it the reader sees; `NotFound` where that is nothing.

    A company's name and licences are public; a person's file is for the own house and for who oversees.
    """
    session, who = work.session, work.who
    row = session.get(Organisation, party_id)
    person = None if row is not None else session.get(Person, party_id)
    owner = row.id if row is not None else person.organisation_id if person is not None else None
    if owner is None:
        raise NotFound("organisation", party_id)
    whole = who.oversees or who.organisation_id == owner
    if person is not None and not whole:
        raise NotFound("organisation", party_id)
    reach = Reach.WHOLE if whole else Reach.PUBLIC
    return Party(row or registry.organisation(session, owner), person, reach)


def sections(work: Work, found: Party) -> list[Section]:
    """Return the parts of a file that its reader sees; of another's company none."""
    if found.reach is not Reach.WHOLE:
        return []
    return [part(work, found) for part in PARTS]


def _deals(work: Work, found: Party) -> Section:
    own = found.organisation.id
    mine = or_(Deal.producer_id == own, Deal.processor_id == own, Deal.carrier_id == own)
    statement = deals.visible_to(work.who).where(mine)
    if found.person is not None:
        moved = select(Manifest.deal_id).where(Manifest.driver_id == found.person.id)
        statement = statement.where(Deal.id.in_(moved))
    rows = work.session.scalars(statement.order_by(Deal.agreed_at.desc()).limit(MOST))
    entries = [
        Entry(
            f"{row.code} {row.waste_name}",
            row.state,
            f"{row.kg / 1000:,.3f} t",
            row.agreed_at,
            f"/deals/{row.id}",
        )
        for row in rows
    ]
    return Section("deals", N_("Deals"), tuple(entries))


def _manifests(work: Work, found: Party) -> Section:
    statement = manifests.visible_to(work.who)
    if found.person is not None:
        statement = statement.where(Manifest.driver_id == found.person.id)
    else:
        statement = statement.where(_concerns(found.organisation.id))
    rows = work.session.scalars(statement.order_by(Manifest.created_at.desc()).limit(MOST))
    entries = [
        Entry(f"{row.number or '—'} {row.code}", row.state, row.plate, row.created_at, f"/manifests/{row.id}")
        for row in rows
    ]
    return Section("manifests", N_("Manifests"), tuple(entries))


def _concerns(own: UUID) -> ColumnElement[bool]:
    columns: Sequence[InstrumentedAttribute[UUID]] = (
        Manifest.mover_id,
        Manifest.carrier_id,
        Manifest.receiver_id,
    )
    return or_(*(column == own for column in columns))


def _alerts(work: Work, found: Party) -> Section:
    own = found.organisation.id
    about = or_(
        Alert.site_id.in_(select(Site.id).where(Site.organisation_id == own)),
        Alert.vehicle_id.in_(select(Vehicle.id).where(Vehicle.carrier_id == own)),
        Alert.manifest_id.in_(select(Manifest.id).where(_concerns(own))),
    )
    if found.person is not None:
        about = Alert.manifest_id.in_(select(Manifest.id).where(Manifest.driver_id == found.person.id))
    statement = alerts.visible_to(work.who).where(about)
    rows = work.session.scalars(statement.order_by(Alert.raised_at.desc()).limit(MOST))
    entries = [
        Entry(SHEETS[Kind(row.kind)].name, row.state, row.reason, row.raised_at, f"/alerts/{row.id}")
        for row in rows
    ]
    return Section("alerts", N_("Alerts"), tuple(entries))


def _timeline(work: Work, found: Party) -> Section:
    """Return what is on the record about the party, its papers, licences, sites, people and vehicles."""
    session, own = work.session, found.organisation.id
    if found.person is not None:
        papers = session.scalars(select(Document.id).where(Document.subject_id == found.person.id))
        subjects = {found.person.id, *papers}
    else:
        subjects = {own}
        for column, owner in (
            (Document.id, Document.organisation_id),
            (LicenceRow.id, LicenceRow.organisation_id),
            (Site.id, Site.organisation_id),
            (Person.id, Person.organisation_id),
            (Vehicle.id, Vehicle.carrier_id),
        ):
            subjects |= set(session.scalars(select(column).where(owner == own)))
    events = ledger.latest(session, sorted(subjects), MOST_EVENTS)
    return Section("timeline", N_("Timeline"), tuple(_entry(one.event) for one in events))


def _entry(event: ledger.Event) -> Entry:
    told = event.data.get("reason") or event.data.get("paper") or event.data.get("code") or ""
    href = f"/documents/{event.subject}" if event.kind.startswith("Document") else ""
    return Entry(event.kind, detail=str(told), at=event.at, href=href)


def _visits(work: Work, found: Party) -> Section:
    rows = [] if found.person else visits.of_organisation(work.session, found.organisation.id, work.who)
    entries = [
        Entry(row.purpose, row.state, row.order_text, row.created_at, f"/visits/{row.id}") for row in rows
    ]
    return Section("visits", N_("Visits"), tuple(entries))


PARTS: tuple[Part, ...] = (_deals, _manifests, _alerts, _visits, _timeline)
"""The parts of a file in the order of the page; `key` names a part over the API."""
