"""How does a carrier accept a plan, take it back, lock what is to stay, and say what is urgent?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from compliance.record.errors import N_, Conflict, Forbidden, NotFound
from compliance.record.who import Role
from compliance.record.work import Work
from compliance.registry import queries as registry
from marketplace.deals import service as deals
from marketplace.plans import day as days
from marketplace.plans import queries
from marketplace.plans.day import Day
from marketplace.plans.engine import Sequences
from marketplace.plans.proposal import Proposal, propose
from marketplace.plans.rules import NEXT, Act, Assignment, LockKind, State, Urgency
from marketplace.plans.tables import LoadUrgency, Plan, PlanLock
from matching.distances import Distances
from tracking.fleet.tables import Vehicle
from tracking.trips import queries as trips
from tracking.trips import service as trip_service


@dataclass(frozen=True, slots=True)
class Wanted:
    """A plan somebody wants: who carries what in which order, from which solve, seen against which day.

    `left_out` are the loads that it leaves out on purpose.
    """

    sequences: Sequences
    mark: str
    solve_id: UUID | None = None
    left_out: frozenset[str] = frozenset()


def accept(work: Work, wanted: Wanted, distances: Distances | None = None) -> Plan:
    """Make a plan so: vehicles, drivers and hours of the loads that may still be moved.

    Raises `Conflict` where the day has moved on since it was looked at, or the plan cannot be driven, and
    what the law says against a vehicle or a driver (L9).
    """
    _acting_carrier(work)
    day = days.of(work, distances)
    if day.mark != wanted.mark:
        raise Conflict(
            N_("The day has moved on since this plan was looked at."),
            code="day_moved",
            way_out=N_("Look at the plan again, as it is now."),
        )
    proposal = propose(day, wanted.sequences, wanted.left_out)
    if proposal.broken:
        raise Conflict(
            N_("This plan cannot be driven: {count} loads would come too late or do not fit."),
            code="plan_broken",
            values={"count": len(proposal.broken)},
            way_out=N_("Move these loads elsewhere."),
        )
    before = {row.manifest_id: row for row in _standing(day)}
    after = [row for row in _assignments(day, proposal) if row != before.get(row.manifest_id)]
    vehicles = {unit.id: unit.vehicle for unit in day.units}
    for row in after:
        _assign(work, vehicles, row)
    plan = _plan(work, wanted, [before[row.manifest_id] for row in after], after, proposal)
    work.session.add(plan)
    work.append("PlanAccepted", plan.id, loads=len(after), solve=str(wanted.solve_id or ""))
    return plan


def _acting_carrier(work: Work) -> UUID:
    """Return the dispatcher's carrier, whose plans nobody else changes until this work is over."""
    if not work.who.has(Role.DISPATCHER) or work.who.organisation_id is None:
        raise Forbidden(N_("Your role does not allow this."), code="role")
    registry.lock_organisation(work.session, work.who.organisation_id)
    return work.who.organisation_id


def _standing(day: Day) -> list[Assignment]:
    return [
        Assignment(load.id, load.trip.vehicle_id, load.trip.driver_id, load.trip.due_at) for load in day.loads
    ]


def _assignments(day: Day, proposal: Proposal) -> list[Assignment]:
    """Return who carries each movable load when, by a plan; a load that it leaves out stays as it is."""
    found = []
    for load in day.loads:
        stop = proposal.pickup_of(load.id)
        if not load.movable or stop is None:
            continue
        unit = day.unit(stop.vehicle_id)
        assert unit is not None
        due = _whole_seconds(day.at + timedelta(seconds=stop.arrival_s))
        found.append(Assignment(load.id, unit.id, unit.vehicle.driver_id, due))
    return found


def _whole_seconds(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)


def _assign(work: Work, vehicles: Mapping[UUID, Vehicle], row: Assignment) -> None:
    trip = trips.by_manifest(work.session, row.manifest_id)
    if trip is None or row.vehicle_id not in vehicles:
        raise NotFound("vehicle", row.vehicle_id)
    trip_service.reassign(work, trip, vehicles[row.vehicle_id], row.due_at)
    deals.carry_by(work, trip.deal_id, row.vehicle_id)


