"""Which vehicle carries this lot most cheaply, and for how much a tonne?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from matching.problem import Problem, Vehicle, Weights


@dataclass(frozen=True, slots=True)
class Haul:
    """One lot's way to one taker: `vehicle_id` None means freight by tariff; `per_tonne` in CNY."""

    vehicle_id: str | None
    loaded_m: int
    approach_m: int
    charged_km: Decimal
    per_tonne: Decimal


@dataclass(frozen=True, slots=True)
class Offer:
    """A vehicle that may carry a lot, and how far it is from it."""

    vehicle: Vehicle
    approach_m: int


def haul_by(offer: Offer, kg: int, loaded_m: int, weights: Weights) -> Haul:
    """Price a lot of `kg` by one vehicle: freight per tonne-km, and `fixed` once for each trip needed."""
    km = (loaded_m + weights.empty_share * offer.approach_m) / 1000
    trips = -(-kg // offer.vehicle.capacity_kg)
    per_tonne = offer.vehicle.freight * km + offer.vehicle.fixed * trips * 1000 / kg
    return Haul(offer.vehicle.id, loaded_m, offer.approach_m, km, per_tonne)


def haul_by_tariff(tariff: Decimal, loaded_m: int) -> Haul:
    """Price a way at a plain tariff in CNY per tonne-km, where no vehicle is at hand."""
    km = Decimal(loaded_m) / 1000
    return Haul(None, loaded_m, 0, km, tariff * km)


def cheapest_haul(problem: Problem, offers: Sequence[Offer], kg: int, loaded_m: int) -> Haul | None:
    """Choose the cheapest vehicle, the lower id on a tie; else the tariff; None: nobody can carry it."""
    hauls = [haul_by(offer, kg, loaded_m, problem.weights) for offer in offers]
    if hauls:
        return min(hauls, key=lambda haul: (haul.per_tonne, haul.vehicle_id))
    return haul_by_tariff(problem.tariff, loaded_m) if problem.tariff is not None else None
