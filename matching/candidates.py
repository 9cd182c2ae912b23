"""Which takers are worth a look for each lot, and how far are they?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from matching.problem import Lot, Problem, Taker
from matching.space import nearest


@dataclass(frozen=True, slots=True)
class Candidate:
    """A lot, a taker licensed for its code, and the road between them."""

    lot: Lot
    taker: Taker
    metres: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Candidates:
    """The pairs, by lot and then taker; `truncated`: some lot had more takers than were looked at."""

    pairs: tuple[Candidate, ...]
    truncated: bool


def candidates(problem: Problem, lots: Sequence[Lot], k: int) -> Candidates:
    """List for each lot the `k` nearest takers that are licensed for its code and have room.

    One spatial index a code; memory is lots x k and never lots x takers.
    """
    takers = _with_room(problem)
    by_code: defaultdict[str, list[Lot]] = defaultdict(list)
    for lot in lots:
        by_code[lot.code].append(lot)
    chosen: dict[str, list[Taker]] = {}
    truncated = False
    for code, group in by_code.items():
        here = takers.get(code, [])
        truncated = truncated or len(here) > k
        rows = nearest([lot.point for lot in group], [taker.point for taker in here], k)
        chosen |= {lot.id: [here[i] for i in row] for lot, row in zip(group, rows, strict=True)}
    return Candidates(
        measured(problem, [(lot, taker) for lot in lots for taker in chosen[lot.id]]), truncated
    )


def measured(problem: Problem, pairs: Sequence[tuple[Lot, Taker]]) -> tuple[Candidate, ...]:
    """Measure the road of each pair."""
    legs = problem.distances.legs([lot.point for lot, _ in pairs], [taker.point for _, taker in pairs])
    roads = zip(legs.metres.tolist(), legs.seconds.tolist(), strict=True)
    return tuple(Candidate(lot, taker, m, s) for (lot, taker), (m, s) in zip(pairs, roads, strict=True))


def _with_room(problem: Problem) -> dict[str, list[Taker]]:
    takers: defaultdict[str, list[Taker]] = defaultdict(list)
    for taker in problem.takers:
        for code in taker.codes:
            if taker.room_kg(code) > 0:
                takers[code].append(taker)
    return dict(takers)
