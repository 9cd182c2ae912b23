"""Do hours, days and docks of a receiver reach the plan, and what a carrier says that it costs?"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from sqlalchemy import update

from compliance.record.errors import DomainError, Forbidden, NotFound
from compliance.registry import service as registry
from compliance.registry.service import Receiving
from compliance.registry.tables import Site
from marketplace.needs.tables import Need
from marketplace.plans import costs, proposal
from marketplace.plans.opening import receiving
from marketplace.plans.rules import Costs
from tests.marketplace.plans.conftest import Dispatch

pytestmark = pytest.mark.sqlite_alone

MONDAY_NOON = datetime(2026, 11, 30, 4, tzinfo=UTC)
"""Noon in Shanghai."""
HOUR = 3600.0


def spans(opens: int | None, closes: int | None, *weekdays: int) -> list[tuple[float, float]]:
    """Return the openings of a site in hours from Monday noon."""
    hours = {
        "opens": time(opens) if opens is not None else None,
        "closes": time(closes) if closes is not None else None,
    }
    found = receiving(Site(**hours), frozenset(weekdays), MONDAY_NOON)
    return [(one.start / HOUR, one.end / HOUR) for one in found]


def test_a_gate_without_hours_is_always_open() -> None:
    """A receiver that has stated nothing would get no load at all."""
    assert spans(None, None) == []


def test_hours_are_local_and_of_every_day() -> None:
    """A vehicle would stand before a closed gate for eight hours."""
    assert spans(8, 17)[:2] == [(-4, 5), (20, 29)]
    assert spans(13, 14)[0] == (1, 2)


def test_days_of_the_need_close_the_gate() -> None:
    """A load would arrive on a Sunday at a plant that takes this waste on weekdays."""
    assert spans(8, 17, 1, 3)[:2] == [(-4, 5), (44, 53)]
    assert spans(None, None, 1, 2)[0] == (-12, 36), "days that touch are one opening"


def test_a_gate_that_is_closed_for_days_is_not_taken_for_an_open_one() -> None:
    """No opening within reach would read as no limit."""
    assert spans(8, 17, 7)[0] == (6 * 24 - 4, 6 * 24 + 5)


def state(desk: Dispatch, who: str = "processor", **stated: object) -> None:
    """State hours or docks of the receiver's site."""
    with desk.market.work(who) as work:
        registry.set_receiving(work, destination(desk), Receiving(**stated))  # type: ignore[arg-type]


def destination(desk: Dispatch) -> UUID:
    """Return where the loads go."""
    return desk.trip(desk.loads[0]).destination_site_id


def begins(desk: Dispatch) -> list[tuple[datetime, datetime]]:
    """Return when each delivery of the day begins and ends, in their order."""
    day = desk.day()
    plan = proposal.present(day).plan
    stops = [stop for tour in plan.tours for stop in tour.stops if stop.act.value == "delivery"]
    at = [(day.at + timedelta(seconds=one.begin), day.at + timedelta(seconds=one.departure)) for one in stops]
    return sorted(at)


def test_a_vehicle_waits_for_the_gate(desk: Dispatch) -> None:
    """A plan would count on a gate that is closed."""
    first = begins(desk)[0][0]
    opens = first + timedelta(minutes=90)
    state(desk, opens=(opens + timedelta(hours=8)).time(), closes=time(23, 59))
    assert begins(desk)[0][0] == opens


def test_one_dock_serves_one_vehicle_after_the_other(desk: Dispatch) -> None:
    """Two vehicles would be promised the same dock at the same moment."""
    state(desk, docks=1)
    served = begins(desk)
    assert len(served) == 3
    assert all(before[1] <= after[0] for before, after in pairwise(served))


def test_who_waits_for_a_dock_until_the_gate_closes_is_left_out_with_a_reason(desk: Dispatch) -> None:
    """A plan would be accepted that sends a load to a closed gate."""
    with desk.market.work("carrier") as work:
        costs.set_costs(work, Costs(stop_minutes=120))
    end = begins(desk)[0][0] + timedelta(minutes=70)
    local = (end + timedelta(hours=8)).time()
    state(desk, opens=time(0), closes=local, docks=1)
    outcome = proposal.present(desk.day())
    assert len(outcome.unserved) == 2
    assert outcome.plan.feasible


def test_a_day_on_which_the_need_takes_nothing_leaves_its_loads_out(desk: Dispatch) -> None:
    """A driver would come on the wrong day."""
    gone = {(desk.market.at + timedelta(hours=8, days=ahead)).isoweekday() for ahead in (0, 1, 2)}
    with desk.market.work() as work:
        work.session.execute(update(Need).values(weekdays=sorted(set(range(1, 8)) - gone)))
    outcome = proposal.present(desk.day())
    assert set(outcome.unserved) == set(desk.loads)
    assert {one.code.value for one in outcome.unserved.values()} <= {
        "delivery_window_missed",
        "hours_exceeded",
        "no_room_in_route",
    }


@pytest.mark.parametrize(
    ("field", "stated"),
    [
        ("closes", {"opens": time(8)}),
        ("opens", {"closes": time(8)}),
        ("closes", {"opens": time(8), "closes": time(8)}),
        ("docks", {"docks": 0}),
        ("docks", {"docks": 100}),
    ],
)
def test_hours_that_make_no_sense_are_refused(desk: Dispatch, field: str, stated: dict[str, object]) -> None:
    """A slip would close a plant for every carrier."""
    with pytest.raises(DomainError) as refusal:
        state(desk, **stated)
    assert refusal.value.field == field


def test_only_the_receiver_states_its_hours(desk: Dispatch) -> None:
    """A rival would close somebody else's gate."""
    with pytest.raises(Forbidden):
        state(desk, "producer", docks=1)
    other = desk.trip(desk.loads[0]).origin_site_id
    with pytest.raises(NotFound), desk.market.work("processor") as work:
        registry.set_receiving(work, other, Receiving(docks=1))


def test_plans_are_reckoned_with_what_the_carrier_states(desk: Dispatch) -> None:
    """A dispatcher would compare plans by somebody else's costs."""
    before = proposal.present(desk.day()).fen
    with desk.market.work("carrier") as work:
        assert costs.costs_of(work) == Costs()
        costs.set_costs(work, Costs(fixed_fen=120_000, per_km_fen=640, per_hour_fen=0))
    after = proposal.present(desk.day()).fen
    assert after["fixed"] == 2 * before["fixed"]
    assert after["distance"] == pytest.approx(2 * before["distance"], abs=2)
    assert after["hours"] == 0
    with desk.market.work("carrier") as work, pytest.raises(DomainError) as refusal:
        costs.set_costs(work, Costs(per_km_fen=-1))
    assert refusal.value.field == "per_km_fen"
    for who in ("producer", "operator", "inspector"):
        with pytest.raises(Forbidden), desk.market.work(who) as work:
            costs.set_costs(work, Costs())
