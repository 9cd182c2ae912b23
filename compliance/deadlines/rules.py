"""Which deadlines are there, how long do they run, whose are they, and what ends them?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from compliance.record.errors import N_, RuleBroken
from compliance.rulebook.rules import broken
from compliance.rulebook.workdays import Due, Workdays


class State(StrEnum):
    """Where a deadline stands."""

    AHEAD = "ahead"
    OVERDUE = "overdue"
    KEPT = "kept"
    LATE = "kept_late"
    LAPSED = "lapsed"
    """Its day has passed and nothing can be done about it any more: the paper has ended."""


class Act(StrEnum):
    """What moves a deadline."""

    RUN_OUT = "run_out"
    KEEP = "keep"
    LAPSE = "lapse"


NEXT: Mapping[tuple[State, Act], State] = {
    (State.AHEAD, Act.RUN_OUT): State.OVERDUE,
    (State.AHEAD, Act.KEEP): State.KEPT,
    (State.AHEAD, Act.LAPSE): State.LAPSED,
    (State.OVERDUE, Act.KEEP): State.LATE,
    (State.OVERDUE, Act.LAPSE): State.LAPSED,
}
OPEN = frozenset({State.AHEAD, State.OVERDUE})
UNDONE = frozenset({State.OVERDUE, State.LAPSED})
"""The last day has passed without what had to be done."""


class Kind(StrEnum):
    """What has to be done."""

    CONFIRM = "confirm"
    PERIOD = "period"
    RENEW = "renew"
    PAPER = "paper"
    REPLY = "reply"
    DOCUMENT = "document"
    BACK_ENTRY = "back_entry"
    DECLARE = "declare"
    PLAN = "plan"
    X_NOTICE = "x_notice"
    X_OPINION = "x_opinion"
    X_REPLY = "x_reply"
    X_DECISION = "x_decision"
    HAND_ON = "hand_on"
    STORE = "store"
    PUT_RIGHT = "put_right"
    RECHECK = "recheck"
    REVIEW = "review"
    EVIDENCE = "evidence"


class Owner(StrEnum):
    """Who has to do it."""

    MOVER = "mover"
    RECEIVER = "receiver"
    HOLDER = "holder"
    """Who holds the paper."""
    UNIT = "unit"
    """The unit that produces or keeps hazardous waste."""
    VISITED = "visited"
    ASKER = "asker"
    """Who asked for leave."""
    AUTHORITY = "authority"
    ORIGIN_PROVINCE = "origin_province"
    RECEIVING_PROVINCE = "receiving_province"


class Escalation(StrEnum):
    """Who hears of it, beside its owner, from the day after its last day."""

    INSPECTORS = "inspectors"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Term:
    """One kind of deadline as data.

    `working_days` after the day on which it starts (negative: before the day on which a paper ends, and then
    `ahead_days` is how many days before that end it begins to show). `remind_at` are the days before the due
    day on which its owner is reminded; when the day has passed, `escalates` hears of it. `years` are counted
    by the calendar. An `extendable` one may be put off by who oversees, with a reason.
    """

    kind: Kind
    rule: str
    working_days: int
    owner: Owner
    words: str
    stops: str
    remind_at: tuple[int, ...] = ()
    ahead_days: int = 0
    years: int = 0
    extendable: bool = False
    escalates: Escalation = Escalation.INSPECTORS

    def due(self, start: date, calendar: Workdays) -> Due:
        """Return the last day: working days after a start or before a paper's end, or years after a start."""
        if self.years:
            leap = (start.month, start.day) == (2, 29)
            return Due(start.replace(year=start.year + self.years, day=28 if leap else start.day))
        return calendar.after(start, self.working_days) if self.working_days else Due(start)


