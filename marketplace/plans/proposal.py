"""What would a changed plan mean: which loads go elsewhere, what does it cost, and what would not hold?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from uuid import UUID

from marketplace.plans import day as days
from marketplace.plans import engine
from marketplace.plans.day import Day
from marketplace.plans.engine import Sequences
from matching.reasons import Reason, ReasonCode
from matching.routing import model
from matching.routing.plan import Act, Costs, Plan, PlannedStop, PlannedTour
from matching.routing.unserved import reason_for


@dataclass(frozen=True, slots=True)
class Outcome:
    """A plan that was driven on paper: its stops, its cost by part, and by load why it is left out."""

    sequences: Sequences
    plan: Plan
    unserved: Mapping[UUID, Reason]

    @property
    def fen(self) -> dict[str, int]:
        """Return the cost by part, whole fen, with their sum as `total`."""
        parts = {one.name.removesuffix("_fen"): round(getattr(self.plan.costs, one.name)) for one in _PARTS}
        return parts | {"total": sum(parts.values())}

    @property
    def vehicles(self) -> int:
        """Return how many vehicles drive."""
        return len(self.plan.driven)


_PAID = {"fixed_fen", "distance_fen", "hours_fen", "cleaning_fen"}
_PARTS = [one for one in fields(Costs) if one.name in _PAID]
"""What a carrier pays; here is no optional load, and a change costs nothing but attention."""


@dataclass(frozen=True, slots=True)
class Called:
    """When a load is picked up by a plan, and by which vehicle; seconds from the day's moment."""

    vehicle_id: UUID
    arrival_s: float


