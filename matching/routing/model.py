"""What has to be carried by whom, and under which rules? The one statement of a routing problem.

Times are seconds from the plan's start, as floats, negative for what has happened already. Places are
numbered by their row in the matrices. Request r has the nodes 2r (its pick-up) and 2r + 1 (its delivery). A
tour is one shift of one vehicle; `Problem.shifts` numbers them. A plan is, per tour, the nodes in their
order; everything else follows from these rules, and `plan.evaluate` is their meaning to the second:

1. A vehicle leaves its shift's start place at `starts`, drives to each node's place, and ends at its end
   place (or where its last stop was) by `ends`. An empty tour costs nothing. A wait before a tour's first
   stop is not paid.
2. Service begins at the first moment from the arrival on that lies in a window of the stop and in one of the
   place (both ends included), is not closed to the vehicle's type, finds a dock free for all of the service,
   and is not before what was booked. Docks are given in the order of arrival (then of tour), each the
   earliest gap.
3. A pick-up is put off just as far as a ride limit needs: the earliest timing in which every ride is kept.
4. When a leg would pass `drive_s` of driving since the last break, a break of `break_s` is taken at that very
   moment. A wait for service of at least `break_s` is a break too. A tour's driving is at most `day_s`.
5. A load goes entire into the first compartment, in order, that allows its waste, has room in every dimension
   and needs no cleaning; where there is none, into the first that would after a cleaning. It stays there.
6. `apart` wastes (and `dg_apart` DG classes) are never on one vehicle at one time. After a waste, `not_after`
   wastes may enter its compartment only after a cleaning, for which the vehicle has to be empty: on its way
   to the pick-up it drives by the cleaning place with the least seconds of detour (the first of equals), and
   leaves it with all compartments clean.
7. `TOLERANCE` is forgiven wherever a time or an amount meets its limit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from matching.distances import Point
from matching.problem import BadProblem, Defect
from matching.routing.facts import check_problem, finite, not_negative, positive, refuse

TOLERANCE = 1e-6

Matrix = NDArray[np.float64]
Tours = tuple[tuple[int, ...], ...]
"""Per tour the nodes in the order they are visited, without start, end, breaks and cleanings."""


def pickup_of(request: int) -> int:
    """Give the node where a request is picked up."""
    return 2 * request


def delivery_of(request: int) -> int:
    """Give the node where a request is delivered."""
    return 2 * request + 1


def request_of(node: int) -> int:
    """Give the request a node belongs to."""
    return node // 2


def is_pickup(node: int) -> bool:
    """Tell a pick-up from a delivery."""
    return node % 2 == 0


class Goal(StrEnum):
    """What is made least, after leaving out as little mandatory work as can be (weighed by priority).

    MONEY: fen, penalties for optional requests left out and changes to the running plan included. DISTANCE:
    metres, plus the penalties as if they were metres. VEHICLES: tours driven, then as DISTANCE.
    """

    MONEY = "money"
    DISTANCE = "distance"
    VEHICLES = "vehicles"


@dataclass(frozen=True, slots=True)
class Span:
    """Seconds from the plan's start, both ends included."""

    start: float
    end: float

    def __post_init__(self) -> None:
        finite("span", "start", self.start)
        finite("span", "end", self.end)
        if self.end < self.start:
            raise BadProblem(Defect.WINDOW_ORDER, "span", "end", self.end)


@dataclass(frozen=True, slots=True)
class Place:
    """A site with its opening hours, sorted and apart (none: always open).

    `docks` is how many vehicles are served at once; None: any number.
    """

    id: str
    point: Point | None = None
    windows: tuple[Span, ...] = ()
    docks: int | None = None

    def __post_init__(self) -> None:
        _sorted(self.id, self.windows)
        if self.docks is not None:
            positive(self.id, "docks", self.docks)


@dataclass(frozen=True, slots=True)
class Stop:
    """One end of a request: service of `service_s` begins in one of `windows` (none: at any time)."""

    place: int
    windows: tuple[Span, ...] = ()
    service_s: float = 0.0

    def __post_init__(self) -> None:
        _sorted("stop", self.windows)
        not_negative("stop", "service_s", self.service_s)


