"""What can be said on a terminal of one lot of the live market: its matches, why, and what would help?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from compliance.catalogue import queries as catalogue
from compliance.record.errors import N_
from compliance.registry import queries as registry
from marketplace.lots import queries as lots
from marketplace.matches import market
from marketplace.web.change_words import tell_change
from marketplace.web.formats import format_kg, format_moment, format_price
from marketplace.web.reasons import Told, tell
from marketplace.web.translation import Language, translate
from matching import LiveMarket, Prospect, Reason, Relaxation, cheapest_relaxation
from matching.explain import Outcome, outcome_of
from matching.session import Outlook

OUTCOMES: Mapping[Outcome, str] = {
    Outcome.SERVED: N_("In the clearing of the whole market this lot goes entire."),
    Outcome.SERVED_IN_PART: N_("In the clearing of the whole market a part of this lot goes."),
    Outcome.UNMATCHED: N_("In the clearing of the whole market this lot goes nowhere."),
}


@dataclass(frozen=True, slots=True)
class Story:
    """One lot among all others at one moment, in the engine's own terms, and the names that people use.

    `whole`: what its whole mass would fetch, exactly, CNY per tonne of the kilograms that find room; the
    quote of `outlook` is for its first tonne.
    """

    at: datetime
    live: LiveMarket
    outlook: Outlook
    relaxation: Relaxation | None
    whole: tuple[Decimal, int] | None
    names: Mapping[str, str]
    provinces: Mapping[str, str]

    @property
    def lot_id(self) -> str:
        """Give the id of the lot."""
        return self.outlook.lot_id

    @property
    def rest(self) -> tuple[int, tuple[Reason, ...]]:
        """Give the kilograms that the clearing leaves, and the reasons."""
        for one in self.live.solution.unmatched:
            if one.lot_id == self.lot_id:
                return one.kg, one.reasons
        return 0, ()

    @property
    def outcome(self) -> Outcome:
        """Give how the lot fares in the clearing."""
        return outcome_of(self.live.solution, self.lot_id)


def story_of(session: Session, lot_id: UUID, now: datetime, k: int) -> Story:
    """Clear the market around a listed lot and tell all of it; BadProblem where the lot is not in it.

    Clears again for each remedy that is tried: some seconds in a large market, so not for a page.
    """
    problem = market.problem_of(session, lots.listed(session, now), now)
    live = LiveMarket(problem)
    outlook = live.outlook(str(lot_id), k)
    way = cheapest_relaxation(problem, str(lot_id), live.solution)
    return Story(
        at=now,
        live=live,
        outlook=outlook,
        relaxation=way,
        whole=live.without_lot(str(lot_id)).quote(problem.lot(str(lot_id))),
        names=_names(session, live),
        provinces={row.code[:2]: row.name_zh for row in catalogue.divisions_under(session, None)},
    )


def _names(session: Session, live: LiveMarket) -> dict[str, str]:
    """Return who stands behind each taker."""
    behind = {taker.id: UUID(taker.processor_id) for taker in live.problem.takers}
    known = registry.organisations(session, list(behind.values()))
    return {taker: known[one].name for taker, one in behind.items()}


def as_json(story: Story, language: Language) -> str:
    """Return the story as one JSON document: codes, figures and sentences."""
    outlook, (rest_kg, reasons) = story.outlook, story.rest
    lot = story.live.problem.lot(story.lot_id)
    told = {
        "lot": story.lot_id,
        "code": lot.code,
        "kg": lot.kg,
        "at": story.at.isoformat(),
        "outcome": story.outcome.value,
        "rest_kg": rest_kg,
        "rest_reasons": [_reason(one, story, language) for one in reasons],
        "quote": None if outlook.quote is None else str(outlook.quote.price),
        "whole": None if story.whole is None else {"price": f"{story.whole[0]:.2f}", "kg": story.whole[1]},
        "slack": None if outlook.slack is None else str(outlook.slack),
        "matches": [_match(one, story, language) for one in outlook.prospects],
        "refusals": [
            {
                "need": one.taker_id,
                "processor": story.names[one.taker_id],
                "reasons": [_reason(reason, story, language) for reason in one.reasons],
            }
            for one in outlook.refusals
        ],
        "way_out": _way_out(story, language),
    }
    return json.dumps(told, ensure_ascii=False, indent=2)


def _match(one: Prospect, story: Story, language: Language) -> dict[str, Any]:
    match = one.match
    return {
        "rank": match.rank,
        "need": match.taker_id,
        "processor": story.names[match.taker_id],
        "vehicle": match.vehicle_id,
        "kg": match.kg,
        "cleared_kg": one.kg,
        "price": str(match.price),
        "freight": str(match.freight),
        "metres": match.metres,
        "distance_source": match.distance_source,
        "score": str(match.score.total),
        "parts": {part.value: str(value) for part, value in match.score.parts.items()},
        "ask": str(one.ask),
        "bid": str(one.bid),
        "lead": str(one.lead),
        "fetch": str(one.fetch),
        "reasons": [_reason(reason, story, language) for reason in match.reasons],
    }


def _reason(reason: Reason, story: Story, language: Language) -> dict[str, Any]:
    told = _told(reason, story, language)
    return {"number": told.number, "code": reason.code.value, "text": told.text, "way_out": told.way_out}


def _told(reason: Reason, story: Story, language: Language) -> Told:
    params = {name: str(value) for name, value in reason.params.items()}
    return tell(reason.code.value, params, language, story.provinces)


def _way_out(story: Story, language: Language) -> dict[str, Any] | None:
    way = story.relaxation
    if way is None:
        return None
    return {
        "need": way.taker_id,
        "processor": story.names[way.taker_id],
        "gained_kg": way.gained_kg,
        "changes": [
            {
                "step": one.step.value,
                "amount": str(one.amount),
                "figure": one.figure,
                "text": tell_change(one, language),
            }
            for one in way.changes
        ],
    }


def spoken(story: Story, language: Language) -> str:
    """Return the story in words."""
    lot = story.live.problem.lot(story.lot_id)
    rest_kg, reasons = story.rest
    lines = [
        f"{lot.code}  {format_kg(lot.kg, language)}  {format_moment(story.at, language)}",
        translate(language, OUTCOMES[story.outcome]),
    ]
    if rest_kg:
        lines.append(translate(language, N_("Left over: {kg}."), kg=format_kg(rest_kg, language)))
        lines += [
            f"  [{told.number}] {told.text}" for told in (_told(one, story, language) for one in reasons)
        ]
    if story.outlook.quote is not None:
        price = format_price(story.outlook.quote.price, language)
        lines.append(
            translate(language, N_("The most its first tonne would fetch today: {price}."), price=price)
        )
    if story.whole is not None:
        price, mass = format_price(story.whole[0], language), format_kg(story.whole[1], language)
        said = N_("Its whole mass, {mass} of which find room: {price}, exactly.")
        lines.append(translate(language, said, price=price, mass=mass))
    for one in story.outlook.prospects:
        lines += ["", *_spoken_match(one, story, language)]
    for refusal in story.outlook.refusals:
        lines += ["", f"-- {story.names[refusal.taker_id]}"]
        lines += [f"   [{told.number}] {told.text}" for told in _all(refusal.reasons, story, language)]
    lines += _spoken_way_out(story, language)
    return "\n".join(lines)


def _spoken_match(one: Prospect, story: Story, language: Language) -> list[str]:
    match = one.match
    price, fetch = format_price(match.price, language), format_price(one.fetch, language)
    return [
        f"{match.rank}. {story.names[match.taker_id]}  {price}  {match.metres / 1000:,.0f} km",
        "   "
        + translate(
            language,
            N_("Fetches up to: {fetch}. Room is worth {ask} CNY/t to others; it leads them by {lead} CNY/t."),
            fetch=fetch,
            ask=_amount(one.ask),
            lead=_amount(one.lead),
        ),
        *(f"   [{told.number}] {told.text}" for told in _all(match.reasons, story, language)),
    ]


def _spoken_way_out(story: Story, language: Language) -> list[str]:
    way = story.relaxation
    if way is None:
        return []
    head = translate(
        language,
        N_(
            "The least that would have to change, for {kg} more to go to {name} (cleared again to make sure):"
        ),
        kg=format_kg(way.gained_kg, language),
        name=story.names[way.taker_id],
    )
    return ["", head, *(f"   {tell_change(one, language)}" for one in way.changes)]


def _all(reasons: tuple[Reason, ...], story: Story, language: Language) -> list[Told]:
    return [_told(one, story, language) for one in reasons]


def _amount(value: Decimal) -> str:
    return f"{value:,.2f}"
