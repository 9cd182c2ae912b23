"""What has to be kept of a vehicle's way so far, so that the next fix can be judged?

Each handler has its own part and may read those of the handlers before it. A part is replaced, never changed.
"""

from __future__ import annotations

import copy
from datetime import datetime

import msgspec

from devices.readings import Load
from tracking.judgement.rules import Episode
from tracking.positions.rules import Fix

FORM = 1
"""Raised whenever a part changes its meaning: a state of an older form is judged again from the start."""


class Part(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One handler's own state."""


class Track(Part, frozen=True, gc=False):
    """The last believed place, and what lies between it and the one before; `doubted` await their like.

    A parked vehicle's place stays where it was first seen, however the fixes wander.
    """

    at: datetime
    seq: int
    lat: float
    lon: float
    metres: float = 0.0
    gap_s: float = 0.0
    believed: bool = True
    doubted: tuple[Fix, ...] = ()


class Motion(Part, frozen=True, gc=False):
    """Driving or standing since when and where, how far, and since when it looks otherwise."""

    episode: Episode
    moving: bool
    metres: float = 0.0
    turn_at: datetime | None = None
    turn_lat: float = 0.0
    turn_lon: float = 0.0
    turn_metres: float = 0.0
    driven_m: float = 0.0
    """Length of the last drive that ended."""


class Odometer(Part, frozen=True, gc=False):
    """What the vehicle's own odometer said last, and when the present drive or stop began."""

    told_m: int
    began_m: int
    since: datetime


class Inside(Part, frozen=True, gc=False):
    """A fence that the vehicle is in, or not yet clear of."""

    place: str
    since: datetime
    lat: float
    lon: float
    out_at: datetime | None = None
    episode: Episode | None = None


class Astray(Part, frozen=True, gc=False):
    """Off the route since when, how far along and beside it, and since when back."""

    since: datetime
    lat: float
    lon: float
    trip: str
    metres: float = 0.0
    farthest_m: float = 0.0
    back_at: datetime | None = None
    episode: Episode | None = None


class TooFast(Part, frozen=True, gc=False):
    """Above the limit since when, how fast at most, and since when below it again."""

    since: datetime
    lat: float
    lon: float
    most_kmh: float
    limit_kmh: float
    back_at: datetime | None = None
    episode: Episode | None = None


class Status(Part, frozen=True, gc=False):
    """Doors, lock and load as last told; which openings last; `way`: laden and on the road at the time."""

    bits: int
    load: Load
    way: str = ""
    open: tuple[Episode, ...] = ()


class State(msgspec.Struct, array_like=True):
    """All parts, in the order of the handlers."""

    form: int = FORM
    track: Track | None = None
    motion: Motion | None = None
    odometer: Odometer | None = None
    sites: tuple[Inside, ...] = ()
    trip: str = ""
    corridor: Astray | None = None
    areas: tuple[Inside, ...] = ()
    overspeed: TooFast | None = None
    halt: Episode | None = None
    silence: None = None
    status: Status | None = None
    driver: Episode | None = None
    wrong_driver: Episode | None = None


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(State).decode


def packed(state: State) -> bytes:
    """Return a state as bytes; equal states give equal bytes."""
    return _encode(state)


def unpacked(data: bytes) -> State | None:
    """Return a state from its bytes; None for one of another form."""
    try:
        state = _decode(data)
    except msgspec.MsgspecError:
        return None
    return state if state.form == FORM else None


def copied(state: State) -> State:
    """Return a state that may be changed apart from the first."""
    return copy.copy(state)
