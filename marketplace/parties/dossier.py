"""What is there to know of one party, a company or a person: one file for each (一企一人一档)?

Each part of the file is an entry of `PARTS`; another slice adds its own there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from compliance.cases import queries as cases
from compliance.cases.rules import Kind as CaseKind
from compliance.cases.tables import CaseFile
from compliance.manifests import queries as manifests
from compliance.manifests.situations import WAYS, Situation
from compliance.manifests.tables import Manifest, ManifestException, ManifestSignature
from compliance.qualification.tables import Document
from compliance.record import ledger
from compliance.record.clock import SHANGHAI
from compliance.record.errors import N_, NotFound
from compliance.record.work import Work
from compliance.registry import queries as registry
from compliance.registry.tables import LicenceRow, Organisation, Person, Site
from compliance.visits import queries as visits
from compliance.visits.tables import SiteVisit
from marketplace.deals import queries as deals
from marketplace.deals.tables import Deal
from marketplace.edge.api.documents import FIRST_YEAR, LAST_YEAR
from marketplace.edge.paging import page_of
from marketplace.web.case_words import KINDS
from tracking.alerts import queries as alerts
from tracking.alerts.kinds import Kind
from tracking.alerts.sheets import SHEETS
from tracking.alerts.tables import Alert
from tracking.fleet.tables import Vehicle
from tracking.road_checks import queries as road_checks
from tracking.road_checks.tables import RoadCheck

MOST = 20
R = TypeVar("R")


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
    """One part of a file, the newest first; `next` leads to what follows, empty at the end."""

    key: str
    title: str
    entries: tuple[Entry, ...]
    next: str = ""


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Which entries of a part are asked for: of a state, from a day to a day in Shanghai; empty: all."""

    state: str = ""
    since: date | None = None
    until: date | None = None

    @property
    def moments(self) -> tuple[datetime | None, datetime | None]:
        """Return from which moment to before which."""
        return _midnight(self.since), _midnight(self.until, timedelta(days=1))


def _midnight(day: date | None, later: timedelta = timedelta()) -> datetime | None:
    """Return when a day begins in Shanghai, or so much later; none lies beyond the record."""
    if day is None:
        return None
    known = min(max(day, date(FIRST_YEAR, 1, 1)), date(LAST_YEAR, 12, 31))
    return datetime.combine(known + later, time(), SHANGHAI)


@dataclass(frozen=True, slots=True)
class Part(Generic[R]):
    """How a part is read: which rows, ordered by what, and how each is told."""

    key: str
    title: str
    rows: Callable[[Work, Party], Select[R]]
    at: InstrumentedAttribute[datetime]
    id: InstrumentedAttribute[UUID]
    entry: Callable[[R], Entry]
    state: InstrumentedAttribute[str]
    overseers: bool = False
    """Whether it is for who oversees alone: nobody is told that somebody complained, or looked."""


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


def company(work: Work, party_id: UUID) -> Party:
    """Return a company's file, `NotFound` for a person's: nobody reckons up what speaks against a driver."""
    found = party(work, party_id)
    if found.person is not None:
        raise NotFound("organisation", party_id)
    return found


def sections(work: Work, found: Party) -> list[Section]:
    """Return the beginning of each part of a file that its reader sees; of another's company none."""
    if found.reach is not Reach.WHOLE:
        return []
    return [section(work, found, key) for key in keys(work)]


def keys(work: Work) -> list[str]:
    """Return the parts that a reader may see of a file that is shown whole, in the order of the page."""
    return [one.key for one in PARTS if work.who.oversees or not one.overseers] + [TIMELINE]


def section(
    work: Work, found: Party, key: str, cursor: str = "", most: int = MOST, asked: Narrowed | None = None
) -> Section:
    """Return what follows a cursor of one part; `NotFound` for a part that the reader does not see."""
    narrowed = asked or Narrowed()
    if found.reach is not Reach.WHOLE or key not in keys(work):
        raise NotFound("part", key)
    if key == TIMELINE:
        return _timeline(work, found, cursor, most, narrowed)
    part = _part(key)
    statement = part.rows(work, found)
    since, before = narrowed.moments
    if narrowed.state:
        statement = statement.where(part.state == narrowed.state)
    if since is not None:
        statement = statement.where(part.at >= since)
    if before is not None:
        statement = statement.where(part.at < before)
    rows = page_of(work.session, statement, part.at, part.id, part.entry, cursor=cursor or None, limit=most)
    return Section(key, part.title, tuple(rows.items), rows.next or "")


