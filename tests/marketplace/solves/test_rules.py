"""Does the table of a solve's states lead somewhere from everywhere, and do its limits hold?"""

from __future__ import annotations

import pytest

from compliance.record.errors import Invalid
from marketplace.solves.rules import MAY_ASK, NEXT, OVER, Act, Kind, Limits, State


def test_every_solve_comes_to_an_end() -> None:
    """A dispatcher would look at a bar that moves for ever."""
    assert {state for state, _ in NEXT} == set(State) - OVER
    assert {act for _, act in NEXT} == set(Act)
    reached, before = {State.QUEUED}, set()
    while reached != before:
        before = set(reached)
        reached |= {target for (state, _), target in NEXT.items() if state in reached}
    assert reached == set(State)


def test_every_kind_is_asked_for_by_somebody() -> None:
    """A kind that nobody may ask for would never run."""
    assert set(MAY_ASK) == set(Kind)


@pytest.mark.parametrize(
    ("field", "limits"),
    [
        ("seconds", {"seconds": 0.0}),
        ("seconds", {"seconds": 601.0}),
        ("seconds", {"seconds": float("nan")}),
        ("iterations", {"iterations": 0}),
        ("seed", {"seed": -1}),
    ],
)
def test_a_limit_that_cannot_be_kept_is_refused(field: str, limits: dict[str, float]) -> None:
    """A search without an end would hold the queue for everybody."""
    with pytest.raises(Invalid) as refusal:
        Limits(**limits)  # type: ignore[arg-type]
    assert refusal.value.field == field
