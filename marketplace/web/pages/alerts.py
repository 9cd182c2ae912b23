"""What wants somebody's eye, what speaks for it, and who looks into it?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.types import ControllerRouterHandler
from sqlalchemy.orm import Session

from compliance.cases import service as cases
from compliance.cases.rules import Complaint
from compliance.cases.rules import Kind as CaseKind
from compliance.manifests import queries as manifests
from compliance.record import ledger
from compliance.record.errors import N_, NotFound
from compliance.record.ledger import Event
from compliance.record.who import Role, Who
from compliance.record.work import Work
from compliance.registry import queries as registry
from compliance.registry.tables import Person
from marketplace.edge.door import Door
from marketplace.edge.guards import requires
from marketplace.edge.identity import Visit
from marketplace.edge.pages import go, page, reader
from marketplace.edge.paging import page_of
from marketplace.web.formats import format_json, format_word
from marketplace.web.pages.manifest_list import sound
from marketplace.web.sheets import csv_file
from marketplace.web.translation import Language, translate
from tracking.alerts import queries, service
from tracking.alerts.kinds import Kind, Severity, Sheet
from tracking.alerts.queries import Wanted
from tracking.alerts.rules import STANDING, Act, Outcome, State, next_state
from tracking.alerts.sheets import SHEETS
from tracking.alerts.tables import Alert
from tracking.fleet.tables import Vehicle

HOME = "/alerts"
PER_PAGE = 50
MOST = 20_000
JUDGED_OVER = timedelta(days=90)
"""So far back it is counted what was found about each kind."""
CSV_HEAD = (
    N_("Alert"),
    N_("Severity"),
    N_("Rule"),
    N_("State"),
    N_("Plate"),
    N_("Site"),
    N_("Since"),
    N_("First seen here"),
    N_("Looked into by"),
    N_("What was found"),
    N_("Reason"),
    N_("Evidence"),
)
SAYS: Mapping[str, str] = {
    "AlertRaised": N_("noticed"),
    "AlertWithdrawn": N_("taken back by later data"),
    "AlertAssigned": N_("given to"),
    "AlertReleased": N_("put back into the queue"),
    "AlertClosed": N_("closed"),
}
ALL = "all"
SEES = requires(Role.INSPECTOR, Role.OPERATOR, Role.DISPATCHER, Role.PRODUCER, Role.PROCESSOR)
LOOKS = requires(Role.INSPECTOR, Role.OPERATOR)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person filters by: state (or `all`), severity, kind, only the own ones; and where to go on."""

    state: str = State.OPEN.value
    severity: str = ""
    kind: str = ""
    mine: bool = False
    manifest: UUID | None = None
    vehicle: UUID | None = None
    cursor: str = ""

    @staticmethod
    def read(query: Mapping[str, str]) -> Asked:
        """Read a filter from a page's address; what makes no sense there is ignored."""
        state = query.get("state", State.OPEN.value)
        severity, kind = query.get("severity", ""), query.get("kind", "")
        return Asked(
            state if state in {ALL, *State} else State.OPEN.value,
            severity if severity in set(Severity) else "",
            kind if kind in set(Kind) else "",
            query.get("mine") == "1",
            _key(query.get("manifest", "")),
            _key(query.get("vehicle", "")),
            sound(query.get("cursor", "")),
        )

    def address(self, base: str = HOME, **changed: str) -> str:
        """Return the address of this filter with some of it changed; a change begins the list anew."""
        said = {
            "state": self.state,
            "severity": self.severity,
            "kind": self.kind,
            "mine": "1" if self.mine else "",
            "manifest": str(self.manifest or ""),
            "vehicle": str(self.vehicle or ""),
        }
        return f"{base}?{urlencode({name: value for name, value in (said | changed).items() if value})}"

    def wanted(self, who: Who) -> Wanted:
        """Return the filter as the queries take it."""
        return Wanted(
            states=frozenset() if self.state == ALL else frozenset({State(self.state)}),
            kinds=frozenset({Kind(self.kind)}) if self.kind else frozenset(),
            severities=frozenset({Severity(self.severity)}) if self.severity else frozenset(),
            assignee_id=who.person_id if self.mine else None,
            manifest_id=self.manifest,
            vehicle_id=self.vehicle,
        )


