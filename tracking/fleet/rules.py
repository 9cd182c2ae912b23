"""Which devices are there, and how is a plate written?"""

from __future__ import annotations

import re
from enum import StrEnum

_UNSEEN = re.compile(r"[\s·•・.\-]+")


class DeviceKind(StrEnum):
    """What a device does here."""

    VEHICLE = "vehicle"
    SCALE = "scale"
    GATEWAY = "gateway"


class DeviceStatus(StrEnum):
    """Whether a device may still speak."""

    ACTIVE = "active"
    REVOKED = "revoked"


def plate_key(plate: str) -> str:
    """Return a plate as it is compared: upper case, no blanks, dots, hyphens (鄂A·12345 = 鄂a12345)."""
    return _UNSEEN.sub("", plate).upper()
