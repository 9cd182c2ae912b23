"""Does each handler find what it is for, and nothing where there is nothing?"""

from __future__ import annotations

import dataclasses
from datetime import date

import pytest
from shapely import Polygon

from compliance.registry.service import circle
from devices.readings import Load
from tests.tracking.judgement.ways import HOME, START, Way, at
from tracking.geofences.rules import Approval, Fence, Hours, Place, Places
from tracking.judgement.fold import judge, settled
from tracking.judgement.handlers import HANDLERS
from tracking.judgement.rules import NORTH_M, Around, Card, Episode, Kind, Leg, Route
from tracking.judgement.state import State, packed, unpacked

TRIP = "0190f000-0000-7000-8000-000000000001"


def found(way: Way, around: Around | None = None, *, kind: Kind) -> list[Episode]:
    """Return what of one kind is found on a way, with its last word."""
    _, told = judge(State(), way.fixes, around or Around())
    return [one for one in settled(told).values() if one.kind is kind]


def leg(
    *, hazardous: bool = True, arrives: float | None = None, road: tuple[tuple[float, float], ...] = ()
) -> Around:
    """Return what is known around a vehicle that is laden from the start on and under way."""
    line = road or (HOME, (HOME[0] + 1.0, HOME[1]))
    until = None if arrives is None else at(arrives)
    return Around(legs=(Leg(TRIP, START, None, START, until, hazardous, Route(line, estimated=not road)),))


def area(metres_north: float, radius_m: float = 500.0, **more: object) -> Places:
    """Return a restricted area so far north of the start."""
    shape = circle(HOME[0] + metres_north / NORTH_M, HOME[1], radius_m)
    return Places([Place("a", "Wuchang", Fence.around(shape, 50.0), **more)])  # type: ignore[arg-type]


def test_every_part_of_the_state_has_one_handler() -> None:
    """A handler whose part is lost would begin anew with each fix."""
    assert ["form", "track", *[part for part, _ in HANDLERS]] == list(State.__struct_fields__)


def test_a_day_is_drives_and_stops() -> None:
    """The dispatcher reads when a truck drove, how far, and where it stood."""
    way = Way().go(300, 0).go(600, 60).go(600, 0).go(300, 60).go(600, 0)
    first, second = found(way, kind=Kind.DRIVE)
    stops = found(way, kind=Kind.STOP)
    assert [(one.since, one.until) for one in (first, second)] == [(at(310), at(910)), (at(1510), at(1810))]
    assert first.facts["metres"] == pytest.approx(10_000, rel=0.02)
    assert [one.until is None for one in stops] == [False, False, True]


def test_a_traffic_light_is_no_stop_and_shunting_no_drive() -> None:
    """A report full of red lights is read by nobody."""
    way = Way().go(600, 60).go(60, 0).go(600, 60)
    assert len(found(way, kind=Kind.DRIVE)) == 1
    way = Way().go(600, 0).go(20, 6).go(600, 0)
    assert len(found(way, kind=Kind.DRIVE)) == 0


def test_a_parked_vehicle_that_drifts_has_not_moved() -> None:
    """Kilometres that nobody drove would be paid for."""
    way = Way()
    for step in range(100):
        way.quiet(10).say(1.0, lat=HOME[0] + (step % 5) * 0.0001, lon=HOME[1])
    state, _ = judge(State(), way.fixes, Around())
    assert state.motion is not None
    assert state.motion.metres == 0.0


def test_a_jump_is_doubted_and_a_new_place_is_believed_in_the_end() -> None:
    """One wild fix must not start a trip; a vehicle that was carried by train must not be lost for ever."""
    wild = Way().go(100, 30).say(30, lat=29.0).go(100, 30)
    state, _ = judge(State(), wild.fixes, Around())
    assert len(found(wild, kind=Kind.JUMP)) == 1
    assert state.motion is not None
    assert state.motion.metres < 2_000
    carried = Way().go(100, 30)
    carried.lat = 28.0
    carried.go(100, 30)
    state, _ = judge(State(), carried.fixes, Around())
    assert state.track is not None
    assert state.track.lat < 28.1


def test_a_site_is_visited_after_a_dwell_and_left_well_outside() -> None:
    """A truck that passes the gate has not been there; one that jitters on the fence has not left."""
    sites = Places([Place("s", "Works", Fence.around(circle(*HOME, 300.0)))])
    around = Around(sites=sites)
    [visit] = found(Way().go(300, 0).go(60, 60), around, kind=Kind.VISIT)
    assert (visit.since, visit.facts["name"]) == (at(10), "Works")
    assert visit.until == at(320)
    [visit] = found(Way().go(300, 0).go(20, 60).go(300, 0), around, kind=Kind.VISIT)
    assert visit.until is None
    past = Way(lat=HOME[0] - 0.02).go(300, 80)
    assert found(past, around, kind=Kind.VISIT) == []