@get("/alerts.csv", guards=[SEES], sync_to_thread=True, include_in_schema=False)
def alerts_csv(request: Visit, door: NamedDependency[Door]) -> Response[bytes]:
    """Return what the same filter shows on the page, up to 20,000 alerts, those seen last first."""
    asked, language = Asked.read(request.query_params), reader(request)
    with door.reading(request) as work:
        found = queries.matching(work.who, asked.wanted(work.who))
        rows = work.session.scalars(found.order_by(Alert.raised_at.desc(), Alert.id.desc()).limit(MOST)).all()
        told = [_csv_row(line, language) for line in lines(work.session, rows)]
    return csv_file("alerts.csv", [translate(language, word) for word in CSV_HEAD], told)


def _csv_row(line: Line, language: Language) -> list[object]:
    row, sheet = line.alert, line.sheet
    return [
        translate(language, sheet.name),
        format_word(sheet.severity.value, language),
        sheet.rule,
        format_word(row.state, language),
        line.plate,
        line.site,
        row.since.isoformat(timespec="seconds"),
        row.raised_at.isoformat(timespec="seconds"),
        line.assignee,
        format_word(row.outcome, language) if row.outcome else "",
        row.reason,
        format_json(row.evidence, language),
    ]


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Line:
    """One alert as a list shows it: with its sheet, and its subjects by the names people know."""

    alert: Alert
    sheet: Sheet
    plate: str
    site: str
    house: str
    """Whose duty it is about."""
    assignee: str


@dataclass(frozen=True, slots=True)
class Said:
    """One step of an alert's way: what happened, by whom (empty: a rule), to whom."""

    at: datetime
    words: str
    by: str
    to: str


@dataclass(frozen=True, slots=True)
class Detail:
    """One alert with what may be done about it now, by whom."""

    line: Line
    acts: frozenset[Act]
    people: tuple[Person, ...]
    manifest: str
    evidence_hash: str
    history: tuple[Said, ...]


class AssignForm(msgspec.Struct):
    """Who is to look; nobody named: whoever asks."""

    person: UUID | None = None


class CloseForm(msgspec.Struct):
    """What was found, and how."""

    outcome: Outcome
    reason: Annotated[str, msgspec.Meta(max_length=400)] = ""


class Alerts(Controller):
    """The queue, and one alert."""

    path = HOME
    include_in_schema = False

    @get("/", guards=[SEES], sync_to_thread=True)
    def shown(self, request: Visit, door: NamedDependency[Door]) -> Response[str]:
        """Show the queue as the address asks."""
        asked = Asked.read(request.query_params)
        with door.reading(request) as work:
            session, who = work.session, work.who
            part = page_of(
                session,
                queries.matching(who, asked.wanted(who)),
                Alert.raised_at,
                Alert.id,
                lambda row: row,
                cursor=asked.cursor or None,
                limit=PER_PAGE,
            )
            return page(
                request,
                "alerts/queue.html",
                asked=asked,
                lines=lines(session, part.items),
                next=part.next,
                states=queries.by_state(session, who),
                severities=queries.standing(session, who),
                sheets=SHEETS,
                found=queries.outcomes(session, who, work.now - JUDGED_OVER),
                outcomes=tuple(Outcome),
            )

    @get("/{alert_id:uuid}", guards=[SEES], sync_to_thread=True)
    def one(self, request: Visit, door: NamedDependency[Door], alert_id: FromPath[UUID]) -> Response[str]:
        """Show one alert: what it means, what speaks for it, what is to be done."""
        with door.reading(request) as work:
            found = detail(work, queries.alert(work.session, alert_id, work.who))
            return page(request, "alerts/one.html", found=found, outcomes=tuple(Outcome))

    @post("/{alert_id:uuid}/assign", guards=[LOOKS], sync_to_thread=True)
    def assign(
        self,
        request: Visit,
        door: NamedDependency[Door],
        alert_id: FromPath[UUID],
        data: URLEncodedBody[AssignForm],
    ) -> Response[bytes]:
        """Take an alert, or give it to a colleague."""

        def act(work: Work, row: Alert) -> None:
            person = data.person or work.who.person_id
            assert person is not None
            service.assign(work, row, person)

        return _moved(request, door, alert_id, act, N_("Assigned."))

    @post("/{alert_id:uuid}/release", guards=[LOOKS], sync_to_thread=True)
    def release(
        self, request: Visit, door: NamedDependency[Door], alert_id: FromPath[UUID]
    ) -> Response[bytes]:
        """Put an alert back into the queue."""
        return _moved(request, door, alert_id, service.release, N_("Back in the queue."))

    @post("/{alert_id:uuid}/close", guards=[LOOKS], sync_to_thread=True)
    def close(
        self,
        request: Visit,
        door: NamedDependency[Door],
        alert_id: FromPath[UUID],
        data: URLEncodedBody[CloseForm],
    ) -> Response[bytes]:
        """End an alert with what was found."""

        def act(work: Work, row: Alert) -> None:
            service.close(work, row, data.outcome, data.reason)

        return _moved(request, door, alert_id, act, N_("Closed; what was found is on the record."))


