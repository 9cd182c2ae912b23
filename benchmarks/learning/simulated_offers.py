"""How might producers answer offers? A SIMULATOR: no figure in it is real.

Structure, none of it chosen for a model's sake:

- A lot has one to six offers, more for common codes. Their prices scatter around a going rate with t4 noise.
- The producer states an expectation in two of three cases, anchored to what she paid last time, not to today.
- She weighs price against distance (as a nuisance, not as money) and a liking for takers she knows (unseen).
  The best of the offers is taken if it beats her own reserve, which loosens as the last day nears; otherwise
  none is. Choices are therefore not independent.
- One producer in eight takes the first of the list whatever it says, one in ten never takes an offer here.
- After 60 % of the time a rule change makes everybody more cautious: all reserves rise.
"""

from __future__ import annotations

import numpy as np

from benchmarks.learning.simulated_deals import START_DAY
from matching.learning.acceptance import Offers
from matching.learning.history import Floats

DAYS = 24 * 30
CODES = ("900-214-08", "900-249-08", "336-064-17", "900-052-31", "772-006-49", "900-005-S17")
GOING = (-320.0, -500.0, -1900.0, 3200.0, -3700.0, 360.0)
CAUTION_DAY = int(0.6 * DAYS)


def offers(seed: int, lots: int = 3_000) -> Offers:
    """Return the decided offers of simulated lots, sorted by day."""
    random = np.random.default_rng(seed)
    day = np.sort(random.integers(0, DAYS, lots))
    columns: dict[str, list[Floats]] = {name: [] for name in NAMES}
    for lot in range(lots):
        for name, values in _lot(random, lot, int(day[lot])).items():
            columns[name].append(values)
    told = {name: np.concatenate(values) for name, values in columns.items()}
    whole = {name: told[name].astype(np.int64) for name in ("lot", "day", "rank")}
    return Offers(
        lot=whole["lot"],
        code=np.array(CODES)[told["code"].astype(np.int64)],
        day=whole["day"],
        rank=whole["rank"],
        price=told["price"],
        expectation=told["expectation"],
        km=told["km"],
        days_left=told["days_left"],
        accepted=told["accepted"] > 0,
    )


NAMES = ("lot", "code", "day", "rank", "price", "expectation", "km", "days_left", "accepted")


def _lot(random: np.random.Generator, lot: int, day: int) -> dict[str, Floats]:
    code = int(random.choice(len(CODES), p=(0.35, 0.2, 0.12, 0.08, 0.05, 0.2)))
    n = 1 + int(min(5, random.poisson((3.0, 2.5, 1.2, 1.0, 0.5, 2.5)[code])))
    unit = 0.06 * abs(GOING[code]) + 15
    rate = GOING[code] + unit * 2.0 * np.sin(day / 70)
    price = np.round(rate + unit * random.standard_t(4, n))
    km = np.round(np.exp(random.normal(4.4, 0.7, n)), 1)
    order = np.argsort(-(price - 0.55 * km))
    price, km = price[order], km[order]
    days_left = float(random.integers(1, 30))
    memory = GOING[code] + unit * 2.0 * np.sin((day - 60) / 70) + unit * random.normal(0.3, 0.8)
    expectation = np.round(memory) if random.random() < 0.67 else np.nan
    liking = random.normal(0, 0.9, n)
    utility = (price - rate) / unit - 0.008 * km + liking
    reserve = (memory - rate) / unit - 0.9 + random.normal(0, 0.5)
    reserve += (0.9 if day >= CAUTION_DAY else 0.0) - 1.5 * np.exp(-days_left / 4)
    mood = random.random()
    best = int(np.argmax(utility))
    taken = 0 if mood < 0.125 else best if mood < 0.9 and utility[best] > reserve else None
    accepted = np.zeros(n)
    if taken is not None:
        accepted[taken] = 1.0
    same = {"lot": lot, "code": code, "day": START_DAY + day, "days_left": days_left}
    return {
        **{name: np.full(n, float(value)) for name, value in same.items()},
        "expectation": np.full(n, expectation),
        "rank": np.arange(1.0, n + 1),
        "price": price,
        "km": km,
        "accepted": accepted,
    }
