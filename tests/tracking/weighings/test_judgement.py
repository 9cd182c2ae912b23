"""Do the signs that a weighing shows become alerts, and do late data take back what they disprove?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from compliance.record.database import transaction
from compliance.record.who import SYSTEM
from compliance.record.work import Work
from devices.readings import Load
from tests.tracking.world import DESTINATION, GATE_A, ORIGIN, START, World, fix, positions, ticket, weighed
from tracking.alerts import queries as alerts
from tracking.alerts.tables import Alert
from tracking.weighings import instruments
from tracking.weighings.instruments import NewCertificate, NewScale

MINUTE = timedelta(minutes=1)
HOW = {"frames": 10, "ms": 2_000, "zero": 1}


def kinds(world: World, *states: str) -> set[str]:
    """Return the kinds of the alerts in these states."""
    rows: list[Alert] = world.rows(alerts.visible_to(SYSTEM))
    return {row.kind for row in rows if row.state in (states or ("open",))}


def test_an_honest_weighing_raises_nothing(world: World) -> None:
    """An inspector who is called for every truck comes for none."""
    world.feed(positions(fix(1, *ORIGIN, seconds=290)))
    world.feed(weighed(GATE_A, ticket(GATE_A, 1, 9_000, 300, extra={"how": HOW})))
    assert kinds(world) == set()


def test_what_the_ticket_itself_says_is_told(world: World) -> None:
    """A weight without zero, typed or printed twice would be paid for like any other."""
    extra = {"how": HOW | {"zero": 0}, "reprints": 2, "from": "typed"}
    world.feed(weighed(GATE_A, ticket(GATE_A, 1, 9_000, 300, extra=extra)))
    assert kinds(world) == {"zero_missed", "reprinted", "typed_weight"}
    (row,) = [one for one in world.rows(alerts.visible_to(SYSTEM)) if one.kind == "reprinted"]
    assert (row.device_id, row.vehicle_id, row.trip_id) == (GATE_A, world.vehicle_id, world.trip_id)
    assert row.evidence["reprints"] == 2


def test_a_curve_that_jumps_is_told(world: World) -> None:
    """A remote-control box would add tonnes to every load."""
    ramp = [[ms, 0] for ms in range(0, 1_000, 100)]
    ramp += [[1_000 + ms, 2_000 + 4 * ms] for ms in range(0, 1_000, 100)]
    ramp += [[ms, 6_000] for ms in range(2_000, 4_000, 100)]
    ramp += [[4_000 + ms, 6_000 + 3 * ms] for ms in range(0, 1_000, 100)]
    ramp += [[ms, 9_000] for ms in range(5_000, 8_000, 100)] + [
        [ms, 9_800] for ms in range(8_000, 12_000, 100)
    ]
    world.feed(weighed(GATE_A, ticket(GATE_A, 1, 9_800, 300, extra={"how": HOW, "curve": ramp})))
    assert kinds(world) == {"weight_jump"}


def test_a_vehicle_that_was_elsewhere_is_told_until_its_own_fixes_say_it_was_there(world: World) -> None:
    """A terminal that was without signal would accuse its driver for ever."""
    world.feed(positions(fix(1, *DESTINATION, seconds=120)))
    world.feed(weighed(GATE_A, ticket(GATE_A, 1, 9_000, 300, extra={"how": HOW})))
    assert kinds(world) == {"vehicle_elsewhere"}
    late = START + 60 * MINUTE
    world.feed(positions(fix(2, *ORIGIN, seconds=301, replayed=True, load=Load.FULL), at=late), now=late)
    assert kinds(world) == {"load_contradicts"}
    assert kinds(world, "withdrawn") == {"vehicle_elsewhere"}


def test_a_load_sensors_word_from_before_the_loading_says_nothing(world: World) -> None:
    """A parked terminal speaks every few minutes: each honest load would stand under a warning."""
    world.feed(positions(fix(1, *ORIGIN, seconds=240, load=Load.FULL)))
    world.feed(weighed(GATE_A, ticket(GATE_A, 1, 9_000, 300, extra={"how": HOW})))
    assert kinds(world) == set()


def test_a_gap_is_told_after_a_while_and_taken_back_when_it_fills(world: World) -> None:
    """A ticket torn out of the book would be missed by nobody, and a scale without signal be accused."""
    one = ticket(GATE_A, 1, 9_000, 300, extra={"how": HOW})
    two = ticket(GATE_A, 2, 9_900, 400, previous=one.ticket_hash, plate="鄂B90000", extra={"how": HOW})
    three = ticket(GATE_A, 3, 9_900, 500, previous=two.ticket_hash, plate="鄂B90000", extra={"how": HOW})
    four = ticket(GATE_A, 4, 9_900, 600, previous=three.ticket_hash, plate="鄂B90000", extra={"how": HOW})
    world.feed(weighed(GATE_A, one), weighed(GATE_A, three))
    assert kinds(world) == set()
    world.feed(weighed(GATE_A, four), now=START + 60 * MINUTE)
    assert kinds(world) == {"ticket_gap"}
    world.feed(weighed(GATE_A, two), now=START + 61 * MINUTE)
    assert kinds(world) == set()
    assert kinds(world, "withdrawn") == {"ticket_gap"}


def test_a_stay_without_a_ticket_is_told_unless_the_vehicle_is_weighed_again(world: World) -> None:
    """A load that never was on paper would leave no trace; a second try must not look like one."""
    shadow = ticket(GATE_A, 1, 12_000, 300, plate="", shadow=True, extra={"how": HOW})
    world.feed(weighed(GATE_A, shadow))
    assert kinds(world) == {"shadow_weighing"}
    again = ticket(GATE_A, 2, 12_020, 420, previous=shadow.ticket_hash, extra={"how": HOW})
    world.feed(weighed(GATE_A, again))
    assert kinds(world) == set()


def test_a_ticket_outside_the_chain_and_a_scale_out_of_date_are_told(world: World) -> None:
    """A forged ticket would be a line in a log; a scale nobody verified would go on weighing."""
    with transaction(world.engine) as session:
        work = Work(session, START, SYSTEM)
        instruments.register(work, GATE_A, NewScale(20, 80_000, "A-1", "XK3190"))
        old = NewCertificate("J-1", "WH", date(2025, 10, 1), date(2026, 9, 30))
        instruments.certify(work, GATE_A, old)
    world.feed(weighed(GATE_A, ticket(GATE_A, 1, 9_000, 300, extra={"how": HOW})))
    world.feed(weighed(GATE_A, ticket(GATE_A, 2, 9_900, 400, previous="ab" * 32)))
    assert kinds(world) == {"certificate", "chain_broken"}
    with transaction(world.engine) as session:
        work = Work(session, START, SYSTEM)
        instruments.certify(work, GATE_A, replace(old, number="J-2", valid_to=date(2027, 9, 30)))
    assert kinds(world) == {"chain_broken"}
