"""What does a numbered reason of the matching engine say to a person?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from compliance.record.errors import N_
from marketplace.lots.rules import Figure
from marketplace.web.formats import format_kg, format_moment, format_price
from marketplace.web.translation import Language, translate
from matching.reasons import NUMBERS, ReasonCode


class Side(StrEnum):
    """Does a reason speak for a match, against it, or is it only to be known?"""

    FOR = "for"
    AGAINST = "against"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Words:
    """A reason's sentence with its `{named}` figures, and what a producer can do about it."""

    text: str
    side: Side = Side.AGAINST
    way_out: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """A reason as a person reads it."""

    number: int
    text: str
    side: str
    way_out: str


_ASK_OTHERS = N_("Wait for another receiver, or ask the market operator to find one.")

WORDS: Mapping[ReasonCode, Words] = {
    ReasonCode.CODE_NOT_LICENSED: Words(
        N_("Its licence does not cover waste {waste_code}."), way_out=_ASK_OTHERS
    ),
    ReasonCode.QUOTA_EXHAUSTED: Words(
        N_("For this waste it has room for {remaining_kg} only; at least {needed_kg} is needed."),
        way_out=N_("Allow the lot to be split, or list a smaller mass."),
    ),
    ReasonCode.TOTAL_EXHAUSTED: Words(
        N_("Altogether it has room for {remaining_kg} only; at least {needed_kg} is needed."),
        way_out=N_("Allow the lot to be split, or list a smaller mass."),
    ),
    ReasonCode.APPROVAL_NEEDED: Words(
        N_("It lies in another province ({target}) and no approval or report for the transfer is on file."),
        way_out=N_("Apply for the transfer across provinces, or wait for a receiver in {origin}."),
    ),
    ReasonCode.MODE_NOT_LICENSED: Words(
        N_("Its licence does not cover the way of treatment that is asked for."), way_out=_ASK_OTHERS
    ),
    ReasonCode.RECEIVING_CLOSED: Words(
        N_("It receives nothing in the time the load would arrive; the earliest is {earliest}."),
        way_out=N_("Let the lot stay ready for longer."),
    ),
    ReasonCode.EXCLUDED: Words(
        N_("This receiver and this lot were excluded from each other."), way_out=_ASK_OTHERS
    ),
    ReasonCode.OUT_OF_REACH: Words(
        N_("It is {metres} away; it takes loads from up to {limit_km} km."),
        way_out=_ASK_OTHERS,
    ),
    ReasonCode.READY_PASSED: Words(
        N_("The lot was ready until {ready_end} only."), way_out=N_("Choose a later end of the window.")
    ),
    ReasonCode.OUTSIDE_LIMITS: Words(
        N_("Its limits for {figure} ({bounds}) leave this lot out: {value}."),
        way_out=N_("Treat the waste until it meets the limits, or wait for another receiver."),
    ),
    ReasonCode.FIGURE_UNKNOWN: Words(
        N_("It has limits for {figure} ({bounds}), and the lot does not state it."),
        way_out=N_("Have the waste analysed and state the figure."),
    ),
    ReasonCode.GATE_DAY_CLOSED: Words(
        N_("Its gate is shut on every day on which the load could arrive, from {earliest} to {latest}."),
        way_out=N_("Let the lot stay ready for longer."),
    ),
    ReasonCode.APPROVAL_EXHAUSTED: Words(
        N_("The approval for the transfer covers only {remaining_kg} more; {needed_kg} is needed."),
        way_out=N_("Apply for more, or list a smaller mass."),
    ),
    ReasonCode.NO_ROAD: Words(N_("No road leads there."), way_out=_ASK_OTHERS),
    ReasonCode.NO_TAKER: Words(N_("Nobody in the market takes this waste now."), way_out=_ASK_OTHERS),
    ReasonCode.NO_VEHICLE: Words(
        N_("No vehicle is free that may carry this lot."),
        way_out=N_("Let the lot stay ready for longer; vehicles come free as loads are delivered."),
    ),
    ReasonCode.VEHICLE_NOT_HAZARDOUS: Words(
        N_("No free vehicle may carry hazardous waste."),
        way_out=N_("Let the lot stay ready for longer; vehicles come free as loads are delivered."),
    ),
    ReasonCode.VEHICLE_DG_CLASS: Words(
        N_("No free vehicle has a permit for dangerous-goods class {dg_class}."),
        way_out=N_("Let the lot stay ready for longer; vehicles come free as loads are delivered."),
    ),
    ReasonCode.VEHICLE_TOO_SMALL: Words(
        N_("No free vehicle carries the lot of {lot_kg} entire; the largest that may carries {room_kg}."),
        way_out=N_("Allow the lot to be split, or let it stay ready for longer."),
    ),
    ReasonCode.NO_GAIN: Words(
        N_("It would leave both sides together {per_tonne} CNY/t, which is no gain."),
        way_out=N_("Lower the price expectation."),
    ),
    ReasonCode.OUTBID: Words(
        N_("Its room went to lots that are worth more to both sides; {rest_kg} of this lot is left over."),
        way_out=N_("Lower the price expectation, or wait for new room."),
    ),
    ReasonCode.LOAD_TOO_HEAVY: Words(
        N_("The load is heavier than the vehicle may carry."), way_out=N_("Allow the lot to be split.")
    ),
    ReasonCode.PICKUP_WINDOW_MISSED: Words(
        N_("The vehicle cannot reach the lot while it is ready."),
        way_out=N_("Let the lot stay ready for longer."),
    ),
    ReasonCode.DELIVERY_WINDOW_MISSED: Words(
        N_("The vehicle cannot reach the receiver while it is open."),
        way_out=N_("Let the lot stay ready for longer."),
    ),
    ReasonCode.NO_ROOM_IN_ROUTE: Words(
        N_("The vehicle's route has no room for this load."), way_out=N_("Let the lot stay ready for longer.")
    ),
    ReasonCode.LOCKED_ELSEWHERE: Words(
        N_("The load is tied to another vehicle."),
        way_out=N_("Release it from its vehicle and plan again."),
    ),
    ReasonCode.VEHICLE_TYPE: Words(
        N_("The load needs another type of vehicle."),
        way_out=N_("Plan with a vehicle of that type, or allow other types."),
    ),
    ReasonCode.LICENCE_MISSING: Words(
        N_("No vehicle at hand holds the licence this load needs: {licence}."),
        way_out=N_("Plan with a vehicle that holds it."),
    ),
    ReasonCode.NO_COMPARTMENT: Words(
        N_("No compartment of the vehicle is meant for this waste."),
        way_out=N_("Plan with a vehicle that has one."),
    ),
    ReasonCode.RIDE_LIMIT: Words(
        N_("The load would be on the road for longer than it may."),
        way_out=N_("Allow a longer ride."),
    ),
    ReasonCode.NOT_CLEAN: Words(
        N_("The vehicle would have to be cleaned before, and there is no place for it."),
        way_out=N_("Name a cleaning place, or plan with a clean vehicle."),
    ),
    ReasonCode.HOURS_EXCEEDED: Words(
        N_("There and back takes longer than the driver may work."),
        way_out=N_("Plan with a longer shift, or a vehicle that starts nearer."),
    ),
    ReasonCode.COSTS_MORE: Words(
        N_("Carrying the load costs more than leaving it out."),
        way_out=N_("Raise what carrying it is worth."),
    ),
    ReasonCode.ABOVE_EXPECTATION: Words(
        N_("The price is {gap} CNY/t better for you than you expect ({expectation})."), Side.FOR
    ),
    ReasonCode.BELOW_EXPECTATION: Words(
        N_("The price is {gap} CNY/t worse for you than you expect ({expectation})."), Side.AGAINST
    ),
    ReasonCode.EXPECTATION_OPEN: Words(N_("You stated no expectation; the price is: {price}."), Side.NOTE),
    ReasonCode.BEST_PRICE: Words(N_("The best price among all possible receivers."), Side.FOR),
    ReasonCode.NEAREST: Words(N_("The nearest of all possible receivers: {metres}."), Side.FOR),
    ReasonCode.SAME_PROVINCE: Words(
        N_("In the same province ({province}): no transfer across provinces to apply for."), Side.FOR
    ),
    ReasonCode.OTHER_PROVINCE: Words(
        N_("From {origin} to {target}: the transfer crosses provinces."), Side.AGAINST
    ),
    ReasonCode.PART_ONLY: Words(
        N_("Takes only a part: it has room for {room_kg} of {lot_kg}."), Side.AGAINST
    ),
    ReasonCode.LICENCE_NEARLY_FULL: Words(
        N_("Only {share_left} of its licensed yearly mass is left."), Side.AGAINST
    ),
    ReasonCode.DISTANCE_ESTIMATED: Words(
        N_("Distance and time are estimates from the straight line, not a planned route."), Side.NOTE
    ),
    ReasonCode.FREIGHT_BY_TARIFF: Words(
        N_("No vehicle is named; the freight follows a tariff of {per_tonne_km} CNY per tonne-kilometre."),
        Side.NOTE,
    ),
}


