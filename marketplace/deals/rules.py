"""What is agreed in a deal, and what may become of it?"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum

import rfc8785


class State(StrEnum):
    """Where a deal stands."""

    AGREED = "agreed"
    RECEIVED = "received"
    REFUSED = "refused"
    SETTLED = "settled"
    CANCELLED = "cancelled"


class Act(StrEnum):
    """What changes a deal's state."""

    RECEIVE = "receive"
    REFUSE = "refuse"
    SETTLE = "settle"
    CANCEL = "cancel"


NEXT: Mapping[tuple[State, Act], State] = {
    (State.AGREED, Act.RECEIVE): State.RECEIVED,
    (State.AGREED, Act.REFUSE): State.REFUSED,
    (State.AGREED, Act.CANCEL): State.CANCELLED,
    (State.RECEIVED, Act.SETTLE): State.SETTLED,
}


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms both sides are bound by; their hash stands on the record with the agreement (W3)."""

    lot: str
    producer: str
    processor: str
    carrier: str
    vehicle: str
    code: str
    mode: str
    kg: int
    price: str
    freight_fen: int
    reference: str = "receiver"
    tolerance: str = "instruments"
    """As both scales' instruments allow, with moisture and fuel (telemetry.md 3.2); 3 ‰ where none is known.

    A permille that the parties fix instead is entered as the deal's allowance.
    """

    def hash(self) -> str:
        """Return the SHA-256 of the terms in canonical JSON."""
        return hashlib.sha256(rfc8785.dumps(asdict(self))).hexdigest()
