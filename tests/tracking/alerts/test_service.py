"""Is an alert raised once, seen by whom it concerns, and ended by whoever looked?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from compliance.record.database import reading, transaction
from compliance.record.errors import Conflict, Invalid
from compliance.record.who import SYSTEM, Role, Who
from compliance.record.work import Work
from compliance.registry import service as registry
from tests.tracking.world import GATE_A, START, World
from tracking.alerts import queries, service
from tracking.alerts.kinds import Kind, Severity
from tracking.alerts.queries import Wanted
from tracking.alerts.rules import Finding, Outcome, State, Subjects
from tracking.alerts.tables import Alert

MINUTE = timedelta(minutes=1)


@contextmanager
def acting(world: World, who: Who = SYSTEM) -> Iterator[Work]:
    """Yield a work that is committed when the block ends."""
    with transaction(world.engine) as session:
        yield Work(session, START, who)


def off_route(world: World, minute: int = 0, metres: int = 900, until: int | None = None) -> Finding:
    """Return a stretch off the route that begins some minutes after the start."""
    end = None if until is None else START + until * MINUTE
    about = Subjects(trip_id=world.trip_id, vehicle_id=world.vehicle_id)
    return Finding(Kind.OFF_ROUTE, about, START + minute * MINUTE, end, {"metres": metres})


def inspector(world: World) -> Who:
    """Register an inspector."""
    with acting(world) as work:
        row = registry.add_person(work, world.producer.organisation_id, "Inspector", [Role.INSPECTOR])
        return Who(row.id, row.name, row.organisation_id, frozenset({Role.INSPECTOR}))


def alerts(world: World, who: Who = SYSTEM) -> list[Alert]:
    """Return the alerts that a person sees, by their start."""
    return world.rows(queries.visible_to(who).order_by(Alert.since))


def test_judging_again_raises_nothing_twice(world: World) -> None:
    """An inspector would look into one stretch of road as often as a late fix came in."""
    for metres in (900, 900, 1_200):
        with acting(world) as work:
            service.note(work, off_route(world, metres=metres, until=metres // 100))
    (row,) = alerts(world)
    assert (row.state, row.evidence, row.until) == ("open", {"metres": 1_200}, START + 12 * MINUTE)
    (raised,) = world.events("AlertRaised")
    assert raised.subject == row.id
    assert (raised.data["alert"], raised.data["rule"], raised.data["trip"]) == (
        "off_route",
        "M8",
        str(world.trip_id),
    )


def test_late_data_take_back_what_they_disprove_and_bring_back_what_they_prove(world: World) -> None:
    """A shuffled day would leave another queue behind than the ordered one."""
    first, second = off_route(world, 0, until=5), off_route(world, 30, until=40)

    def judge(*found: Finding) -> None:
        with acting(world) as work:
            service.settle(work, [Kind.OFF_ROUTE], str(world.trip_id), found)

    judge(first, second)
    judge(second)
    assert [row.state for row in alerts(world)] == ["withdrawn", "open"]
    judge(replace(first, late=True), second)
    assert [row.state for row in alerts(world)] == ["open", "open"]
    assert len(world.events("AlertRaised")) == 3
    assert [one.data["reason"] for one in world.events("AlertWithdrawn")] == ["disproved"]


def test_an_alert_whose_start_moves_stays_the_same_alert(world: World) -> None:
    """Whoever looks into a stop would lose it when one late fix makes it begin a minute earlier."""
    for found in (off_route(world, 10, until=20), off_route(world, 9, until=20)):
        with acting(world) as work:
            service.settle(work, [Kind.OFF_ROUTE], str(world.trip_id), [found])
    (row,) = alerts(world)
    assert (row.state, row.since, row.key) == ("open", START + 9 * MINUTE, off_route(world, 9).key)
    assert len(world.events("AlertRaised")) == 1


def test_only_the_judged_interval_is_settled(world: World) -> None:
    """Re-judging an hour would take back the alerts of the rest of the day."""
    with acting(world) as work:
        service.note(work, off_route(world, 0, until=5))
        service.note(work, off_route(world, 90, until=95))
    with acting(world) as work:
        service.settle(work, [Kind.OFF_ROUTE], str(world.trip_id), [], since=START + 60 * MINUTE)
    assert [row.state for row in alerts(world)] == ["open", "withdrawn"]


def test_somebody_takes_it_looks_and_closes_it(world: World) -> None:
    """An alert that nobody owns is looked into by nobody; what was found must be on the record."""
    who = inspector(world)
    with acting(world) as work:
        key = service.note(work, off_route(world)).id
    with acting(world, who) as work:
        row = queries.alert(work.session, key, who)
        with pytest.raises(Conflict, match="cannot be close"):
            service.close(work, row, Outcome.FALSE, "early")
        service.assign(work, row, who.person_id)
        with pytest.raises(Invalid, match="what was found"):
            service.close(work, row, Outcome.FALSE, "  ")
        service.close(work, row, Outcome.EXPLAINED, " road works ")
    with acting(world) as work:
        service.settle(work, [Kind.OFF_ROUTE], str(world.trip_id), [])
        service.note(work, off_route(world, metres=5_000))
        service.settle(work, [Kind.OFF_ROUTE], str(world.trip_id), [off_route(world, -1, until=3)])
    (row,) = alerts(world)
    assert (row.state, row.outcome, row.reason) == ("closed", "explained", "road works")
    assert (row.evidence, row.ended_by) == ({"metres": 900}, who.person_id)
    (closed,) = world.events("AlertClosed")
    assert closed.data["evidence_hash"] == service.evidence_hash(row)


def test_only_overseers_look_into_alerts(world: World) -> None:
    """A carrier would close what was noticed about itself."""
    with acting(world) as work:
        row = service.note(work, off_route(world))
        with pytest.raises(Invalid, match="inspectors and operators"):
            service.assign(work, row, world.driver.person_id)


def test_each_party_sees_what_concerns_it_and_no_sign_of_cheating(world: World) -> None:
    """A stranger would read another's trips, and a cheat would be warned."""
    with acting(world) as work:
        service.note(work, off_route(world))
        weighing = Subjects(GATE_A, world.vehicle_id, world.trip_id, weighing_id=work.new_id())
        service.raise_alert(work, Kind.WEIGHT_JUMP, weighing, START)
        scale = Subjects(GATE_A, site_id=world.origin_id)
        service.raise_alert(work, Kind.CERTIFICATE, scale, START)
    seen = {
        name: {row.kind for row in alerts(world, getattr(world, name))}
        for name in ("producer", "processor", "dispatcher", "driver", "stranger")
    }
    assert seen == {
        "producer": {"off_route", "certificate"},
        "processor": {"off_route"},
        "dispatcher": {"off_route"},
        "driver": {"off_route"},
        "stranger": set(),
    }
    assert len(alerts(world)) == 3


