"""What might prices look like in a market of waste? A SIMULATOR: no figure in it is real.

Structure, none of it chosen for a model's sake:

- Seven families, 26 codes with Zipf frequencies, so that some codes have a deal a month or fewer.
- A family's world price is a geometric random walk with jumps and t3 steps, reflected nowhere.
- Value of a tonne = content x world price x recovery (a product, not a sum) + heat value, less the cost of
  drying (water beyond a threshold costs progressively), of chlorine (steps at kilns' limits) and of ash.
- Regions: an offset a family, and outages of the only plant of a family in a region for 2 to 5 months.
- Seasons: the spring festival stops trade and lowers prices for three weeks; heat is worth more in winter.
- Bargaining: unseen skill of the two parties, discounts with the logarithm of mass, quotes rounded to 10 CNY,
  t3 noise that grows with the price, one deal in 200 typed wrong by a factor of ten.
- Composition is not measured in two of five deals, and less often where the waste is wet.
- Regime change after 30 of 42 months: a new catalogue edition makes two families dearer to treat overnight
  and doubles the noise for half a year.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matching.learning.history import Deals, Flags, Floats, Integers

START_DAY = 738_887  # 2024-01-01
DAYS = 42 * 30
REGIME_DAY = 30 * 30
REGIONS = ("420100", "420500", "420600", "420700", "421000", "421300")
FAMILIES = ("08", "17", "31", "49", "S01", "S17", "S59")
CODES_OF = (5, 4, 3, 4, 3, 4, 3)
OUTLIERS = 0.005


@dataclass(frozen=True, slots=True)
class Family:
    """One family's hidden economics over all days."""

    world: Floats
    content: float
    heat: float
    treat: float
    dry: float
    region: Floats
    outage: Floats


def deals(seed: int, n: int = 9_000) -> Deals:
    """Return simulated deals over 42 months, sorted by day."""
    random = np.random.default_rng(seed)
    families = [_family(random, index) for index in range(len(FAMILIES))]
    owner = np.repeat(np.arange(len(FAMILIES)), CODES_OF)
    names = np.array([f"9{i:02d}-{100 + i}-{FAMILIES[family]}" for i, family in enumerate(owner)])
    share = 1.0 / random.permutation(np.arange(1, len(owner) + 1)) ** 1.1
    code = random.choice(len(owner), n, p=share / share.sum())
    region = random.choice(len(REGIONS), n, p=(0.34, 0.2, 0.16, 0.1, 0.12, 0.08))
    day = _days(random, n)
    kg = np.round(np.exp(random.normal(9.6, 0.8, n)), -1) + 500
    made = _composition(random, owner[code], n)
    price = _price(random, families, owner[code], code, region, day, kg, made)
    seen = _measured(random, made["moisture_percent"])
    shown = {name: np.where(seen, np.round(values, 1), np.nan) for name, values in made.items()}
    return Deals(names[code], np.array(REGIONS)[region], START_DAY + day, kg, price, shown)


def _family(random: np.random.Generator, index: int) -> Family:
    steps = 0.006 * random.standard_t(3, DAYS) + 0.0002 * random.normal()
    jumps = np.where(random.random(DAYS) < 1 / 250, random.normal(0, 0.18, DAYS), 0.0)
    outage = np.zeros((len(REGIONS), DAYS))
    for _ in range(4):
        where, since = random.integers(len(REGIONS)), int(random.integers(0, DAYS - 150))
        outage[where, since : since + int(random.integers(60, 150))] = random.uniform(60, 350)
    return Family(
        world=np.exp(np.cumsum(steps + jumps)),
        content=(0.0, 4200.0, 9000.0, 0.0, 0.0, 1500.0, 0.0)[index],
        heat=(45.0, 0.0, 0.0, 12.0, 0.0, 30.0, 20.0)[index],
        treat=(900.0, 1800.0, 1200.0, 2600.0, 60.0, 150.0, 240.0)[index],
        dry=(6.0, 9.0, 2.0, 14.0, 0.5, 4.0, 2.0)[index],
        region=random.normal(0, 0.07, len(REGIONS)),
        outage=outage,
    )


def _days(random: np.random.Generator, n: int) -> Integers:
    weight = 1.0 + 0.8 * np.arange(DAYS) / DAYS
    weight *= np.where(_festival(np.arange(DAYS)), 0.15, 1.0)
    return np.sort(random.choice(DAYS, n, p=weight / weight.sum()))


def _festival(day: Integers) -> Flags:
    return (day % 365 >= 30) & (day % 365 < 51)


def _composition(random: np.random.Generator, family: Integers, n: int) -> dict[str, Floats]:
    wet = np.array([0.18, 0.4, 0.08, 0.5, 0.15, 0.12, 0.25])[family]
    moisture = 100 * random.beta(8 * wet, 8 * (1 - wet))
    metal = np.where(family == 2, random.normal(58, 7, n), np.where(family == 1, random.gamma(4, 3.5, n), 0))
    burns = np.isin(family, (0, 3, 5, 6))
    return {
        "moisture_percent": moisture,
        "ash_percent": 100 * random.beta(2, 6, n),
        "chlorine_percent": np.minimum(random.gamma(1.2, 1.0, n), 30.0),
        "calorific_mj_kg": np.where(burns, np.clip(random.normal(22, 7, n), 0.5, 44), 0.0),
        "metal_percent": np.clip(metal, 0, 95),
    }


def _price(
    random: np.random.Generator,
    families: list[Family],
    family: Integers,
    code: Integers,
    region: Integers,
    day: Integers,
    kg: Floats,
    made: dict[str, Floats],
) -> Floats:
    n = len(day)
    world = np.array([one.world for one in families])[family, day]
    names = ("content", "heat", "treat", "dry")
    told = {name: np.array([getattr(one, name) for one in families]) for name in names}
    value = told["content"][family] * world * made["metal_percent"] / 100
    winter = 1 + 0.35 * np.cos(2 * np.pi * (day % 365) / 365)
    value += told["heat"][family] * made["calorific_mj_kg"] * winter * (1 - made["moisture_percent"] / 100)
    cost = told["treat"][family] * np.where(_tightened(family, day), 1.35, 1.0) * (1 + 0.15 * (world - 1))
    cost += told["dry"][family] * np.maximum(made["moisture_percent"] - 30, 0) ** 1.3
    chlorine = made["chlorine_percent"]
    cost += told["treat"][family] * (0.12 * (chlorine > 1.5) + 0.25 * (chlorine > 4))
    cost += 0.004 * told["treat"][family] * made["ash_percent"]
    own = random.normal(0, 0.10, 64)[code] * told["treat"][family]
    plain = value - cost + own
    size = np.maximum(np.abs(plain), 80.0)
    plain += np.array([one.region for one in families])[family, region] * size
    plain -= np.array([one.outage for one in families])[family, region, day]
    plain -= 0.06 * size * _festival(day)
    plain += 0.02 * size * (np.log(kg) - 9.6)
    unrest = np.where((day >= REGIME_DAY) & (day < REGIME_DAY + 180), 2.0, 1.0)
    skill = random.normal(0, 0.05, 60)[random.integers(60, size=n)]
    plain += size * (skill + unrest * 0.035 * random.standard_t(3, n))
    plain = np.where(random.random(n) < OUTLIERS, 10 * plain, plain)
    return np.round(plain / 10) * 10


def _tightened(family: Integers, day: Integers) -> Flags:
    return np.isin(family, (1, 3)) & (day >= REGIME_DAY)


def _measured(random: np.random.Generator, moisture: Floats) -> Flags:
    return random.random(len(moisture)) > 0.25 + 0.004 * moisture
