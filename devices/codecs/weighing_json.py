"""What does a scale sign, and is a signed weighing still what the scale saw?

The signed form is RFC 8785 JSON of every field but `hash` and `sig`; the hash is SHA-256 of it and the
signature Ed25519 (RFC 8032) over the same bytes, both in lower-case hexadecimal.
"""

import hashlib
from dataclasses import replace
from typing import Annotated

import msgspec
import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from devices.codecs import FrameRefused, RefusalCode
from devices.codecs.wire import (
    NO_NUL,
    Count,
    Flag,
    JsonObject,
    Millis,
    Name,
    Seq,
    check,
    dump,
    from_millis,
    load,
    split_extra,
    to_millis,
    with_extra,
)
from devices.readings import Stability, WeighingReading

_Frame = Annotated[str, msgspec.Meta(pattern=r"^([0-9a-f]{2}){1,64}\Z")]
_Digest = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
_UNSIGNED = {"hash", "sig"}


class _Weighing(msgspec.Struct):
    s: Seq
    t: Millis
    no: Seq
    plate: Annotated[str, msgspec.Meta(max_length=32, pattern=NO_NUL)]
    kg: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
    e: Annotated[int, msgspec.Meta(ge=1, le=1000)]
    stab: Stability
    frames: Annotated[list[_Frame], msgspec.Meta(max_length=100)]
    prev: Annotated[str, msgspec.Meta(pattern=r"^([0-9a-f]{64})?\Z")]
    device: Name
    inc: Count
    hash: _Digest
    sig: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{128}\Z")]
    shadow: Flag = 0


class _Numbered(msgspec.Struct):
    s: Seq
    inc: Count


def encode_weighing(device: str, inc: int, reading: WeighingReading) -> bytes:
    """Write one signed weighing."""
    return dump(_full_object(device, inc, reading))


def decode_weighing(payload: bytes) -> tuple[str, int, WeighingReading]:
    """Read one weighing as (device, inc, reading); check its shape, not its signature."""
    value = load(payload)
    wire = check(value, _Weighing)
    reading = WeighingReading(
        seq=wire.s,
        device_time=from_millis(wire.t),
        ticket_number=wire.no,
        plate=wire.plate,
        weight_kg=wire.kg,
        division_kg=wire.e,
        stability=wire.stab,
        frames_hex=tuple(wire.frames),
        previous_hash=wire.prev,
        ticket_hash=wire.hash,
        signature=wire.sig,
        shadow=bool(wire.shadow),
        extra=split_extra(value, _Weighing),
    )
    return wire.device, wire.inc, reading


def number_of(payload: bytes) -> tuple[int, int] | None:
    """Return incarnation and number of a weighing that is refused, where these can be read at least."""
    try:
        told = check(load(payload), _Numbered)
    except FrameRefused:
        return None
    return told.inc, told.s


def weighing_canonical(device: str, inc: int, reading: WeighingReading) -> bytes:
    """Return the bytes a scale signs: RFC 8785 JSON of every field but `hash` and `sig`."""
    value = _full_object(device, inc, replace(reading, ticket_hash="0" * 64, signature="0" * 128))
    signed = {key: item for key, item in value.items() if key not in _UNSIGNED}
    try:
        return rfc8785.dumps(signed)
    except (rfc8785.CanonicalizationError, RecursionError) as problem:
        raise FrameRefused(RefusalCode.BAD_FIELD, str(problem)) from None


def weighing_hash(device: str, inc: int, reading: WeighingReading) -> str:
    """Return the SHA-256 of the canonical bytes; the next weighing names it as `previous_hash`."""
    return hashlib.sha256(weighing_canonical(device, inc, reading)).hexdigest()


def sign_weighing(device: str, inc: int, reading: WeighingReading, private_key_hex: str) -> WeighingReading:
    """Return `reading` with its `ticket_hash` and Ed25519 `signature`; the key is 32 bytes in hexadecimal."""
    canonical = weighing_canonical(device, inc, reading)
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(private_key_hex))
    return replace(
        reading, ticket_hash=hashlib.sha256(canonical).hexdigest(), signature=key.sign(canonical).hex()
    )


def verify_weighing(device: str, inc: int, reading: WeighingReading, public_key_hex: str) -> bool:
    """Say whether hash and signature both fit; anything malformed, the key included, is simply False."""
    try:
        canonical = weighing_canonical(device, inc, reading)
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key_hex))
        key.verify(bytes.fromhex(reading.signature), canonical)
    except (ValueError, InvalidSignature):
        return False
    return hashlib.sha256(canonical).hexdigest() == reading.ticket_hash


def public_key_of(private_key_hex: str) -> str:
    """Return the 32-byte Ed25519 public key, in hexadecimal, that belongs to a private key."""
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(private_key_hex))
    return key.public_key().public_bytes_raw().hex()


def _full_object(device: str, inc: int, reading: WeighingReading) -> JsonObject:
    known: JsonObject = {
        "s": reading.seq,
        "t": to_millis(reading.device_time),
        "no": reading.ticket_number,
        "plate": reading.plate,
        "kg": reading.weight_kg,
        "e": reading.division_kg,
        "stab": str(reading.stability),
        "frames": list(reading.frames_hex),
        "prev": reading.previous_hash,
        "device": device,
        "inc": inc,
        "hash": reading.ticket_hash,
        "sig": reading.signature,
        "shadow": int(reading.shadow),
    }
    return with_extra(known, reading.extra, _Weighing)