def states(work: Work, found: Party, key: str) -> list[str]:
    """Return the states by which a part can be narrowed: those that its entries have."""
    if key == TIMELINE:
        return []
    part = _part(key)
    every = part.rows(work, found).with_only_columns(part.state).distinct().order_by(part.state)
    return list(work.session.scalars(every))


def _part(key: str) -> Part[Any]:
    return next(one for one in PARTS if one.key == key)


def _deals(work: Work, found: Party) -> Select[Deal]:
    own = found.organisation.id
    mine = or_(Deal.producer_id == own, Deal.processor_id == own, Deal.carrier_id == own)
    statement = deals.visible_to(work.who).where(mine)
    if found.person is not None:
        statement = statement.where(Deal.id.in_(select(Manifest.deal_id).where(_loads_of(found))))
    return statement


def _deal(row: Deal) -> Entry:
    mass = f"{row.kg / 1000:,.3f} t"
    return Entry(f"{row.code} {row.waste_name}", row.state, mass, row.agreed_at, f"/deals/{row.id}")


def _manifests(work: Work, found: Party) -> Select[Manifest]:
    return manifests.visible_to(work.who).where(_loads_of(found))


def _manifest(row: Manifest) -> Entry:
    number = f"{row.number or '—'} {row.code}"
    return Entry(number, row.state, row.plate, row.created_at, f"/manifests/{row.id}")


def _loads_of(found: Party) -> ColumnElement[bool]:
    """Return the condition for a company's loads, or for those a person drove, watched over or signed for."""
    if found.person is not None:
        own = found.person.id
        signed = select(ManifestSignature.manifest_id).where(ManifestSignature.person_id == own)
        return or_(Manifest.driver_id == own, Manifest.escort_id == own, Manifest.id.in_(signed))
    return concerns(found.organisation.id)


def concerns(own: UUID) -> ColumnElement[bool]:
    """Return the condition for the manifests that an organisation is a party to."""
    columns: Sequence[InstrumentedAttribute[UUID]] = (
        Manifest.mover_id,
        Manifest.carrier_id,
        Manifest.receiver_id,
    )
    return or_(*(column == own for column in columns))


def _alerts(work: Work, found: Party) -> Select[Alert]:
    return alerts.visible_to(work.who).where(alerted(found))


def alerted(found: Party) -> ColumnElement[bool]:
    """Return the condition for alerts about a company's duties, sites, vehicles and loads, or a person's."""
    of_loads = Alert.manifest_id.in_(select(Manifest.id).where(_loads_of(found)))
    if found.person is not None:
        return of_loads
    own = found.organisation.id
    return or_(
        Alert.organisation_id == own,
        Alert.site_id.in_(select(Site.id).where(Site.organisation_id == own)),
        Alert.vehicle_id.in_(select(Vehicle.id).where(Vehicle.carrier_id == own)),
        of_loads,
    )


def _alert(row: Alert) -> Entry:
    return Entry(SHEETS[Kind(row.kind)].name, row.state, row.reason, row.raised_at, f"/alerts/{row.id}")


def _visits(work: Work, found: Party) -> Select[SiteVisit]:
    """Return the visits to a company, or those that a person went on."""
    if found.person is not None:
        return visits.visible_to(work.who).where(SiteVisit.inspector_id == found.person.id)
    return visits.visible_to(work.who).where(SiteVisit.organisation_id == found.organisation.id)


def _visit(row: SiteVisit) -> Entry:
    return Entry(row.purpose, row.state, row.order_text, row.created_at, f"/visits/{row.id}")


