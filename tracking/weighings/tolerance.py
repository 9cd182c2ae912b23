"""How far may the nets of both ends differ, and from which instruments does that follow?

Truck scales for trade are of accuracy class III. Errors in units of the division e (JJG 539, after OIML
R 76): up to 500 e 0.5 e, up to 2000 e 1 e, up to 10 000 e 1.5 e at verification, double that in use
(telemetry.md 3.2). The wording is to be confirmed by a metrologist before it is shown as a conformity.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import floor

CLASS_III: tuple[tuple[int, Fraction], ...] = (
    (500, Fraction(1, 2)),
    (2_000, Fraction(1)),
    (10_000, Fraction(3, 2)),
)
"""Up to how many e of load the error at verification is how many e."""
IN_USE = 2
READINGS = 2
"""A net is the difference of two readings of one instrument."""
FUEL_KG = 20
MOISTURE_PERMILLE = Fraction(1)
DEFAULT_PERMILLE = Fraction(3)


class Basis(StrEnum):
    """What a tolerance rests on."""

    CONTRACT = "contract"
    INSTRUMENTS = "instruments"
    SITE = "site"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Instrument:
    """One truck scale of class III: its division e and its largest load, whole kilograms."""

    device_id: str
    division_kg: int
    max_kg: int

    @property
    def min_kg(self) -> int:
        """Return the smallest load that counts: 20 e."""
        return 20 * self.division_kg

    def error_kg(self, load_kg: int) -> Fraction | None:
        """Return the error in use at a load; None above Max or 10 000 e, where nothing is promised."""
        if load_kg > self.max_kg:
            return None
        divisions = Fraction(load_kg, self.division_kg)
        return next(
            (IN_USE * error * self.division_kg for most, error in CLASS_III if divisions <= most), None
        )


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a contract or a site allows; `fixed_permille` takes the place of everything computed.

    Of a contract it goes before the instruments, of a site it counts where they are not known.
    """

    fixed_permille: Fraction | None = None
    moisture_permille: Fraction = MOISTURE_PERMILLE
    fuel_kg: int = FUEL_KG


@dataclass(frozen=True, slots=True)
class End:
    """One end's pair: its instrument where it is on record, and the loaded vehicle's weight."""

    instrument: Instrument | None
    gross_kg: int


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How many kilograms the nets may differ, on which basis, and the parts that make it up."""

    kg: int
    basis: Basis
    source_kg: int = 0
    destination_kg: int = 0
    moisture_kg: int = 0
    fuel_kg: int = 0
    permille: Fraction | None = None


def tolerance(
    source: End,
    destination: End,
    receiver_kg: int,
    *,
    contract: Allowance | None = None,
    site: Allowance | None = None,
) -> Tolerance:
    """Return the tolerance of one load.

    A permille that the contract fixes goes first; then what follows from both instruments, 2 readings each
    at its error in use at the gross load, with moisture and fuel; then what the site fixes; then 3 per mille.
    """
    allowed = contract or site or Allowance()
    if contract is not None and contract.fixed_permille is not None:
        return _share(receiver_kg, contract.fixed_permille, Basis.CONTRACT)
    errors = [_error(end) for end in (source, destination)]
    if errors[0] is not None and errors[1] is not None:
        moisture = floor(receiver_kg * allowed.moisture_permille / 1000)
        total = floor(errors[0] + errors[1]) + moisture + allowed.fuel_kg
        parts = (floor(errors[0]), floor(errors[1]), moisture, allowed.fuel_kg)
        return Tolerance(total, Basis.INSTRUMENTS, *parts)
    if site is not None and site.fixed_permille is not None:
        return _share(receiver_kg, site.fixed_permille, Basis.SITE)
    return _share(receiver_kg, DEFAULT_PERMILLE, Basis.DEFAULT)


def _error(end: End) -> Fraction | None:
    if end.instrument is None:
        return None
    once = end.instrument.error_kg(end.gross_kg)
    return None if once is None else READINGS * once


def _share(receiver_kg: int, permille: Fraction, basis: Basis) -> Tolerance:
    return Tolerance(floor(receiver_kg * permille / 1000), basis, permille=permille)
