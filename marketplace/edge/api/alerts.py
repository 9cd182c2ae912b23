"""Alerts over HTTP: the queue, what each kind means, who looks into one, and what was found."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from compliance.record.who import Role
from compliance.record.work import Work
from marketplace.edge.api.documents import CursorParameter, LimitParameter, Reason, told, versioned
from marketplace.edge.door import Door
from marketplace.edge.guards import requires, signed_in
from marketplace.edge.identity import Visit
from marketplace.edge.once import keyed
from marketplace.edge.pages import reader
from marketplace.edge.paging import DEFAULT_LIMIT, Page, page_of
from marketplace.web.translation import Language, translate
from tracking.alerts import queries, service
from tracking.alerts.kinds import Kind, Severity, Told
from tracking.alerts.queries import Wanted
from tracking.alerts.rules import Outcome, State
from tracking.alerts.sheets import SHEETS
from tracking.alerts.tables import Alert

JUDGED_OVER = timedelta(days=90)
OVERSEERS = requires(Role.INSPECTOR, Role.OPERATOR)

States = Annotated[list[State] | None, QueryParameter(name="state", description="only in these states")]
Kinds = Annotated[list[Kind] | None, QueryParameter(description="only of these kinds")]
Severities = Annotated[list[Severity] | None, QueryParameter(description="only as severe as these")]
Key = Annotated[UUID | None, QueryParameter(description="only about this one")]
Device = Annotated[str | None, QueryParameter(description="only about this device")]


class AlertView(msgspec.Struct, frozen=True, kw_only=True):
    """One alert: what was noticed about what, the figures that say so, and what somebody found."""

    id: UUID
    version: int
    kind: Kind
    name: str
    severity: Severity
    rule: str
    state: State
    device_id: str | None
    vehicle_id: UUID | None
    trip_id: UUID | None
    manifest_id: UUID | None
    weighing_id: UUID | None
    site_id: UUID | None
    organisation_id: UUID | None
    since: datetime
    until: datetime | None
    evidence: dict[str, object]
    evidence_hash: str
    late: bool
    raised_at: datetime
    changed_at: datetime
    assignee_id: UUID | None
    outcome: Outcome | None
    reason: str
    ended_at: datetime | None
    ended_by: UUID | None


class KindView(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of alert: what it means and what to do, in the reader's language."""

    kind: Kind
    name: str
    means: str
    remedy: str
    severity: Severity
    rule: str
    told: Told


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """How many alerts the person may see, by state; and of those that want a look, by severity and kind."""

    states: dict[State, int]
    severities: dict[Severity, int]
    kinds: dict[Kind, int]


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What was found about the alerts of one kind that were closed in the last 90 days."""

    kind: Kind
    outcomes: dict[Outcome, int]


class Assignment(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Who is to look into it: an inspector or operator; whoever asks, where nobody is named."""

    person_id: UUID | None = None


