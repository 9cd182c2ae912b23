"""Do the calls that once broke the books leave them whole? Each was found by trying sequences of calls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from compliance.approvals.tables import ApprovalDraw
from compliance.construction.tables import SpoilDraw
from compliance.manifests.rules import State
from compliance.manifests.tables import Manifest
from compliance.record.subscribers import Outcome, step
from compliance.registry.tables import LicenceDraw, LicenceLineRow
from marketplace.deals.tables import Deal
from marketplace.wiring import subscribers
from tests.compliance.manifests.machine import way
from tests.compliance.manifests.machine.invariants import Seen, look
from tests.compliance.manifests.machine.people import GREASE, SOIL
from tests.compliance.manifests.machine.world import World, opened
from tests.conftest import Places
from tests.factories.trade import OIL

pytestmark = pytest.mark.sqlite_alone
WET = {"reason": "wet", "differs": {"property": "wet"}}


@pytest.fixture
def world(fresh_places: Places) -> Iterator[World]:
    """A market of the machine before its API; whatever the test did, its books are whole."""
    with opened(fresh_places) as found:
        yield found
        look(found, Seen())


def corrected(world: World, row: Manifest, **changes: object) -> httpx.Response:
    """Propose a correction as the mover and let everybody approve."""
    said: dict[str, Any] = {"changes": changes, "reason": "typo"}
    answer = world.post("producer", f"/manifests/{row.id}/corrections", **said)
    way.answer_all(world, row)
    return answer


def booked(world: World, row: Manifest) -> list[tuple[str, int, int]]:
    """Return the code, the mass and the year of what is booked for a load."""
    statement = select(LicenceDraw).where(LicenceDraw.deal_id == row.booking_id)
    return [
        (world.market.get(LicenceLineRow, one.line_id).code, one.kg, one.year)
        for one in world.market.rows(statement)
    ]


def rules(answer: httpx.Response) -> set[str]:
    """Return the rules that a refusal names."""
    told = answer.json()
    return {one.get("rule", "") for one in told.get("errors") or [told]}


def test_a_corrected_mass_is_booked_where_there_is_room(world: World) -> None:
    """A typo put right after the issue would take more than the licence allows, and nobody be told (L4)."""
    row = way.brought(world, State.ISSUED)
    assert rules(corrected(world, row, planned_kg=46_000)) == {"L4.quota_exceeded"}
    assert corrected(world, row, planned_kg=45_000).is_success
    assert booked(world, row) == [(OIL, 45_000, 2026)]
    assert corrected(world, row, planned_kg=5_000).is_success
    assert booked(world, row) == [(OIL, 5_000, 2026)]


def test_a_corrected_code_is_booked_on_its_own_line(world: World) -> None:
    """Grease would be taken on the room for oil, and the room for grease be sold twice (L4)."""
    row = way.brought(world, State.ISSUED)
    assert corrected(world, row, code=GREASE).is_success
    assert booked(world, row) == [(GREASE, 20_000, 2026)]
    other = way.brought(world, State.ISSUED, kg=9_000)
    assert rules(corrected(world, other, code=GREASE)) == {"L4.quota_exceeded"}
    assert booked(world, other) == [(OIL, 9_000, 2026)]


def test_a_corrected_mass_crosses_the_border_under_its_approval(world: World) -> None:
    """More would cross than the province approved, or room be held for what never goes (X4, X5)."""
    row = way.brought(world, State.ISSUED, receiver="abroad")
    assert rules(corrected(world, row, planned_kg=25_001)) == {"X4.quantity_exceeded"}
    assert "X5.new_application" in rules(corrected(world, row, code=GREASE))
    assert corrected(world, row, planned_kg=25_000).is_success
    assert [one.kg for one in world.market.rows(select(ApprovalDraw))] == [25_000]


def test_a_corrected_mass_leaves_under_its_treatment_plan(world: World) -> None:
    """A building site would send off more than was filed, or be charged for what it never sent (U2)."""
    row = way.brought(world, State.ISSUED, SOIL)
    assert rules(corrected(world, row, planned_kg=45_001)) == {"U2.over_plan"}
    assert corrected(world, row, planned_kg=45_000).is_success
    assert [one.kg for one in world.market.rows(select(SpoilDraw))] == [45_000]
    while world.fresh(row).state != State.CONFIRMED:
        way.go_on(world, world.fresh(row))
    assert corrected(world, row, accepted_kg=30_000).is_success
    assert [one.kg for one in world.market.rows(select(SpoilDraw))] == [30_000]
    assert booked(world, row) == [(SOIL, 30_000, 2026)]


def test_what_was_taken_counts_in_the_year_it_was_taken(world: World) -> None:
    """A typo put right in January would use up the new year's room for last year's load (L4)."""
    row = way.brought(world, State.CONFIRMED)
    world.market.forward(days=60)
    assert corrected(world, row, accepted_kg=15_000).is_success
    assert booked(world, row) == [(OIL, 15_000, 2026)]


def test_each_refused_kilogram_goes_on_once(world: World) -> None:
    """A corrected return would send more home than was refused, or leave some at a closed gate (M12)."""
    row = way.brought(world, State.ARRIVED)
    path = f"/manifests/{row.id}"
    world.post("processor", f"{path}/receipt/sign", accepted_kg=12_000, **WET)
    back = world.market.get(Manifest, UUID(way.send_back(world, row).json()["id"]))
    assert world.post("producer", f"/manifests/{back.id}/acts", act="issue").is_success
    assert corrected(world, back, planned_kg=back.planned_kg + 1).json()["field"] == "planned_kg"
    while world.fresh(back).state != State.CLOSED:
        way.go_on(world, world.fresh(back))
    for act in ("treat", "close"):
        assert world.post("processor", f"{path}/acts", act=act).is_success
    assert rules(corrected(world, back, planned_kg=5_000)) == {"M12.rest_open"}
    assert rules(corrected(world, row, accepted_kg=11_000)) == {"M12.rest_open"}
    said = {"changes": {"planned_kg": back.planned_kg, "remarks": "late"}, "reason": "typo"}
    assert world.post("producer", f"/manifests/{back.id}/corrections", **said).is_success


def test_a_return_that_is_called_off_ends_no_deal(world: World) -> None:
    """With a slow worker the deal of a load that arrived would be cancelled and its mass sold again."""
    row = way.brought(world, State.ARRIVED)
    world.rests = 10
    world.post("processor", f"/manifests/{row.id}/receipt/sign", accepted_kg=12_000, **WET)
    back = way.send_back(world, row).json()["id"]
    assert world.post("producer", f"/manifests/{back}/acts", act="cancel").is_success
    (deals,) = (one for one in subscribers(world.market.now) if one.name == "deals")
    while step(world.market.engine, deals, world.market.now) is Outcome.DONE:
        pass
    world.digest(now=True)
    assert world.market.get(Deal, row.deal_id).state == "received"
    assert booked(world, row) == [(OIL, 12_000, 2026)]


def test_a_load_changes_hands_over_the_api(world: World) -> None:
    """A carrier's own program would be told that its request cannot be read, and the load stay put."""
    row = way.brought(world, State.IN_TRANSIT)
    agreed = {"carrier": world.uscc("rival"), "place": "yard", "at": world.market.at.isoformat()}
    leg = world.post("carrier", f"/manifests/{row.id}/handover", **agreed)
    assert (leg.status_code, leg.json()["plate"]) == (201, "")
    taken = world.post("rival", f"/manifests/{row.id}/takeover", plate="鄂B70777")
    assert (taken.status_code, taken.json()["plate"]) == (200, "鄂B70777")
