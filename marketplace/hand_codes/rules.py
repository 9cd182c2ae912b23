"""What can be handed over by a code, and for how long is one good?"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from enum import StrEnum

from compliance.record.errors import N_, DomainError

DIGITS = 12
GOOD_FOR = timedelta(minutes=5)
"""Two people stand beside one vehicle: long enough to read it, too short to carry it away."""
TRIES = 10
"""So many wrong codes of one person in fifteen minutes."""


class Kind(StrEnum):
    """Which two signatures a code brings together."""

    HANDOVER = "handover"
    """From one carrier to the next on the way (M9)."""
    DELIVERY = "delivery"
    """From the driver to the receiver at its gate: delivered, accepted and confirmed (M10)."""


class CodeOver(DomainError):
    """A code is unknown, was used, or has run out; which of them is not said."""

    code = "hand_code_over"
    status = 410

    def __init__(self) -> None:
        super().__init__(
            N_("This code is not good, or no longer."),
            field="code",
            way_out=N_("Have the other telephone show a new one; it is good for five minutes and one use."),
        )


def plain(text: str) -> str:
    """Return the digits of what was typed or read; of an address, what stands after `code=`."""
    return "".join(sign for sign in text.rpartition("code=")[2] if sign.isascii() and sign.isdigit())[:DIGITS]


def digest(code: str) -> str:
    """Return what is stored of a code."""
    return hashlib.sha256(f"hand code {code}".encode()).hexdigest()


def in_groups(code: str) -> str:
    """Return a code as a person reads it out."""
    return " ".join(code[place : place + 4] for place in range(0, len(code), 4))
