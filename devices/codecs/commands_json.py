"""What may a server ask a device to do, and what became of it (`cmd`, `res`; telemetry.md 1.9)?

A command names its device, so that a signed one is good for no other: the signed form is RFC 8785 JSON of
every key but `sig`, with `device` in it, and the signature Ed25519 over those bytes, in hexadecimal.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import msgspec
import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from devices.codecs import FrameRefused, RefusalCode
from devices.codecs.command_args import SIGNED, CommandType
from devices.codecs.wire import (
    NO_NUL,
    Flag,
    JsonObject,
    Millis,
    Name,
    check,
    dump,
    from_millis,
    load,
    to_millis,
)

_Id = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{1,64}\Z")]
_Type = Annotated[str, msgspec.Meta(pattern=r"^[a-z_]{1,40}\Z")]
_Signature = Annotated[str, msgspec.Meta(pattern=r"^([0-9a-f]{128})?\Z")]


class CommandState(StrEnum):
    """How far a command has come, by the device's word; `queued` and `sent` are the server's own."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    DONE = "done"
    FAILED = "failed"
    EXPIRED = "expired"


class ResultCode(StrEnum):
    """Why a command was not done."""

    UNKNOWN_TYPE = "unknown_type"
    BAD_ARGS = "bad_args"
    UNSIGNED = "unsigned"
    BAD_SIGNATURE = "bad_signature"
    TOO_MANY = "too_many"
    NO_ANSWER = "no_answer"
    TERMINAL_FAILED = "terminal_failed"
    TERMINAL_BAD_MESSAGE = "terminal_bad_message"
    TERMINAL_UNSUPPORTED = "terminal_unsupported"
    NOT_FITTED = "not_fitted"
    DEVICE_ERROR = "device_error"


@dataclass(frozen=True, slots=True)
class Command:
    """One order to one device; worth nothing after `expires_at`. `type` may be one that we do not know."""

    id: str
    type: str
    issued_at: datetime
    expires_at: datetime
    args: JsonObject = field(default_factory=dict)
    signature: str = ""

    @property
    def needs_signature(self) -> bool:
        """Whether the device must refuse it without the server's signature."""
        return self.type in SIGNED


@dataclass(frozen=True, slots=True)
class CommandResult:
    """What became of a command; with `final` nothing more will be said of it."""

    id: str
    state: CommandState
    at: datetime
    final: bool = False
    code: ResultCode | None = None
    detail: str = ""


class _Command(msgspec.Struct, forbid_unknown_fields=True):
    id: _Id
    type: _Type
    t: Millis
    exp: Millis
    args: JsonObject = msgspec.field(default_factory=dict)
    sig: _Signature = ""


class _Result(msgspec.Struct):
    id: _Id
    state: CommandState
    t: Millis
    end: Flag = 0
    code: Annotated[str, msgspec.Meta(max_length=40, pattern=NO_NUL)] = ""
    detail: Annotated[str, msgspec.Meta(max_length=500, pattern=NO_NUL)] = ""


def encode_command(command: Command) -> bytes:
    """Write one command."""
    return dump(_command_object(command))


def decode_command(payload: bytes) -> Command:
    """Read one command; its type may be unknown and its arguments are looked at by `read_args`."""
    wire = check(load(payload), _Command)
    if wire.exp < wire.t:
        raise FrameRefused(RefusalCode.BAD_FIELD, "exp: before t")
    return Command(wire.id, wire.type, from_millis(wire.t), from_millis(wire.exp), wire.args, wire.sig)


def known_type(command: Command) -> CommandType | None:
    """Return the command's type, or None for one that this release does not know."""
    return CommandType(command.type) if command.type in set(CommandType) else None


def command_canonical(device: str, command: Command) -> bytes:
    """Return the bytes the server signs for this device."""
    value = _command_object(replace(command, signature=""))
    try:
        return rfc8785.dumps({**value, "device": check(device, Name)})
    except (rfc8785.CanonicalizationError, RecursionError) as problem:
        raise FrameRefused(RefusalCode.BAD_FIELD, str(problem)) from None


def sign_command(device: str, command: Command, private_key_hex: str) -> Command:
    """Return `command` with the server's signature; the key is 32 bytes in hexadecimal."""
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(private_key_hex))
    return replace(command, signature=key.sign(command_canonical(device, command)).hex())


def verify_command(device: str, command: Command, public_keys_hex: Iterable[str]) -> bool:
    """Say whether one of the server's keys signed this command for this device."""
    try:
        canonical = command_canonical(device, command)
        signature = bytes.fromhex(command.signature)
    except ValueError:
        return False
    return any(_fits(key, signature, canonical) for key in public_keys_hex)


def encode_result(result: CommandResult) -> bytes:
    """Write one result."""
    value: JsonObject = {"id": result.id, "state": str(result.state), "t": to_millis(result.at)}
    if result.final:
        value["end"] = 1
    if result.code is not None:
        value["code"] = str(result.code)
    if result.detail:
        value["detail"] = result.detail[:500].replace("\0", "\N{REPLACEMENT CHARACTER}")
    check(value, _Result)
    return dump(value)


def decode_result(payload: bytes) -> CommandResult:
    """Read one result; a code that we do not know counts as `device_error` and stands in the detail."""
    wire = check(load(payload), _Result)
    code, detail = None, wire.detail
    if wire.code:
        known = wire.code in set(ResultCode)
        code = ResultCode(wire.code) if known else ResultCode.DEVICE_ERROR
        detail = detail if known else f"{wire.code}: {detail}"
    return CommandResult(wire.id, wire.state, from_millis(wire.t), bool(wire.end), code, detail)


def _command_object(command: Command) -> JsonObject:
    value: JsonObject = {
        "id": command.id,
        "type": command.type,
        "t": to_millis(command.issued_at),
        "exp": to_millis(command.expires_at, "exp"),
        "args": command.args,
    }
    if command.signature:
        value["sig"] = command.signature
    check(value, _Command)
    return value


def _fits(public_key_hex: str, signature: bytes, canonical: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key_hex)).verify(signature, canonical)
    except (ValueError, InvalidSignature):
        return False
    return True
