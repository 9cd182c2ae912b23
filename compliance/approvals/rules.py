"""Which leave does a load need to leave its province, how is it obtained, and how long does it hold (1b)?"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from compliance.deadlines.rules import Kind as Deadline
from compliance.record.errors import N_
from compliance.record.who import Role
from compliance.registry.rules import Mode
from compliance.rulebook.basis import CODE_IN_FORCE


class Kind(StrEnum):
    """In which form the two provinces are asked or told."""

    APPROVAL = "approval"
    """Applied for at the origin province, which consults the other one (X1; X6 for storage and disposal)."""
    FILING = "filing"
    """Other waste for use, up to 2026-08-14: filed at the origin province (X6)."""
    REPORT = "report"
    """Other waste for use, since 2026-08-15: reported to both provinces beforehand (X6)."""


class State(StrEnum):
    """Where it stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    SENT_BACK = "to_be_corrected"
    IN_HAND = "in_hand"
    CONSULTED = "consulted"
    REPLIED = "replied"
    IN_FORCE = "in_force"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Act(StrEnum):
    """What moves it on: the mover's acts, and what the authorities say, entered from their papers."""

    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    ASK_CORRECTION = "ask_correction"
    TAKE_UP = "take_up"
    CONSULT = "consult"
    REPLY = "reply"
    GRANT = "grant"
    REFUSE = "refuse"
    ACKNOWLEDGE = "acknowledge"


NEXT: Mapping[tuple[State, Act], State] = {
    (State.DRAFT, Act.SUBMIT): State.SUBMITTED,
    (State.SENT_BACK, Act.SUBMIT): State.SUBMITTED,
    (State.SUBMITTED, Act.ASK_CORRECTION): State.SENT_BACK,
    (State.SUBMITTED, Act.TAKE_UP): State.IN_HAND,
    (State.SUBMITTED, Act.ACKNOWLEDGE): State.IN_FORCE,
    (State.IN_HAND, Act.CONSULT): State.CONSULTED,
    (State.IN_HAND, Act.REFUSE): State.REFUSED,
    (State.CONSULTED, Act.REPLY): State.REPLIED,
    (State.REPLIED, Act.GRANT): State.IN_FORCE,
    (State.REPLIED, Act.REFUSE): State.REFUSED,
    (State.DRAFT, Act.WITHDRAW): State.WITHDRAWN,
    (State.SUBMITTED, Act.WITHDRAW): State.WITHDRAWN,
    (State.SENT_BACK, Act.WITHDRAW): State.WITHDRAWN,
    (State.IN_HAND, Act.WITHDRAW): State.WITHDRAWN,
    (State.CONSULTED, Act.WITHDRAW): State.WITHDRAWN,
    (State.REPLIED, Act.WITHDRAW): State.WITHDRAWN,
}

MOVERS = frozenset({Act.SUBMIT, Act.WITHDRAW})
CLERKS = (Role.INSPECTOR, Role.OPERATOR)
"""Who enters what an authority has written: never the house that it favours."""

PROCEDURE = frozenset({Act.ASK_CORRECTION, Act.TAKE_UP, Act.CONSULT, Act.REPLY, Act.GRANT, Act.REFUSE})
ONLY_FOR: Mapping[Act, frozenset[Kind]] = {
    Act.ACKNOWLEDGE: frozenset({Kind.FILING, Kind.REPORT}),
    **dict.fromkeys(PROCEDURE - {Act.ASK_CORRECTION}, frozenset({Kind.APPROVAL})),
}
"""A filing or report is acknowledged, an application is taken up and decided."""

CLOCKS: Mapping[State, Deadline] = {
    State.SUBMITTED: Deadline.X_NOTICE,
    State.IN_HAND: Deadline.X_OPINION,
    State.CONSULTED: Deadline.X_REPLY,
    State.REPLIED: Deadline.X_DECISION,
}
"""How long the authorities have in each state of an application (X3)."""

LONGEST_MONTHS = 12
"""An approval holds at most so long (X4)."""
FURTHEST_MONTHS = 24
"""A period that begins later is a slip of the pen: nobody applies so long before."""


def next_state(kind: Kind, state: State, act: Act) -> State | None:
    """Return where an act leads, or None where it may not happen."""
    if kind not in ONLY_FOR.get(act, frozenset(Kind)):
        return None
    return NEXT.get((state, act))


def acts_from(kind: Kind, state: State) -> tuple[Act, ...]:
    """Return the acts that are possible in a state, in the table's order."""
    return tuple(act for (at, act) in NEXT if at is state and next_state(kind, state, act) is not None)


def needed(hazardous: bool, mode: Mode, on: date) -> Kind:
    """Return what a load needs on a day: only use of other waste needs no approval (X1, X6)."""
    if hazardous or mode is not Mode.USE:
        return Kind.APPROVAL
    return Kind.REPORT if on >= CODE_IN_FORCE else Kind.FILING


def serves(kind: Kind, wanted: Kind) -> bool:
    """Tell whether a leave of one kind serves where another is wanted: a filing holds to its own last day."""
    return kind is wanted or (kind is Kind.FILING and wanted is Kind.REPORT)


class Paper(StrEnum):
    """What is attached (X2)."""

    RECEIVER_LICENCE = "receiver_licence"
    METHOD_STATEMENT = "method_statement"
    CONTRACT = "contract"
    ABILITY = "receiver_ability"
    LOCAL = "local_extras"


