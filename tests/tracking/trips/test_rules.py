"""Does a trip get the same times from the same day, however its fixes arrive?"""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from compliance.registry.service import GEOFENCE_M, circle
from tests.tracking.world import DESTINATION, ORIGIN, START, drive
from tracking.geofences.rules import Fence
from tracking.positions.rules import Fix, distance_m, simplified
from tracking.trips.rules import NEXT, OVER, RANK, STEPS, Act, Marks, State, follow, next_step

FROM = Fence.around(circle(*ORIGIN, GEOFENCE_M))
TO = Fence.around(circle(*DESTINATION, GEOFENCE_M))
LOADED_AT = START + timedelta(minutes=20)
DAY = [Fix(r.device_time, r.seq, r.lat, r.lon) for r in drive()]


def east(metres: float) -> Fix:
    """Return a fix so many metres east of the origin."""
    from tracking.positions.rules import EARTH_M

    lon = ORIGIN[1] + metres / (EARTH_M * 0.8607) * 57.29577951
    return Fix(START, 1, ORIGIN[0], lon)


def test_the_table_of_states_leads_from_plan_to_delivery() -> None:
    """A state without a way on would strand a driver in mid-trip."""
    for (state, _), target in NEXT.items():
        assert state not in OVER
        assert RANK[target] >= RANK[state] or target is State.CANCELLED
    state, steps = State.PLANNED, []
    while (step := next_step(state)) is not None:
        steps.append(step)
        state = NEXT[state, step]
    assert (tuple(steps), state) == (STEPS, State.DELIVERED)
    assert {act for _, act in NEXT} == set(Act)


def test_a_fence_is_left_only_well_outside() -> None:
    """A fix that jitters on the boundary must not start a trip."""
    inside, beside, outside = ((one.lat, one.lon) for one in (east(250), east(320), east(500)))
    assert FROM.holds(*inside)
    assert not FROM.holds(*beside)
    assert not FROM.is_left(*beside)
    assert FROM.is_left(*outside)


def test_a_day_gives_the_times_of_the_trip() -> None:
    """The inspector reads when the truck came, left and arrived, and how far it went."""
    marks = follow(Marks(loaded_at=LOADED_AT), DAY, FROM, TO)
    assert marks.at_origin_at == START
    assert marks.started_at == START + timedelta(minutes=30)
    assert marks.arrived_at == START + timedelta(minutes=89)
    assert abs(marks.distance_m - distance_m(*ORIGIN, *DESTINATION)) < 2_500


def test_a_truck_that_passes_by_before_loading_starts_nothing() -> None:
    """A truck that leaves the origin empty has not taken the load with it."""
    marks = follow(Marks(), DAY, FROM, TO)
    assert (marks.started_at, marks.arrived_at, marks.distance_m) == (None, None, 0.0)


@given(st.data())
def test_the_order_of_arrival_does_not_matter(data: st.DataObject) -> None:
    """A day replayed in any order, in any pieces, must give the same trip (telemetry.md, tests to demand)."""
    order = data.draw(st.permutations(range(len(DAY))))
    cuts = sorted(data.draw(st.sets(st.integers(1, len(DAY) - 1), max_size=6)))
    seen: list[Fix] = []
    marks = Marks(loaded_at=LOADED_AT)
    for first, last in zip([0, *cuts], [*cuts, len(DAY)], strict=True):
        new = sorted((DAY[place] for place in order[first:last]), key=lambda fix: fix.key)
        seen += new
        if marks.last is not None and new[0].key > marks.last.key:
            marks = follow(marks, new, FROM, TO)
        else:
            given_times = Marks(marks.at_origin_at, LOADED_AT, None, marks.started_at, marks.arrived_at)
            marks = follow(given_times, sorted(seen, key=lambda fix: fix.key), FROM, TO)
    assert marks == follow(Marks(loaded_at=LOADED_AT), DAY, FROM, TO)


def test_a_drawn_track_keeps_its_corners() -> None:
    """The map of a whole day must stay light, and still show the road that was taken."""
    corner = [Fix(START, n, 30 + min(n, 50) / 100, 114 + max(0, n - 50) / 100) for n in range(101)]
    assert [fix.seq for fix in simplified(corner)] == [0, 50, 100]
