"""What may happen to a manifest next, who may do it, and what does its number mean?"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum

import msgspec
import rfc8785

from compliance.record.who import Role


class State(StrEnum):
    """Where a manifest stands (compliance.md 1a)."""

    DRAFT = "draft"
    ISSUED = "issued"
    LOADED = "loaded"
    IN_TRANSIT = "in_transit"
    HANDOVER = "handover"
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
    TAKE_OVER = "take_over"
    KEEP_LOAD = "keep_load"
    ARRIVE = "arrive"
    ACCEPT = "accept"
    ACCEPT_PART = "accept_part"
    REFUSE = "refuse"
    RETURN = "return"
    END_RETURN = "end_return"
    CONFIRM = "confirm"
    TREAT = "treat"
    CLOSE = "close"
    CANCEL = "cancel"
    GO_ON_PAPER = "go_on_paper"
    BACK_ENTER = "back_enter"
    CORRECT = "correct"


NEXT: Mapping[tuple[State, Act], State] = {
    (State.DRAFT, Act.ISSUE): State.ISSUED,
    (State.DRAFT, Act.CANCEL): State.CANCELLED,
    (State.ISSUED, Act.LOAD): State.LOADED,
    (State.ISSUED, Act.CANCEL): State.CANCELLED,
    (State.LOADED, Act.DEPART): State.IN_TRANSIT,
    (State.IN_TRANSIT, Act.HAND_OVER): State.HANDOVER,
    (State.HANDOVER, Act.TAKE_OVER): State.IN_TRANSIT,
    (State.HANDOVER, Act.KEEP_LOAD): State.IN_TRANSIT,
    (State.IN_TRANSIT, Act.ARRIVE): State.ARRIVED,
    (State.ARRIVED, Act.ACCEPT): State.ACCEPTED,
    (State.ARRIVED, Act.ACCEPT_PART): State.PARTLY_ACCEPTED,
    (State.ARRIVED, Act.REFUSE): State.REFUSED,
    (State.REFUSED, Act.RETURN): State.RETURNING,
    (State.RETURNING, Act.RETURN): State.RETURNING,
    (State.RETURNING, Act.END_RETURN): State.CLOSED,
    (State.PARTLY_ACCEPTED, Act.RETURN): State.PARTLY_ACCEPTED,
    (State.PARTLY_ACCEPTED, Act.CONFIRM): State.CONFIRMED,
    (State.ACCEPTED, Act.CONFIRM): State.CONFIRMED,
    (State.CONFIRMED, Act.RETURN): State.CONFIRMED,
    (State.CONFIRMED, Act.TREAT): State.TREATED,
    (State.CONFIRMED, Act.CLOSE): State.CLOSED,
    (State.TREATED, Act.RETURN): State.TREATED,
    (State.TREATED, Act.CLOSE): State.CLOSED,
    (State.DRAFT, Act.GO_ON_PAPER): State.PAPER_BACKFILL,
    (State.ISSUED, Act.GO_ON_PAPER): State.PAPER_BACKFILL,
    (State.LOADED, Act.GO_ON_PAPER): State.PAPER_BACKFILL,
    (State.IN_TRANSIT, Act.GO_ON_PAPER): State.PAPER_BACKFILL,
    (State.HANDOVER, Act.GO_ON_PAPER): State.PAPER_BACKFILL,
    (State.PAPER_BACKFILL, Act.BACK_ENTER): State.ARRIVED,
    (State.ISSUED, Act.CORRECT): State.UNDER_CORRECTION,
    (State.ACCEPTED, Act.CORRECT): State.UNDER_CORRECTION,
    (State.PARTLY_ACCEPTED, Act.CORRECT): State.UNDER_CORRECTION,
    (State.REFUSED, Act.CORRECT): State.UNDER_CORRECTION,
    (State.CONFIRMED, Act.CORRECT): State.UNDER_CORRECTION,
    (State.TREATED, Act.CORRECT): State.UNDER_CORRECTION,
    (State.CLOSED, Act.CORRECT): State.UNDER_CORRECTION,
    (State.LOADED, Act.CORRECT): State.LOADED,
    (State.IN_TRANSIT, Act.CORRECT): State.IN_TRANSIT,
    (State.HANDOVER, Act.CORRECT): State.HANDOVER,
    (State.ARRIVED, Act.CORRECT): State.ARRIVED,
    (State.RETURNING, Act.CORRECT): State.RETURNING,
}
"""A partly refused load is returned while its manifest goes on; a correction never stops a load on its way.

