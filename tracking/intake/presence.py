"""Is a device there, and how far is its clock off?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median

import msgspec

from devices.codecs.telemetry_json import DeviceState
from tracking.fleet.tables import Device

SEEN_STEP = timedelta(seconds=5)
"""How exactly "last seen" is kept: one write in this time, not one for every fix."""


def note_state(device: Device, state: DeviceState, received_at: datetime, *, retained: bool) -> bool:
    """Take up what a device says of itself; return False for one of an earlier boot, which is ignored.

    Boots are counted in the outbox: a new incarnation counts anew, and what an earlier one says is old.

    A retained state was said at an unknown time, so it does not move "last seen".
    """
    if (state.inc or device.inc, state.boot) < (device.inc, device.boot):
        return False
    device.boot, device.online, device.state_at = state.boot, state.on, received_at
    if state.on:
        device.firmware, device.config_version, device.queued = state.fw, state.cfg, state.q
        device.counted, device.obeys = dict(state.n), list(state.can)
        device.bad_config = None if state.bad is None else msgspec.to_builtins(state.bad)
        if not retained:
            device.last_seen = received_at
    return True


def is_news(device: Device, received_at: datetime) -> bool:
    """Tell whether it is to be noted that records of a device came in."""
    return device.last_seen is None or received_at >= device.last_seen + SEEN_STEP


def note_records(device: Device, times: Sequence[tuple[datetime, datetime]], received_at: datetime) -> None:
    """Note that records came in: `times` are (receive, device) pairs of the live ones (telemetry.md 1.7)."""
    device.last_seen = received_at
    if times:
        device.skew_s = median((received - told).total_seconds() for received, told in times)
