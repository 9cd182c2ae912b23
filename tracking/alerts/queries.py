"""Which alerts are there, who may see them, and how many still want a look?"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from compliance.record.errors import NotFound
from compliance.record.who import Role, Who
from compliance.registry.tables import Site
from tracking.alerts.kinds import Kind, Severity, Told
from tracking.alerts.rules import STANDING, Outcome, State
from tracking.alerts.sheets import SHEETS
from tracking.alerts.tables import Alert
from tracking.fleet.tables import Vehicle
from tracking.trips import queries as trips
from tracking.trips.tables import Trip

OPEN_TO_PARTIES = tuple(sorted(kind.value for kind, sheet in SHEETS.items() if sheet.told is Told.PARTIES))


@dataclass(frozen=True, slots=True)
class Wanted:
    """By what a list of alerts is narrowed; None and empty leave it as it is."""

    states: frozenset[State] = frozenset()
    kinds: frozenset[Kind] = frozenset()
    severities: frozenset[Severity] = frozenset()
    assignee_id: UUID | None = None
    device_id: str | None = None
    vehicle_id: UUID | None = None
    trip_id: UUID | None = None
    manifest_id: UUID | None = None
    weighing_id: UUID | None = None
    site_id: UUID | None = None
    organisation_id: UUID | None = None
    since: datetime | None = None


def visible_to(who: Who) -> Select[Alert]:
    """Return the statement for the alerts that a person may see.

    Who oversees sees all. The others see the kinds that are told to parties: a driver of the own trips, an
    organisation of its trips, its vehicles, its sites and its duties.
    """
    statement = select(Alert)
    if who.oversees:
        return statement
    statement = statement.where(Alert.kind.in_(OPEN_TO_PARTIES))
    on_trip = Alert.trip_id.in_(trips.visible_to(who).with_only_columns(Trip.id))
    if who.has(Role.DRIVER) and not who.has(Role.DISPATCHER):
        return statement.where(on_trip)
    own = who.organisation_id
    vehicles = select(Vehicle.id).where(Vehicle.carrier_id == own)
    sites = select(Site.id).where(Site.organisation_id == own)
    own_site = Alert.trip_id.is_(None) & Alert.site_id.in_(sites)
    duties = Alert.organisation_id == own
    return statement.where(or_(on_trip, Alert.vehicle_id.in_(vehicles), own_site, duties))


def matching(who: Who, wanted: Wanted) -> Select[Alert]:
    """Return the statement for the alerts a person may see, narrowed to those that are wanted."""
    statement = visible_to(who)
    if wanted.states:
        statement = statement.where(Alert.state.in_([one.value for one in wanted.states]))
    kinds = wanted.kinds
    if wanted.severities:
        severe = {kind for kind, sheet in SHEETS.items() if sheet.severity in wanted.severities}
        kinds = frozenset(severe & kinds if kinds else severe)
    if kinds or wanted.severities:
        statement = statement.where(Alert.kind.in_([one.value for one in kinds]))
    if wanted.since is not None:
        statement = statement.where(Alert.raised_at >= wanted.since)
    for column, value in (
        (Alert.assignee_id, wanted.assignee_id),
        (Alert.device_id, wanted.device_id),
        (Alert.vehicle_id, wanted.vehicle_id),
        (Alert.trip_id, wanted.trip_id),
        (Alert.manifest_id, wanted.manifest_id),
        (Alert.weighing_id, wanted.weighing_id),
        (Alert.site_id, wanted.site_id),
        (Alert.organisation_id, wanted.organisation_id),
    ):
        if value is not None:
            statement = statement.where(column == value)
    return statement


def alert(session: Session, alert_id: UUID, who: Who) -> Alert:
    """Return one alert that the person may see, or raise `NotFound`."""
    found = session.scalar(visible_to(who).where(Alert.id == alert_id))
    if found is None:
        raise NotFound("alert", alert_id)
    return found


def standing(session: Session, who: Who) -> dict[Severity, int]:
    """Return how many alerts that a person may see still want a look, by severity."""
    counts = dict.fromkeys(reversed(Severity), 0)
    for kind, number in by_kind(session, who).items():
        counts[SHEETS[kind].severity] += number
    return counts


def by_kind(
    session: Session, who: Who, states: Iterable[State] = STANDING, since: datetime | None = None
) -> dict[Kind, int]:
    """Return how many alerts in these states a person may see, by kind."""
    statement = matching(who, Wanted(frozenset(states), since=since))
    counted = statement.with_only_columns(Alert.kind, func.count()).group_by(Alert.kind)
    return {Kind(kind): number for kind, number in session.execute(counted)}


def standing_by_vehicle(
    session: Session, who: Who, wanted: Wanted, vehicle_ids: Collection[UUID] | None = None
) -> dict[UUID, Severity]:
    """Return the gravest of the alerts that still want a look, by vehicle; None: of every vehicle."""
    asked = replace(wanted, states=STANDING)
    statement = matching(who, asked).where(Alert.vehicle_id.is_not(None))
    if vehicle_ids is not None:
        statement = statement.where(Alert.vehicle_id.in_(vehicle_ids))
    found: dict[UUID, Severity] = {}
    order = list(Severity)
    rows = session.execute(statement.with_only_columns(Alert.vehicle_id, Alert.kind).distinct())
    for vehicle_id, kind in rows:
        if vehicle_id is not None:
            severity = SHEETS[Kind(kind)].severity
            found[vehicle_id] = max(severity, found.get(vehicle_id, severity), key=order.index)
    return found


def by_state(session: Session, who: Who) -> dict[State, int]:
    """Return how many alerts a person may see, by state."""
    counted = visible_to(who).with_only_columns(Alert.state, func.count()).group_by(Alert.state)
    return {State(state): number for state, number in session.execute(counted)}


def outcomes(session: Session, who: Who, since: datetime) -> dict[Kind, dict[Outcome, int]]:
    """Return what was found about alerts closed since a moment, by kind: how far each kind can be trusted."""
    closed = matching(who, Wanted(frozenset({State.CLOSED}))).where(Alert.ended_at >= since)
    counted = closed.with_only_columns(Alert.kind, Alert.outcome, func.count())
    found: dict[Kind, dict[Outcome, int]] = {}
    for kind, outcome, number in session.execute(counted.group_by(Alert.kind, Alert.outcome)):
        found.setdefault(Kind(kind), {})[Outcome(str(outcome))] = number
    return found


def locked(session: Session, key: str) -> Alert | None:
    """Return the alert of a natural key as it now stands, locked until the transaction ends."""
    return session.scalar(
        select(Alert).where(Alert.key == key).with_for_update().execution_options(populate_existing=True)
    )


def of_subject(
    session: Session,
    kinds: Iterable[Kind],
    subject: str,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Sequence[Alert]:
    """Return, locked, the alerts about one subject that begin within [since, until]; for whoever judges."""
    statement = select(Alert).where(Alert.subject == subject, Alert.kind.in_({kind.value for kind in kinds}))
    if since is not None:
        statement = statement.where(Alert.since >= since)
    if until is not None:
        statement = statement.where(Alert.since <= until)
    ordered = statement.order_by(Alert.id).with_for_update().execution_options(populate_existing=True)
    return session.scalars(ordered).all()
