"""Is a way judged the same however its fixes are cut, and from whichever checkpoint it is taken up?"""

from __future__ import annotations

from functools import cache
from itertools import groupby, pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.registry.service import circle
from devices.readings import Load
from tests.tracking.judgement.ways import HOME, START, Way, at
from tracking.geofences.rules import Fence, Place, Places
from tracking.judgement.fold import Run, hour_of, judge, settled
from tracking.judgement.notes import FOREVER
from tracking.judgement.rules import NORTH_M, Around, Card, Episode, Leg, Route
from tracking.judgement.state import State, packed
from tracking.positions.rules import Fix

TRIP = "0190f000-0000-7000-8000-000000000001"
VEHICLE = START  # any value: the pure run only carries it


@cache
def day() -> tuple[Fix, ...]:
    """Return a day on which everything happens that can be found."""
    way = Way(odometer_m=7, load=Load.FULL, every_s=30, bits=1 << 12).go(900, 0).go(1800, 60)
    way.go(1200, 60, east=1.0, north=0.0).go(1200, 60, east=-1.0, north=0.0).go(300, 90).go(1500, 0)
    way.say(50, lat=29.0)
    way.quiet(1800).go(900, 70)
    way.bits = 1 << 13
    way.go(600, 0)
    way.bits, way.load = 1 << 12, Load.EMPTY
    way.odometer_m = 1
    way.go(3600, 60).go(3600, 0)
    return tuple(way.fixes)


@cache
def around() -> Around:
    """Return what is known around that day."""
    road = Route((HOME, (HOME[0] + 0.5, HOME[1]), (HOME[0] + 2.0, HOME[1])), estimated=False)
    leg = Leg(TRIP, at(300), at(14_000), at(900), at(13_000), True, road)
    sites = Places([Place("s", "Works", Fence.around(circle(*HOME, 300.0)))])
    areas = Places(
        [Place("a", "City", Fence.around(circle(HOME[0] + 9_000 / NORTH_M, HOME[1], 2_000.0), 50))]
    )
    return Around((leg,), sites, areas, "鄂A1", (Card(at(60), "1", "Li"), Card(at(9_000), "", "")))


@cache
def whole() -> tuple[State, dict[object, Episode]]:
    """Return the day judged in one go."""
    state, found = judge(State(), day(), around())
    return state, dict(settled(found))


def hours(fixes: list[Fix]) -> list[tuple[object, list[Fix]]]:
    """Return fixes hour by hour."""
    return [(hour, list(few)) for hour, few in groupby(fixes, key=lambda fix: hour_of(fix.at))]


def test_the_day_holds_everything() -> None:
    """A property that is tested on an empty day holds for nothing."""
    kinds = {one.kind.value for one in whole()[1].values()}
    assert kinds == {
        "drive", "stop", "visit", "jump", "deviation", "restricted_area", "overspeed", "unplanned_stop",
        "silence", "opened_under_way", "load_change", "driver", "odometer",
    }  # fmt: skip


@given(st.sets(st.integers(1, len(day()) - 1), max_size=8))
def test_cutting_the_day_changes_nothing(cuts: set[int]) -> None:
    """A batch that ends in the middle of a stop must not make two of it."""
    state, found = State(), []
    places = [0, *sorted(cuts), len(day())]
    for first, last in pairwise(places):
        state, told = judge(state, day()[first:last], around())
        found += told
    assert packed(state) == packed(whole()[0])
    assert settled(found) == whole()[1]


@settings(max_examples=40)
@given(st.data())
def test_late_fixes_give_the_day_that_it_was(data: st.DataObject) -> None:
    """A way judged again from the checkpoint before the late fixes is the ordered day's way."""
    fixes = list(day())
    first = data.draw(st.integers(0, len(fixes) - 1))
    last = data.draw(st.integers(first, min(len(fixes), first + 80)))
    late = set(range(first, last + 1)) - data.draw(st.sets(st.integers(first, last)))
    live = Run(VEHICLE, State(), None, FOREVER, {})  # type: ignore[arg-type]
    live.go(hours([fix for place, fix in enumerate(fixes) if place not in late]), around())  # type: ignore[arg-type]
    if not late:
        return
    since, until = fixes[min(late)].at, fixes[min(max(late), len(fixes) - 1)].at
    starts = [hour for hour in live.made if hour <= since]
    start = max(starts, default=None)
    state = State()
    if start is not None:
        before = [fix for fix in fixes if fix.at < start]
        state, _ = judge(State(), before, around())
        assert packed(state) == live.made[start]
    again = Run(VEHICLE, state, start, until, live.made)  # type: ignore[arg-type]
    again.go(hours([fix for fix in fixes if start is None or fix.at >= start]), around())  # type: ignore[arg-type]
    end = live.state if again.met is not None else again.state
    assert packed(end) == packed(whole()[0])
    certain = [
        one
        for one in whole()[1].values()
        if (start is None or one.opened[0] >= start) and (again.met is None or one.opened[0] < again.met)
    ]
    found = settled(again.found)
    for one in certain:
        assert found[one.name].opened == one.opened
    assert {one.name for one in found.values() if start is None or one.opened[0] >= start} == {
        one.name for one in certain
    }
