"""Which facts keep and break the rules about what flows, is built and is collected?"""

from __future__ import annotations

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
from tests.compliance.rulebook.table.scene import A_DAY, Ask, Pair, Scene


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


FLOWS: dict[str, Pair] = {
    "M13.reading": Pair(metered(), metered(days=1)),
    "M13.counter": Pair(metered(10, 110), metered(10, 111)),
    "M13.days_missing": Pair(period(100), period(None)),
    "M13.sides_differ": Pair(period(100), period(50, Verdict.DIFFERS)),
}
