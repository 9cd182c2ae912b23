"""Does one vehicle's route serve what can be served, on the shortest road, and say why not the rest?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import Load, Vehicle, Window, clear, load_of, route_one
from matching.distances import Point
from matching.problem import BadProblem
from matching.reasons import Reason, ReasonCode
from matching.routing.check_one import check_route
from matching.routing.exact import best_order
from matching.routing.one import EXACT_LOADS, _alone, _only, _search
from matching.routing.schedule import Task, places, schedule
from matching.solution import Breach, Route, StopKind
from matching.stopping import Limits
from tests.matching.builders import AT, READY, Grid, lot, market, taker, vehicle

HOUR = timedelta(hours=1)
QUICK = Limits(checks=20_000)


def load(name: str = "A", **changes: object) -> Load:
    """Make a load of four tonnes over 50 km."""
    facts: dict[str, object] = {
        "id": name,
        "pickup": Point(30.5, 114.3),
        "delivery": Point(30.5, 114.8),
        "kg": 4000,
        "ready": READY,
    }
    return Load(**(facts | changes))  # type: ignore[arg-type]


def window(first: float, last: float) -> Window:
    """Make a window of hours after the start."""
    return Window(AT + first * HOUR, AT + last * HOUR)


def drawn_loads(seed: int, most: int) -> list[Load]:
    """Make loads whose windows and masses get in each other's way."""
    rnd = Random(seed)

    def place() -> Point:
        return Point(30 + rnd.randint(0, 15) / 20, 114 + rnd.randint(0, 15) / 20)

    def span() -> Window:
        first = rnd.randint(0, 8)
        return window(first, first + rnd.choice((1, 2, 8)))

    return [
        load(
            f"L{n}",
            pickup=place(),
            delivery=place(),
            kg=rnd.randint(1, 11) * 1000,
            ready=span(),
            receiving=tuple(span() for _ in range(rnd.choice((0, 1, 2)))),
        )
        for n in range(rnd.randint(0, most))
    ]


def best_by_trying(truck: Vehicle, loads: list[Load]) -> tuple[int, int]:
    """Give the most loads and then the fewest metres over every order of every choice of loads."""
    task = Task(truck, tuple(loads), AT, Grid().matrix(places(truck, loads)))
    best = (0, 0)
    for chosen in range(2 ** len(loads)):
        members = [n for n in range(len(loads)) if chosen >> n & 1]
        stops = [task.pickup(n) for n in members] + [task.delivery(n) for n in members]
        for order in permutations(stops):
            if any(order.index(task.pickup(n)) > order.index(task.delivery(n)) for n in members):
                continue
            timed = schedule(task, order)
            if isinstance(timed, Reason) or any(one.load_kg > truck.capacity_kg for one in timed):
                continue
            best = min(best, (-len(members), sum(one.leg_m for one in timed)))
    return -best[0], best[1]


@settings(max_examples=120, deadline=None, derandomize=True)
@given(st.integers(0, 2**32))
def test_small_routes_are_the_best_there_are(seed: int) -> None:
    """Otherwise a driver would drive further, or leave waste behind, for nothing."""
    loads = drawn_loads(seed, 3)
    route = route_one(vehicle(), loads, AT, Grid())
    assert (len(route.stops) // 2, route.metres) == best_by_trying(vehicle(), loads)


@settings(max_examples=15, deadline=None, derandomize=True)
@given(st.integers(0, 2**32))
def test_longer_routes_are_sound_and_each_load_is_accounted_for(seed: int) -> None:
    """Otherwise a busy day would lose a load from the plan without a word."""
    loads = [replace(one, id=f"{one.id}{n}") for n in range(4) for one in drawn_loads(seed + n, 3)]
    route = route_one(vehicle(), loads, AT, Grid(), QUICK)
    assert check_route(route, vehicle(), loads, Grid()) == []
    for one in route.unserved:
        if one.reason.code is ReasonCode.NO_ROOM_IN_ROUTE:
            alone = next(x for x in loads if x.id == one.load_id)
            assert route_one(vehicle(), [alone], AT, Grid()).unserved == ()


def test_the_same_day_is_planned_the_same_way() -> None:
    """Otherwise a dispatcher who looks twice would see two plans."""
    loads = [load(f"L{n}", pickup=Point(30.5, 114 + n / 10)) for n in range(EXACT_LOADS + 3)]
    assert route_one(vehicle(), loads, AT, Grid(), QUICK) == route_one(vehicle(), loads, AT, Grid(), QUICK)


def test_stops_tell_arrival_wait_and_load() -> None:
    """Otherwise the driver terminal could not say when to be where with what on board."""
    late = load(receiving=(window(3, 4),))
    route = route_one(vehicle(), [late], AT, Grid())
    first, second = route.stops
    assert (first.kind, first.arrival, first.departure, first.load_kg) == (
        StopKind.PICKUP,
        AT,
        AT + timedelta(minutes=30),
        4000,
    )
    assert (second.arrival, second.wait_s, second.load_kg) == (AT + timedelta(minutes=80), 6000, 0)
    assert (route.metres, route.distance_source) == (50_000, "grid")


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (load(kg=10_001), ReasonCode.LOAD_TOO_HEAVY),
        (load(hazardous=True), ReasonCode.VEHICLE_NOT_HAZARDOUS),
        (load(dg_class="8"), ReasonCode.VEHICLE_DG_CLASS),
        (load(pickup=Point(31.5, 114.3), ready=window(0, 1)), ReasonCode.PICKUP_WINDOW_MISSED),
        (load(receiving=(window(0, 1),)), ReasonCode.DELIVERY_WINDOW_MISSED),
    ],
)
def test_a_hopeless_load_says_why_and_the_others_go(bad: Load, code: ReasonCode) -> None:
    """Otherwise one wrong load would spoil the day, or vanish from it."""
    route = route_one(vehicle(), [replace(bad, id="bad"), load("good")], AT, Grid())
    assert [stop.load_id for stop in route.stops] == ["good", "good"]
    assert [(one.load_id, one.reason.code) for one in route.unserved] == [("bad", code)]