@post("/alerts/{alert_id:uuid}/case", guards=[LOOKS], sync_to_thread=True, include_in_schema=False)
def open_case(request: Visit, door: NamedDependency[Door], alert_id: FromPath[UUID]) -> Response[bytes]:
    """Open a case file from an alert."""
    language = reader(request)
    with door.work(request) as work:
        line = lines(work.session, [queries.alert(work.session, alert_id, work.who)])[0]
        text = f"{translate(language, line.sheet.name)}: {translate(language, line.sheet.means)}"
        about, place = line.plate or line.house or line.alert.device_id or str(alert_id), line.site
        row, _ = cases.receive(work, Complaint(CaseKind.OTHER, text, about, place), alert_id)
    return go(request, f"/cases/{row.id}", N_("The case is opened."))


def _moved(
    request: Visit, door: Door, alert_id: UUID, act: Callable[[Work, Alert], object], said: str
) -> Response[bytes]:
    with door.work(request) as work:
        act(work, queries.alert(work.session, alert_id, work.who))
    return go(request, f"{HOME}/{alert_id}", said)


def lines(session: Session, rows: Sequence[Alert]) -> tuple[Line, ...]:
    """Return alerts with the names of what they are about."""
    plates = {
        row.id: row.plate
        for key in {one.vehicle_id for one in rows if one.vehicle_id}
        if (row := session.get(Vehicle, key)) is not None
    }
    sites = registry.sites(session, {one.site_id for one in rows if one.site_id})
    houses = registry.organisations(session, {one.organisation_id for one in rows if one.organisation_id})
    people = registry.people(session, {one.assignee_id for one in rows if one.assignee_id})
    return tuple(
        Line(
            one,
            SHEETS[Kind(one.kind)],
            plates.get(one.vehicle_id, "") if one.vehicle_id else "",
            sites[one.site_id].name if one.site_id in sites else "",
            houses[one.organisation_id].name if one.organisation_id in houses else "",
            people[one.assignee_id].name if one.assignee_id in people else "",
        )
        for one in rows
    )


def detail(work: Work, row: Alert) -> Detail:
    """Return one alert with what this person may do about it."""
    session, who = work.session, work.who
    acts = {act for act in (Act.ASSIGN, Act.RELEASE, Act.CLOSE) if next_state(State(row.state), act)}
    return Detail(
        lines(session, [row])[0],
        frozenset(acts if who.oversees and State(row.state) in STANDING else ()),
        tuple(registry.overseers(session)) if who.oversees else (),
        _manifest(session, row, who),
        service.evidence_hash(row),
        history(session, row),
    )


def history(session: Session, row: Alert) -> tuple[Said, ...]:
    """Return what happened to an alert, as the record has it."""
    told = [one.event for one in ledger.about(session, [row.id]) if one.event.kind in SAYS]
    people = registry.people(session, {key for event in told for key in _people(event)})
    names = {key: person.name for key, person in people.items()}
    named = partial(_name, names)
    return tuple(
        Said(event.at, SAYS[event.kind], named(event.person_id), named(_given_to(event))) for event in told
    )


def _name(names: Mapping[UUID, str], key: UUID | None) -> str:
    return names.get(key, "") if key is not None else ""


def _given_to(event: Event) -> UUID | None:
    return _key(str(event.data.get("to", "")))


def _people(event: Event) -> list[UUID]:
    return [key for key in (event.person_id, _given_to(event)) if key is not None]


def _manifest(session: Session, row: Alert, who: Who) -> str:
    if row.manifest_id is None:
        return ""
    try:
        return manifests.manifest(session, row.manifest_id, who).number or "—"
    except NotFound:
        return ""


ROUTES: list[ControllerRouterHandler] = [Alerts, alerts_csv, open_case]