def test_leaving_the_corridor_is_found_with_length_and_time() -> None:
    """The inspector asks how far and how long a load was where it should not be (M7)."""
    road = (HOME, (HOME[0] + 1.0, HOME[1]))
    way = Way().go(300, 60).go(600, 60, east=1.0, north=0.2).go(600, 60, east=-1.0, north=0.2).go(600, 60)
    [astray] = found(way, leg(road=(*road, (HOME[0] + 2.0, HOME[1]))), kind=Kind.DEVIATION)
    assert astray.trip == TRIP
    assert astray.facts["farthest_m"] == pytest.approx(10_000, rel=0.05)
    assert astray.facts["seconds"] == pytest.approx(1_100, abs=60)
    assert astray.facts["metres"] == pytest.approx(18_500, rel=0.05)
    assert astray.facts["estimated"] is False
    [wide] = found(way, leg(), kind=Kind.DEVIATION) or [None]
    assert wide is None


def test_a_restricted_area_is_forbidden_to_dangerous_loads_only() -> None:
    """M8: no vehicle with dangerous goods in a restricted area without the police's approval."""
    way = Way().go(900, 30)
    known = leg()

    def inside(around: Around, places: Places, plate: str = "") -> list[Episode]:
        return found(way, Around(legs=around.legs, areas=places, plate_key=plate), kind=Kind.AREA)

    [stay] = inside(known, area(2_000))
    assert (stay.facts["rule"], stay.trip) == ("M8.restricted_area", TRIP)
    assert (stay.since, stay.until) == (at(180), at(310))
    assert inside(leg(hazardous=False), area(2_000)) == []
    assert inside(Around(), area(2_000)) == []
    approval = Approval("鄂A70012", date(2026, 11, 20), date(2026, 11, 20), "武公交危 2026-7")
    assert inside(known, area(2_000, approvals=(approval,)), "鄂A70012") == []
    assert len(inside(known, area(2_000, approvals=(approval,)), "鄂A70013")) == 1
    assert inside(known, area(2_000, valid_from=date(2026, 11, 21))) == []
    assert inside(known, area(2_000, hours=Hours(10 * 60, 12 * 60))) == []
    assert len(inside(known, area(2_000, hours=Hours(7 * 60, 10 * 60)))) == 1


def test_hours_past_midnight_belong_to_the_evening() -> None:
    """A ban from Friday 22:00 to 06:00 covers the Saturday morning and not the Friday one."""
    night = Hours(22 * 60, 6 * 60, frozenset({4}))
    friday_morning, friday_night, saturday_morning = at(-4 * 3600), at(14 * 3600), at(20 * 3600)
    held = [night.hold(one) for one in (friday_morning, friday_night, saturday_morning)]
    assert held == [False, True, True]


def test_speed_is_judged_by_the_load() -> None:
    """90 km/h are too fast with dangerous goods, and allowed without."""
    way = Way().go(60, 70).go(120, 90).go(20, 70).go(120, 95).go(120, 70)
    [fast] = found(way, leg(), kind=Kind.OVERSPEED)
    assert (fast.facts["limit_kmh"], fast.facts["most_kmh"]) == (80.0, 95)
    assert fast.until == at(330)
    assert found(way, leg(hazardous=False), kind=Kind.OVERSPEED) == []
    assert found(Way().go(20, 110), kind=Kind.OVERSPEED) == []


def test_a_long_stop_on_the_way_is_unplanned_unless_at_a_site() -> None:
    """A load that stands at night beside a field is looked at; one in the receiver's yard is not."""
    way = Way().go(600, 60).go(1200, 0).go(600, 60)
    [halt] = found(way, leg(), kind=Kind.HALT)
    assert (halt.since, halt.until) == (at(610), at(1810))
    assert found(Way().go(600, 60).go(600, 0).go(600, 60), leg(), kind=Kind.HALT) == []
    yard = Places([Place("s", "Yard", Fence.around(circle(HOME[0] + 10_000 / NORTH_M, HOME[1], 300.0)))])
    assert found(way, Around(legs=leg().legs, sites=yard), kind=Kind.HALT) == []
    assert found(way, kind=Kind.HALT) == []


def test_silence_counts_only_under_way() -> None:
    """A truck in its garage may sleep."""
    way = Way().go(300, 60).quiet(3_600).go(300, 60)
    [silence] = found(way, leg(), kind=Kind.SILENCE)
    assert (silence.since, silence.until) == (at(300), at(3_910))
    assert found(way, leg(arrives=200), kind=Kind.SILENCE) == []
    assert found(way, kind=Kind.SILENCE) == []
    drives = found(way, kind=Kind.DRIVE)
    assert [one.until for one in drives] == [at(300), None]


