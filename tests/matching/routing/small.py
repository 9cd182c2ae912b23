"""A straight road with a place each kilometre, 100 seconds apart, on which plans can be reckoned by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from matching.routing.model import (
    Compartment,
    Place,
    Problem,
    Request,
    Roads,
    Shift,
    Span,
    Stop,
    Vehicle,
)

LENGTH = 10


def road(size: int = LENGTH) -> Roads:
    """Lay the road."""
    at = np.arange(size, dtype=np.float64)
    apart = np.abs(at[:, None] - at[None, :])
    return Roads(apart * 1000, apart * 100, "ruler", "1")


def load(name: str = "A", start: int = 1, end: int = 2, **facts: object) -> Request:
    """Make a load of one tonne without service times; `ready` and `due` are spans of its two ends."""
    windows = {"pickup": facts.pop("ready", ()), "delivery": facts.pop("due", ())}
    service = facts.pop("service_s", 0.0)
    base = Request(
        id=name,
        pickup=Stop(start, windows["pickup"], service),  # type: ignore[arg-type]
        delivery=Stop(end, windows["delivery"], service),  # type: ignore[arg-type]
        amounts=(1.0,),
    )
    return replace(base, **facts)  # type: ignore[arg-type]


def lorry(
    name: str = "V", start: int = 0, end: int | None = 0, ends: float = 10_000.0, **facts: object
) -> Vehicle:
    """Make a lorry for ten tonnes that costs 1 fen a metre."""
    base = Vehicle(name, (Shift(start, end, 0.0, ends),), (Compartment((10.0,)),), per_km_fen=1000.0)
    return replace(base, **facts)  # type: ignore[arg-type]


def day(requests: list[Request], vehicles: list[Vehicle] | None = None, **facts: object) -> Problem:
    """Put a day together."""
    places = facts.pop("places", tuple(Place(f"p{n}") for n in range(LENGTH)))
    return Problem(
        places=places,  # type: ignore[arg-type]
        requests=tuple(requests),
        vehicles=tuple(vehicles or [lorry()]),
        roads=(road(),),
        **facts,  # type: ignore[arg-type]
    )


def span(start: float, end: float) -> tuple[Span, ...]:
    """Make one window."""
    return (Span(start, end),)
