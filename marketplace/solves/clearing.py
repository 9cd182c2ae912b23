"""How does the market at one moment become a solve's problem, and its clearing the answer?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from marketplace.clearing import told
from marketplace.lots import queries as lots
from marketplace.matches import market
from marketplace.solves import stored
from matching.problem import Problem

DISTANCES = "distances"
"""A provider is code, not a fact: the answer measures with the one that every problem has by default."""


def snapshot(session: Session, now: datetime) -> dict[str, Any]:
    """Return the whole market as it now is, JSON-ready."""
    return stored.told(market.problem_of(session, lots.listed(session, now), now), DISTANCES)


def answer(problem: dict[str, Any]) -> dict[str, Any]:
    """Clear the market; the engine has no way to be asked to stop, so a cancel ends the process."""
    from matching.assign import clear

    return told(clear(stored.read(Problem, problem)))
