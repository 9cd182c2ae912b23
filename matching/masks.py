"""Which hard rules keep each of many lots from each of many takers, all at a time?

The rules are those of `compatibility.pair_reasons`, which says what each means; here a rule is a bit.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from matching.distances import UNREACHABLE, Ints
from matching.facts import UNKNOWN, Bools, Facts
from matching.reasons import EFFORT, ReasonCode

BITS: Mapping[ReasonCode, int] = {
    code: 1 << n
    for n, code in enumerate(
        (
            ReasonCode.CODE_NOT_LICENSED,
            ReasonCode.QUOTA_EXHAUSTED,
            ReasonCode.TOTAL_EXHAUSTED,
            ReasonCode.APPROVAL_NEEDED,
            ReasonCode.APPROVAL_EXHAUSTED,
            ReasonCode.MODE_NOT_LICENSED,
            ReasonCode.RECEIVING_CLOSED,
            ReasonCode.GATE_DAY_CLOSED,
            ReasonCode.EXCLUDED,
            ReasonCode.OUT_OF_REACH,
            ReasonCode.NO_ROAD,
            ReasonCode.READY_PASSED,
            ReasonCode.OUTSIDE_LIMITS,
            ReasonCode.FIGURE_UNKNOWN,
        )
    )
}


def refusals(facts: Facts, lot: Ints, taker: Ints, metres: Ints, seconds: Ints) -> Ints:
    """Give the bits of every rule that keeps lot n from taker n; 0: they may deal. All of shape (n,)."""
    lots, takers = facts.lots, facts.takers
    smallest = lots.smallest_kg[lot]
    licensed, quota = _quota(facts, lot, taker)
    crosses = lots.hazardous[lot] & (lots.province[lot] != takers.province[taker])
    approved, approved_kg = facts.approved.find(lot, taker)
    wanted = lots.modes[lot]
    earliest = np.maximum(lots.ready_from[lot], facts.at) + seconds * 1_000_000
    latest = np.maximum(earliest, lots.ready_to[lot] + seconds * 1_000_000)
    outside, unknown = _figures(facts, lot, taker)
    broken: Mapping[ReasonCode, Bools] = {
        ReasonCode.CODE_NOT_LICENSED: ~licensed,
        ReasonCode.QUOTA_EXHAUSTED: licensed & (quota < smallest),
        ReasonCode.TOTAL_EXHAUSTED: takers.total_kg[taker] < smallest,
        ReasonCode.APPROVAL_NEEDED: crosses & ~approved,
        ReasonCode.APPROVAL_EXHAUSTED: crosses & approved & (approved_kg < lots.kg[lot]),
        ReasonCode.MODE_NOT_LICENSED: (wanted != 0) & (wanted & takers.modes[taker] == 0),
        ReasonCode.RECEIVING_CLOSED: takers.shuts[taker] <= earliest,
        ReasonCode.GATE_DAY_CLOSED: _shut(facts, taker, earliest, latest),
        ReasonCode.EXCLUDED: facts.excluded.find(lot, taker)[0],
        ReasonCode.OUT_OF_REACH: _too_far(facts, metres),
        ReasonCode.NO_ROAD: metres >= UNREACHABLE,
        ReasonCode.READY_PASSED: lots.ready_to[lot] <= facts.at,
        ReasonCode.OUTSIDE_LIMITS: outside,
        ReasonCode.FIGURE_UNKNOWN: unknown,
    }
    bits = np.zeros(len(lot), dtype=np.int64)
    for code, mask in broken.items():
        bits[mask] |= BITS[code]
    return bits


def efforts(bits: Ints) -> Ints:
    """Add up how hard the obstacles in these bits are to move (`reasons.EFFORT`)."""
    total = np.zeros(len(bits), dtype=np.int64)
    for code, bit in BITS.items():
        total += np.where(bits & bit, EFFORT[code], 0)
    return total


def codes_in(bits: int) -> frozenset[ReasonCode]:
    """Name the rules in a number of bits."""
    return frozenset(code for code, bit in BITS.items() if bits & bit)


def _quota(facts: Facts, lot: Ints, taker: Ints) -> tuple[Bools, Ints]:
    row = facts.resources.at[taker, facts.lots.code[lot]]
    licensed: Bools = row != UNKNOWN
    if len(facts.resources.kg) == 0:
        return licensed, np.zeros(len(lot), dtype=np.int64)
    return licensed, np.where(licensed, facts.resources.kg[row], 0)


def _too_far(facts: Facts, metres: Ints) -> Bools:
    limit = facts.problem.weights.reach_km
    if limit is None:
        return np.zeros(len(metres), dtype=bool)
    far: Bools = (metres > limit * 1000) & (metres < UNREACHABLE)
    return far


def _shut(facts: Facts, taker: Ints, earliest: Ints, latest: Ints) -> Bools:
    shut = np.zeros(len(taker), dtype=bool)
    for n, gate in enumerate(facts.gates):
        mine = np.flatnonzero(facts.takers.calendar[taker] == n)
        shut[mine] = ~gate.any_open(earliest[mine], latest[mine])
    return shut


def _figures(facts: Facts, lot: Ints, taker: Ints) -> tuple[Bools, Bools]:
    outside, unknown = np.zeros(len(lot), dtype=bool), np.zeros(len(lot), dtype=bool)
    for figure in facts.figures:
        code, value = facts.lots.code[lot], figure.value[lot]
        limited = figure.limited[taker, code]
        unknown |= limited & (value == UNKNOWN)
        wrong = (value < figure.least[taker, code]) | (value > figure.most[taker, code])
        outside |= limited & (value != UNKNOWN) & wrong
    return outside, unknown