@dataclass(frozen=True, slots=True)
class Change:
    """A load that would go to another vehicle, or whose pick-up would come at another time."""

    load_id: UUID
    from_vehicle: UUID
    to_vehicle: UUID
    before_s: float | None
    after_s: float | None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A changed plan beside the present one; `broken`: the loads it wants where they cannot be, and why."""

    day: Day
    problem: model.Problem
    before: Outcome
    after: Outcome
    broken: Mapping[UUID, Reason]
    changes: tuple[Change, ...]

    def pickup_of(self, load_id: UUID) -> Called | None:
        """Return when the changed plan picks a load up; None where it does not."""
        return called(self.problem, self.after.plan, load_id)

    @property
    def stops_moved(self) -> int:
        """Return how many stops of the present plan change vehicle or place in their order."""
        return self.after.plan.moved


SHIFTED_S = 60
"""A pick-up that comes this much earlier or later is told as a change."""


def present(day: Day, problem: model.Problem | None = None) -> Outcome:
    """Return what the day as it stands on record comes to; what cannot be kept is left out, and why."""
    problem = problem or days.problem_of(day)
    assert problem.running is not None
    return outcome(problem, engine.sequences_of(problem, problem.running.tours), day.present)


def outcome(problem: model.Problem, kept: Sequences, wanted: Mapping[str, Iterable[str]]) -> Outcome:
    """Drive a plan on paper; a load that was wanted on a vehicle and is not kept is told why not there."""
    plan = engine.driven(problem, kept)
    numbers = {request.id: number for number, request in enumerate(problem.requests)}
    served = {load_id for loads in kept.values() for load_id in loads}
    where = {load_id: vehicle for vehicle, loads in wanted.items() for load_id in loads}
    unserved = {
        UUID(load_id): _reason(problem, kept, number, where.get(load_id))
        for load_id, number in numbers.items()
        if load_id not in served
    }
    return Outcome(kept, plan, unserved)


def _reason(problem: model.Problem, kept: Sequences, number: int, vehicle_id: str | None) -> Reason:
    """Return why a load is left out, naming the more urgent one that is carried in its stead, if there is."""
    reason, load_id = reason_on(problem, number, vehicle_id), problem.requests[number].id
    if reason.code is ReasonCode.NO_ROOM_IN_ROUTE:
        urgent = engine.displacer(problem, kept, load_id, vehicle_id)
        if urgent is not None:
            return Reason(reason.code, {**reason.params, "urgent_id": urgent})
    if problem.segregation.not_after and reason.code is not ReasonCode.NOT_CLEAN:
        bare = replace(problem, segregation=model.Segregation())
        if engine.fits(bare, kept, load_id, vehicle_id):
            return Reason(reason.code, {**reason.params, "but_for_cleaning": True})
    return reason


def reason_on(problem: model.Problem, number: int, vehicle_id: str | None) -> Reason:
    """Return why a vehicle cannot carry a load even alone, or that its day has no room; None: any vehicle."""
    at = next((n for n, one in enumerate(problem.vehicles) if one.id == vehicle_id), None)
    tied = problem.requests[number].vehicle
    if at is None:
        return reason_for(problem, number)
    if tied is not None and tied != at:
        return Reason(ReasonCode.LOCKED_ELSEWHERE, {"vehicle_id": problem.vehicles[tied].id})
    requests = list(problem.requests)
    requests[number] = replace(requests[number], vehicle=at)
    return reason_for(replace(problem, requests=tuple(requests), running=None), number)


def propose(day: Day, wanted: Sequences, left_out: Iterable[str] = ()) -> Proposal:
    """Lay a wanted plan beside the present one.

    Loads that neither stand in it nor were left out on purpose (they came since) stay where they are; so does
    what may not be moved any more.
    """
    problem = days.problem_of(day)
    before = present(day, problem)
    heads = days.fixed_of(day)
    whole = completed(day, wanted, before.sequences, heads, frozenset(left_out))
    kept = engine.kept_of(problem, whole, heads)
    after = outcome(problem, kept, whole)
    asked = {load_id for loads in whole.values() for load_id in loads}
    newly = {key: why for key, why in after.unserved.items() if str(key) in asked}
    return Proposal(
        day=day,
        problem=problem,
        before=before,
        after=after,
        broken=newly,
        changes=changes(day, problem, before, after),
    )


def move(day: Day, wanted: Sequences, moves: Iterable[tuple[UUID, UUID]]) -> Sequences:
    """Return a plan with loads moved one after the other, each to where it costs least on its vehicle."""
    problem = days.problem_of(day)
    for load_id, vehicle_id in moves:
        wanted = engine.placed(problem, wanted, str(load_id), str(vehicle_id))
    return wanted


def completed(
    day: Day,
    wanted: Sequences,
    standing: Sequences,
    heads: Mapping[str, list[str]],
    left_out: frozenset[str],
) -> Sequences:
    """Return a wanted plan for the day as it is now: its fixed heads, what is left of it, what came since."""
    known = {str(load.id) for load in day.loads}
    seen = {load_id for loads in heads.values() for load_id in loads}
    found: Sequences = {}
    for unit in day.units:
        key = str(unit.id)
        mine = [one for one in dict.fromkeys(wanted.get(key, ())) if one in known and one not in seen]
        seen |= set(mine)
        found[key] = [*heads.get(key, ()), *mine]
    for key, loads in standing.items():
        found.setdefault(key, []).extend(one for one in loads if one not in seen | left_out)
    return found


def called(problem: model.Problem, plan: Plan, load_id: UUID) -> Called | None:
    """Return when and by which vehicle a plan picks a load up."""
    for tour in plan.tours:
        for stop in tour.stops:
            if stop.act is Act.PICKUP and request_of(problem, stop) == str(load_id):
                later = late_start_s(problem, tour) if stop is first_of(tour) else 0.0
                return Called(UUID(problem.vehicles[tour.vehicle].id), stop.arrival + later)
    return None


def late_start_s(problem: model.Problem, tour: PlannedTour) -> float:
    """Return how much later a vehicle may set out and nothing changes but the wait at its first stop.

    The engine sends everybody off at once. Of the wait so much stays as counts for a break.
    """
    first = first_of(tour)
    if first is None:
        return 0.0
    kept = problem.hours.break_s if problem.hours is not None else 0.0
    return max(0.0, first.wait_s - kept)


def first_of(tour: PlannedTour) -> PlannedStop | None:
    """Return the first stop for a load; a cleaning before it has no hour of its own."""
    return next((stop for stop in tour.stops if stop.node is not None), None)


def request_of(problem: model.Problem, stop: PlannedStop) -> str:
    """Return the load that a stop belongs to."""
    assert stop.node is not None
    return problem.requests[model.request_of(stop.node)].id


def changes(day: Day, problem: model.Problem, before: Outcome, after: Outcome) -> tuple[Change, ...]:
    """Return the loads that go elsewhere or at another time."""
    found = []
    for load in day.loads:
        if not load.movable:
            continue
        old, new = called(problem, before.plan, load.id), called(problem, after.plan, load.id)
        to = new.vehicle_id if new else load.trip.vehicle_id
        times = (old.arrival_s if old else None, new.arrival_s if new else None)
        shifted = None in times or abs((times[0] or 0) - (times[1] or 0)) >= SHIFTED_S
        if to != load.trip.vehicle_id or (shifted and times != (None, None)):
            found.append(Change(load.id, load.trip.vehicle_id, to, *times))
    return tuple(found)
