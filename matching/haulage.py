"""Which vehicle carries each of many lots most cheaply to each of many takers?

The rule is `freight.cheapest_haul`; here it is reckoned for all pairs at a time. Floats only choose: where
two vehicles are as good as equal, the rule itself decides.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from matching.distances import Floats, Ints
from matching.facts import UNKNOWN, Bools, Facts, ranks
from matching.freight import Haul, Offer, cheapest_haul, haul_by, haul_by_tariff
from matching.problem import Vehicle
from matching.space import legs_between, nearest

NEAREST_OF_A_KIND = 3  # the great circle and the road may rank the first few differently
NEAR = 1e-9  # relative: below this two costs are compared by the exact rule

Kind = tuple[int, Decimal, Decimal, bool, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Offers:
    """The vehicles worth asking: row n offers `vehicle[n]` for `lot[n]`, `approach_m[n]` away; by lot."""

    lot: Ints
    vehicle: Ints
    approach_m: Ints

    def of_lot(self, vehicles: Sequence[Vehicle], lot: int) -> list[Offer]:
        """Give the offers for one lot."""
        first, last = np.searchsorted(self.lot, (lot, lot + 1))
        rows = zip(self.vehicle[first:last].tolist(), self.approach_m[first:last].tolist(), strict=True)
        return [Offer(vehicles[n], metres) for n, metres in rows]


@dataclass(frozen=True, slots=True)
class Haulage:
    """The cheapest haul of each pair: `vehicle` UNKNOWN: by tariff; `per_tonne` CNY as a float.

    `served` says where anybody carries it at all.
    """

    vehicle: Ints
    approach_m: Ints
    per_tonne: Floats
    served: Bools

    def haul(self, facts: Facts, n: int, kg: int, loaded_m: int) -> Haul:
        """Price pair n exactly."""
        return exact_haul(facts, int(self.vehicle[n]), int(self.approach_m[n]), kg, loaded_m)


def exact_haul(facts: Facts, vehicle: int, approach_m: int, kg: int, loaded_m: int) -> Haul:
    """Price a lot by a vehicle (UNKNOWN: by the problem's tariff) with the exact rule."""
    problem = facts.problem
    if vehicle == UNKNOWN:
        assert problem.tariff is not None
        return haul_by_tariff(problem.tariff, loaded_m)
    return haul_by(Offer(problem.vehicles[vehicle], approach_m), kg, loaded_m, problem.weights)


def offers(facts: Facts, lots: Ints) -> Offers:
    """List for each lot the vehicles worth asking.

    Vehicles that differ in nothing but their place are one kind; of a kind only the nearest few can be
    the cheapest, so no table of all lots by all vehicles is ever made.
    """
    vehicles = facts.problem.vehicles
    degrees = np.array([(v.point.lat, v.point.lon) for v in vehicles], dtype=np.float64).reshape(-1, 2)
    found_lots, found = [lots[:0]], [lots[:0]]
    for kind, members in _kinds(vehicles).items():
        able = lots[_may_carry(facts, lots, kind)]
        rows = nearest(facts.lots.degrees[able], degrees[members], NEAREST_OF_A_KIND)
        found_lots.append(np.repeat(able, rows.shape[1]))
        found.append(np.asarray(members, dtype=np.int64)[rows.ravel()])
    lot, vehicle = np.concatenate(found_lots), np.concatenate(found)
    order = np.argsort(lot, kind="stable")
    lot, vehicle = lot[order], vehicle[order]
    legs = legs_between(facts.problem.distances, degrees[vehicle], facts.lots.degrees[lot])
    return Offers(lot, vehicle, legs.metres)


def haulage(facts: Facts, asked: Offers, lot: Ints, loaded_m: Ints) -> Haulage:
    """Choose the cheapest vehicle for each pair, the lower id on a tie; else the tariff."""
    rates, base, best_row, unsure = _by_rate(facts, asked)
    cost = np.full(len(lot), np.inf)
    row = np.full(len(lot), UNKNOWN, dtype=np.int64)
    doubtful = unsure[lot]
    for n, rate in enumerate(rates.tolist()):
        here: Floats = base[lot, n] + rate * (loaded_m / 1000)
        both = np.isfinite(here) & np.isfinite(cost)
        doubtful[both] |= np.abs(here[both] - cost[both]) <= NEAR * (1 + np.abs(here[both]))
        better = here < cost
        cost, row = np.where(better, here, cost), np.where(better, best_row[lot, n], row)
    known = row != UNKNOWN
    vehicle, approach = np.full(len(lot), UNKNOWN, dtype=np.int64), np.zeros(len(lot), dtype=np.int64)
    vehicle[known], approach[known] = asked.vehicle[row[known]], asked.approach_m[row[known]]
    _settle(facts, asked, np.flatnonzero(doubtful & known), lot, loaded_m, vehicle, approach)
    tariff = facts.problem.tariff
    served = known if tariff is None else np.ones(len(lot), dtype=bool)
    if tariff is not None:
        cost = np.where(known, cost, float(tariff) * (loaded_m / 1000))
    return Haulage(vehicle, approach, cost, served)


def _settle(
    facts: Facts, asked: Offers, doubtful: Ints, lot: Ints, loaded_m: Ints, vehicle: Ints, approach: Ints
) -> None:
    """Let the exact rule choose where floats cannot tell two vehicles apart."""
    vehicles = facts.problem.vehicles
    place = {one.id: n for n, one in enumerate(vehicles)} if len(doubtful) else {}
    for n in doubtful.tolist():
        choice = asked.of_lot(vehicles, int(lot[n]))
        haul = cheapest_haul(facts.problem, choice, int(facts.lots.kg[lot[n]]), int(loaded_m[n]))
        assert haul is not None
        assert haul.vehicle_id is not None
        vehicle[n], approach[n] = place[haul.vehicle_id], haul.approach_m


def _by_rate(facts: Facts, asked: Offers) -> tuple[Floats, Floats, Ints, Bools]:
    """Give the cheapest offer of each lot at each freight rate: at one rate the order never changes.

    Returns the rates (m,), the cost at no distance and the row of `asked`, both (lots, m), and the lots
    where two offers at one rate are too close for floats.
    """
    vehicles, lots = facts.problem.vehicles, facts.lots
    names = sorted({vehicle.freight for vehicle in vehicles})
    rate_of = {rate: n for n, rate in enumerate(names)}
    rates = np.array([float(rate) for rate in names])
    by_vehicle = np.array([rate_of[v.freight] for v in vehicles], dtype=np.int64)
    rank = ranks([vehicle.id for vehicle in vehicles])
    cost = _at_no_distance(facts, asked)
    column = by_vehicle[asked.vehicle]
    order = np.lexsort((rank[asked.vehicle], cost, column, asked.lot))
    key = asked.lot[order] * max(1, len(names)) + column[order]
    first = np.concatenate([[True], key[1:] != key[:-1]])[: len(key)]
    base = np.full((len(lots.kg), len(names)), np.inf)
    best = np.full(base.shape, UNKNOWN, dtype=np.int64)
    lead = order[first]
    base[asked.lot[lead], column[lead]], best[asked.lot[lead], column[lead]] = cost[lead], lead
    lowest = base[asked.lot, column]
    unsure = np.zeros(len(lots.kg), dtype=bool)
    unsure[asked.lot[(cost != lowest) & (cost - lowest <= NEAR * (1 + lowest))]] = True
    return rates, base, best, unsure


def _at_no_distance(facts: Facts, asked: Offers) -> Floats:
    """Give what each offer costs a tonne before the first loaded kilometre."""
    vehicles = facts.problem.vehicles
    capacity = np.array([v.capacity_kg for v in vehicles], dtype=np.int64)[asked.vehicle]
    freight = np.array([float(v.freight) for v in vehicles])[asked.vehicle]
    fixed = np.array([float(v.fixed) for v in vehicles])[asked.vehicle]
    kg = facts.lots.kg[asked.lot]
    empty_km = float(facts.problem.weights.empty_share) * asked.approach_m / 1000
    cost: Floats = freight * empty_km + fixed * (-(-kg // capacity)) * 1000 / kg
    return cost


def _may_carry(facts: Facts, lots: Ints, kind: Kind) -> Bools:
    """Tell which lots a kind of vehicle may carry: `compatibility.vehicle_reason` for many."""
    hazardous_ok, classes = kind[3], kind[4]
    known = np.array([one in classes for one in facts.dg_classes] + [True], dtype=bool)  # last: no class
    large = ~facts.lots.one_trip[lots] | (facts.lots.kg[lots] <= kind[0])
    able: Bools = known[facts.lots.dg_class[lots]] & (hazardous_ok | ~facts.lots.hazardous[lots]) & large
    return able


def _kinds(vehicles: Sequence[Vehicle]) -> dict[Kind, list[int]]:
    """Group the vehicles by kind; of those that stand in one place the lowest id alone is asked."""
    kinds: defaultdict[Kind, dict[tuple[float, float], int]] = defaultdict(dict)
    for n in sorted(range(len(vehicles)), key=lambda n: vehicles[n].id):
        v = vehicles[n]
        kind = (v.capacity_kg, v.freight, v.fixed, v.hazardous_ok, v.dg_classes)
        kinds[kind].setdefault((v.point.lat, v.point.lon), n)
    return {kind: list(places.values()) for kind, places in kinds.items()}
