"""What does a dispatcher read when a plan leaves a load out: why, and what would have to give way?"""

from __future__ import annotations

from collections.abc import Mapping

from compliance.record.errors import N_
from marketplace.plans.board import Words
from marketplace.plans.day import Day, Load
from marketplace.web import reasons
from marketplace.web.formats import format_kg
from marketplace.web.translation import Language, translate
from matching.reasons import Reason, ReasonCode
from matching.routing.relax import Step, WayOut

LOCKED_VEHICLE = N_("The day of this vehicle is locked: nothing new goes on it.")
"""On the board a vehicle's `type` is itself, so that this is what the engine's word for types means here."""

LESS_URGENT = N_("There is no room for it beside what is more urgent: {load}.")
BUT_FOR_CLEANING = N_("It would fit but for the cleaning that your rules ask for.")

WAYS_OUT: Mapping[Step, str] = {
    Step.PLAN_AGAIN: N_("It fits as things are: plan again."),
    Step.WIDEN_PICKUP: N_(
        "Agree with the producer on a window that is {minutes} minutes wider on both sides."
    ),
    Step.WIDEN_DELIVERY: N_(
        "Agree with the receiver on hours that are {minutes} minutes longer on both sides."
    ),
    Step.DROP_RIDE_LIMIT: N_("Allow a longer ride."),
    Step.LONGER_SHIFT: N_("Let the vehicles come home {minutes} minutes later."),
    Step.UNLOCK: N_("Unlock it from {vehicle}."),
    Step.RAISE_PENALTY: N_("Raise what carrying it is worth."),
    Step.CLEAN_VEHICLE: N_("Have a vehicle cleaned first."),
    Step.SECOND_DRIVER: N_("Have two drivers share the way."),
    Step.ONE_MORE_VEHICLE: N_("One more vehicle like {vehicle} would do."),
    Step.ALLOW_TYPE: N_("Unlock a vehicle's day."),
    Step.VEHICLE_PERMIT: N_("With a permit for this class, {vehicle} would do."),
    Step.LARGER_VEHICLE: N_("One more vehicle like {vehicle}, but with room for this load, would do."),
}


def words_for(day: Day, language: Language) -> Words:
    """Return how reasons and ways out are said in a language, vehicles by their plates."""
    plates = {str(unit.id): unit.vehicle.plate for unit in day.units}
    loads = {str(load.id): _named(day, load, language) for load in day.loads}

    def tell(reason: Reason) -> str:
        if reason.code is ReasonCode.VEHICLE_TYPE:
            return translate(language, LOCKED_VEHICLE)
        if "urgent_id" in reason.params:
            return translate(language, LESS_URGENT, load=loads[str(reason.params["urgent_id"])])
        params = {name: str(value) for name, value in reason.params.items()}
        text = reasons.tell(reason.code.value, params, language, {}).text
        return f"{text} {translate(language, BUT_FOR_CLEANING)}" if "but_for_cleaning" in params else text

    def way_out(found: WayOut) -> str:
        named = str(found.params.get("vehicle_id") or found.params.get("like") or "")
        minutes = found.params.get("minutes", "")
        return translate(language, WAYS_OUT[found.step], vehicle=plates.get(named, named), minutes=minutes)

    return Words(tell, way_out)


def _named(day: Day, load: Load, language: Language) -> str:
    origin = day.parties[day.sites[load.trip.origin_site_id].organisation_id].name
    parts = (
        load.manifest.waste_name,
        format_kg(load.manifest.planned_kg, language),
        origin,
        load.manifest.number,
    )
    return " · ".join(part for part in parts if part)