TERMS: Mapping[Kind, Term] = {
    term.kind: term
    for term in (
        Term(
            Kind.REPLY,
            "K1.reply_in_time",
            15,
            Owner.AUTHORITY,
            N_("Answer a complaint."),
            N_("The case is answered."),
            remind_at=(3,),
        ),
        Term(
            Kind.CONFIRM,
            "M11.confirm_in_time",
            5,
            Owner.RECEIVER,
            N_("Confirm the receipt of a load that was accepted."),
            N_("The receiver signs the confirmation."),
            remind_at=(1,),
        ),
        Term(
            Kind.PERIOD,
            "M11.confirm_in_time",
            5,
            Owner.RECEIVER,
            N_("Confirm the manifest of a pipeline's period."),
            N_("The receiver confirms or reopens it."),
            remind_at=(1,),
        ),
        Term(
            Kind.BACK_ENTRY,
            "M15.enter_in_time",
            10,
            Owner.MOVER,
            N_("Enter the paper manifest of a transfer that ran on paper."),
            N_("What stands on the paper is entered."),
            remind_at=(3, 1),
        ),
        Term(
            Kind.X_NOTICE,
            "X3.notice",
            5,
            Owner.ORIGIN_PROVINCE,
            N_("The origin province asks for corrections, or the application counts as taken up."),
            N_("The application is taken up or sent back."),
        ),
        Term(
            Kind.X_OPINION,
            "X3.opinion",
            5,
            Owner.ORIGIN_PROVINCE,
            N_("The origin province forms its opinion and consults the receiving one."),
            N_("The receiving province is consulted, or the application refused."),
        ),
        Term(
            Kind.X_REPLY,
            "X3.reply",
            10,
            Owner.RECEIVING_PROVINCE,
            N_("The receiving province replies."),
            N_("The reply is entered."),
        ),
        Term(
            Kind.X_DECISION,
            "X3.decision",
            5,
            Owner.ORIGIN_PROVINCE,
            N_("The origin province decides."),
            N_("The decision is entered."),
        ),
        Term(
            Kind.HAND_ON,
            "L2.hand_on_in_time",
            90,
            Owner.RECEIVER,
            N_("Hand on what was collected."),
            N_("As much of this waste has been confirmed by another receiver."),
            remind_at=(30, 7),
        ),
        Term(
            Kind.STORE,
            "L8.stored_too_long",
            0,
            Owner.RECEIVER,
            N_("Treat what was taken in before a year is over."),
            N_("The receiver signs the treatment."),
            remind_at=(60, 30, 7),
            years=1,
            extendable=True,
        ),
        Term(
            Kind.RENEW,
            "L5.renew_in_time",
            -30,
            Owner.HOLDER,
            N_("Apply for the renewal of a licence."),
            N_("A licence of the same kind that is valid longer is registered."),
            remind_at=(30, 7),
            ahead_days=120,
        ),
        Term(
            Kind.PAPER,
            "L3.expires_soon",
            0,
            Owner.HOLDER,
            N_("Have the renewed paper registered before this one ends."),
            N_("A licence of the same kind that is valid longer is registered."),
            remind_at=(60, 30, 7),
            ahead_days=60,
        ),
        Term(
            Kind.DOCUMENT,
            "A1.document_ends",
            0,
            Owner.HOLDER,
            N_("Submit the renewed document before this one ends."),
            N_("A document of the same kind that is valid longer is accepted."),
            remind_at=(60, 30, 7),
            ahead_days=60,
        ),
        Term(
            Kind.DECLARE,
            "G3.declare_in_time",
            0,
            Owner.UNIT,
            N_("Declare the hazardous waste of a period in the national system."),
            N_("Its receipt number is entered in the ledgers."),
            remind_at=(7, 1),
        ),
        Term(
            Kind.PLAN,
            "G2.plan_in_time",
            0,
            Owner.UNIT,
            N_("File the year's management plan for hazardous waste."),
            N_("The plan with its filing number is entered in the ledgers."),
            remind_at=(30, 7),
        ),
        Term(
            Kind.PUT_RIGHT,
            "A1.put_right_in_time",
            0,
            Owner.VISITED,
            N_("Put right what was found on a visit."),
            N_("Somebody looked again."),
            remind_at=(7, 1),
            extendable=True,
        ),
        Term(
            Kind.RECHECK,
            "A1.recheck_in_time",
            0,
            Owner.AUTHORITY,
            N_("Check an approved party's qualification again."),
            N_("A re-check was drawn and passed."),
            remind_at=(60,),
            years=2,
            extendable=True,
        ),
        Term(
            Kind.REVIEW,
            "A1.review_in_time",
            20,
            Owner.AUTHORITY,
            N_("Decide on a document that a party submitted."),
            N_("It is accepted, sent back or withdrawn."),
            remind_at=(7, 1),
        ),
        Term(
            Kind.EVIDENCE,
            "A1.evidence_in_time",
            0,
            Owner.ASKER,
            N_("Hand in the photo or scan that shows why leave was asked."),
            N_("It is handed in, or leave is denied."),
        ),
    )
}
RENEWED_WITH_NOTICE = frozenset({"comprehensive", "collection"})
"""Kinds of licence whose renewal must be applied for ahead of time (L5)."""


def next_state(state: State, act: Act) -> State | None:
    """Return where an act leads, or None where it changes nothing."""
    return NEXT.get((state, act))


def said(kind: Kind, label: str, due: date, on: date) -> RuleBroken:
    """Return what a deadline asks in its rule's words, by the law of a day.

    `label` is the number by which people know what it is about: a manifest, a licence, a period.
    """
    day = due.isoformat()
    about = dict.fromkeys(("number", "licence", "document", "period", "year", "party"), label)
    return broken(TERMS[kind].rule, on, field="due_on", due=day, valid_to=day, **about)


def missed(kind: Kind, label: str, due: date, on: date) -> list[RuleBroken]:
    """Return what was not done in time: nothing up to the last day, from the day after it the rule."""
    return [said(kind, label, due, on)] if due < on else []


def reminder(term: Term, due: date, today: date, reminded: int | None) -> int | None:
    """Return the reminder that is due today and was not sent: the days before the end it stands for."""
    left = (due - today).days
    reached = [days for days in term.remind_at if left <= days]
    latest = min(reached, default=None)
    return latest if latest is not None and (reminded is None or latest < reminded) else None
