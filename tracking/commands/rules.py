"""Where does a command stand, who may give it, and when is it said again?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum

from compliance.record.who import Role
from devices.codecs.command_args import GATEWAY, SCALE, SIGNED, TERMINAL, CommandType
from devices.codecs.commands_json import CommandState
from devices.codecs.config_json import GatewaySettings, ScaleSettings, Wanted
from tracking.fleet.rules import MAY_MANAGE, DeviceKind

VALID_FOR = timedelta(minutes=10)
SHORTEST, LONGEST = timedelta(seconds=10), timedelta(days=7)
"""A device remembers the commands of seven days (telemetry.md 1.9)."""
LATE = timedelta(seconds=60)
"""So long after its expiry a command waits for the word of a device that did it in time."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(seconds=60)
MOST_OPEN = 50
"""So many commands of one device may be open at once."""


class State(StrEnum):
    """Where a command stands."""

    QUEUED = "queued"
    SENT = "sent"
    RECEIVED = "received"
    ACCEPTED = "accepted"
    DONE = "done"
    FAILED = "failed"
    EXPIRED = "expired"


class Act(StrEnum):
    """What moves a command: the server's `send`, the device's word, or the time."""

    SEND = "send"
    RECEIVE = "receive"
    ACCEPT = "accept"
    FINISH = "finish"
    FAIL = "fail"
    EXPIRE = "expire"


_OPEN = (State.QUEUED, State.SENT, State.RECEIVED, State.ACCEPTED)
NEXT: Mapping[tuple[State, Act], State] = {
    (State.QUEUED, Act.SEND): State.SENT,
    (State.QUEUED, Act.RECEIVE): State.RECEIVED,
    (State.SENT, Act.RECEIVE): State.RECEIVED,
    **{(state, Act.ACCEPT): State.ACCEPTED for state in _OPEN[:3]},
    **{(state, Act.FINISH): State.DONE for state in _OPEN},
    **{(state, Act.FAIL): State.FAILED for state in _OPEN},
    **{(state, Act.EXPIRE): State.EXPIRED for state in _OPEN},
}
OVER = frozenset({State.DONE, State.FAILED, State.EXPIRED})
ACT_OF: Mapping[CommandState, Act] = {
    CommandState.RECEIVED: Act.RECEIVE,
    CommandState.ACCEPTED: Act.ACCEPT,
    CommandState.DONE: Act.FINISH,
    CommandState.FAILED: Act.FAIL,
    CommandState.EXPIRED: Act.EXPIRE,
}

PHONE = frozenset({CommandType.PING, CommandType.TEXT, CommandType.LOCATE, CommandType.TRACK})
OBEYS: Mapping[DeviceKind, frozenset[CommandType]] = {
    DeviceKind.VEHICLE: TERMINAL,
    DeviceKind.SCALE: SCALE,
    DeviceKind.GATEWAY: GATEWAY,
    DeviceKind.PHONE: PHONE,
}
"""What each kind of device can be told."""
SETTINGS: Mapping[DeviceKind, type[Wanted]] = {
    DeviceKind.SCALE: ScaleSettings,
    DeviceKind.GATEWAY: GatewaySettings,
}
"""What each kind of device can be configured with; a terminal's settings are commands (0x8103)."""


def may_order(roles: frozenset[Role], kind: DeviceKind) -> bool:
    """Tell whether somebody with these roles commands and configures such a device."""
    return bool(roles & MAY_MANAGE[kind])


def needs_password(kind: CommandType) -> bool:
    """Tell whether the password has to be shown again: the command moves something (telemetry.md 1.10)."""
    return kind in SIGNED


def next_state(state: State, act: Act) -> State | None:
    """Return where an act leads, or None where it changes nothing any more."""
    return NEXT.get((state, act))


def pause_before(tries: int) -> timedelta:
    """Return how long to wait for a device's word before a command is said again."""
    return min(LONGEST_PAUSE, FIRST_PAUSE * (1 << min(tries, 10)))
