"""What might the curve of a truck on a deck look like, honest and not? A SIMULATOR: no figure in it is real.

A deck is a spring: every axle comes on over a rolling wheel's ramp, and the weight swings for a second after
it. Drivers stop halfway, roll back, get out; wind shakes the deck. Made without a look at the rules.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

from tracking.weighings.curve import Sample

EVERY_MS = 100


@dataclass(frozen=True, slots=True)
class Drive:
    """How a stay on the deck goes: axle weights, and what is odd about it."""

    axles: Sequence[float]
    division_kg: int = 20
    jump_kg: float = 0.0
    bare: bool = False
    left_off: int = 0
    follower: Sequence[float] = ()
    prop: float = 0.0
    zero_shift_kg: float = 0.0


class Deck:
    """A deck that is driven onto, sampled ten times a second."""

    def __init__(self, chance: random.Random, division_kg: int) -> None:
        self._chance = chance
        self._e = division_kg
        self._ms = 0
        self._swing = 0.0
        self._noise = 0.3 * division_kg
        self.samples: list[Sample] = []

    def show(self, kg: float) -> None:
        """Show one weight with the deck's swing and its noise."""
        self._swing *= -0.75
        shown = kg + self._swing + self._chance.gauss(0, self._noise / 2)
        self.samples.append(Sample(self._ms, round(shown / self._e) * self._e))
        self._ms += EVERY_MS

    def hold(self, kg: float, seconds: float) -> None:
        """Show a weight that stands."""
        for _ in range(round(seconds * 1000 / EVERY_MS)):
            self.show(kg)

    def roll(self, before: float, after: float, *, bounce: bool = True) -> None:
        """Roll an axle on or off over 0.3 to 1 s."""
        steps = self._chance.randint(3, 10)
        for step in range(1, steps + 1):
            self.show(before + (after - before) * step / steps)
        if bounce:
            self._swing = self._chance.uniform(0.02, 0.06) * abs(after - before)


def drive(chance: random.Random, told: Drive) -> tuple[Sample, ...]:
    """Return the curve of one stay."""
    deck = Deck(chance, told.division_kg)
    deck.hold(0, chance.uniform(0.8, 2))
    weight = _come_on(chance, deck, told)
    stand = chance.uniform(4, 9)
    deck.hold(weight, stand)
    if told.jump_kg:
        weight += told.jump_kg
        deck.hold(weight, chance.uniform(3, 8))
    elif chance.random() < 0.3:
        weight -= 75
        deck.hold(weight, chance.uniform(2, 20))
        weight += 75 if chance.random() < 0.7 else 0
        deck.hold(weight, chance.uniform(1, 4))
    _go_off(chance, deck, told, weight)
    deck.hold(told.zero_shift_kg, chance.uniform(0.8, 2))
    return tuple(deck.samples)


def _come_on(chance: random.Random, deck: Deck, told: Drive) -> float:
    if told.bare:
        weight = sum(told.axles)
        deck.roll(0, weight, bounce=False)
        return weight
    weight = 0.0
    coming = list(told.axles)[: len(told.axles) - told.left_off]
    for place, axle in enumerate([*coming, *told.follower]):
        deck.roll(weight, weight + axle)
        weight += axle
        deck.hold(weight, chance.uniform(0.7, 3))
        if told.prop and place:
            carried = told.prop * axle
            deck.roll(weight, weight - carried, bounce=False)
            weight -= carried
            deck.hold(weight, chance.uniform(0.6, 2))
    if chance.random() < 0.08:
        _roll_back(chance, deck, weight, coming[-1])
    return weight


def _roll_back(chance: random.Random, deck: Deck, weight: float, axle: float) -> None:
    deck.roll(weight, weight - axle)
    deck.hold(weight - axle, chance.uniform(0.7, 3))
    deck.roll(weight - axle, weight)


def _go_off(chance: random.Random, deck: Deck, told: Drive, weight: float) -> None:
    axles = [weight] if told.bare else list(told.axles)[: len(told.axles) - told.left_off]
    left = weight
    for axle in axles[:-1]:
        after = max(0.0, left - axle)
        deck.roll(left, after)
        deck.hold(after, chance.uniform(0.5, 2))
        left = after
    deck.roll(left, told.zero_shift_kg, bounce=False)


def axles_of(chance: random.Random, kg: float, count: int) -> list[float]:
    """Share a vehicle's weight among its axles, the front one lightest."""
    shares = [chance.uniform(0.8, 1.2) for _ in range(count)]
    shares[0] *= 0.75
    return [kg * share / math.fsum(shares) for share in shares]
