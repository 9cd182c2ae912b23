"""The handlers of the judgement, in their order: each a pure function of the state so far and one fix.

A handler takes (state, fix, around), reads the parts of those before it, and returns its own new part and
what it found. `validity` comes first and alone decides whether the others see the fix.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tracking.judgement.handlers import (
    areas,
    corridor,
    crew,
    driver,
    halts,
    motion,
    odometer,
    overspeed,
    silence,
    sites,
    status,
    trip,
)
from tracking.judgement.rules import Around, Episodes
from tracking.judgement.state import State
from tracking.positions.rules import Fix

Handler = Callable[[State, Fix, Around], tuple[Any, Episodes]]

HANDLERS: tuple[tuple[str, Handler], ...] = (
    ("motion", motion.judge),
    ("odometer", odometer.judge),
    ("sites", sites.judge),
    ("trip", trip.judge),
    ("corridor", corridor.judge),
    ("areas", areas.judge),
    ("overspeed", overspeed.judge),
    ("halt", halts.judge),
    ("silence", silence.judge),
    ("status", status.judge),
    ("driver", driver.judge),
    ("wrong_driver", crew.judge),
)
"""Part of the state and who writes it."""
