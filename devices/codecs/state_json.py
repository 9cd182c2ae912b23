"""What does a device say of itself, and how is it told apart from its last will (telemetry.md 1.8)?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

import msgspec

from devices.codecs.wire import NO_NUL, Count, Flag, Seq, check, dump, load


class RefusedConfig(msgspec.Struct, frozen=True):
    """A configuration that a device could not use: its version, and why."""

    v: Seq
    code: Annotated[str, msgspec.Meta(max_length=40)]
    detail: Annotated[str, msgspec.Meta(max_length=300)] = ""


@dataclass(frozen=True, slots=True)
class DeviceState:
    """The retained presence of a device; a last will carries only `on` and `boot`.

    `q` = records waiting of `cap`; `n` = what the device has counted since its boot, by name; `can` = the
    types of commands that it obeys; `bad` = the newest configuration that it could not use.
    """

    on: bool
    inc: int = 0
    boot: int = 0
    fw: str = ""
    cfg: int = 0
    q: int = 0
    n: Mapping[str, int] = field(default_factory=dict)
    cap: int = 0
    can: tuple[str, ...] = ()
    bad: RefusedConfig | None = None


class _State(msgspec.Struct):
    on: Flag
    boot: Count = 0
    inc: Count = 0
    fw: Annotated[str, msgspec.Meta(max_length=64, pattern=NO_NUL)] = ""
    cfg: Count = 0
    q: Count = 0
    n: Annotated[dict[Annotated[str, msgspec.Meta(max_length=40)], Count], msgspec.Meta(max_length=100)] = {}
    cap: Count = 0
    can: Annotated[tuple[Annotated[str, msgspec.Meta(max_length=40)], ...], msgspec.Meta(max_length=50)] = ()
    bad: RefusedConfig | None = None


def encode_state(state: DeviceState) -> bytes:
    """Write the retained state of a device."""
    value = {
        "on": int(state.on),
        "inc": state.inc,
        "boot": state.boot,
        "fw": state.fw,
        "cfg": state.cfg,
        "q": state.q,
        **({"n": dict(state.n)} if state.n else {}),
        **({"cap": state.cap} if state.cap else {}),
        **({"can": list(state.can)} if state.can else {}),
        **({"bad": msgspec.to_builtins(state.bad)} if state.bad else {}),
    }
    check(value, _State)
    return dump(value)


def decode_state(payload: bytes) -> DeviceState:
    """Read the state or the last will of a device."""
    wire = check(load(payload), _State)
    return DeviceState(
        bool(wire.on),
        wire.inc,
        wire.boot,
        wire.fw,
        wire.cfg,
        wire.q,
        wire.n,
        wire.cap,
        wire.can,
        wire.bad,
    )