@dataclass(frozen=True, slots=True)
class Request:
    """A load to pick up and then deliver with the same tour.

    `amounts` has one figure for each of the problem's dimensions. `penalty_fen` is what leaving it out costs;
    None: mandatory, left out only where nothing else can be done, and of such the higher `priority` goes
    first. The ride, from leaving the pick-up to the beginning of the delivery, is at most `max_ride_s`. The
    vehicle needs all of `licences` and one of `vehicle_types` (None: any). `vehicle` locks it to one vehicle
    by number. `picked_up_s` is when a load was loaded that is on board of that vehicle already: only its
    delivery is left, in the vehicle's first tour, its pick-up node is never visited, and nobody asks whether
    it may be there.
    """

    id: str
    pickup: Stop
    delivery: Stop
    amounts: tuple[float, ...]
    waste: str = ""
    dg_class: str | None = None
    hazardous: bool = False
    penalty_fen: float | None = None
    priority: int = 1
    max_ride_s: float | None = None
    licences: frozenset[str] = frozenset()
    vehicle_types: frozenset[str] | None = None
    vehicle: int | None = None
    picked_up_s: float | None = None

    def __post_init__(self) -> None:
        for amount in self.amounts:
            not_negative(self.id, "amounts", amount)
        positive(self.id, "priority", self.priority)
        for name, value in (("penalty_fen", self.penalty_fen), ("max_ride_s", self.max_ride_s)):
            if value is not None:
                not_negative(self.id, name, value)
        if self.picked_up_s is not None:
            finite(self.id, "picked_up_s", self.picked_up_s)
            refuse(self.vehicle is None, Defect.CONTRADICTION, self.id, "vehicle", self.vehicle)

    @property
    def on_board(self) -> bool:
        """Tell whether it has been picked up already."""
        return self.picked_up_s is not None

    @property
    def mandatory(self) -> bool:
        """Tell whether it may only be left out where nothing else can be done."""
        return self.penalty_fen is None


@dataclass(frozen=True, slots=True)
class Compartment:
    """Room in each dimension, for these wastes only (None: any)."""

    capacities: tuple[float, ...]
    wastes: frozenset[str] | None = None

    def __post_init__(self) -> None:
        for capacity in self.capacities:
            not_negative("compartment", "capacities", capacity)


