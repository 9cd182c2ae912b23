"""Is everybody told over the API why a receipt is blocked or warned, by every rule of its gate at once?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from compliance.manifests.rules import State
from compliance.manifests.tables import Manifest
from tests.compliance.manifests.machine import way
from tests.compliance.manifests.machine.world import World, opened
from tests.conftest import Places

pytestmark = pytest.mark.sqlite_alone
WET = {"reason": "wet", "differs": {"property": "wet"}}


@pytest.fixture
def world(fresh_places: Places) -> Iterator[World]:
    """A market of the machine before its API."""
    with opened(fresh_places) as found:
        yield found


def told(world: World, row: Manifest, who: str = "processor", **asked: object) -> dict[str, Any]:
    """Ask why an act, or the one that the manifest waits for, may not be signed."""
    answer = world.get(who, f"/manifests/{row.id}/reasons", **asked)
    assert answer.is_success, answer.text
    found: dict[str, Any] = answer.json()
    return found


def rules(reasons: list[dict[str, str]]) -> set[str]:
    """Return the rules that stand behind some reasons; each says article and way out."""
    assert all(one["article"] and one["way_out"] for one in reasons)
    return {one["rule"] for one in reasons}


def test_a_load_that_nobody_weighed_says_so_beforehand(world: World) -> None:
    """A receiver would fill in the form, and hear only then that a weight is missing (M10)."""
    row = way.brought(world, State.IN_TRANSIT)
    assert way.step(world, row, "delivered")
    found = told(world, row, act="accept")
    assert (found["act"], found["allowed"], rules(found["reasons"])) == (
        "accept",
        False,
        {"M10.weight_missing"},
    )
    assert rules(told(world, row, act="accept", kg=9_000)["reasons"]) == {"M10.weight_missing"}


def test_more_than_arrived_is_refused_beforehand_and_by_the_same_rule(world: World) -> None:
    """What is explained as allowed would be refused when it is signed (M10)."""
    row = way.brought(world, State.ARRIVED)
    assert told(world, row) == {"act": "accept", "allowed": True, "reasons": [], "warnings": []}
    assert told(world, row, act="accept", kg=19_980)["allowed"]
    for kg in (19_981, 50_000):
        assert rules(told(world, row, act="accept", kg=kg)["reasons"]) == {"M10.over_accepted"}
    assert world.post("processor", f"/manifests/{row.id}/receipt/sign", accepted_kg=19_981).status_code == 422
    assert world.post("processor", f"/manifests/{row.id}/receipt/sign", accepted_kg=19_980).is_success


def test_nets_that_differ_are_warned_of_with_what_blocks(world: World) -> None:
    """A receiver would sign a mass in dispute, and nobody report the mismatch (M12, S2)."""
    row = way.brought(world, State.IN_TRANSIT)
    way.weigh(world, row, there=True, kg=15_000)
    assert way.step(world, row, "delivered")
    found = told(world, row, act="accept_part", kg=15_001)
    assert rules(found["reasons"]) == {"M10.over_accepted"}
    assert rules(found["warnings"]) == {"M12.mismatch", "S2.outside_tolerance"}
    assert rules(told(world, row, act="refuse")["warnings"]) == {"M12.mismatch", "S2.outside_tolerance"}


def test_what_keeps_a_manifest_from_its_last_word_is_told_at_once(world: World) -> None:
    """A receiver would sign the treatment, and find only then that the refused rest stands at its gate."""
    row = way.brought(world, State.ARRIVED)
    path = f"/manifests/{row.id}"
    world.post("processor", f"{path}/receipt/sign", accepted_kg=12_000, **WET)
    assert told(world, row)["act"] == "treat"
    assert told(world, row)["allowed"]
    found = told(world, row, act="close")
    assert rules(found["reasons"]) == {"M10.treatment_missing", "M12.rest_open"}
    deal = world.get("producer", f"/deals/{row.deal_id}/reasons").json()
    assert (deal["act"], deal["allowed"]) == ("treat", True)
    world.post("processor", f"{path}/acts", act="treat")
    deal = world.get("producer", f"/deals/{row.deal_id}/reasons").json()
    assert (deal["act"], rules(deal["reasons"])) == ("close", {"M12.rest_open"})


def test_every_state_names_the_act_it_waits_for(world: World) -> None:
    """Whoever asks why a load stands still would be told nothing once it has been refused (M12)."""
    row = way.brought(world, State.ARRIVED)
    world.post("processor", f"/manifests/{row.id}/receipt/refuse", **WET)
    assert (told(world, row)["act"], told(world, row)["allowed"]) == ("return", True)
    assert way.send_back(world, row).is_success
    found = told(world, row)
    assert (found["act"], rules(found["reasons"])) == ("end_return", {"M12.rest_open"})
    linked = next(one for one in world.manifests() if one.parent_id == row.id)
    assert told(world, linked, "producer")["act"] == "issue"
    assert world.get("neighbour", f"/manifests/{row.id}/reasons").status_code == 404
