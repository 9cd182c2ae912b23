"""Which vehicle carries this lot most cheaply, and for how much a tonne?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from matching.compatibility import vehicle_reason
from matching.problem import Lot, Problem, Vehicle, Weights
from matching.space import nearest

NEAREST_OF_A_KIND = 3  # the great circle and the road may rank the first few differently


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


def offers_for(problem: Problem, lots: Sequence[Lot]) -> dict[str, list[Offer]]:
    """List for each lot the vehicles worth asking.

    Vehicles that differ in nothing but their place are one kind; of a kind only the nearest few can be
    the cheapest, so no table of all lots by all vehicles is ever made.
    """
    wanted: list[tuple[Lot, Vehicle]] = []
    for kind in _kinds(problem.vehicles).values():
        able = [lot for lot in lots if vehicle_reason(lot, kind[0]) is None]
        near = nearest([lot.point for lot in able], [v.point for v in kind], NEAREST_OF_A_KIND)
        wanted += [(lot, kind[i]) for lot, row in zip(able, near, strict=True) for i in row]
    legs = problem.distances.legs([v.point for _, v in wanted], [lot.point for lot, _ in wanted])
    offers: dict[str, list[Offer]] = {lot.id: [] for lot in lots}
    for (lot, vehicle), metres in zip(wanted, legs.metres.tolist(), strict=True):
        offers[lot.id].append(Offer(vehicle, metres))
    return {lot.id: _undominated(offers[lot.id], lot.kg, problem.weights) for lot in lots}


def _undominated(offers: list[Offer], kg: int, weights: Weights) -> list[Offer]:
    """Drop each offer that another beats on any loaded distance."""
    ranked = sorted(
        (haul_by(offer, kg, 0, weights).per_tonne, offer.vehicle.freight, offer.vehicle.id, n)
        for n, offer in enumerate(offers)
    )
    kept: list[Offer] = []
    for _, rate, _, n in ranked:
        if not kept or rate < kept[-1].vehicle.freight:
            kept.append(offers[n])
    return kept


def _kinds(vehicles: Sequence[Vehicle]) -> Mapping[tuple[object, ...], list[Vehicle]]:
    kinds: defaultdict[tuple[object, ...], list[Vehicle]] = defaultdict(list)
    for v in vehicles:
        kinds[v.capacity_kg, v.freight, v.fixed, v.hazardous_ok, v.dg_classes].append(v)
    return kinds