def _road_checks(work: Work, found: Party) -> Select[RoadCheck]:
    of_loads = RoadCheck.manifest_id.in_(select(Manifest.id).where(_loads_of(found)))
    if found.person is not None:
        return road_checks.visible_to(work.who).where(of_loads)
    vehicles = select(Vehicle.id).where(Vehicle.carrier_id == found.organisation.id)
    return road_checks.visible_to(work.who).where(or_(of_loads, RoadCheck.vehicle_id.in_(vehicles)))


def _road_check(row: RoadCheck) -> Entry:
    return Entry(row.plate or row.asked[:40], row.verdict, row.place, row.at, f"/road-check/{row.id}")


def _complaints(work: Work, found: Party) -> Select[CaseFile]:
    """Return the cases that name a party in what they are about, or began with an alert about it."""
    own = found.organisation
    names = [found.person.name] if found.person is not None else [own.name, own.name_en, own.uscc]
    named = [CaseFile.about.icontains(name, autoescape=True) for name in names if name]
    of_alerts = CaseFile.alert_id.in_(select(Alert.id).where(alerted(found)))
    return cases.visible_to(work.who).where(or_(of_alerts, *named))


def _complaint(row: CaseFile) -> Entry:
    return Entry(KINDS[CaseKind(row.kind)], row.state, row.number, row.received_at, f"/cases/{row.id}")


def _exceptions(work: Work, found: Party) -> Select[ManifestException]:
    """Return the leave that a company's people asked for, or one person asked for or decided upon."""
    seen = manifests.visible_to(work.who).with_only_columns(Manifest.id)
    row = ManifestException
    mine = row.organisation_id == found.organisation.id
    if found.person is not None:
        mine = or_(row.asked_by_id == found.person.id, row.decided_by_id == found.person.id)
    return select(row).where(mine, row.manifest_id.in_(seen))


def _exception(row: ManifestException) -> Entry:
    href = f"/manifests/{row.manifest_id}#leave-title"
    return Entry(WAYS[Situation(row.situation)].words, row.state, row.reason, row.asked_at, href)


def _timeline(work: Work, found: Party, cursor: str, most: int, narrowed: Narrowed) -> Section:
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
    before = int(cursor) if cursor.isascii() and cursor.isdecimal() and len(cursor) < SEQ_DIGITS else None
    events = ledger.latest(session, sorted(subjects), most + 1, before, narrowed.moments)
    following = str(events[most - 1].seq) if len(events) > most else ""
    return Section(TIMELINE, N_("Timeline"), tuple(_event(one.event) for one in events[:most]), following)


def _event(event: ledger.Event) -> Entry:
    told = event.data.get("reason") or event.data.get("paper") or event.data.get("code") or ""
    href = f"/documents/{event.subject}" if event.kind.startswith("Document") else ""
    return Entry(event.kind, detail=str(told), at=event.at, href=href)


TIMELINE = "timeline"
SEQ_DIGITS = 19
"""A number of the record has fewer digits: what has as many need not fit the database's integers."""
PARTS: tuple[Part[Any], ...] = (
    Part("deals", N_("Deals"), _deals, Deal.agreed_at, Deal.id, _deal, Deal.state),
    Part(
        "manifests", N_("Manifests"), _manifests, Manifest.created_at, Manifest.id, _manifest, Manifest.state
    ),
    Part("alerts", N_("Alerts"), _alerts, Alert.raised_at, Alert.id, _alert, Alert.state),
    Part(
        "exceptions",
        N_("Exceptions"),
        _exceptions,
        ManifestException.asked_at,
        ManifestException.id,
        _exception,
        ManifestException.state,
    ),
    Part("visits", N_("Visits"), _visits, SiteVisit.created_at, SiteVisit.id, _visit, SiteVisit.state),
    Part(
        "road_checks",
        N_("Road checks"),
        _road_checks,
        RoadCheck.at,
        RoadCheck.id,
        _road_check,
        RoadCheck.verdict,
        overseers=True,
    ),
    Part(
        "complaints",
        N_("Complaints and case files"),
        _complaints,
        CaseFile.received_at,
        CaseFile.id,
        _complaint,
        CaseFile.state,
        overseers=True,
    ),
)
"""The parts of a file in the order of the page; `key` names a part over the API. The timeline is the last."""