def tell(code: str, params: Mapping[str, str], language: Language, provinces: Mapping[str, str]) -> Told:
    """Return a stored reason in a language; `provinces` names the two-digit codes."""
    reason = ReasonCode(code)
    words = WORDS[reason]
    figures = {name: _figure(name, value, language, provinces) for name, value in params.items()}
    if "figure" in params:
        figures["figure"] = translate(language, figure_words(params["figure"]))
        figures["bounds"] = bounds(params.get("least"), params.get("most"))
    way_out = translate(language, words.way_out, **figures) if words.way_out else ""
    return Told(NUMBERS[reason], translate(language, words.text, **figures), words.side.value, way_out)


FIGURES: Mapping[str, str] = {
    Figure.MOISTURE: N_("moisture, %"),
    Figure.ASH: N_("ash, %"),
    Figure.CHLORINE: N_("chlorine, %"),
    Figure.SULPHUR: N_("sulphur, %"),
    Figure.METAL: N_("recoverable metal, %"),
    Figure.HEAVY_METALS: N_("heavy metals, mg/kg"),
    Figure.HEAT: N_("heat value, MJ/kg"),
}
"""What of a waste's composition is stated and limited, each with its unit."""


def figure_words(name: str) -> str:
    """Return the words for a named figure of the composition, the name itself for an unknown one."""
    return FIGURES.get(name, name)


