"""How is a score drawn, so that its parts can be compared by eye and read out as words?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from compliance.record.errors import N_
from matching.score import Part

HALF = 100
"""Units of the drawing on each side of zero."""

WORDS: Mapping[str, str] = {
    "price": N_("Price against your expectation, or the going rate where you stated none"),
    Part.FREIGHT: N_("Freight, with the way to the loading site"),
    Part.CARBON: N_("Carbon of the transport"),
    Part.PROXIMITY: N_("Leaving the province"),
    Part.CREDIT: N_("The receiver's record"),
    Part.LICENCE_SLACK: N_("The receiver's licence is nearly used up"),
    "total": N_("Together"),
}


@dataclass(frozen=True, slots=True)
class Bar:
    """One part in CNY per tonne and where its bar lies on a line from 0 to 200, zero at 100."""

    words: str
    per_tonne: Decimal
    start: int
    length: int

    @property
    def helps(self) -> bool:
        """Tell whether the part speaks for the match."""
        return self.per_tonne >= 0


def bars(parts: Mapping[str, str]) -> tuple[Bar, ...]:
    """Return the bars of a stored score: the price gap first, then what is not zero, then the total.

    What the holder gives up and what the taker pays only mean something together: their sum is shown.
    """
    values = {name: Decimal(text) for name, text in parts.items()}
    gap = values.pop(Part.VALUE, Decimal(0)) + values.pop(Part.GATE_PRICE, Decimal(0))
    rows = {"price": gap} | {name: value for name, value in values.items() if value}
    rows["total"] = sum(rows.values(), Decimal(0))
    largest = max((abs(value) for value in rows.values()), default=Decimal(0)) or Decimal(1)
    return tuple(_bar(WORDS.get(name, name), value, largest) for name, value in rows.items())


def _bar(words: str, value: Decimal, largest: Decimal) -> Bar:
    length = round(abs(value) * HALF / largest)
    return Bar(words, value, HALF if value >= 0 else HALF - length, length)
