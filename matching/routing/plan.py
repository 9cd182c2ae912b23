"""What does each vehicle do when, what is on board, what does it cost, and what is left out and why?"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum

from matching.reasons import Reason
from matching.routing.model import Goal, Problem, Tours, request_of
from matching.solution import Violation


class Act(StrEnum):
    """What happens at a stop."""

    PICKUP = "pickup"
    DELIVERY = "delivery"
    CLEANING = "cleaning"


@dataclass(frozen=True, slots=True)
class PlannedStop:
    """One stop, its times in seconds from the plan's start and what has come about when the vehicle leaves
    it.

    The way there: held at the place before for `held_s` until the road opens, `drive_s` of driving over
    `leg_m` metres, `break_s` of breaks; then `wait_s` from `arrival` to `begin`. `load` is what is on board
    in each dimension. `slack_s`: service could begin so much later, and all that follows would still hold.
    `driven_s` is the tour's driving so far, `since_break_s` that since the last break. `node` is None at a
    cleaning; `compartment` is where the load is put or taken from.
    """

    act: Act
    node: int | None
    place: int
    leg_m: float
    held_s: float
    drive_s: float
    break_s: float
    arrival: float
    begin: float
    departure: float
    compartment: int | None
    load: tuple[float, ...]
    driven_s: float
    since_break_s: float
    slack_s: float = 0.0

    @property
    def wait_s(self) -> float:
        """Give how long the vehicle waits for its service."""
        return self.begin - self.arrival

    @property
    def leaves_s(self) -> float:
        """Give when the vehicle left the place before."""
        return self.arrival - self.drive_s - self.break_s


@dataclass(frozen=True, slots=True)
class HomeLeg:
    """The way from the last stop to the end place; nothing where the tour is open."""

    leg_m: float = 0.0
    held_s: float = 0.0
    drive_s: float = 0.0
    break_s: float = 0.0


@dataclass(frozen=True, slots=True)
class PlannedTour:
    """One shift of one vehicle. No stops: it stays where it is, and `ends` is when the shift starts."""

    number: int
    vehicle: int
    stops: tuple[PlannedStop, ...]
    home: HomeLeg
    ends: float
    metres: float
    driving_s: float
    paid_s: float

    @property
    def nodes(self) -> tuple[int, ...]:
        """List the nodes in their order."""
        return tuple(stop.node for stop in self.stops if stop.node is not None)


@dataclass(frozen=True, slots=True)
class Costs:
    """What a plan costs, part by part, in fen."""

    fixed_fen: float = 0.0
    distance_fen: float = 0.0
    hours_fen: float = 0.0
    cleaning_fen: float = 0.0
    penalties_fen: float = 0.0
    changes_fen: float = 0.0

    @property
    def total_fen(self) -> float:
        """Add the parts up, in the order in which they stand."""
        return sum((getattr(self, part.name) for part in fields(self)), 0.0)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A request, by number, that is on no tour, and why."""

    request: int
    reason: Reason


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole plan: a tour for each of the problem's shifts, empty ones too.

    `violations` lists every rule it breaks; a plan that leaves the package has none. `moved` counts the stops
    of the running plan that are moved. `metres` is the sum over the tours.
    """

    tours: tuple[PlannedTour, ...]
    left_out: tuple[LeftOut, ...]
    costs: Costs
    metres: float
    moved: int
    distance_source: str
    distance_version: str
    violations: tuple[Violation, ...] = ()

    @property
    def nodes(self) -> Tours:
        """Give the plan as nodes per tour, which is what a plan is made from."""
        return tuple(tour.nodes for tour in self.tours)

    @property
    def driven(self) -> tuple[PlannedTour, ...]:
        """List the tours that leave their place."""
        return tuple(tour for tour in self.tours if tour.stops)

    @property
    def feasible(self) -> bool:
        """Tell whether it breaks no rule."""
        return not self.violations

    def stop_of(self, node: int) -> PlannedStop | None:
        """Find the stop of a node; None: it is not visited."""
        for tour in self.tours:
            for stop in tour.stops:
                if stop.node == node:
                    return stop
        return None


def value(problem: Problem, plan: Plan) -> tuple[float, float, float]:
    """Give what the problem's goal makes least: mandatory work left out, vehicles, and money or metres."""
    out = [problem.requests[one.request] for one in plan.left_out]
    missing = float(sum(request.priority for request in out if request.mandatory))
    penalties = sum(request.penalty_fen or 0.0 for request in out)
    if problem.goal is Goal.MONEY:
        return missing, 0.0, plan.costs.total_fen
    tours = float(len(plan.driven)) if problem.goal is Goal.VEHICLES else 0.0
    return missing, tours, plan.metres + penalties


def served(problem: Problem, tours: Tours) -> set[int]:
    """List the requests with a node on a tour."""
    return {request_of(node) for tour in tours for node in tour if 0 <= node < problem.nodes}