def test_what_is_opened_on_the_road_is_told_apart() -> None:
    """A door in the yard is work; a door on the road with a load behind it is a question."""
    way = Way(bits=1 << 12).go(100, 60)
    way.bits = 1 << 13
    way.go(100, 0)
    way.bits = 0
    way.go(100, 60)
    opened = found(way, leg(), kind=Kind.SEAL)
    assert {one.subject for one in opened} == {"12", "13"}
    [door] = [one for one in opened if one.subject == "13"]
    assert (door.since, door.until) == (at(110), at(210))
    assert [one.subject for one in found(way, kind=Kind.DOOR)] == ["13"]


def test_a_change_of_load_is_noted() -> None:
    """A full vehicle that is empty all at once has tipped somewhere."""
    way = Way(load=Load.FULL).go(100, 60)
    way.load = Load.EMPTY
    [change] = found(way.go(100, 0), leg(), kind=Kind.LOAD)
    assert (change.facts["before"], change.facts["after"], change.trip) == ("full", "empty", TRIP)


def test_an_odometer_that_disagrees_is_found() -> None:
    """Mileage that was wound back, or a second device in another truck, shows here."""
    honest = Way(odometer_m=1_000_000).go(100, 0).go(600, 60).go(600, 0)
    assert found(honest, kind=Kind.ODOMETER) == []
    back = Way(odometer_m=1_000_000).go(100, 60)
    back.odometer_m = 900_000
    assert len(found(back.go(100, 60), kind=Kind.ODOMETER)) == 1
    stood = Way(odometer_m=1_000_000).go(100, 0).go(600, 60)
    stood.odometer_m = 1_050_000
    [other] = found(stood.go(600, 0), kind=Kind.ODOMETER)
    assert other.facts["odometer_m"] == pytest.approx(50_000, rel=0.01)


def test_the_drivers_card_covers_its_stretch() -> None:
    """Who drove is asked after every accident."""
    cards = (Card(at(100), "420100", "Li"), Card(at(400), "", ""))
    [card] = found(Way().go(600, 60), Around(cards=cards), kind=Kind.DRIVER)
    assert (card.since, card.until, card.facts["name"]) == (at(100), at(400), "Li")


def test_a_state_survives_its_bytes() -> None:
    """A process that ends between two fixes must not forget an open deviation."""
    way = Way(bits=1 << 13, odometer_m=5).go(300, 90.0).go(600, 60.0, east=1.0, north=0.0).say(50.0, lat=29.0)
    sites = Places([Place("s", "Works", Fence.around(circle(*HOME, 300.0)))])
    road = leg(road=(HOME, (HOME[0] + 0.5, HOME[1]), (HOME[0] + 1.0, HOME[1])))
    around = Around(legs=road.legs, sites=sites, areas=area(0, 90_000), cards=(Card(START, "1", "Li"),))
    state, _ = judge(State(), way.fixes, around)
    assert state.corridor is not None
    assert state.track is not None
    assert state.track.doubted
    again = unpacked(packed(state))
    assert again is not None
    assert again == state
    assert packed(again) == packed(state)
    assert unpacked(b"\xc1") is None


def test_a_fence_may_have_a_hole() -> None:
    """A ring road that is free runs through the middle of a restricted area."""
    ring = Polygon(circle(*HOME, 3_000.0).exterior.coords, [circle(*HOME, 1_000.0).exterior.coords])
    fence = Fence.around(ring, 50.0)
    assert not fence.holds(*HOME)
    assert fence.holds(HOME[0] + 2_000 / NORTH_M, HOME[1])


def test_another_drivers_card_is_told_for_the_time_of_the_load() -> None:
    """The load would be driven by somebody who may not, and the manifest says otherwise (L9)."""
    road = leg().legs[0]
    laden = dataclasses.replace(road, driver="李 明", laden_from=at(200), laden_until=at(500))
    cards = (Card(at(100), "1", "李明"), Card(at(300), "2", "王强"), Card(at(400), "3", ""))
    way = Way().go(600, 60)
    [wrong] = found(way, Around(legs=(laden,), cards=cards), kind=Kind.WRONG_DRIVER)
    assert (wrong.since, wrong.until, wrong.trip) == (at(300), at(400), TRIP)
    assert wrong.facts == {"card": "王强", "driver": "李 明"}
    [whole] = found(way, Around(legs=(laden,), cards=cards[1:2]), kind=Kind.WRONG_DRIVER)
    assert (whole.since, whole.until) == (at(300), at(510))
    nobody = dataclasses.replace(laden, driver="")
    assert found(way, Around(legs=(nobody,), cards=cards), kind=Kind.WRONG_DRIVER) == []
