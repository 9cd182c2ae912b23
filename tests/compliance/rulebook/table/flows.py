"""Which facts keep and break the rules about what flows, is built and is collected?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import UUID

from compliance.construction.rules import Place, Plan, Spoil, against_issue, against_loading
from compliance.pipelines.rules import (
    Compared,
    Entered,
    Side,
    Tolerance,
    Verdict,
    differing_faults,
    missing_faults,
    reading_faults,
)
from tests.compliance.rulebook.table.scene import A_DAY, MINE, THEIRS, Ask, Pair, Scene


def metered(kg: int = 10, counter_to_kg: int | None = None, days: int = 0) -> Ask:
    """Enter a day of a pipeline's meter."""
    start = None if counter_to_kg is None else 100

    def ask(at: Scene) -> object:
        on = at.on
        return reading_faults(Entered(on + days * A_DAY, kg, start, counter_to_kg), (on - A_DAY, on), on)

    return ask


def period(mover_kg: int | None, verdict: Verdict = Verdict.AGREES) -> Ask:
    """Compare one period of which the receiver metered 100 kg."""
    found = Compared("2026-07", mover_kg, 100, verdict)

    def ask(at: Scene) -> object:
        on = at.on
        return [
            *missing_faults("2026-07", [found], Side.MOVER, on),
            *differing_faults(found, Tolerance(), on),
        ]

    return ask


def spoil(**more: object) -> Ask:
    """Issue and load 10 kg of excavated soil in a closed vehicle to a permitted site, by a filed plan."""

    def ask(at: Scene) -> object:
        on = at.on
        plan = Plan("JZ-1", on, on, 100, 0, ("SW70",), frozenset({MINE}))
        usual = {"plans": (plan,), "place": Place("Hill", 100, 0, on), "closed_to": on}
        changed = {key: make(on) if callable(make) else make for key, make in more.items()}
        said = Spoil("SW70", "鄂A·1", MINE, True, **(usual | changed))  # type: ignore[arg-type]
        return [*against_issue(said, 10, on), *against_loading(said, on)]

    return ask


def plan_of(kg: int = 100, site: UUID = MINE) -> Callable[[date], object]:
    """Return a filed plan of so much for a site."""
    return lambda on: (Plan("JZ-1", on, on, kg, 0, ("SW70",), frozenset({site})),)


FLOWS: dict[str, Pair] = {
    "M13.reading": Pair(metered(), metered(days=1)),
    "M13.counter": Pair(metered(10, 110), metered(10, 111)),
    "M13.days_missing": Pair(period(100), period(None)),
    "U1.no_plan": Pair(spoil(), spoil(plans=())),
    "U2.over_plan": Pair(spoil(), spoil(plans=plan_of(9))),
    "U3.other_site": Pair(spoil(), spoil(plans=plan_of(site=THEIRS))),
    "U4.not_permitted": Pair(spoil(), spoil(place=None)),
    "U4.site_full": Pair(spoil(), spoil(place=lambda on: Place("Hill", 100, 91, on))),
    "U5.not_closed": Pair(spoil(), spoil(closed_to=None)),
    "M13.sides_differ": Pair(period(100), period(50, Verdict.DIFFERS)),
}
