"""What may happen to a manifest next, who may do it, and what does its number mean?"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum

import rfc8785

from compliance.record.who import Role


class State(StrEnum):
    """Where a manifest stands (compliance.md 1a)."""

    DRAFT = "draft"
    ISSUED = "issued"
    LOADED = "loaded"
    IN_TRANSIT = "in_transit"
    ARRIVED = "arrived"
    ACCEPTED = "accepted"
    PARTLY_ACCEPTED = "partly_accepted"
    REFUSED = "refused"
    RETURNING = "returning"
    CONFIRMED = "confirmed"
    TREATED = "treated"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    UNDER_CORRECTION = "under_correction"
    PAPER_BACKFILL = "paper_backfill"


class Act(StrEnum):
    """What moves a manifest on."""

    ISSUE = "issue"
    LOAD = "load"
    DEPART = "depart"
    HAND_OVER = "hand_over"
    ARRIVE = "arrive"
    ACCEPT = "accept"
    ACCEPT_PART = "accept_part"
    REFUSE = "refuse"
    RETURN = "return"
    CONFIRM = "confirm"
    TREAT = "treat"
    CLOSE = "close"
    CANCEL = "cancel"


NEXT: Mapping[tuple[State, Act], State] = {
    (State.DRAFT, Act.ISSUE): State.ISSUED,
    (State.DRAFT, Act.CANCEL): State.CANCELLED,
    (State.ISSUED, Act.LOAD): State.LOADED,
    (State.ISSUED, Act.CANCEL): State.CANCELLED,
    (State.LOADED, Act.DEPART): State.IN_TRANSIT,
    (State.IN_TRANSIT, Act.HAND_OVER): State.IN_TRANSIT,
    (State.IN_TRANSIT, Act.ARRIVE): State.ARRIVED,
    (State.ARRIVED, Act.ACCEPT): State.ACCEPTED,
    (State.ARRIVED, Act.ACCEPT_PART): State.PARTLY_ACCEPTED,
    (State.ARRIVED, Act.REFUSE): State.REFUSED,
    (State.REFUSED, Act.RETURN): State.RETURNING,
    (State.PARTLY_ACCEPTED, Act.CONFIRM): State.CONFIRMED,
    (State.ACCEPTED, Act.CONFIRM): State.CONFIRMED,
    (State.CONFIRMED, Act.TREAT): State.TREATED,
    (State.TREATED, Act.CLOSE): State.CLOSED,
}
"""`UNDER_CORRECTION` and `PAPER_BACKFILL` have no way in yet: their acts come with the revision trail."""

UNLOADED = frozenset({State.DRAFT, State.ISSUED})
"""Until the carrier signs the loading, vehicle and driver are its own to fill in (M7)."""

OPEN_STATES = frozenset(State) - {State.CLOSED, State.CANCELLED, State.RETURNING}


class Party(StrEnum):
    """In which capacity somebody signs."""

    MOVER = "mover"
    CARRIER = "carrier"
    RECEIVER = "receiver"


SIGNER: Mapping[Act, Party] = {
    Act.ISSUE: Party.MOVER,
    Act.CANCEL: Party.MOVER,
    Act.LOAD: Party.CARRIER,
    Act.DEPART: Party.CARRIER,
    Act.HAND_OVER: Party.CARRIER,
    Act.ARRIVE: Party.CARRIER,
    Act.ACCEPT: Party.RECEIVER,
    Act.ACCEPT_PART: Party.RECEIVER,
    Act.REFUSE: Party.RECEIVER,
    Act.RETURN: Party.CARRIER,
    Act.CONFIRM: Party.RECEIVER,
    Act.TREAT: Party.RECEIVER,
    Act.CLOSE: Party.RECEIVER,
}

SIGNING_ROLES: Mapping[Party, frozenset[Role]] = {
    Party.MOVER: frozenset({Role.PRODUCER}),
    Party.CARRIER: frozenset({Role.DRIVER, Role.DISPATCHER}),
    Party.RECEIVER: frozenset({Role.PROCESSOR}),
}

NUMBER = re.compile(r"^\d{4}\d{4}\d{6}$")


@dataclass(frozen=True, slots=True)
class Document:
    """The fields that a signature covers; the hash of their RFC 8785 form stands beside each signature."""

    number: str
    mover: str
    carrier: str
    receiver: str
    origin: str
    destination: str
    plate: str
    driver: str
    code: str
    edition: str
    mode: str
    planned_kg: int
    loaded_kg: int | None
    accepted_kg: int | None

    def hash(self) -> str:
        """Return the SHA-256 of the document in canonical JSON."""
        return hashlib.sha256(rfc8785.dumps(asdict(self))).hexdigest()


def next_state(state: State, act: Act) -> State | None:
    """Return where an act leads, or None where it may not happen."""
    return NEXT.get((state, act))


def acts_from(state: State) -> tuple[Act, ...]:
    """Return the acts that are possible in a state, in the table's order."""
    return tuple(act for (at, act) in NEXT if at == state)


def number_of(year: int, prefecture_code: str, serial: int) -> str:
    """Return the 14-digit number of 令23 art. 15: year, province and prefecture of origin, serial (M2)."""
    number = f"{year:04d}{prefecture_code[:4]}{serial:06d}"
    if not NUMBER.match(number):
        raise ValueError(f"no manifest number can be made of {year}, {prefecture_code}, {serial}")
    return number