def test_the_queue_is_narrowed_and_counted(world: World) -> None:
    """An inspector with a thousand notices must see the alarms first."""
    with acting(world) as work:
        service.note(work, off_route(world))
        service.raise_alert(work, Kind.WEIGHT_JUMP, Subjects(GATE_A, weighing_id=work.new_id()), START)
        service.withdraw(work, service.note(work, off_route(world, 60)))
    with reading(world.engine) as session:
        assert queries.standing(session, SYSTEM) == {
            Severity.ALARM: 1,
            Severity.WARNING: 1,
            Severity.NOTICE: 0,
        }
        assert queries.by_state(session, SYSTEM) == {State.OPEN: 2, State.WITHDRAWN: 1}
        assert queries.by_kind(session, SYSTEM) == {Kind.OFF_ROUTE: 1, Kind.WEIGHT_JUMP: 1}
        for wanted, number in (
            (Wanted(severities=frozenset({Severity.ALARM})), 1),
            (Wanted(severities=frozenset({Severity.ALARM}), kinds=frozenset({Kind.OFF_ROUTE})), 0),
            (Wanted(states=frozenset({State.OPEN}), trip_id=world.trip_id), 1),
            (Wanted(device_id=GATE_A), 1),
        ):
            assert len(session.scalars(queries.matching(SYSTEM, wanted)).all()) == number
