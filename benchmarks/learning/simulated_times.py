"""How long might ways and stays take? A SIMULATOR: no figure in it is real.

Structure, none of it chosen for a model's sake:

- Ways: the plan knows distance and class of road. Truth adds rush hours near the big city, drivers' own pace,
  20 minutes of rest for each four hours, rain on one day in five (unseen, all lanes alike), road works on a
  lane for some weeks, a ban on lorries by day from month 15 on two lanes, and a rare breakdown (Pareto).
- Stays: the plan knows a time for each site and tonnes. Truth adds the queue of the hour (Lindley's recursion
  on the arrivals of that site and day, so that a stay depends on the others), the lunch hour, a new scale
  that makes one site quicker from month 12, crews' own pace, and a rare refusal of papers (hours).
"""

from __future__ import annotations

import numpy as np

from benchmarks.learning.simulated_deals import START_DAY
from matching.learning.history import Floats, Integers
from matching.learning.times import Times

DAYS = 20 * 30


def ways(seed: int, n: int = 6_000) -> Times:
    """Return simulated ways between sites, sorted by day."""
    random = np.random.default_rng(seed)
    lanes = 40
    lane = random.choice(lanes, n, p=random.dirichlet(np.full(lanes, 0.8)))
    driver = random.integers(0, 25, n)
    day = np.sort(random.integers(0, DAYS, n))
    minute = np.clip(random.normal(560, 190, n), 300, 1_200).astype(np.int64)
    length = np.exp(random.normal(4.4, 0.7, lanes))
    km = np.round(length[lane] * random.uniform(0.97, 1.05, n), 1)
    planned_s = 600 + km * 3_600 / random.uniform(45, 70, lanes)[lane]
    city = random.random(lanes) < 0.4
    rush = np.exp(-(((minute - 480) / 60) ** 2)) + np.exp(-(((minute - 1_060) / 70) ** 2))
    workday = (START_DAY + day + 6) % 7 < 5
    actual = planned_s * (1 + random.normal(0.06, 0.06, 25)[driver]) * random.normal(1, 0.05, n)
    actual += np.where(city[lane] & workday, 1_700 * rush, 0.0)
    actual *= np.where((random.random(DAYS) < 0.2)[day], 1.15, 1.0)
    works = random.integers(0, DAYS, lanes)
    actual *= np.where((day >= works[lane]) & (day < works[lane] + 50), 1.25, 1.0)
    banned = (lane < 2) & (day > 450) & (minute > 420) & (minute < 1_140)
    actual = np.where(banned, 1.5 * actual + 1_200, actual)
    actual += 1_200 * np.floor(actual / 14_400)
    actual += np.where(random.random(n) < 0.015, 1_800 * (1 + random.pareto(1.5, n)), 0.0)
    return _times("lane", lane, "driver", driver, day, minute, km, planned_s, np.minimum(actual, 172_800))


def stays(seed: int, n: int = 6_000) -> Times:
    """Return simulated stays at sites, sorted by day."""
    random = np.random.default_rng(seed)
    sites = 18
    site = random.choice(sites, n, p=random.dirichlet(np.full(sites, 1.5)))
    crew = random.integers(0, 25, n)
    day = np.sort(random.integers(0, DAYS, n))
    minute = np.clip(random.normal(600, 130, n), 400, 1_080).astype(np.int64)
    kg = np.round(np.exp(random.normal(9.5, 0.6, n)) + 500)
    planned_s = 900 + 60 * kg / 1_000
    pace = np.exp(random.normal(0, 0.3, sites))[site] * np.exp(random.normal(0, 0.12, 25))[crew]
    work = planned_s * pace * np.exp(random.normal(0, 0.2, n))
    work = np.where((site == 0) & (day > 360), 0.6 * work, work)
    work += np.where((minute > 690) & (minute < 770), 60 * (770 - minute) * (site % 3 > 0), 0)
    actual = work + _queue(site, day, minute, work)
    actual += np.where(random.random(n) < 0.01, 5_400 * (1 + random.pareto(2.0, n)), 0.0)
    return _times("site", site, "crew", crew, day, minute, kg, planned_s, np.minimum(actual, 86_400))


def _queue(site: Integers, day: Integers, minute: Integers, work: Floats) -> Floats:
    """Return the wait of each arrival behind those of the same site and day who came before (Lindley)."""
    wait = np.zeros(len(site))
    free: dict[tuple[int, int], float] = {}
    for row in np.lexsort((minute, day)):
        key = (int(site[row]), int(day[row]))
        arrival = 60.0 * minute[row]
        wait[row] = max(0.0, free.get(key, 0.0) - arrival)
        free[key] = arrival + wait[row] + 0.6 * work[row]
    return wait


def _times(
    place: str,
    places: Integers,
    party: str,
    parties: Integers,
    day: Integers,
    minute: Integers,
    amount: Floats,
    planned_s: Floats,
    actual_s: Floats,
) -> Times:
    return Times(
        place=np.array([f"{place}-{one}" for one in places]),
        party=np.array([f"{party}-{one}" for one in parties]),
        day=START_DAY + day,
        minute=minute,
        amount=amount,
        planned_s=np.round(planned_s),
        actual_s=np.round(actual_s),
    )
