"""Whose card is in the terminal?"""

from __future__ import annotations

from tracking.judgement.rules import NOTHING, Around, Card, Episode, Episodes, Kind
from tracking.judgement.state import State
from tracking.positions.rules import Fix


def judge(state: State, fix: Fix, around: Around) -> tuple[Episode | None, Episodes]:
    """Find for which stretches of the way a driver's card was in; the newest card before a fix counts."""
    before = state.driver
    if not around.cards:
        return before, NOTHING
    card = _in_force(around.cards, fix)
    if card is None or (before is not None and card.at == before.since):
        return before, NOTHING
    found: list[Episode] = []
    key = (fix.at, fix.seq)
    if before is not None:
        found.append(before.ended(card.at, key))
    if not card.number:
        return None, found
    facts = {"name": card.name, "number": card.number}
    began = Episode(Kind.DRIVER, card.at, key, fix.lat, fix.lon, facts={**facts})
    return began, [*found, began]


def _in_force(cards: tuple[Card, ...], fix: Fix) -> Card | None:
    found = None
    for card in cards:
        if card.at > fix.at:
            break
        found = card
    return found
