"""What does the market give up in welfare for fewer tonne-kilometres, less CO2 or more lots served?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import product

import numpy as np

from matching.clearing.clearing import Clearing, Model, clear_market
from matching.clearing.limits import Limits
from matching.clearing.market import Floats, Market

KG_CO2_PER_TONNE_KM = 0.08
"""Of a heavy lorry, laden; the figure of the benchmark's markets. Give your own where you have it."""


class Goal(StrEnum):
    """What may be wanted beside each other."""

    WELFARE = "welfare"
    TONNE_KM = "tonne_km"
    EMISSIONS = "emissions"
    LOTS = "lots"


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """One clearing that no other of the list beats in every goal asked for.

    `welfare` in CNY, `tonne_km`, `emissions` in kg CO2, `lots`: the share of lots of which something moves.
    """

    clearing: Clearing
    welfare: float
    tonne_km: float
    emissions: float
    lots: float


def pareto(
    market: Market,
    model: Model = "split",
    goals: Sequence[Goal] = (Goal.WELFARE, Goal.TONNE_KM),
    steps: int = 5,
    limits: Limits | None = None,
    kg_co2_per_tonne_km: float | Floats = KG_CO2_PER_TONNE_KM,
    tell: Callable[[int], bool] | None = None,
) -> list[Point]:
    """Clear the market for weighted sums of welfare and other goals; give the best, most welfare first.

    Each goal beside welfare gets `steps` weights from nothing to where it rules; all combinations are cleared
    and checked, and what another point beats in every goal is dropped. Emissions per tonne-kilometre are one
    figure or one for each pair. Weighted sums find the points of the convex hull and none inside it. `tell`
    hears how many clearings are done, and says whether to go on: the best of those are given.
    """
    if steps < 2:
        raise ValueError(f"steps: {steps} is below 2")
    pairs = market.pairs
    co2 = np.broadcast_to(np.asarray(kg_co2_per_tonne_km, dtype=np.float64), pairs.km.shape) * pairs.km
    typical = float(np.median(np.abs(pairs.worth))) if len(pairs.worth) else 1.0
    wanted = [goal for goal in dict.fromkeys(goals) if goal is not Goal.WELFARE]
    pulls = {
        Goal.TONNE_KM: -pairs.km * typical / max(float(pairs.km.mean()) if len(pairs.km) else 1.0, 1e-9),
        Goal.EMISSIONS: -co2 * typical / max(float(co2.mean()) if len(co2) else 1.0, 1e-9),
        # A lot counts once, however small: what serves it is worth the more per tonne the smaller it is.
        Goal.LOTS: typical * np.median(market.lots.tonnes) / np.maximum(market.lots.tonnes[pairs.lot], 1e-3),
    }
    points = []
    for done, weights in enumerate(product(np.linspace(0.0, 2.0, steps), repeat=len(wanted)), 1):
        bent = pairs.worth + sum(w * pulls[goal] for w, goal in zip(weights, wanted, strict=True))
        bent = np.clip(np.where(pairs.worth > 0, bent, np.minimum(bent, 0.0)), -1e6, 1e6)
        found = clear_market(replace(market, pairs=replace(pairs, worth=bent)), model, limits)
        points.append(_point(market, found, co2))
        if tell is not None and not tell(done):
            break
    return _undominated(points, [Goal.WELFARE, *wanted])


def _point(market: Market, found: Clearing, co2: Floats) -> Point:
    tonnes = found.tonnes
    served = len(np.unique(market.pairs.lot[tonnes > 0])) / max(market.sizes[0], 1)
    welfare = float((market.pairs.worth * tonnes).sum())
    return Point(found, welfare, float((market.pairs.km * tonnes).sum()), float((co2 * tonnes).sum()), served)


def _undominated(points: list[Point], goals: list[Goal]) -> list[Point]:
    """Drop what another point beats, or equals and came before."""
    sign = {Goal.WELFARE: 1.0, Goal.LOTS: 1.0, Goal.TONNE_KM: -1.0, Goal.EMISSIONS: -1.0}
    values = [[sign[goal] * round(getattr(point, goal.value), 6) for goal in goals] for point in points]
    kept = []
    for n, mine in enumerate(values):
        beaten = any(
            all(b >= a for a, b in zip(mine, other, strict=True)) and (other != mine or m < n)
            for m, other in enumerate(values)
            if m != n
        )
        if not beaten:
            kept.append(points[n])
    return sorted(kept, key=lambda point: -point.welfare)