def _plan(
    work: Work, wanted: Wanted, before: list[Assignment], after: list[Assignment], proposal: Proposal
) -> Plan:
    own = _acting_carrier(work)
    assert work.who.person_id is not None
    return Plan(
        id=work.new_id(),
        carrier_id=own,
        person_id=work.who.person_id,
        at=work.now,
        solve_id=wanted.solve_id,
        state=State.ACCEPTED.value,
        before=msgspec.to_builtins(before),
        after=msgspec.to_builtins(after),
        figures={"before": proposal.before.fen, "after": proposal.after.fen},
    )


def undo(work: Work, plan_id: UUID) -> Plan:
    """Give every load of a plan back to whom it had before, as far as that may be.

    What has set out meanwhile stays, and so does what was locked since, or would go on a locked vehicle.
    """
    _acting_carrier(work)
    plan = queries.plan(work.session, plan_id, work.who)
    target = NEXT.get((State(plan.state), Act.UNDO))
    last = queries.last_accepted(work.session, work.who)
    if target is None or last is None or last.id != plan.id:
        raise Conflict(N_("Only the last plan that was accepted can be taken back."), code="plan_not_last")
    day = days.of(work)
    movable = {load.id for load in day.loads if load.movable}
    back = [row for row in _read(plan.before) if row.manifest_id in movable]
    if not back:
        raise Conflict(N_("Everything this plan changed is on its way."), code="plan_driven")
    held = {load.id for load in day.loads if load.locked}
    vehicles = {unit.id: unit.vehicle for unit in day.units if not unit.locked}
    back = [row for row in back if row.manifest_id not in held and row.vehicle_id in vehicles]
    if not back:
        raise Conflict(
            N_("Everything this plan changed is locked."),
            code="plan_locked",
            way_out=N_("Unlock what is to go back."),
        )
    for row in back:
        _assign(work, vehicles, row)
    plan.state = target.value
    work.append("PlanUndone", plan.id, loads=len(back))
    return plan


def _read(rows: list[dict[str, Any]]) -> list[Assignment]:
    return msgspec.convert(rows, list[Assignment])


def lock(work: Work, kind: LockKind, subject_id: UUID, locked: bool) -> None:
    """Lock a load to its vehicle, or a vehicle's day as it is; or unlock it."""
    own = _acting_carrier(work)
    day = days.of(work)
    known: Mapping[LockKind, set[UUID]] = {
        LockKind.LOAD: {load.id for load in (*day.loads, *day.later)},
        LockKind.VEHICLE: {unit.id for unit in day.units},
    }
    if subject_id not in known[kind]:
        raise NotFound({LockKind.LOAD: "manifest", LockKind.VEHICLE: "vehicle"}[kind], subject_id)
    row = work.session.get(PlanLock, (own, subject_id))
    if locked and row is None:
        assert work.who.person_id is not None
        work.session.add(
            PlanLock(
                carrier_id=own,
                subject_id=subject_id,
                kind=kind.value,
                person_id=work.who.person_id,
                at=work.now,
            )
        )
    elif not locked and row is not None:
        work.session.delete(row)
    work.session.flush()


def mark_urgency(work: Work, manifest_id: UUID, level: Urgency) -> None:
    """Say how urgent a load is; ordinary takes the mark back."""
    own = _acting_carrier(work)
    day = days.of(work)
    if manifest_id not in {load.id for load in (*day.loads, *day.later)}:
        raise NotFound("manifest", manifest_id)
    row = work.session.get(LoadUrgency, (own, manifest_id))
    if level is Urgency.ORDINARY:
        if row is not None:
            work.session.delete(row)
    else:
        assert work.who.person_id is not None
        row = row or LoadUrgency(carrier_id=own, manifest_id=manifest_id)
        row.level, row.person_id, row.at = level.value, work.who.person_id, work.now
        work.session.add(row)
    work.session.flush()
