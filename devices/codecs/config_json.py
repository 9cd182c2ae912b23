"""Which settings does the server want an agent to have, and in which version (`cfg`, retained)?

A configuration is the whole of what the server wants: what it does not name goes back to the agent's own
file. The agent tries it, keeps it, and tells its version in `state`; one that it cannot use is told there as
`bad`, and the version before stays in force.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, TypeVar

import msgspec

from devices.codecs import FrameRefused, RefusalCode
from devices.codecs.terminals import Terminal
from devices.codecs.wire import JsonObject, Millis, Seq, check, from_millis, to_millis

MAX_CONFIG = 1024 * 1024
_Seconds = Annotated[float, msgspec.Meta(ge=1, le=86_400)]
MAX_TERMINALS = 10_000
_T = TypeVar("_T", bound="Wanted")


@dataclass(frozen=True, slots=True)
class Configuration:
    """The settings wanted of one device, by version; a higher version supersedes a lower one."""

    version: int
    issued_at: datetime
    settings: JsonObject = field(default_factory=dict)


class _Configuration(msgspec.Struct, forbid_unknown_fields=True):
    v: Seq
    t: Millis
    set: JsonObject = msgspec.field(default_factory=dict)


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Settings of which each may be left out."""


class GatewaySettings(Wanted, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What the server may set of a gateway."""

    terminals: Annotated[list[Terminal], msgspec.Meta(max_length=MAX_TERMINALS)] | None = None
    idle_s: _Seconds | None = None
    auth_s: _Seconds | None = None
    max_connections: Annotated[int, msgspec.Meta(ge=1, le=100_000)] | None = None
    frames_per_minute: Annotated[int, msgspec.Meta(ge=1, le=100_000)] | None = None
    connections_per_address: Annotated[int, msgspec.Meta(ge=1, le=100_000)] | None = None


class ScaleSettings(Wanted, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What the server may set of a scale agent: when the deck counts as occupied and as still.

    What was learned at commissioning (protocol, decimals, unit, division) is not the server's to change.
    """

    threshold_kg: Annotated[int, msgspec.Meta(ge=1, le=100_000)] | None = None
    zero_band_kg: Annotated[int, msgspec.Meta(ge=0, le=1_000)] | None = None
    still_frames: Annotated[int, msgspec.Meta(ge=2, le=100)] | None = None
    still_s: Annotated[float, msgspec.Meta(ge=0.2, le=60)] | None = None


def encode_config(config: Configuration) -> bytes:
    """Write one configuration; refuse one longer than `MAX_CONFIG`."""
    value = {"v": config.version, "t": to_millis(config.issued_at), "set": config.settings}
    check(value, _Configuration)
    try:
        payload = msgspec.json.encode(value)
    except (msgspec.MsgspecError, TypeError, ValueError, OverflowError, RecursionError) as problem:
        raise FrameRefused(RefusalCode.BAD_FIELD, str(problem)) from None
    _refuse_length(payload)
    return payload


def decode_config(payload: bytes) -> Configuration:
    """Read one configuration; its settings are looked at by `read_settings`."""
    _refuse_length(payload)
    try:
        value = msgspec.json.decode(payload)
    except (msgspec.MsgspecError, ValueError, RecursionError) as problem:
        raise FrameRefused(RefusalCode.BAD_JSON, str(problem)) from None
    wire = check(value, _Configuration)
    return Configuration(wire.v, from_millis(wire.t), wire.set)


def read_settings(config: Configuration, shape: type[_T]) -> _T:
    """Return the settings as `GatewaySettings` or `ScaleSettings`; refuse an unknown or impossible one."""
    return check(config.settings, shape)


def _refuse_length(payload: bytes) -> None:
    if len(payload) > MAX_CONFIG:
        raise FrameRefused(RefusalCode.TOO_LONG, f"{len(payload)} bytes")
