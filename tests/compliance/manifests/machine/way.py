"""What does whoever's turn it is do next with a load, from the draft to the last word?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from uuid import UUID

import httpx

from compliance.manifests.rules import Purpose, State
from compliance.manifests.tables import Manifest
from tests.compliance.manifests.machine.world import World
from tests.factories.trade import OIL, TARE_KG

SCALE_KG = 80_000
"""So much net is the most that a scale can tell."""
LIGHTER_KG = 20
"""So much less a load weighs at the other end."""


def go_on(world: World, row: Manifest) -> httpx.Response | None:
    """Do the next thing that the plain way wants; None where nothing is left to be done."""
    does = WAY.get(State(row.state))
    return does(world, row) if does else None


def act(world: World, who: str, row: Manifest, what: str) -> httpx.Response:
    """Sign an act that a manifest's own address takes."""
    return world.post(who, f"/manifests/{row.id}/acts", act=what)


def step(world: World, row: Manifest, what: str, who: str = "") -> httpx.Response | None:
    """Do a step of the trip as whoever drives; None while no trip is planned."""
    trip = world.trip(row)
    if trip is None:
        return None
    driver = who or world.people.named(trip.driver_id) or world.people.acting_for(row.carrier_id)
    world.market.forward(minutes=10)
    return world.post(driver, f"/trips/{trip.id}/steps", step=what)


def weigh(world: World, row: Manifest, *, there: bool, kg: int) -> None:
    """Let the vehicle with its load over the scale of one end: tare and gross, or gross and tare."""
    house = world.people.acting_for(_house_at(row, there=there))
    gross = TARE_KG + min(kg, SCALE_KG)
    order = (gross, TARE_KG) if there else (TARE_KG, gross)
    for one in order:
        world.market.put_on_scale(house, row.plate, one)
    world.digest()


def _house_at(row: Manifest, *, there: bool) -> object:
    return row.receiver_id if there else row.mover_id


def _issue(world: World, row: Manifest) -> httpx.Response:
    return act(world, world.people.acting_for(row.mover_id), row, "issue")


def _load(world: World, row: Manifest) -> httpx.Response | None:
    step(world, row, "arrived")
    if row.loaded_kg is None:
        weigh(world, row, there=False, kg=row.planned_kg)
    return step(world, row, "loaded")


def _depart(world: World, row: Manifest) -> httpx.Response | None:
    return step(world, row, "departed")


def _arrive(world: World, row: Manifest) -> httpx.Response | None:
    weigh(world, row, there=True, kg=max(1, (row.loaded_kg or row.planned_kg) - LIGHTER_KG))
    return step(world, row, "delivered")


def _take_over(world: World, row: Manifest) -> httpx.Response:
    other = "carrier" if world.people.acting_for(row.carrier_id) == "rival" else "rival"
    plate = "鄂B70777" if other == "rival" else "鄂A70000"
    return world.post(other, f"/manifests/{row.id}/takeover", plate=plate)


def _receive(world: World, row: Manifest) -> httpx.Response:
    receiver = world.people.acting_for(row.receiver_id)
    receipt = world.get(receiver, f"/manifests/{row.id}/receipt")
    kg = receipt.json()["receiver_kg"] if receipt.is_success else row.loaded_kg or 0
    return world.post(receiver, f"/manifests/{row.id}/receipt/sign", accepted_kg=kg)


def _end(world: World, row: Manifest) -> httpx.Response:
    receiver = world.people.acting_for(row.receiver_id)
    if State(row.state) is State.TREATED or row.purpose == Purpose.RETURN:
        return act(world, receiver, row, "close")
    return act(world, receiver, row, "treat")


def send_back(world: World, row: Manifest) -> httpx.Response:
    """Send all that was refused back to where it came from."""
    return world.post(world.people.acting_for(row.mover_id), f"/manifests/{row.id}/returns")


def _end_return(world: World, row: Manifest) -> httpx.Response:
    return act(world, world.people.acting_for(row.mover_id), row, "end_return")


def enter_paper(world: World, row: Manifest) -> httpx.Response:
    """Enter what stood on the paper."""
    told = {
        "number": "P-77",
        "loaded_at": (world.market.at - timedelta(minutes=5)).isoformat(),
        "ended_at": world.market.at.isoformat(),
        "sender_kg": row.planned_kg,
        "receiver_kg": max(1, row.planned_kg - LIGHTER_KG),
        "evidence": "binder 7",
    }
    return world.post(world.people.acting_for(row.mover_id), f"/manifests/{row.id}/paper-entry", **told)


def answer_all(world: World, row: Manifest, *, approve: bool = True) -> httpx.Response | None:
    """Let everybody who takes part answer the correction that is open."""
    told = None
    path = f"/manifests/{row.id}/corrections"
    houses = dict.fromkeys((row.mover_id, row.carrier_id, row.receiver_id))
    for house in houses:
        who = world.people.acting_for(house)
        listed = world.get(who, path)
        waiting = (
            [one["id"] for one in listed.json() if one["state"] == "proposed"] if listed.is_success else []
        )
        for one in waiting:
            told = world.post(who, f"{path}/{one}/answer", approve=approve, reason="seen")
    return told


WAY: Mapping[State, Callable[[World, Manifest], httpx.Response | None]] = {
    State.DRAFT: _issue,
    State.ISSUED: _load,
    State.LOADED: _depart,
    State.IN_TRANSIT: _arrive,
    State.HANDOVER: _take_over,
    State.ARRIVED: _receive,
    State.CONFIRMED: _end,
    State.TREATED: _end,
    State.REFUSED: send_back,
    State.RETURNING: _end_return,
    State.PAPER_BACKFILL: enter_paper,
    State.UNDER_CORRECTION: answer_all,
}


def brought(
    world: World, to: State, code: str = OIL, receiver: str = "processor", kg: int = 20_000
) -> Manifest:
    """Return a load for a receiver that was brought to a state."""
    lot_id = world.list_lot("producer", code, kg)
    for one in world.get("producer", f"/lots/{lot_id}/matches").json()["items"]:
        if one["processor_id"] == str(world.market.parties[receiver].id):
            deal = world.post("producer", f"/matches/{one['id']}/accept").json()
            break
    row = world.market.manifest(UUID(deal["id"]))
    while row.state != to:
        go_on(world, row)
        row = world.fresh(row)
    return row
