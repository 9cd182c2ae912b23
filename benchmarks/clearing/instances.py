"""What does a market of Hubei's shape look like? Made up but for the places of cities; the same for a seed.

Lot: code, tonnes, quality, willingness to pay, all-or-nothing or least part. Processor: licensed codes,
tonnes per code and in all, gate fee per code, quality limit. A pair is feasible where the code is licensed,
the quality suffices and the road is within the code's reach; of those the nearest are kept, and of these the
ones with a gain: willingness - gate fee - freight - carbon price.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from matching.clearing import Lots, Market, Pairs, Resources, Takers

Numbers = NDArray[np.float64]

# Longitude, latitude, weight of the cities.
CITIES = np.array(
    [
        (114.30, 30.59, 13.7),
        (112.12, 32.01, 5.2),
        (111.29, 30.69, 4.0),
        (112.24, 30.33, 5.1),
        (114.87, 30.45, 5.8),
        (113.92, 30.92, 4.2),
        (115.04, 30.20, 2.4),
        (110.80, 32.63, 3.2),
        (112.20, 31.03, 2.6),
        (114.89, 30.39, 1.1),
        (114.32, 29.84, 2.6),
        (113.38, 31.69, 2.0),
        (109.49, 30.27, 3.4),
        (113.45, 30.36, 1.1),
        (112.90, 30.40, 0.9),
        (113.17, 30.66, 1.1),
    ]
)
KM = np.array([95.9, 111.2])  # per degree at 30.5 N
DETOUR = 1.3
FREIGHT, FREIGHT_DANGEROUS = 0.65, 1.6  # CNY per tonne-kilometre
CARBON = 0.08 * 100 / 1000  # 0.08 kg CO2 per tonne-kilometre at 100 CNY per tonne
CODES, NEIGHBOURS, TIGHTNESS = 90, 20, 1.15
HALF = CODES // 2
DANGEROUS = np.arange(CODES) >= HALF


def generate(lots: int, takers: int, seed: int) -> Market:
    """Make a market; the draws follow one another in an order that must not change."""
    rng = np.random.default_rng(seed)
    popular = 1 / np.arange(1, HALF + 1) ** 0.9
    share = np.concatenate([0.75 * popular / popular.sum(), 0.25 * popular / popular.sum()])
    share /= share.sum()
    fee = np.where(DANGEROUS, rng.lognormal(7.2, 0.5, CODES), rng.normal(60, 180, CODES))
    place = _points(rng, lots, 4)
    code = rng.choice(CODES, lots, p=share)
    tonnes = np.where(DANGEROUS[code], rng.lognormal(1.0, 0.9, lots), rng.lognormal(2.6, 1.0, lots))
    tonnes = np.clip(np.round(tonnes, 1), 0.2, 400)
    quality = rng.beta(2, 4, lots)
    pays = fee[code] + np.abs(fee[code]) * rng.normal(0.25, 0.25, lots) + rng.normal(70, 40, lots)
    whole = rng.random(lots) < np.where(tonnes < 30, 0.5, 0.1)
    least = np.where(whole, tonnes, np.minimum(tonnes, 5.0))
    gates = _points(rng, takers, 6)
    licensed = _licences(rng, takers, share)
    limit = rng.beta(5, 2, takers) * 0.8 + 0.2
    fees = fee[None, :] * rng.lognormal(0, 0.15, (takers, CODES))
    supply = np.bincount(code, tonnes, CODES)
    typical = (supply / np.maximum(licensed.sum(0), 1) * TIGHTNESS)[None, :]
    rooms = np.round(np.where(licensed, typical * rng.lognormal(-0.1, 0.6, (takers, CODES)), 0), 1)
    total = np.round(rooms.sum(1) * rng.uniform(0.7, 1.0, takers), 1)
    reach = np.where(DANGEROUS, 450.0, np.where(fee < 0, 300.0, 150.0))
    lot, taker, km = _nearest(place, gates, code, licensed, reach)
    good = quality[lot] <= limit[taker]
    lot, taker, km = lot[good], taker[good], km[good]
    freight = np.where(DANGEROUS[code[lot]], FREIGHT_DANGEROUS, FREIGHT) * np.maximum(km, 15)
    worth = pays[lot] - fees[taker, code[lot]] - freight - CARBON * km
    order = np.lexsort((taker, lot))
    order = order[worth[order] > 0]
    lot, taker, km, worth = lot[order], taker[order], km[order], worth[order]
    known, resource = np.unique(taker * CODES + code[lot], return_inverse=True)
    return Market(
        Pairs(lot, taker, resource, km, worth),
        Lots(tonnes, whole, least),
        Resources(known // CODES, known % CODES, rooms[known // CODES, known % CODES]),
        Takers(total),
    )


def _points(rng: Generator, n: int, spread: float) -> Numbers:
    """Scatter places about industrial parks about cities, a tenth of them anywhere."""
    city = rng.choice(len(CITIES), n, p=CITIES[:, 2] / CITIES[:, 2].sum())
    parks = rng.normal(0, 22 / KM, (len(CITIES), 12, 2))
    park = rng.integers(0, 12, n)
    place = CITIES[city, :2] + parks[city, park] + rng.normal(0, spread / KM, (n, 2))
    rural = rng.random(n) < 0.1
    anywhere = [rng.uniform(109, 116, rural.sum()), rng.uniform(29.3, 32.9, rural.sum())]
    place[rural] = np.column_stack(anywhere)
    return np.asarray(place, dtype=np.float64)


def _licences(rng: Generator, takers: int, share: Numbers) -> NDArray[np.bool_]:
    """Give each taker two to eight codes of one kind, the common ones more often."""
    licensed = np.zeros((takers, CODES), dtype=np.bool_)
    for taker in range(takers):
        n = rng.integers(2, 9)
        first = HALF if rng.random() < 0.3 else 0
        weight = share[first : first + HALF]
        licensed[taker, first + rng.choice(HALF, n, False, p=weight / weight.sum())] = True
    return licensed


def _nearest(
    place: Numbers, gates: Numbers, code: NDArray[np.int64], licensed: NDArray[np.bool_], reach: Numbers
) -> tuple[NDArray[np.int64], NDArray[np.int64], Numbers]:
    """List for each lot the nearest licensed takers within reach, by a tree a code."""
    lots, takers, roads = [], [], []
    for one in range(CODES):
        here, there = np.flatnonzero(code == one), np.flatnonzero(licensed[:, one])
        if not len(here) or not len(there):
            continue
        n = min(NEIGHBOURS, len(there))
        tree = cKDTree(gates[there] * KM)
        far, which = tree.query(place[here] * KM, k=n, distance_upper_bound=reach[one] / DETOUR)
        far, which = far.reshape(len(here), n), which.reshape(len(here), n)
        row, column = np.nonzero(np.isfinite(far))
        lots.append(here[row])
        takers.append(there[which[row, column]])
        roads.append(far[row, column] * DETOUR)
    return np.concatenate(lots), np.concatenate(takers), np.concatenate(roads)