What stands still goes under correction, and back to where it stood when that is decided (`RESUMES`).
"""

AWAITED: Mapping[State, Act] = {
    State.DRAFT: Act.ISSUE,
    State.ISSUED: Act.LOAD,
    State.LOADED: Act.DEPART,
    State.IN_TRANSIT: Act.ARRIVE,
    State.HANDOVER: Act.TAKE_OVER,
    State.UNDER_CORRECTION: Act.CORRECT,
    State.PAPER_BACKFILL: Act.BACK_ENTER,
    State.ARRIVED: Act.ACCEPT,
    State.ACCEPTED: Act.CONFIRM,
    State.PARTLY_ACCEPTED: Act.CONFIRM,
    State.REFUSED: Act.RETURN,
    State.RETURNING: Act.END_RETURN,
    State.CONFIRMED: Act.TREAT,
    State.TREATED: Act.CLOSE,
}
"""The act that a manifest waits for; under correction it cannot be moved on, and says so."""

RESUMES = frozenset(at for (at, act), to in NEXT.items() if act is Act.CORRECT and to is not at)
"""The states in which a correction holds a manifest, and to which it goes back when it is decided."""

UNLOADED = frozenset({State.DRAFT, State.ISSUED})
"""Until the carrier signs the loading, vehicle and driver are its own to fill in (M7)."""

ARRIVED_AGAIN = frozenset({State.CONFIRMED, State.TREATED, State.CLOSED})
"""A refused mass has come to a place again once the manifest it moved under stands here."""

OPEN_STATES = frozenset(State) - {State.CLOSED, State.CANCELLED}

ON_THE_ROAD = frozenset({State.LOADED, State.IN_TRANSIT, State.HANDOVER, State.ARRIVED})
"""Somebody stands beside the vehicle and waits."""


class Purpose(StrEnum):
    """Why a load moves: sent off by its mover, or refused and sent back or onward."""

    TRANSFER = "transfer"
    RETURN = "send_back"
    ONWARD = "send_onward"


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
    Act.TAKE_OVER: Party.CARRIER,
    Act.KEEP_LOAD: Party.CARRIER,
    Act.ARRIVE: Party.CARRIER,
    Act.ACCEPT: Party.RECEIVER,
    Act.ACCEPT_PART: Party.RECEIVER,
    Act.REFUSE: Party.RECEIVER,
    Act.RETURN: Party.MOVER,
    Act.END_RETURN: Party.MOVER,
    Act.CONFIRM: Party.RECEIVER,
    Act.TREAT: Party.RECEIVER,
    Act.CLOSE: Party.RECEIVER,
    Act.GO_ON_PAPER: Party.CARRIER,
    Act.BACK_ENTER: Party.MOVER,
    Act.CORRECT: Party.MOVER,
}
"""Whose turn an act is."""

ALSO: Mapping[Act, frozenset[Party]] = {
    Act.RETURN: frozenset({Party.RECEIVER}),
    Act.GO_ON_PAPER: frozenset({Party.MOVER, Party.RECEIVER}),
    Act.BACK_ENTER: frozenset({Party.CARRIER, Party.RECEIVER}),
    Act.CORRECT: frozenset({Party.CARRIER, Party.RECEIVER}),
}
"""Who may do an act as well: a consignor is mover or receiver (M6); on paper, whoever holds it."""

SIGNING_ROLES: Mapping[Party, frozenset[Role]] = {
    Party.MOVER: frozenset({Role.PRODUCER}),
    Party.CARRIER: frozenset({Role.DRIVER, Role.DISPATCHER}),
    Party.RECEIVER: frozenset({Role.PROCESSOR}),
}
OWN_GATE = frozenset({Role.PROCESSOR, Role.PRODUCER})
"""A load that comes back is received at the gate of whoever had sent it off."""

NUMBER = re.compile(r"^\d{4}\d{4}\d{6}$")


def signers(act: Act) -> tuple[Party, ...]:
    """Return the parties that may do an act, the one whose turn it is first."""
    first = SIGNER[act]
    return (first, *sorted(ALSO.get(act, frozenset()) - {first}))


def signing_roles(party: Party, purpose: Purpose) -> frozenset[Role]:
    """Return the roles in which a person signs for a party."""
    coming_back = party is Party.RECEIVER and purpose is Purpose.RETURN
    return OWN_GATE if coming_back else SIGNING_ROLES[party]


NAMES_CREW = frozenset({Act.LOAD, Act.TAKE_OVER, Act.BACK_ENTER})
"""The acts whose signature covers who drives and who rides along."""
FIRST_FORM, FORM = 1, 2
"""Which form of the document a signature covers: the first knew neither the escort nor what is stated."""
ADDED = frozenset({"escort", "waste_name", "stated", "form"})
"""What the second form says beyond the first."""


@dataclass(frozen=True, slots=True)
class Stated:
    """What a manifest states in words and numbers of its own, whatever becomes of lot, licence or name later.

    Of the waste (arts 10, 13), of the papers it rests on, and of the parties as they were called then;
    `packages` is a count, `hazards` the catalogue's letters, `facts` what the waste's family asks, by key.
    """

    category: str = ""
    hazards: str = ""
    dg_class: str = ""
    un_number: str = ""
    packaging: str = ""
    packages: int | None = None
    management_plan: str = ""
    permit: str = ""
    licence: str = ""
    remarks: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    mover: Mapping[str, str] = field(default_factory=dict)
    carrier: Mapping[str, str] = field(default_factory=dict)
    receiver: Mapping[str, str] = field(default_factory=dict)
    """Of each party `name` and `contact`; of mover and receiver also the `place`."""
    crew: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Of `driver` and `escort` the `name`, the `certificate`'s number and its last day, as they were when the
    loading, or the taking over, was signed; empty before that."""


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
    escort: str = ""
    waste_name: str = ""
    stated: Mapping[str, object] | None = None
    form: int = FORM

    def content(self) -> dict[str, object]:
        """Return what is signed, as its form has it."""
        left_out = ADDED if self.form == FIRST_FORM else frozenset[str]()
        return {name: value for name, value in asdict(self).items() if name not in left_out}

    def hash(self) -> str:
        """Return the SHA-256 of the document in canonical JSON."""
        return hashlib.sha256(rfc8785.dumps(msgspec.to_builtins(self.content()))).hexdigest()


def next_state(state: State, act: Act) -> State | None:
    """Return where an act leads, or None where it may not happen."""
    return NEXT.get((state, act))


def awaited(state: State, purpose: Purpose) -> Act | None:
    """Return the act that a manifest waits for, None for an ended one; what came back is not treated."""
    back = state is State.CONFIRMED and purpose is Purpose.RETURN
    return Act.CLOSE if back else AWAITED.get(state)


def acts_from(state: State) -> tuple[Act, ...]:
    """Return the acts that are possible in a state, in the table's order."""
    return tuple(act for (at, act) in NEXT if at == state)


def number_of(year: int, prefecture_code: str, serial: int) -> str:
    """Return the 14-digit number of 令23 art. 15: year, province and prefecture of origin, serial (M2)."""
    number = f"{year:04d}{prefecture_code[:4]}{serial:06d}"
    if not NUMBER.match(number):
        raise ValueError(f"no manifest number can be made of {year}, {prefecture_code}, {serial}")
    return number
