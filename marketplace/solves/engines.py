"""Which calculation answers which kind of solve?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from marketplace.solves.rules import Kind, Limits, Progress

Tell = Callable[[Progress], None]
Asked = Callable[[], bool]


def warm_up() -> None:
    """Work out a tiny day, so that what is compiled at its first use is compiled before somebody waits."""
    from marketplace.plans import engine

    engine.answer(engine.tiny(), Limits(seconds=60.0, iterations=50), lambda _: None, lambda: False)


def answer(
    kind: Kind, problem: dict[str, Any], limits: Limits, tell: Tell, cancelled: Asked
) -> dict[str, Any]:
    """Work a stored problem out; `cancelled` is asked often and then the best so far is returned.

    Raises `BadProblem` for a problem that no honest record contains.
    """
    if kind is Kind.CLEAR_MARKET:
        from marketplace.solves import clearing

        return clearing.answer(problem)
    if kind is Kind.TRADE_OFFS:
        from marketplace.solves import trade_offs

        return trade_offs.answer(problem, limits, tell, cancelled)
    if kind is Kind.SHAKE_MARKET:
        from marketplace.solves import shaking

        return shaking.answer(problem, limits, tell, cancelled)
    from marketplace.plans import engine

    return engine.answer(problem, limits, tell, cancelled)
