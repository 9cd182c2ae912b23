"""Is every alert told apart, explained and led to an end?"""

from __future__ import annotations

from datetime import timedelta, timezone
from uuid import UUID

import pytest

from tests.tracking.world import START
from tracking.alerts.kinds import Kind
from tracking.alerts.rules import NEXT, STANDING, Act, Finding, State, Subjects, next_state
from tracking.alerts.sheets import SHEETS

TRIP = UUID(int=7)


def test_every_kind_has_a_sheet() -> None:
    """An inspector would read a code and not know what to do."""
    assert set(SHEETS) == set(Kind)
    assert all(sheet.name and sheet.means and sheet.remedy and sheet.rule for sheet in SHEETS.values())
    assert len({sheet.name for sheet in SHEETS.values()}) == len(Kind)


def test_the_same_thing_has_the_same_key() -> None:
    """Judging a day anew would put every alert into the queue a second time."""
    one = Finding(Kind.OFF_ROUTE, Subjects(trip_id=TRIP), START, evidence={"metres": 900})
    local = START.astimezone(timezone(timedelta(hours=8)))
    assert one.key == Finding(Kind.OFF_ROUTE, Subjects(trip_id=TRIP), local, late=True).key
    assert one.key != Finding(Kind.OFF_ROUTE, Subjects(trip_id=UUID(int=8)), START).key
    assert one.key != Finding(Kind.UNPLANNED_STOP, Subjects(trip_id=TRIP), START).key


def test_a_finding_without_its_subject_is_a_mistake_of_the_judge() -> None:
    """Two trips' alerts would become one."""
    with pytest.raises(ValueError, match="off_route needs a trip"):
        Finding(Kind.OFF_ROUTE, Subjects(vehicle_id=TRIP), START).key  # noqa: B018 - reading it raises


def test_only_what_stands_can_be_taken_up_or_back() -> None:
    """A closed alert would change under the hands of whoever closed it."""
    for state in State:
        can = {act for act in Act if next_state(state, act) is not None}
        assert (Act.WITHDRAW in can) == (state in STANDING)
    assert {act for (state, act) in NEXT if state is State.CLOSED} == set()
    assert next_state(State.WITHDRAWN, Act.RAISE) is State.OPEN
