"""Is the card in the terminal that of who is to drive the load?"""

from __future__ import annotations

from tracking.judgement.rules import NOTHING, Around, Episode, Episodes, Kind
from tracking.judgement.state import State
from tracking.positions.rules import Fix


def judge(state: State, fix: Fix, around: Around) -> tuple[Episode | None, Episodes]:
    """Find stretches with a load on which another name stands on the card than on the trip.

    Without a card, or with one whose name the terminal does not tell, nothing is said.
    """
    before, card = state.wrong_driver, state.driver
    if before is None and (card is None or not state.trip):
        return None, NOTHING
    leg = around.leg_at(fix.at) if state.trip else None
    name = str(card.facts["name"]) if card is not None else ""
    wrong = leg is not None and bool(leg.driver and name) and _plain(name) != _plain(leg.driver)
    if (
        before is not None
        and wrong
        and leg is not None
        and before.trip == leg.trip
        and before.facts["card"] == name
    ):
        return before, NOTHING
    key = (fix.at, fix.seq)
    found = [] if before is None else [before.ended(fix.at, key)]
    if not wrong or leg is None:
        return None, found
    facts = {"card": name, "driver": leg.driver}
    began = Episode(Kind.WRONG_DRIVER, fix.at, key, fix.lat, fix.lon, trip=leg.trip, facts={**facts})
    return began, [*found, began]


def _plain(name: str) -> str:
    return "".join(name.split()).casefold()