class Closing(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What was found, and how."""

    outcome: Outcome
    reason: Annotated[Reason, msgspec.Meta(min_length=1)]


class Alerts(Controller):
    """What wants somebody's eye."""

    path = "/api/v1/alerts"
    tags = ("alerts",)

    @get("/", guards=[signed_in], sync_to_thread=True, operation_id="get_alerts")
    def alerts(
        self,
        request: Visit,
        door: NamedDependency[Door],
        states: States = None,
        kind: Kinds = None,
        severity: Severities = None,
        assignee_id: Key = None,
        device_id: Device = None,
        vehicle_id: Key = None,
        trip_id: Key = None,
        manifest_id: Key = None,
        weighing_id: Key = None,
        site_id: Key = None,
        organisation_id: Key = None,
        cursor: CursorParameter = None,
        limit: LimitParameter = DEFAULT_LIMIT,
    ) -> Page[AlertView]:
        """List the alerts the person may see, those seen last first."""
        wanted = Wanted(
            states=frozenset(states or ()),
            kinds=frozenset(kind or ()),
            severities=frozenset(severity or ()),
            assignee_id=assignee_id,
            device_id=device_id,
            vehicle_id=vehicle_id,
            trip_id=trip_id,
            manifest_id=manifest_id,
            weighing_id=weighing_id,
            site_id=site_id,
            organisation_id=organisation_id,
        )
        view = partial(alert_view, language=reader(request))
        with door.reading(request) as work:
            found = queries.matching(work.who, wanted)
            return page_of(work.session, found, Alert.raised_at, Alert.id, view, cursor=cursor, limit=limit)

    @get("/kinds", guards=[signed_in], sync_to_thread=False, operation_id="get_alert_kinds")
    def kinds(self, request: Visit) -> list[KindView]:
        """List every kind of alert: what it means, and what to do."""
        return [kind_view(kind, reader(request)) for kind in Kind]

    @get("/counts", guards=[signed_in], sync_to_thread=True, operation_id="count_alerts")
    def counts(self, request: Visit, door: NamedDependency[Door]) -> Counts:
        """Count the alerts the person may see."""
        with door.reading(request) as work:
            return Counts(
                states=queries.by_state(work.session, work.who),
                severities=queries.standing(work.session, work.who),
                kinds=queries.by_kind(work.session, work.who),
            )

    @get("/outcomes", guards=[OVERSEERS], sync_to_thread=True, operation_id="get_alert_outcomes")
    def outcomes(self, request: Visit, door: NamedDependency[Door]) -> list[Found]:
        """Say what was found about the alerts closed in the last 90 days, by kind."""
        with door.reading(request) as work:
            found = queries.outcomes(work.session, work.who, work.now - JUDGED_OVER)
            return [Found(kind=kind, outcomes=numbers) for kind, numbers in found.items()]

    @get("/{alert_id:uuid}", guards=[signed_in], sync_to_thread=True, operation_id="get_alert")
    def alert(
        self, request: Visit, door: NamedDependency[Door], alert_id: FromPath[UUID]
    ) -> Response[AlertView]:
        """Show one alert with its evidence."""
        with door.reading(request) as work:
            row = queries.alert(work.session, alert_id, work.who)
            return versioned(alert_view(row, reader(request)), row.version)

    @post(
        "/{alert_id:uuid}/assign",
        guards=[OVERSEERS, keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="assign_alert",
        responses=told(AlertView, 200),
    )
    def assign(
        self,
        request: Visit,
        door: NamedDependency[Door],
        alert_id: FromPath[UUID],
        data: JSONBody[Assignment],
    ) -> Response[bytes]:
        """Give an alert to somebody who is to look into it, or take it."""

        def act(work: Work, row: Alert) -> None:
            person = data.person_id or work.who.person_id
            assert person is not None
            service.assign(work, row, person)

        return _moved(request, door, alert_id, act)

    @post(
        "/{alert_id:uuid}/release",
        guards=[OVERSEERS, keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="release_alert",
        responses=told(AlertView, 200),
    )
    def release(
        self, request: Visit, door: NamedDependency[Door], alert_id: FromPath[UUID]
    ) -> Response[bytes]:
        """Put an alert back into the queue."""
        return _moved(request, door, alert_id, service.release)

    @post(
        "/{alert_id:uuid}/close",
        guards=[OVERSEERS, keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="close_alert",
        responses=told(AlertView, 200),
    )
    def close(
        self,
        request: Visit,
        door: NamedDependency[Door],
        alert_id: FromPath[UUID],
        data: JSONBody[Closing],
    ) -> Response[bytes]:
        """End an assigned alert with what was found."""
        return _moved(
            request, door, alert_id, lambda work, row: service.close(work, row, data.outcome, data.reason)
        )


def _moved(
    request: Visit, door: Door, alert_id: UUID, act: Callable[[Work, Alert], object]
) -> Response[bytes]:
    def done(work: Work) -> AlertView:
        row = queries.alert(work.session, alert_id, work.who)
        act(work, row)
        work.session.flush()
        return alert_view(row, reader(request))

    return door.once(request, done, status=200)


def alert_view(row: Alert, language: Language) -> AlertView:
    """Return an alert with its kind's words."""
    sheet = SHEETS[Kind(row.kind)]
    columns = {
        name: getattr(row, name)
        for name in AlertView.__struct_fields__
        if name not in {"name", "severity", "rule", "evidence_hash"}
    }
    return msgspec.convert(
        columns
        | {
            "name": translate(language, sheet.name),
            "severity": sheet.severity,
            "rule": sheet.rule,
            "evidence_hash": service.evidence_hash(row),
        },
        AlertView,
    )


def kind_view(kind: Kind, language: Language) -> KindView:
    """Return a kind of alert in words."""
    sheet = SHEETS[kind]
    return KindView(
        kind=kind,
        name=translate(language, sheet.name),
        means=translate(language, sheet.means),
        remedy=translate(language, sheet.remedy),
        severity=sheet.severity,
        rule=sheet.rule,
        told=sheet.told,
    )
