"""In which months did both ends of a pipeline meter more apart than they had agreed (M13)?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from compliance.oversight.rules import Found, Sign
from compliance.pipelines.rules import Compared, Verdict


@dataclass(frozen=True, slots=True)
class Metered:
    """One month of a pipeline as both ends metered it."""

    name: str
    code: str
    mover: UUID
    receiver: UUID
    month: Compared


def meters_disagree(months: Iterable[Metered]) -> list[Found]:
    """Say in which months both ends of a pipeline metered more apart than they agreed (M13)."""
    return [
        Found(
            Sign.METERS_DISAGREE,
            (pipe.mover, pipe.receiver),
            (),
            {
                "pipeline": pipe.name,
                "code": pipe.code,
                "month": pipe.month.name,
                "mover_kg": pipe.month.mover_kg,
                "receiver_kg": pipe.month.receiver_kg,
                "permille": round(float(pipe.month.permille or 0), 1),
            },
        )
        for pipe in months
        if pipe.month.verdict is Verdict.DIFFERS
    ]
