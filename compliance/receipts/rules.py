"""Do the weights of both ends agree, and does the mass balance hold?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction
from math import floor

from compliance.record.errors import RuleBroken
from compliance.rulebook.rules import broken

TOLERANCE_PERMILLE = Fraction(3)
"""Default of trading.md S2, a trade habit stated from memory there: for want of anything better."""


class State(StrEnum):
    """Where a receipt stands."""

    DRAFT = "draft"
    SIGNED = "signed"
    DISPUTED = "disputed"
    REFUSED = "refused"


class Aspect(StrEnum):
    """What a receiver looks at when a load stands at the gate (M10), and may find different (M12)."""

    KIND = "kind"
    QUANTITY = "quantity"
    PROPERTY = "property"
    FORM = "form"
    PACKAGING = "packaging"
    MARKS = "marks"


@dataclass(frozen=True, slots=True)
class Looked:
    """What a receiver found: the aspects that differ from the manifest, each with a note; the rest agrees."""

    differs: Mapping[Aspect, str] = field(default_factory=dict)

    def kept(self) -> dict[str, dict[str, object]]:
        """Return the answer to every aspect, as it is kept."""
        return {
            one.value: {"agrees": one not in self.differs, "note": self.differs.get(one, "").strip()}
            for one in Aspect
        }

    @property
    def beside_weight(self) -> tuple[Aspect, ...]:
        """Return what differs beside the weight: that is reported to the authority at the place (M12)."""
        return tuple(one for one in Aspect if one in self.differs and one is not Aspect.QUANTITY)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two nets of one load: kilograms at the sender and at the receiver, and what follows from them.

    Without a tolerance of its own, in kilograms, a load has the usual one.
    """

    sender_kg: int
    receiver_kg: int
    allowed_kg: int | None = None

    @property
    def tolerance_kg(self) -> int:
        """Return how many kilograms the nets may differ."""
        return usual_kg(self.receiver_kg) if self.allowed_kg is None else self.allowed_kg

    @property
    def gap_kg(self) -> int:
        """Return by how many kilograms the two nets differ."""
        return abs(self.sender_kg - self.receiver_kg)

    @property
    def gap_permille(self) -> Fraction:
        """Return |sender - receiver| / receiver in per mille, exactly (S2).

        A receiver's net of nothing is compared with one kilogram: a load that came empty is far outside.
        """
        return Fraction(self.gap_kg * 1000, max(1, self.receiver_kg))

    @property
    def within(self) -> bool:
        """Tell whether the gap lies inside the tolerance."""
        return self.gap_kg <= self.tolerance_kg

    @property
    def undisputed_kg(self) -> int:
        """Return the mass that both ends agree upon: the receiver's net inside, the lower one outside."""
        return self.receiver_kg if self.within else min(self.sender_kg, self.receiver_kg)


def usual_kg(receiver_kg: int) -> int:
    """Return the default tolerance of a load in whole kilograms: 3 per mille of the receiver's net (S2)."""
    return floor(receiver_kg * TOLERANCE_PERMILLE / 1000)


def warnings(comparison: Comparison, number: str, on: date) -> list[RuleBroken]:
    """Return of what the two nets of a load warn: a mismatch to be reported, a mass in dispute (M12, S2).

    The rule of 2022 names no tolerance; outside that of this market the weights count as different.
    """
    if comparison.within:
        return []
    sent, received = comparison.sender_kg, comparison.receiver_kg
    permille = f"{float(Fraction(comparison.tolerance_kg * 1000, max(1, received))):.1f}"
    nets = {"sender_kg": sent, "receiver_kg": received}
    return [
        broken("M12.mismatch", on, field="receiver_kg", number=number, reason=f"{sent} kg ≠ {received} kg"),
        broken("S2.outside_tolerance", on, field="receiver_kg", tolerance=permille, **nets),
    ]


def payable_kg(comparison: Comparison, accepted_kg: int) -> int:
    """Return the mass that may be settled now: accepted, and not in dispute (S2)."""
    return min(accepted_kg, comparison.undisputed_kg)
