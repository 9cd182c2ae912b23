"""What makes a lot listable, and what may happen to it next?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from uuid import UUID

from compliance.record.errors import N_, DomainError, Invalid, RuleBroken
from compliance.rulebook.rules import broken

LARGEST_KG = 100_000_000
LONGEST_WINDOW = timedelta(days=3 * 366)
"""So far from today a lot may be ready at either end."""
LARGEST_PRICE = Decimal(1_000_000)
CENT = Decimal("0.01")
HOME = "CN"
"""Where waste must have arisen to be listed (X8), ISO 3166."""


class State(StrEnum):
    """Where a lot stands."""

    LISTED = "listed"
    AGREED = "agreed"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Act(StrEnum):
    """What changes a lot's state."""

    TAKE_ALL = "take_all"
    GIVE_BACK = "give_back"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"


NEXT: Mapping[tuple[State, Act], State] = {
    (State.LISTED, Act.TAKE_ALL): State.AGREED,
    (State.AGREED, Act.GIVE_BACK): State.LISTED,
    (State.LISTED, Act.GIVE_BACK): State.LISTED,
    (State.WITHDRAWN, Act.GIVE_BACK): State.WITHDRAWN,
    (State.EXPIRED, Act.GIVE_BACK): State.EXPIRED,
    (State.LISTED, Act.WITHDRAW): State.WITHDRAWN,
    (State.LISTED, Act.EXPIRE): State.EXPIRED,
}
"""Mass that comes back belongs to its lot in every state; off the market it stays off."""


class Division(StrEnum):
    """May a lot go out in parts, or entire to one taker?"""

    SPLIT = "split"
    WHOLE = "whole"


class Figure(StrEnum):
    """What may be stated of a lot's composition, and limited by who takes it; the unit is in the name."""

    MOISTURE = "moisture_percent"
    ASH = "ash_percent"
    CHLORINE = "chlorine_percent"
    SULPHUR = "sulphur_percent"
    METAL = "metal_percent"
    HEAVY_METALS = "heavy_metals_mg_kg"
    HEAT = "calorific_mj_kg"


LARGEST: Mapping[Figure, Decimal] = dict.fromkeys(Figure, Decimal(100)) | {
    Figure.HEAVY_METALS: Decimal(1_000_000),
    Figure.HEAT: Decimal(60),
}
"""The most that each figure can be: a whole of 100 %, a kilogram in a kilogram, the heat of pure fuel."""


@dataclass(frozen=True, slots=True)
class LotDraft:
    """What a producer writes on the listing form; kilograms, aware moments, CNY/t the taker pays (P1)."""

    site_id: UUID
    code: str
    kg: int
    ready_from: datetime
    ready_to: datetime
    price: Decimal | None
    division: Division = Division.SPLIT
    packaging: str = ""
    note: str = ""
    composition: Mapping[Figure, Decimal] = field(default_factory=dict)
    origin_country: str = HOME


def figure_faults(composition: Mapping[Figure, Decimal]) -> list[DomainError]:
    """Return what is wrong with some stated or limited figures, each by the field of its name."""
    return [
        Invalid(
            N_("This figure lies between 0 and {largest}."),
            field=figure.value,
            values={"largest": LARGEST[figure]},
        )
        for figure, value in composition.items()
        if not (value.is_finite() and 0 <= value <= LARGEST[figure])
    ]


def draft_faults(draft: LotDraft, now: datetime, today: date) -> list[RuleBroken]:
    """Return everything that is wrong with a draft, field by field; empty when it can be listed."""
    faults = []
    if not 0 < draft.kg <= LARGEST_KG:
        faults.append(broken("P5.mass", today, field="kg", kg=draft.kg, largest_kg=LARGEST_KG))
    opens, ends = draft.ready_from, draft.ready_to
    if not now - LONGEST_WINDOW < opens < ends or not now < ends < now + LONGEST_WINDOW:
        faults.append(broken("W4.window", today, field="ready_to"))
    if draft.price is not None and not price_is_well_formed(draft.price):
        faults.append(broken("P1.price_form", today, field="price", price=str(draft.price)))
    if draft.origin_country != HOME:
        faults.append(broken("X8.import_ban", today, field="origin_country", origin=draft.origin_country))
    return faults


def price_is_well_formed(price: Decimal) -> bool:
    """Tell whether a price is a finite number of CNY per tonne with at most two decimals (P1)."""
    try:
        return price.is_finite() and price.copy_abs() <= LARGEST_PRICE and price == price.quantize(CENT)
    except InvalidOperation:
        return False
