"""Which takers are worth a look for each lot, and how far are they?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matching.distances import Ints
from matching.facts import Facts
from matching.space import legs_between, nearest


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pairs of a lot and a taker licensed for its code, and the road between them, all of shape (n,).

    Sorted by lot and then by taker id. `truncated` lots had more takers than were looked at.
    """

    lot: Ints
    taker: Ints
    metres: Ints
    seconds: Ints
    truncated: Ints


def candidates(facts: Facts, lots: Ints, k: int) -> Candidates:
    """List for each lot the `k` nearest takers that are licensed for its code and have room.

    One spatial index a code; memory is lots x k and never lots x takers.
    """
    found_lots, found_takers, truncated = [lots[:0]], [lots[:0]], [lots[:0]]
    room = np.minimum(facts.resources.kg, facts.takers.total_kg[facts.resources.taker])
    for code in np.unique(facts.lots.code[lots]):
        here = facts.resources.of_code(int(code))
        takers = facts.resources.taker[here][room[here] > 0]
        group = lots[facts.lots.code[lots] == code]
        rows = nearest(facts.lots.degrees[group], facts.takers.degrees[takers], k)
        found_lots.append(np.repeat(group, rows.shape[1]))
        found_takers.append(takers[rows.ravel()])
        truncated.append(group if len(takers) > k else group[:0])
    lot, taker = np.concatenate(found_lots), np.concatenate(found_takers)
    order = np.argsort(lot, kind="stable")
    return measured(facts, lot[order], taker[order], np.sort(np.concatenate(truncated)))


def measured(facts: Facts, lot: Ints, taker: Ints, truncated: Ints | None = None) -> Candidates:
    """Measure the road from lot n to taker n."""
    legs = legs_between(facts.problem.distances, facts.lots.degrees[lot], facts.takers.degrees[taker])
    none = lot[:0] if truncated is None else truncated
    return Candidates(lot, taker, legs.metres, legs.seconds, none)