ATTACHED: Mapping[Kind, tuple[Paper, ...]] = {
    Kind.APPROVAL: (Paper.RECEIVER_LICENCE, Paper.METHOD_STATEMENT, Paper.CONTRACT),
    Kind.FILING: (Paper.CONTRACT, Paper.ABILITY),
    Kind.REPORT: (Paper.CONTRACT, Paper.ABILITY),
}
PAPER_WORDS: Mapping[Paper, str] = {
    Paper.RECEIVER_LICENCE: N_("Copy of the receiver's licence"),
    Paper.METHOD_STATEMENT: N_("The receiver's statement of how it uses or disposes of the waste"),
    Paper.CONTRACT: N_("Contract or letter of intent"),
    Paper.ABILITY: N_("Proof that the receiver is able to use the waste"),
    Paper.LOCAL: N_("What the province asks for beside these"),
}


class Span(StrEnum):
    """How a province reckons the longest period."""

    MONTHS = "months"
    CALENDAR_YEAR = "calendar_year"


@dataclass(frozen=True, slots=True)
class Policy:
    """How long a leave may hold in a province or prefecture, and what it wants beside the usual papers (X7).

    `basis` says how far this can be relied upon: most of it is known from secondary pages.
    """

    division: str
    span: Span
    months: int
    extras: bool
    basis: str
    note: str

    def longest(self, start: date) -> date:
        """Return the last day on which a leave that begins on a day may hold."""
        if self.span is Span.CALENDAR_YEAR:
            return date(start.year, 12, 31)
        return months_after(start, self.months)


def months_after(start: date, months: int) -> date:
    """Return the last day of a period of whole months that begins on a day; no day is after the last one."""
    place = start.month - 1 + months
    year, month = start.year + place // 12, place % 12 + 1
    if year > date.max.year:
        return date.max
    for day in (start.day, 30, 29, 28):
        try:
            return date.fromordinal(date(year, month, day).toordinal() - (1 if day == start.day else 0))
        except ValueError:
            continue
    raise ValueError(f"{start} has no day {months} months later")


def valid_to(policy: Policy, start: date, asked_to: date, licence_to: date | None) -> date:
    """Return the last day of a leave: of twelve months, the asked period and the licence the first to end.

    Without a licence (other waste needs none) the first two decide (X4, X7).
    """
    ends = [policy.longest(start), months_after(start, LONGEST_MONTHS), asked_to]
    return min([*ends, licence_to] if licence_to is not None else ends)


@dataclass(frozen=True, slots=True)
class Load:
    """What is to cross: whose, to whom, of what, for what, how much, from and to which province."""

    mover_id: object
    receiver_id: object
    code: str
    hazardous: bool
    mode: Mode
    kg: int
    origin: str
    destination: str

    @property
    def crosses(self) -> bool:
        """Tell whether the load leaves its province."""
        return self.origin != self.destination


@dataclass(frozen=True, slots=True)
class Leave:
    """One leave in force, with what is left of its mass."""

    id: object
    kind: Kind
    receiver_id: object
    code: str
    mode: Mode
    destination: str
    valid_from: date
    valid_to: date
    left_kg: int

    def differs(self, load: Load) -> tuple[str, ...]:
        """Return what of a load is another than was granted: each of them wants a new application (X5)."""
        pairs = (
            ("code", self.code == load.code),
            ("receiver", self.receiver_id == load.receiver_id and self.destination == load.destination),
            ("mode", self.mode == load.mode),
        )
        return tuple(name for name, same in pairs if not same)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a leave does not cover a load: a rule id, the field and the facts."""

    rule: str
    field: str
    facts: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """The leave that covers a load, or everything that the nearest one lacks."""

    leave: Leave | None
    faults: tuple[Fault, ...] = ()
    nearest: Leave | None = None
    """The one whose terms the load keeps, though not its days or mass."""


def judge(leaves: Collection[Leave], load: Load, on: date) -> Judged:
    """Judge whether a load may cross on a day; all that the nearest leave lacks is told (X1, X4, X5, X6).

    A leave that differs in more than one thing from what is to move is another load's.
    """
    wanted = needed(load.hazardous, load.mode, on)
    near = [one for one in leaves if serves(one.kind, wanted) and len(one.differs(load)) <= 1]
    if not near:
        rule = "X1.approval_missing" if wanted is Kind.APPROVAL and load.hazardous else "X6.report_missing"
        rule = "X6.approval_missing" if wanted is Kind.APPROVAL and not load.hazardous else rule
        return Judged(None, (Fault(rule, "receiver", (("code", load.code),)),))
    found = {one: _lacks(one, load, on) for one in near}
    good = [one for one in near if not found[one]]
    if good:
        return Judged(min(good, key=lambda one: (one.valid_to, str(one.id))))
    nearest = min(near, key=lambda one: _far(one, found[one], load, on))
    return Judged(None, found[nearest], None if nearest.differs(load) else nearest)


def _lacks(leave: Leave, load: Load, on: date) -> tuple[Fault, ...]:
    """Return everything that keeps one leave from covering a load."""
    found = [Fault("X5.new_application", what, (("code", load.code),)) for what in leave.differs(load)]
    if not leave.valid_from <= on <= leave.valid_to:
        days = (("valid_from", leave.valid_from.isoformat()), ("valid_to", leave.valid_to.isoformat()))
        found.append(Fault("X4.not_valid", "receiver", days))
    if leave.left_kg < load.kg:
        found.append(Fault("X4.quantity_exceeded", "kg", (("kg", load.kg), ("left_kg", leave.left_kg))))
    return tuple(found)


def _far(leave: Leave, lacks: Collection[Fault], load: Load, on: date) -> tuple[object, ...]:
    """Order leaves by how far they are from a load: other terms, then faults, then days, then mass."""
    over = not leave.valid_from <= on <= leave.valid_to
    last = -leave.valid_to.toordinal() if over else 0
    return len(leave.differs(load)), len(lacks), over, last, -leave.left_kg