def test_two_loads_for_one_hour_leave_one_without_room() -> None:
    """Otherwise a clash would be blamed on a load that is fine by itself."""
    far = Point(31.5, 115.3)
    loads = [load("A", ready=window(0, 1)), load("B", pickup=far, ready=window(3, 5))]
    clash = [replace(loads[0], receiving=(window(1, 2),)), replace(loads[1], ready=window(3.3, 3.4))]
    assert route_one(vehicle(), loads, AT, Grid()).unserved == ()
    (left,) = route_one(vehicle(), clash, AT, Grid()).unserved
    assert left.reason.code is ReasonCode.NO_ROOM_IN_ROUTE


def test_no_loads_make_an_empty_route() -> None:
    """Otherwise a free lorry would be an error."""
    assert route_one(vehicle(), [], AT).stops == ()


def test_a_naive_start_is_refused() -> None:
    """Otherwise a route could be planned eight hours off."""
    with pytest.raises(BadProblem):
        route_one(vehicle(), [load()], AT.replace(tzinfo=None))


def test_a_cleared_market_can_be_driven() -> None:
    """Otherwise a deal would have no way onto the road."""
    problem = market([lot("L1", kg=4000), lot("L2", kg=5000)], [taker(windows=(window(0, 9),))])
    loads = [load_of(problem, one) for one in clear(problem).assignments]
    route = route_one(problem.vehicles[0], loads, AT, Grid())
    assert route.unserved == ()
    assert max(stop.load_kg for stop in route.stops) == 9000


def sound() -> tuple[Route, list[Load]]:
    """Give a good route of two loads."""
    loads = [load("A"), load("B", delivery=Point(30.5, 115.0), receiving=(window(1, 9),))]
    return route_one(vehicle(), loads, AT, Grid()), loads


@pytest.mark.parametrize(
    ("at", "changes", "breach"),
    [
        (0, {"load_id": "Z"}, Breach.UNKNOWN_LOT),
        (0, {"load_id": "B"}, Breach.LOAD_COUNT),
        (0, {"kind": StopKind.DELIVERY}, Breach.STOP_ORDER),
        (1, {"load_kg": 1}, Breach.OVERLOADED),
        (3, {"arrival": AT}, Breach.TOO_EARLY),
        (3, {"wait_s": -60}, Breach.TOO_EARLY),
        (3, {"arrival": AT + 30 * HOUR, "departure": AT + 31 * HOUR}, Breach.WINDOW_MISSED),
        (2, {"leg_m": 0}, Breach.ROAD_WRONG),
        (2, {"point": Point(0, 0)}, Breach.ROAD_WRONG),
    ],
)
def test_a_lie_in_a_route_is_found(at: int, changes: dict[str, object], breach: Breach) -> None:
    """Otherwise a driver could be sent on a route that cannot be driven."""
    route, loads = sound()
    assert check_route(route, vehicle(), loads, Grid()) == []
    stops = [replace(s, **changes) if n == at else s for n, s in enumerate(route.stops)]  # type: ignore[arg-type]
    found = check_route(replace(route, stops=tuple(stops)), vehicle(), loads, Grid())
    assert breach in {violation.breach for violation in found}


def test_a_vehicle_that_may_not_carry_it_is_found() -> None:
    """Otherwise hazardous waste could go on any lorry."""
    route, loads = sound()
    found = check_route(route, vehicle(), [replace(loads[0], hazardous=True), loads[1]], Grid())
    assert {violation.breach for violation in found} == {Breach.VEHICLE_FORBIDDEN}
    small = check_route(replace(route, metres=1), vehicle(capacity_kg=7999), loads, Grid())
    assert {violation.breach for violation in small} == {Breach.OVERLOADED, Breach.ROAD_WRONG}


@settings(max_examples=10, deadline=None, derandomize=True)
@given(st.integers(0, 2**32))
def test_the_search_for_long_routes_comes_near_the_exact_one(seed: int) -> None:
    """Otherwise a sixth load would make a good route a bad one; and the exact one would not be exact."""
    loads = [one for one in drawn_loads(seed, EXACT_LOADS) if one.kg <= vehicle().capacity_kg]
    task = Task(vehicle(), tuple(loads), AT, Grid().matrix(places(vehicle(), loads)))
    able = [n for n in range(len(loads)) if _alone(task, n) is None]
    task = _only(task, able)
    if not task.loads:
        return
    exact, searched = best_order(task), _search(task, Limits(checks=100_000))
    assert len(exact) >= len(searched) >= len(exact) - 2
    if len(exact) == len(searched):
        metres = [sum(stop.leg_m for stop in schedule(task, order)) for order in (exact, searched)]  # type: ignore[union-attr]
        assert metres[0] <= metres[1] <= metres[0] * 1.2
