"""What has been learned from the market's own past, and how good is it?

Models are fitted anew from the record, never stored: a fit takes about a second, and a file that could be
swapped or go stale is one more thing to guard. What is asked on a page is fitted once a day in each process.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

import click
from sqlalchemy.orm import Session

from compliance.record.clock import local_date
from compliance.record.database import open_database, reading
from marketplace import instance
from marketplace.matches import history
from marketplace.settings import Settings
from matching.learning.acceptance import LEAST_OFFERS, learn_acceptance
from matching.learning.anomalies import Finding, odd_ways, odd_weights
from matching.learning.card import Card, Model
from matching.learning.history import BadHistory, Deals, Unfit
from matching.learning.prices import LEAST_DEALS, Band, learn_prices
from matching.learning.times import LEAST_TIMES, learn_times

LEAST_PRODUCERS = 3
"""Prices of two could be told apart by either of them."""


@dataclass(frozen=True, slots=True)
class Learned:
    """What past deals say of a waste's price; `card` is None while there are fewer than `needed` deals.

    `band` is None there too, and where even the waste's family has too few deals of late: guidance then rests
    on the market's dual prices alone. `private`: there would be a band, but it rests on the deals of fewer
    than `LEAST_PRODUCERS`, and would tell whose they are. `simulated`: all deals are between parties of the
    demonstration.
    """

    deals: int
    needed: int
    simulated: bool
    card: Card | None = None
    band: Band | None = None
    private: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of learning one model: its card, or how many rows there are of those that are needed."""

    model: Model
    rows: int
    needed: int
    card: Card | None


_KEPT: dict[tuple[str, date, bool], Deals] = {}
"""The last history that was asked for; a model is learned from it once (`learn_prices`)."""


def price_band(
    session: Session, code: str, division_code: str, composition: Mapping[str, object], on: date
) -> Learned:
    """Return the price band for a waste from a division, as of the deals agreed before a day.

    `composition` as stated on a lot; what is no number in its bounds raises BadHistory.
    """
    simulated = history.is_simulated(session)
    count = history.count_deals(session, simulated)
    bare = Learned(count, LEAST_DEALS, simulated)
    if count < LEAST_DEALS:
        return bare
    stated = {name: float(str(value)) for name, value in composition.items()}
    try:
        prices = learn_prices(_history(session, on, simulated), simulated)
        band = prices.band(code, history.region_of(division_code), stated, on)
    except BadHistory as bad:
        if bad.unfit not in {Unfit.TOO_FEW, Unfit.UNKNOWN_CODE}:
            raise
        return bare
    if band is None:
        return replace(bare, card=prices.card)
    producers = history.count_producers(session, simulated, code, band.basis, on)
    if producers < LEAST_PRODUCERS:
        return replace(bare, card=prices.card, private=True)
    return replace(bare, card=prices.card, band=band)


def _history(session: Session, on: date, simulated: bool) -> Deals:
    key = (str(session.get_bind().engine.url), on, simulated)
    found = _KEPT.get(key)
    if found is None:
        found = history.before(history.deals(session, simulated), on)
        _KEPT.clear()
        _KEPT[key] = found
    return found


def learn(session: Session) -> list[Outcome]:
    """Learn everything that can be learned from the record, and return the cards."""
    simulated = history.is_simulated(session)
    deals, offers = history.deals(session, simulated), history.offers(session, simulated)
    ways, stays = history.ways(session, simulated), history.stays(session, simulated)
    tasks: tuple[tuple[Model, int, int, Callable[[], Card]], ...] = (
        (Model.PRICE_BAND, len(deals), LEAST_DEALS, lambda: learn_prices(deals, simulated).card),
        (Model.ACCEPTANCE, len(offers), LEAST_OFFERS, lambda: learn_acceptance(offers, simulated).card),
        (Model.LEG_TIME, len(ways), LEAST_TIMES, lambda: learn_times(ways, Model.LEG_TIME, simulated).card),
        (
            Model.SERVICE_TIME,
            len(stays),
            LEAST_TIMES,
            lambda: learn_times(stays, Model.SERVICE_TIME, simulated).card,
        ),
    )
    return [Outcome(model, rows, needed, _card(task)) for model, rows, needed, task in tasks]


def _card(task: Callable[[], Card]) -> Card | None:
    try:
        return task()
    except BadHistory as bad:
        if bad.unfit is not Unfit.TOO_FEW:
            raise
        return None


def odd(session: Session) -> list[tuple[str, Finding]]:
    """Return odd weights and ways by their trip, the oddest first."""
    simulated = history.is_simulated(session)
    weighed, of_weights = history.weighed(session, simulated)
    driven, of_ways = history.driven(session, simulated)
    found = [(str(of_weights[one.row]), one) for one in odd_weights(weighed)]
    found += [(str(of_ways[one.row]), one) for one in odd_ways(driven)]
    return sorted(found, key=lambda pair: (-pair[1].times, pair[0]))


def print_cards(settings: Settings, as_json: bool) -> None:
    """Learn from a database and print the cards and what is odd; nothing is written."""
    engine = open_database(settings.database)
    with reading(engine) as session:
        outcomes, oddities, simulated = learn(session), odd(session), history.is_simulated(session)
        learned_on = local_date(instance.clock_of(settings)())
    engine.dispose()
    if as_json:
        told = {
            "on": learned_on.isoformat(),
            "simulated": simulated,
            "models": [told_outcome(one) for one in outcomes],
            "odd": [told_finding(trip, one) for trip, one in oddities],
        }
        click.echo(json.dumps(told, indent=2))
        return
    click.echo("\n".join([*map(_spoken, outcomes), f"odd: {len(oddities)}"]))
    for trip, one in oddities[:20]:
        click.echo(f"  {trip}  {one.odd}  {one.value:.4g}, expected {one.low:.4g} to {one.high:.4g}")


def told_outcome(one: Outcome) -> dict[str, object]:
    """Return what came of learning a model as JSON-ready facts."""
    card = one.card.told() if one.card else None
    return {"model": one.model.value, "rows": one.rows, "needed": one.needed, "card": card}


def told_finding(trip: str, one: Finding) -> dict[str, object]:
    """Return an odd value as JSON-ready facts."""
    band = {"low": round(one.low, 3), "high": round(one.high, 3)}
    return {"trip": trip, "odd": one.odd.value, "value": round(one.value, 3), **band, "past": one.past}


def _spoken(one: Outcome) -> str:
    if one.card is None:
        return f"{one.model}: no model: {one.rows} rows of {one.needed} that are needed"
    card, by = one.card, one.card.judged_by
    verdict = "used" if card.used else "not used: the rule is as good"
    kind = "SIMULATED rows" if card.simulated else "rows"
    return (
        f"{one.model}: {verdict}; {by} {card.metrics[by]:.4g} beside {card.rule_metrics[by]:.4g} of"
        f" {card.rule} on {card.held_back} held back; {card.n} {kind}, {card.first} to {card.last}"
    )