@dataclass(frozen=True, slots=True)
class Shift:
    """One tour a vehicle can make: from the place where it stands at `starts` to its end place by `ends`.

    `end_place` None: the tour ends where its last stop was. A running day starts at the live position.
    """

    start_place: int
    end_place: int | None
    starts: float
    ends: float

    def __post_init__(self) -> None:
        Span(self.starts, self.ends)


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A vehicle, its shifts in order of time, and what it costs: per tour driven, per km and per paid hour.

    `driven_s` (today) and `since_break_s` are what the driver of the first shift has behind her, `residue`
    the wastes that all its compartments have carried since they were cleaned; later shifts begin rested and
    clean. `profile` chooses the matrix.
    """

    id: str
    shifts: tuple[Shift, ...]
    compartments: tuple[Compartment, ...]
    type: str = ""
    profile: int = 0
    licences: frozenset[str] = frozenset()
    hazardous_ok: bool = False
    dg_classes: frozenset[str] = frozenset()
    fixed_fen: float = 0.0
    per_km_fen: float = 0.0
    per_hour_fen: float = 0.0
    driven_s: float = 0.0
    since_break_s: float = 0.0
    residue: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        costs = ("fixed_fen", "per_km_fen", "per_hour_fen")
        for name in (*costs, "driven_s", "since_break_s"):
            not_negative(self.id, name, getattr(self, name))
        for before, after in pairwise(self.shifts):
            refuse(after.starts < before.ends, Defect.WINDOW_ORDER, self.id, "shifts", after.starts)
        refuse(not self.compartments, Defect.NOT_POSITIVE, self.id, "compartments", 0)


@dataclass(frozen=True, slots=True)
class HoursRule:
    """How long one drives without a break, and in a tour at most.

    4 h and 20 min: 道路交通安全法实施条例, art. 62 (7); 8 h within 24 h: JT 617 for dangerous goods.
    """

    drive_s: float = 4 * 3600.0
    break_s: float = 20 * 60.0
    day_s: float = 8 * 3600.0

    def __post_init__(self) -> None:
        for name in ("drive_s", "break_s", "day_s"):
            positive("hours", name, getattr(self, name))


@dataclass(frozen=True, slots=True)
class Closure:
    """Spans, sorted and apart, in which vehicles of these types (None: all) may not be there.

    At one of `places` no part of the service lies inside a span (touching an end is fine). Along one of
    `legs` (from place, to place) no part of the way does, breaks included: the vehicle waits at `from` until
    it can.
    """

    spans: tuple[Span, ...]
    vehicle_types: frozenset[str] | None = None
    places: frozenset[int] = frozenset()
    legs: frozenset[tuple[int, int]] = frozenset()

    def __post_init__(self) -> None:
        _sorted("closure", self.spans)


@dataclass(frozen=True, slots=True)
class Cleaning:
    """A place where a vehicle is cleaned, at any hour."""

    place: int
    service_s: float
    cost_fen: float = 0.0

    def __post_init__(self) -> None:
        not_negative("cleaning", "service_s", self.service_s)
        not_negative("cleaning", "cost_fen", self.cost_fen)


@dataclass(frozen=True, slots=True)
class Segregation:
    """What must not meet: unordered pairs `apart` (wastes) and `dg_apart` (DG classes), ordered `not_after`.

    `not_after` holds (the earlier waste, the later one). All cleanings are in `cleanings`.
    """

    apart: frozenset[frozenset[str]] = frozenset()
    dg_apart: frozenset[frozenset[str]] = frozenset()
    not_after: frozenset[tuple[str, str]] = frozenset()
    cleanings: tuple[Cleaning, ...] = ()

    def __post_init__(self) -> None:
        for name in ("apart", "dg_apart"):
            for pair in getattr(self, name):
                refuse(not 1 <= len(pair) <= 2, Defect.CONTRADICTION, "segregation", name, sorted(pair))


@dataclass(frozen=True, slots=True)
class Running:
    """The plan that is being driven, and how much a new one may differ.

    A stop of the running plan is moved when it is not on the longest common subsequence of the running and
    the new tour of the same number; a stop that is left out has moved, a new one has not. Each costs
    `change_fen`; at most `most_moved` may (None: any). `fixed` has per tour the first nodes, which stay as
    they are.
    """

    tours: Tours
    change_fen: float = 0.0
    most_moved: int | None = None
    fixed: Tours = ()

    def __post_init__(self) -> None:
        not_negative("running", "change_fen", self.change_fen)
        if self.most_moved is not None:
            not_negative("running", "most_moved", self.most_moved)


@dataclass(frozen=True, slots=True, eq=False)
class Roads:
    """Metres and driving seconds from place to place, arrays of shape (places, places), and who says so."""

    metres: Matrix
    seconds: Matrix
    source: str
    version: str

    def __post_init__(self) -> None:
        for name in ("metres", "seconds"):
            matrix: Matrix = getattr(self, name)
            square = matrix.ndim == 2 and matrix.shape[0] == matrix.shape[1]
            refuse(not square or matrix.dtype != np.float64, Defect.SIZE, "roads", name, matrix.shape)
            refuse(not bool(np.isfinite(matrix).all()), Defect.NOT_FINITE, "roads", name, "a leg")
            refuse(bool((matrix < 0).any()), Defect.NEGATIVE, "roads", name, "a leg")
        refuse(self.metres.shape != self.seconds.shape, Defect.SIZE, "roads", "seconds", self.seconds.shape)


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """One day of routing. `roads` has one matrix a profile; `dimensions` names the figures of amounts."""

    places: tuple[Place, ...]
    requests: tuple[Request, ...]
    vehicles: tuple[Vehicle, ...]
    roads: tuple[Roads, ...]
    dimensions: tuple[str, ...] = ("kg",)
    goal: Goal = Goal.MONEY
    hours: HoursRule | None = None
    segregation: Segregation = field(default_factory=Segregation)
    closures: tuple[Closure, ...] = ()
    running: Running | None = None

    def __post_init__(self) -> None:
        check_problem(self)

    @property
    def shifts(self) -> tuple[tuple[int, Shift], ...]:
        """List the tours: the number of the vehicle and the shift, vehicle by vehicle."""
        return tuple((n, shift) for n, vehicle in enumerate(self.vehicles) for shift in vehicle.shifts)

    @property
    def nodes(self) -> int:
        """Give how many nodes the requests have."""
        return 2 * len(self.requests)

    def stop(self, node: int) -> Stop:
        """Give where and when a node is served."""
        request = self.requests[request_of(node)]
        return request.pickup if is_pickup(node) else request.delivery


def _sorted(where: str, spans: tuple[Span, ...]) -> None:
    for before, after in pairwise(spans):
        refuse(after.start <= before.end, Defect.WINDOW_ORDER, where, "windows", after.start)
