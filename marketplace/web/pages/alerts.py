"""What wants somebody's eye, what speaks for it, and who looks into it?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.types import ControllerRouterHandler
from sqlalchemy.orm import Session

from compliance.manifests import queries as manifests
from compliance.record.errors import N_, NotFound
from compliance.record.who import Role, Who
from compliance.record.work import Work
from compliance.registry import queries as registry
from compliance.registry.tables import Person
from marketplace.edge.door import Door
from marketplace.edge.guards import requires
from marketplace.edge.identity import Visit
from marketplace.edge.pages import go, page
from tracking.alerts import queries, service
from tracking.alerts.kinds import Kind, Severity, Sheet
from tracking.alerts.queries import Wanted
from tracking.alerts.rules import STANDING, Act, Outcome, State, next_state
from tracking.alerts.sheets import SHEETS
from tracking.alerts.tables import Alert
from tracking.fleet.tables import Vehicle

HOME = "/alerts"
PER_PAGE = 50
ALL = "all"
SEES = requires(Role.INSPECTOR, Role.OPERATOR, Role.DISPATCHER, Role.PRODUCER, Role.PROCESSOR)
LOOKS = requires(Role.INSPECTOR, Role.OPERATOR)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person filters by: state (or `all`), severity, kind, only the own ones; and the page, from 1."""

    state: str = State.OPEN.value
    severity: str = ""
    kind: str = ""
    mine: bool = False
    page: int = 1

    @staticmethod
    def read(query: Mapping[str, str]) -> Asked:
        """Read a filter from a page's address; what makes no sense there is ignored."""
        state, number = query.get("state", State.OPEN.value), query.get("page", "1")
        severity, kind = query.get("severity", ""), query.get("kind", "")
        return Asked(
            state if state in {ALL, *State} else State.OPEN.value,
            severity if severity in set(Severity) else "",
            kind if kind in set(Kind) else "",
            query.get("mine") == "1",
            max(1, int(number)) if number.isdecimal() and len(number) < 6 else 1,
        )

    def wanted(self, who: Who) -> Wanted:
        """Return the filter as the queries take it."""
        return Wanted(
            states=frozenset() if self.state == ALL else frozenset({State(self.state)}),
            kinds=frozenset({Kind(self.kind)}) if self.kind else frozenset(),
            severities=frozenset({Severity(self.severity)}) if self.severity else frozenset(),
            assignee_id=who.person_id if self.mine else None,
        )


@dataclass(frozen=True, slots=True)
class Line:
    """One alert as a list shows it: with its sheet, and its subjects by the names people know."""

    alert: Alert
    sheet: Sheet
    plate: str
    site: str
    assignee: str


@dataclass(frozen=True, slots=True)
class Detail:
    """One alert with what may be done about it now, by whom."""

    line: Line
    acts: frozenset[Act]
    people: tuple[Person, ...]
    manifest: str
    evidence_hash: str


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
            start = (asked.page - 1) * PER_PAGE
            statement = queries.matching(who, asked.wanted(who)).order_by(Alert.raised_at.desc(), Alert.id)
            rows = session.scalars(statement.offset(start).limit(PER_PAGE + 1)).all()
            return page(
                request,
                "alerts/queue.html",
                asked=asked,
                lines=lines(session, rows[:PER_PAGE]),
                has_more=len(rows) > PER_PAGE,
                states=queries.by_state(session, who),
                severities=queries.standing(session, who),
                sheets=SHEETS,
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
    people = registry.people(session, {one.assignee_id for one in rows if one.assignee_id})
    return tuple(
        Line(
            one,
            SHEETS[Kind(one.kind)],
            plates.get(one.vehicle_id, "") if one.vehicle_id else "",
            sites[one.site_id].name if one.site_id in sites else "",
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
    )


def _manifest(session: Session, row: Alert, who: Who) -> str:
    if row.manifest_id is None:
        return ""
    try:
        return manifests.manifest(session, row.manifest_id, who).number or "—"
    except NotFound:
        return ""


ROUTES: list[ControllerRouterHandler] = [Alerts]
