"""How do JSON payloads become checked values, and which bounds do the numbers have?"""

import zlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import chain
from math import isfinite
from typing import Annotated, Any, TypeVar

import msgspec

from devices.codecs import FrameRefused, RefusalCode

MAX_PAYLOAD = 256 * 1024
MAX_SAFE = 2**53 - 1  # RFC 8785 numbers are IEEE doubles; larger whole numbers would not survive signing.
MAX_MS = 4_102_444_800_000  # 2100-01-01
MAX_DEPTH = 32
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)

_ZLIB = b"\x78"
_MAPS = frozenset(bytes([head]) for head in (*range(0x80, 0x90), 0xDE, 0xDF))
"""How a MessagePack map can begin."""

Seq = Annotated[int, msgspec.Meta(ge=1, le=MAX_SAFE)]
Count = Annotated[int, msgspec.Meta(ge=0, le=MAX_SAFE)]
Millis = Annotated[int, msgspec.Meta(ge=0, le=MAX_MS)]
Flag = Annotated[int, msgspec.Meta(ge=0, le=1)]
Bits = Annotated[int, msgspec.Meta(ge=0, le=2**32 - 1)]
NO_NUL = r"^[^\x00]*\Z"
"""Of a text that is kept in a column of its own: PostgreSQL's texts hold every character but NUL."""
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=NO_NUL)]

JsonObject = dict[str, Any]
_T = TypeVar("_T")


def to_millis(moment: datetime, field: str = "t") -> int:
    """Return whole milliseconds since 1970 UTC; refuse a moment without a zone or outside 1970-2100."""
    if moment.tzinfo is None:
        raise FrameRefused(RefusalCode.BAD_FIELD, f"{field}: time without a zone")
    millis = (moment - EPOCH) // MILLISECOND
    if not 0 <= millis <= MAX_MS:
        raise FrameRefused(RefusalCode.BAD_FIELD, f"{field}: time out of range")
    return millis


def from_millis(millis: int) -> datetime:
    """Return the aware UTC moment of `millis` milliseconds since 1970."""
    return EPOCH + millis * MILLISECOND


def opened(payload: bytes) -> tuple[bytes, bool]:
    """Return a payload as it was before zlib, and whether it is MessagePack; else it is JSON.

    The first byte tells: no JSON begins with zlib's `x`, nor with the head of a MessagePack map. Neither what
    came nor what comes out of it may be longer than `MAX_PAYLOAD`.
    """
    if len(payload) > MAX_PAYLOAD:
        raise FrameRefused(RefusalCode.TOO_LONG, f"{len(payload)} bytes")
    if payload[:1] == _ZLIB:
        payload = _inflated(payload)
    return payload, payload[:1] in _MAPS


def _inflated(payload: bytes) -> bytes:
    stream = zlib.decompressobj()
    try:
        found = stream.decompress(payload, MAX_PAYLOAD)
    except zlib.error as problem:
        raise FrameRefused(RefusalCode.BAD_JSON, str(problem)) from None
    if stream.unconsumed_tail:
        raise FrameRefused(RefusalCode.TOO_LONG, f"more than {MAX_PAYLOAD} bytes once unpacked")
    if not stream.eof:
        raise FrameRefused(RefusalCode.BAD_JSON, "the packed payload is cut short")
    return found


def load(payload: bytes) -> object:
    """Parse one payload (`opened`); refuse what is too long, too deep, or neither JSON nor MessagePack."""
    body, packed = opened(payload)
    try:
        return msgspec.msgpack.decode(body) if packed else msgspec.json.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError) as problem:
        raise FrameRefused(RefusalCode.BAD_JSON, str(problem)) from None


def dump(value: object) -> bytes:
    """Write one JSON payload; refuse values JSON cannot say and payloads longer than `MAX_PAYLOAD`."""
    try:
        payload = msgspec.json.encode(value)
    except (msgspec.MsgspecError, TypeError, ValueError, OverflowError, RecursionError) as problem:
        raise FrameRefused(RefusalCode.BAD_FIELD, str(problem)) from None
    if len(payload) > MAX_PAYLOAD:
        raise FrameRefused(RefusalCode.TOO_LONG, f"{len(payload)} bytes")
    return payload


def check(value: object, shape: type[_T]) -> _T:
    """Return `value` as `shape`; refuse a missing, mistyped or out-of-range field by its path."""
    try:
        return msgspec.convert(value, shape)
    except (msgspec.ValidationError, ValueError, RecursionError) as problem:
        raise FrameRefused(RefusalCode.BAD_FIELD, str(problem)) from None


def kept_raw(value: object) -> bytes:
    """Return what was refused as it shall be kept: JSON, or what Python calls it, cut at `MAX_PAYLOAD`."""
    try:
        return msgspec.json.encode(value)[:MAX_PAYLOAD]
    except (msgspec.MsgspecError, TypeError, ValueError, OverflowError, RecursionError):
        return repr(value).encode(errors="replace")[:MAX_PAYLOAD]


def split_extra(value: object, shape: type[msgspec.Struct]) -> JsonObject:
    """Return the keys of `value` that `shape` does not name; refuse what cannot be kept (`sound`)."""
    known = shape.__struct_encode_fields__
    found = {key: item for key, item in check(value, JsonObject).items() if key not in known}
    if found:
        sound(found)
    return found


def sound(value: object, depth: int = MAX_DEPTH) -> None:
    """Refuse what JSON cannot say, though MessagePack can, and what is nested deeper than `MAX_DEPTH`.

    That is a number that is none, bytes, a moment, a key that is no text.
    """
    fault = ""
    if isinstance(value, float):
        fault = "" if isfinite(value) else f"{value} is no number"
    elif isinstance(value, dict | list):
        fault = "" if depth else f"nested deeper than {MAX_DEPTH}"
        for item in _inner(value) if depth else ():
            sound(item, depth - 1)
    elif value is not None and not isinstance(value, str | int):
        fault = f"JSON has no {type(value).__name__}"
    if fault:
        raise FrameRefused(RefusalCode.BAD_FIELD, fault)


def _inner(value: dict[object, object] | list[object]) -> Iterable[object]:
    """Return what is in a list or an object, the keys with it."""
    if isinstance(value, list):
        return value
    if odd := next((key for key in value if not isinstance(key, str)), None):
        raise FrameRefused(RefusalCode.BAD_FIELD, f"a key that is no text: {odd!r:.40}")
    return chain(value, value.values())


def with_extra(
    known: Mapping[str, object], extra: Mapping[str, object], shape: type[msgspec.Struct]
) -> JsonObject:
    """Return `known` (checked, without its Nones) plus `extra`; an extra key may hide no known key."""
    clash = set(extra) & set(shape.__struct_encode_fields__)
    if clash:
        raise FrameRefused(RefusalCode.BAD_FIELD, f"extra keys are taken: {sorted(clash)}")
    value = {key: item for key, item in known.items() if item is not None}
    check(value, shape)
    return {**value, **extra}
