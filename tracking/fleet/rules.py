"""Which devices are there, which of them may speak, and how is a plate written?"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import NAMESPACE_OID, UUID, uuid5

from compliance.record.who import Role

_UNSEEN = re.compile(r"[\s·•・.\-]+")

RESERVED = frozenset({"server", "gateway-demo", "enrol"})
"""Names that are taken: of the broker's other users, and of an address of the API."""
CODE_SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""What an enrolment code is made of: nothing that is read for something else (0 O, 1 I L)."""
CODE_LENGTH = 12
"""59 bits: nobody guesses one within its days, at the few tries an address has."""
CODE_FOR = timedelta(days=1)
LONGEST_CODE = timedelta(days=14)
OVERLAP = timedelta(days=1)
LONGEST_OVERLAP = timedelta(days=7)
SILENT_AFTER = 3
"""A device is off after so many intervals without a word (telemetry.md 1.8)."""
INTERVAL_S = 30
"""How often a device tells its state, unless its configuration says otherwise."""
SKEWED_S = 30.0
"""From which deviation on a device's clock is flagged (telemetry.md 1.7)."""


class DeviceKind(StrEnum):
    """What a device does here."""

    VEHICLE = "vehicle"
    SCALE = "scale"
    GATEWAY = "gateway"
    PHONE = "phone"


class DeviceStatus(StrEnum):
    """Whether a device may speak."""

    REGISTERED = "registered"
    ACTIVE = "active"
    REVOKED = "revoked"


class DeviceAct(StrEnum):
    """What changes whether a device may speak."""

    ENROL = "enrol"
    VOUCH = "vouch"
    REVOKE = "revoke"
    REPROVISION = "reprovision"


NEXT: Mapping[tuple[DeviceStatus, DeviceAct], DeviceStatus] = {
    (DeviceStatus.REGISTERED, DeviceAct.ENROL): DeviceStatus.ACTIVE,
    (DeviceStatus.REGISTERED, DeviceAct.VOUCH): DeviceStatus.ACTIVE,
    (DeviceStatus.REGISTERED, DeviceAct.REVOKE): DeviceStatus.REVOKED,
    (DeviceStatus.REGISTERED, DeviceAct.REPROVISION): DeviceStatus.REGISTERED,
    (DeviceStatus.ACTIVE, DeviceAct.ENROL): DeviceStatus.ACTIVE,
    (DeviceStatus.ACTIVE, DeviceAct.VOUCH): DeviceStatus.ACTIVE,
    (DeviceStatus.ACTIVE, DeviceAct.REVOKE): DeviceStatus.REVOKED,
    (DeviceStatus.ACTIVE, DeviceAct.REPROVISION): DeviceStatus.REGISTERED,
    (DeviceStatus.REVOKED, DeviceAct.REPROVISION): DeviceStatus.REGISTERED,
}

MAY_MANAGE: Mapping[DeviceKind, frozenset[Role]] = {
    DeviceKind.VEHICLE: frozenset({Role.DISPATCHER, Role.OPERATOR}),
    DeviceKind.PHONE: frozenset({Role.DISPATCHER, Role.OPERATOR}),
    DeviceKind.GATEWAY: frozenset({Role.DISPATCHER, Role.OPERATOR}),
    DeviceKind.SCALE: frozenset({Role.PRODUCER, Role.PROCESSOR, Role.OPERATOR}),
}
"""Who provisions which kind: a carrier what drives, a site's owner its scale, the operator all."""


class Presence(StrEnum):
    """Is it there? `never`: it has not said anything yet."""

    NEVER = "never"
    ONLINE = "online"
    SILENT = "silent"
    OFFLINE = "offline"


@dataclass(frozen=True, slots=True)
class KeyLife:
    """From when to when a device's key signs, and when it was called untrustworthy, if it was."""

    valid_from: datetime
    valid_to: datetime | None = None
    revoked_at: datetime | None = None

    def believes(self, told_at: datetime, received_at: datetime) -> bool:
        """Tell whether something signed with the key counts.

        What an exchanged key signed before the exchange still comes in late and counts; of a revoked key
        nothing counts that comes in after the revocation, for it may be anybody's.
        """
        if self.revoked_at is not None and received_at >= self.revoked_at:
            return False
        return self.valid_to is None or told_at <= self.valid_to


@dataclass(frozen=True, slots=True)
class CredentialLife:
    """When a device's password was issued, used first and ends."""

    issued_at: datetime
    used_at: datetime | None = None
    valid_to: datetime | None = None
    revoked_at: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Tell whether the password is taken at a moment."""
        return self.revoked_at is None and (self.valid_to is None or at < self.valid_to)


def at_the_broker(lives: Sequence[CredentialLife], at: datetime) -> int | None:
    """Return the index of the one password that the broker takes: a broker knows one for each user.

    The newest that has been used; until then the oldest that still holds, so that nobody is cut off before
    the new one has reached the device.
    """
    holding = [place for place, life in enumerate(lives) if life.holds(at)]
    if not holding:
        return None
    used = [place for place in holding if lives[place].used_at is not None]
    if used:
        return max(used, key=lambda place: lives[place].issued_at)
    return min(holding, key=lambda place: lives[place].issued_at)


def presence(*, on: bool, last_seen: datetime | None, now: datetime, interval_s: float) -> Presence:
    """Tell whether a device is there: by its own word, and by how long it has been silent."""
    if last_seen is None:
        return Presence.ONLINE if on else Presence.NEVER
    if not on:
        return Presence.OFFLINE
    return (
        Presence.SILENT if now - last_seen > timedelta(seconds=SILENT_AFTER * interval_s) else Presence.ONLINE
    )


def next_status(status: DeviceStatus, act: DeviceAct) -> DeviceStatus | None:
    """Return where an act leads, or None where it may not happen."""
    return NEXT.get((status, act))


def plain_code(typed: str) -> str:
    """Return an enrolment code as it is compared: capitals, without blanks and hyphens."""
    return _UNSEEN.sub("", typed).upper()


def shown_code(code: str) -> str:
    """Return a code as people read it: `ABCD-EFGH-JKMN`."""
    return "-".join(code[place : place + 4] for place in range(0, len(code), 4))


def plate_key(plate: str) -> str:
    """Return a plate as it is compared: upper case, no blanks, dots, hyphens (鄂A·12345 = 鄂a12345)."""
    return _UNSEEN.sub("", plate).upper()


def subject_of(device_id: str) -> UUID:
    """Return the id under which the record speaks of a device: it is made from the device's name."""
    return uuid5(NAMESPACE_OID, f"device:{device_id}")


def tenant_of(organisation_id: UUID) -> str:
    """Return the tenant under which an organisation's devices speak (telemetry.md 1)."""
    return f"org-{organisation_id.hex[-12:]}"
