"""By which figures are positions judged?"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec

_FILE = Path(__file__).parent / "limits.toml"


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One table of the file; a figure that is missing or unknown ends the start."""


class Validity(_Part, frozen=True):
    """When a fix is not believed beside its neighbours."""

    jump_kmh: float
    jump_slack_m: float
    agreeing: int
    drift_m: float
    drift_kmh: float


class Motion(_Part, frozen=True):
    """When a vehicle drives and when it stands."""

    rolling_kmh: float
    start_s: float
    start_m: float
    halt_s: float


class Odometer(_Part, frozen=True):
    """When an odometer is contradicted."""

    least_m: float
    differs: float


class Sites(_Part, frozen=True):
    """When a vehicle visits a site."""

    dwell_s: float


class Areas(_Part, frozen=True):
    """When a vehicle is in a restricted area (M8)."""

    dwell_s: float
    leaving_m: float


class Corridor(_Part, frozen=True):
    """When a vehicle has left its planned route."""

    road_m: float
    estimate_m: float
    estimate_share: float
    back: float
    out_s: float
    out_m: float
    back_s: float


class Speed(_Part, frozen=True):
    """When a vehicle is too fast."""

    hazardous_kmh: float
    other_kmh: float
    over_s: float
    back_s: float


class Stops(_Part, frozen=True):
    """When a stop on the way was not planned."""

    unplanned_s: float


class Silence(_Part, frozen=True):
    """When a vehicle on its way has been silent."""

    gap_s: float


class Limits(_Part, frozen=True):
    """Every figure of the judgement."""

    validity: Validity
    motion: Motion
    odometer: Odometer
    sites: Sites
    areas: Areas
    corridor: Corridor
    speed: Speed
    stops: Stops
    silence: Silence


@cache
def limits() -> Limits:
    """Return the figures of `limits.toml`."""
    return msgspec.toml.decode(_FILE.read_bytes(), type=Limits)
