"""What is freight reckoned at, and what may become of a proposed match?"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum


class State(StrEnum):
    """Where a proposed match stands."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Tariff:
    """What a carrier asks: CNY per tonne-kilometre, and once for each trip."""

    per_tonne_km: Decimal
    per_trip: Decimal


ORDINARY = Tariff(Decimal("0.45"), Decimal(300))
DANGEROUS = Tariff(Decimal("0.90"), Decimal(600))
"""Demonstration tariffs until carriers state their own; estimates of ours, not quotations."""

SHOWN = 5
"""How many matches a producer is shown for a lot."""


def freight_fen(per_tonne: Decimal, kg: int) -> int:
    """Return the freight of a load in fen, from CNY per tonne and kilograms, rounded half up (S1)."""
    return int((per_tonne * kg / 10).to_integral_value(ROUND_HALF_UP))
