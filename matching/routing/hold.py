"""Into which compartment does a load go, what must it not meet there, and is a cleaning needed before?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from matching.routing.faults import Fault, broken
from matching.routing.model import TOLERANCE, Compartment, Problem, Request, Segregation, Vehicle
from matching.solution import Violation


@dataclass(frozen=True, slots=True)
class Berth:
    """The compartment a load goes into, whether a cleaning comes before, and what is wrong with it."""

    compartment: int
    cleaning: bool = False
    faults: tuple[Violation, ...] = ()


@dataclass(slots=True)
class Hold:
    """What is on board: request numbers per compartment, and each one's wastes since the last cleaning."""

    problem: Problem
    vehicle: Vehicle
    loads: list[list[int]] = field(default_factory=list)
    residue: list[set[str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.loads = [[] for _ in self.vehicle.compartments]
        self.residue = [set(self.vehicle.residue) for _ in self.vehicle.compartments]

    @property
    def empty(self) -> bool:
        """Tell whether nothing is on board."""
        return not any(self.loads)

    @property
    def total(self) -> tuple[float, ...]:
        """Add up what is on board in each dimension."""
        return tuple(self._sum(range(len(self.loads)), d) for d in range(len(self.problem.dimensions)))

    def berth(self, request: Request) -> Berth:
        """Choose the compartment for a load (rule 5), the first one where none would do."""
        allowed = [n for n, room in enumerate(self.vehicle.compartments) if takes(room, request)]
        roomy = [n for n in allowed if self._has_room(n, request)]
        clean = [n for n in roomy if not needs_cleaning(self.problem.segregation, self.residue[n], request)]
        meets = tuple(self._meets(request))
        if clean:
            return Berth(clean[0], faults=meets)
        if roomy and self.empty and self.problem.segregation.cleanings:
            return Berth(roomy[0], cleaning=True)
        if roomy:
            fault = broken(Fault.NOT_CLEANED, request=request.id, waste=request.waste)
            return Berth(roomy[0], faults=(fault, *meets))
        least_bad = allowed[0] if allowed else 0
        wrong = {
            Fault.WASTE_FORBIDDEN: not allowed,
            Fault.OVERLOADED: not self._has_room(least_bad, request),
            Fault.NOT_CLEANED: needs_cleaning(self.problem.segregation, self.residue[least_bad], request),
        }
        faults = [broken(kind, request=request.id, vehicle=self.vehicle.id) for kind in wrong if wrong[kind]]
        return Berth(least_bad, faults=(*faults, *meets))

    def put(self, n: int, number: int) -> None:
        """Put a request, by number, into compartment n."""
        self.loads[n].append(number)
        self.residue[n].add(self.problem.requests[number].waste)

    def take(self, number: int) -> int | None:
        """Take a request off board and say where it was; None: it was not on board."""
        for n, load in enumerate(self.loads):
            if number in load:
                load.remove(number)
                return n
        return None

    def clean(self) -> None:
        """Leave no residue."""
        for residue in self.residue:
            residue.clear()

    def _sum(self, compartments: range, dimension: int) -> float:
        on_board = (number for n in compartments for number in self.loads[n])
        return sum((self.problem.requests[number].amounts[dimension] for number in on_board), 0.0)

    def _has_room(self, n: int, request: Request) -> bool:
        capacities = self.vehicle.compartments[n].capacities
        return all(
            self._sum(range(n, n + 1), d) + request.amounts[d] <= capacity + TOLERANCE
            for d, capacity in enumerate(capacities)
        )

    def _meets(self, request: Request) -> Iterator[Violation]:
        for number in sorted(number for load in self.loads for number in load):
            other = self.problem.requests[number]
            if must_not_meet(self.problem.segregation, request, other):
                yield broken(Fault.MUST_NOT_MEET, request=request.id, other=other.id)


def takes(room: Compartment, request: Request) -> bool:
    """Tell whether a compartment is for this waste."""
    return room.wastes is None or request.waste in room.wastes


def needs_cleaning(segregation: Segregation, residue: set[str], request: Request) -> bool:
    """Tell whether a waste may not follow one of these without a cleaning."""
    return any((waste, request.waste) in segregation.not_after for waste in sorted(residue))


def must_not_meet(segregation: Segregation, one: Request, other: Request) -> bool:
    """Tell whether two loads may not be on one vehicle at one time."""
    if frozenset((one.waste, other.waste)) in segregation.apart:
        return True
    if one.dg_class is None or other.dg_class is None:
        return False
    return frozenset((one.dg_class, other.dg_class)) in segregation.dg_apart