def figure_fields(language: Language) -> list[tuple[str, str]]:
    """Return the name of each figure that may be stated, and its label."""
    return [(figure.value, translate(language, FIGURES[figure])) for figure in Figure]


def composition_words(stated: Mapping[str, str], language: Language) -> list[tuple[str, str]]:
    """Return the label and the value of each figure that is stated."""
    return [(words, stated[name]) for name, words in figure_fields(language) if name in stated]


def limit_words(limits: Mapping[str, Mapping[str, str]], language: Language) -> list[tuple[str, str]]:
    """Return the label and the bounds of each figure that is limited."""
    return [
        (words, bounds(limits[name].get("least"), limits[name].get("most")))
        for name, words in figure_fields(language)
        if name in limits
    ]


def bounds(least: str | None, most: str | None) -> str:
    """Write the bounds of a figure as a person reads them."""
    if least is None or most is None:
        return f"≥ {least}" if most is None else f"≤ {most}"
    return f"{least}-{most}"


def _figure(name: str, value: str, language: Language, provinces: Mapping[str, str]) -> str:
    """Write one figure as its name says: masses in tonnes, prices with who pays, places by name."""
    if name.endswith("_kg"):
        return format_kg(int(value), language)
    if name in {"province", "origin", "target"}:
        return provinces.get(value, value)
    write = _WRITERS.get(name)
    return value if write is None else write(value, language)


def _price(value: str, language: Language) -> str:
    return format_price(Decimal(value), language)


def _amount(value: str, _: Language) -> str:
    return f"{Decimal(value):,.2f}"


def _kilometres(value: str, language: Language) -> str:
    return translate(language, N_("{km} km (estimate)"), km=f"{int(value) / 1000:,.1f}")


def _share(value: str, _: Language) -> str:
    return f"{Decimal(value):.0%}"


def _moment(value: str, language: Language) -> str:
    return format_moment(datetime.fromisoformat(value), language)


_WRITERS: Mapping[str, Callable[[str, Language], str]] = {
    "price": _price,
    "expectation": _price,
    "gap": _amount,
    "per_tonne": _amount,
    "per_tonne_km": _amount,
    "metres": _kilometres,
    "share_left": _share,
    "ready_end": _moment,
    "earliest": _moment,
    "latest": _moment,
}
