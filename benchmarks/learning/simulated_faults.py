"""What might odd weights and ways look like, and which are faults? A SIMULATOR: no figure in it is real.

Structure, none of it chosen for a rule's sake; faults are labelled, honest oddities are not:

- Weights: 30 vehicles with their own tares, fuel and mud by the season; scales err within e; loads dry out or
  take up rain on the way; senders declare with their own bias and care, some round to whole tonnes, one
  declares after weighing. Honest: new bodies (a lasting step in the tare), a second driver. Faults, 3 %:
  water or people in the tare (150 to 900 kg), a swapped trailer, a part unloaded on the way, a foreign net
  typed in, a second waste hidden in a load (declared much less).
- Ways: 30 lanes with their own bend, 30 vehicles; honest: closed roads for weeks, meals, rests, queues on the
  motorway (long stops of several lanes on one day). Faults, 3 %: a way round by a dumping place (plus 8 to
  120 % of the way), a long stop (25 to 240 minutes), often both.
"""

from __future__ import annotations

import numpy as np

from benchmarks.learning.simulated_deals import START_DAY
from matching.learning.anomalies import Driven, Weighed
from matching.learning.history import Flags, Floats, Integers

DAYS = 360
FAULTS = 0.03


def weighed(seed: int, n: int = 4_000) -> tuple[Weighed, Flags]:
    """Return simulated loads weighed at both ends, and which of them are faults."""
    random = np.random.default_rng(seed)
    vehicle, sender = random.integers(0, 30, n), random.integers(0, 25, n)
    day = np.sort(random.integers(0, DAYS, n))
    tare = random.normal(14_500, 1_800, 30)[vehicle] + random.normal(0, 50, n)
    tare += 60 * np.sin(2 * np.pi * day / 365) + random.uniform(-150, 150, n)
    since = random.integers(0, 3 * DAYS, 30)
    tare += np.where(day > since[vehicle], random.uniform(-600, 900, 30)[vehicle], 0)
    tare += np.where(random.random(n) < 0.05, 75, 0)
    true = np.clip(random.normal(22_000, 6_000, n), 2_000, 33_000)
    weather = true * random.normal(-0.0006, 0.0008, n)
    declared = _declared(random, true, sender)
    fault = random.random(n) < FAULTS
    kind = np.where(fault, random.integers(0, 5, n), -1)
    loaded, arrived = true.copy(), true + weather
    tricked = np.where(kind == 0, random.uniform(150, 900, n), 0) * random.choice((-1, 1), n)
    tricked += np.where(kind == 1, random.normal(0, 1_500, n), 0)
    arrived -= np.where(kind == 2, random.uniform(0.005, 0.4, n) * true, 0)
    loaded = np.where(kind == 3, np.maximum(true + random.normal(0, 2_500, n), 500), loaded)
    declared = np.where(kind == 4, declared * random.uniform(0.5, 0.93, n), declared)
    return Weighed(
        vehicle=_names("vehicle", vehicle),
        sender=_names("sender", sender),
        day=START_DAY + day,
        tare_kg=_scale(random, tare + tricked),
        sender_kg=_scale(random, loaded),
        receiver_kg=_scale(random, arrived - tricked),
        declared_kg=np.maximum(np.round(declared), 100.0),
    ), fault


def driven(seed: int, n: int = 4_000) -> tuple[Driven, Flags]:
    """Return simulated ways, and which of them are faults."""
    random = np.random.default_rng(seed)
    lane = random.integers(0, 30, n)
    day = np.sort(random.integers(0, DAYS, n))
    planned = np.exp(random.normal(4.4, 0.6, 30))[lane]
    ratio = random.normal(1.04, 0.05, 30)[lane] * np.exp(random.normal(0, 0.025, n))
    closed = random.integers(0, DAYS, 30)
    ratio *= np.where((day >= closed[lane]) & (day < closed[lane] + 25), 1.22, 1.0)
    stop = random.gamma(1.5, 5.0, n) + np.where(random.random(n) < 0.3, random.normal(35, 12, n), 0)
    stop += np.where(planned > 200, random.normal(25, 6, n), 0)
    jammed = random.random(DAYS) < 0.03
    stop += np.where(jammed[day] & (lane % 3 == 0), random.gamma(3, 25, n), 0)
    fault = random.random(n) < FAULTS
    kind = np.where(fault, random.integers(0, 3, n), -1)
    ratio *= np.where((kind == 0) | (kind == 2), 1 + random.uniform(0.08, 1.2, n), 1.0)
    stop += np.where(kind > 0, random.uniform(25, 240, n), 0)
    return Driven(
        lane=_names("lane", lane),
        vehicle=_names("vehicle", random.integers(0, 30, n)),
        day=START_DAY + day,
        planned_km=np.round(planned, 1),
        driven_km=np.round(planned * ratio, 1),
        stop_minutes=np.round(np.maximum(stop, 0)),
    ), fault


def _declared(random: np.random.Generator, true: Floats, sender: Integers) -> Floats:
    bias, care = random.normal(0, 0.04, 25), random.uniform(0.01, 0.08, 25)
    told = true * (1 + bias[sender] + care[sender] * random.normal(0, 1, len(true)))
    told = np.where(sender % 3 == 0, np.maximum(np.round(told, -3), 1_000), told)
    return np.where(sender == 1, true, told)


def _scale(random: np.random.Generator, kg: Floats) -> Floats:
    return np.maximum(np.round((kg + random.normal(0, 12, len(kg))) / 20) * 20, 100.0)


def _names(kind: str, numbers: Integers) -> np.ndarray[tuple[int], np.dtype[np.str_]]:
    return np.array([f"{kind}-{one}" for one in numbers])
