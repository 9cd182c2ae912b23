"""Do the weights of both ends agree, and does the mass balance hold?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

TOLERANCE_PERMILLE = Fraction(3)
"""Default of trading.md S2, a trade habit stated from memory there: a setting of each contract."""


class State(StrEnum):
    """Where a receipt stands."""

    DRAFT = "draft"
    SIGNED = "signed"
    DISPUTED = "disputed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two nets of one load: kilograms at the sender and at the receiver, and what follows from them."""

    sender_kg: int
    receiver_kg: int
    tolerance_permille: Fraction = TOLERANCE_PERMILLE

    @property
    def gap_permille(self) -> Fraction:
        """Return |sender - receiver| / receiver in per mille, exactly (S2).

        A receiver's net of nothing is compared with one kilogram: a load that came empty is far outside.
        """
        return Fraction(abs(self.sender_kg - self.receiver_kg) * 1000, max(1, self.receiver_kg))

    @property
    def within(self) -> bool:
        """Tell whether the gap lies inside the tolerance."""
        return self.gap_permille <= self.tolerance_permille

    @property
    def undisputed_kg(self) -> int:
        """Return the mass that both ends agree upon: the receiver's net inside, the lower one outside."""
        return self.receiver_kg if self.within else min(self.sender_kg, self.receiver_kg)


def payable_kg(comparison: Comparison, accepted_kg: int) -> int:
    """Return the mass that may be settled now: accepted, and not in dispute (S2)."""
    return min(accepted_kg, comparison.undisputed_kg)
