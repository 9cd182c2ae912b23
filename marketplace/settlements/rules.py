"""How much is owed for a load, by whom, and do the books balance?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from uuid import UUID

from compliance.record.errors import RuleBroken
from compliance.rulebook.rules import broken

FEE_PERMILLE = 5
FEE_MINIMUM_FEN = 1_000
FEE_CAP_FEN = 500_000
"""Product settings of P7: five per mille of |price x quantity|, 10 to 5,000 CNY, paid by the producer."""


class State(StrEnum):
    """Where a settlement stands."""

    DUE = "due"
    PAID = "paid"


class LineKind(StrEnum):
    """What a line of a settlement is for."""

    WASTE = "waste"
    FREIGHT = "freight"
    FEE = "fee"


class AccountKind(StrEnum):
    """The accounts of the sub-ledger (S6)."""

    AVAILABLE = "available"
    RECEIVABLE = "receivable"
    PAYABLE = "payable"
    FEE_INCOME = "fee_income"
    BANK_CLEARING = "bank_clearing"


@dataclass(frozen=True, slots=True)
class Line:
    """One sum that one party owes another; `payee` None is the platform. Always above zero fen."""

    kind: LineKind
    payer: UUID
    payee: UUID | None
    fen: int


@dataclass(frozen=True, slots=True)
class Posting:
    """One line of a journal entry: what an account gains (positive) or gives (negative), in fen."""

    owner: UUID | None
    account: AccountKind
    fen: int


@dataclass(frozen=True, slots=True)
class Parties:
    """Who stands where in a deal."""

    producer: UUID
    processor: UUID
    carrier: UUID


def amount_fen(price: Decimal, kg: int) -> int:
    """Return price x mass in fen, rounded half up on the absolute value and then signed (S1).

    `price` is CNY per tonne with at most two decimals; `kg` is a load's mass. Per load, never pooled.
    """
    price_fen = int(price * 100)
    absolute = (Decimal(abs(price_fen)) * kg / 1000).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    return int(absolute) if price_fen >= 0 else -int(absolute)


def amount_faults(stated_fen: int, price: Decimal, kg: int, on: date) -> list[RuleBroken]:
    """Return what is wrong with the sum that a settlement states for a load's waste, whoever pays it (S1)."""
    expected = abs(amount_fen(price, kg))
    if stated_fen == expected:
        return []
    facts = {"amount_fen": stated_fen, "kg": kg, "price": f"{price:f}", "expected_fen": expected}
    return [broken("S1.amount", on, field="amount", **facts)]


def fee_fen(waste_fen: int) -> int:
    """Return the platform's fee on a load: never negative, the minimum also at price zero (P7)."""
    share = (Decimal(abs(waste_fen)) * FEE_PERMILLE / 1000).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    return min(FEE_CAP_FEN, max(FEE_MINIMUM_FEN, int(share)))


def lines_for(parties: Parties, price: Decimal, freight_fen: int, kg: int) -> tuple[Line, ...]:
    """Return what a received load makes everybody owe (S1, S4): waste by sign, freight and fee.

    A positive price is paid by the taker, a negative one by the holder. Nothing is owed for nothing.
    """
    waste = amount_fen(price, kg)
    holder, taker = parties.producer, parties.processor
    payer, payee = (taker, holder) if waste > 0 else (holder, taker)
    lines = (
        Line(LineKind.WASTE, payer, payee, abs(waste)),
        Line(LineKind.FREIGHT, holder, parties.carrier, freight_fen),
        Line(LineKind.FEE, holder, None, fee_fen(waste)),
    )
    return tuple(line for line in lines if line.fen > 0 and kg > 0)


def due_postings(line: Line) -> tuple[Posting, ...]:
    """Return the entry that makes a sum due: payable against receivable or fee income."""
    gain = AccountKind.FEE_INCOME if line.payee is None else AccountKind.RECEIVABLE
    return (
        Posting(line.payer, AccountKind.PAYABLE, -line.fen),
        Posting(line.payee, gain, line.fen),
    )


def paid_postings(line: Line) -> tuple[Posting, ...]:
    """Return the entry that pays a due sum: the debt ends, money changes hands."""
    ends = (Posting(line.payer, AccountKind.PAYABLE, line.fen),)
    gives = (Posting(line.payer, AccountKind.AVAILABLE, -line.fen),)
    if line.payee is None:
        return (*ends, *gives)
    return (
        *ends,
        *gives,
        Posting(line.payee, AccountKind.RECEIVABLE, -line.fen),
        Posting(line.payee, AccountKind.AVAILABLE, line.fen),
    )


def funding_postings(owner: UUID, fen: int) -> tuple[Posting, ...]:
    """Return the entry for money that arrives from the bank on a party's account."""
    return (
        Posting(None, AccountKind.BANK_CLEARING, -fen),
        Posting(owner, AccountKind.AVAILABLE, fen),
    )


def entry_faults(postings: Iterable[Posting], on: date) -> list[RuleBroken]:
    """Return what is wrong with an entry: its lines must sum to zero (S6)."""
    if sum(posting.fen for posting in postings) == 0:
        return []
    return [broken("S6.unbalanced", on, field="postings")]


def funds_faults(have_fen: int, change_fen: int, on: date) -> list[RuleBroken]:
    """Return what is wrong with taking a sum from an available balance: it must not fall below zero (S6)."""
    if change_fen >= 0 or have_fen + change_fen >= 0:
        return []
    return [broken("S6.insufficient_funds", on, field="amount", have_fen=have_fen, need_fen=-change_fen)]


def balances(postings: Iterable[Posting]) -> Mapping[tuple[UUID | None, AccountKind], int]:
    """Return the balance of every account that some postings touch, in fen."""
    totals: dict[tuple[UUID | None, AccountKind], int] = {}
    for posting in postings:
        key = (posting.owner, posting.account)
        totals[key] = totals.get(key, 0) + posting.fen
    return totals
