"""Which weight does an indicator send in Toledo's continuous and short formats?

STX, status bytes A, B and C, six characters of weight, six of tare (not in the short format), CR, and a
check byte that many lines leave away: the two's complement of the sum of the low seven bits. A check byte
may equal STX or CR. Sources: JagXtreme-class manual, page 6-5; Rockwell 57C428, appendix D; IND445 user
manual, page 50; Cardinal 225 manual, page 118 (short). With decimal code 1 the fixed zero is among the six
digits (captured).
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import partial

from devices.codecs import FrameRefused, RefusalCode
from devices.codecs.scales.fields import (
    Fields,
    digits_of,
    given_flag,
    given_number,
    given_places,
    given_text,
    given_whole,
    sum7,
)
from devices.codecs.scales.protocol import NO_FRAME, WAIT, Check, ScaleProtocol
from devices.readings import ScaleReading

_STX, _CR = 0x02, 0x0D
_CONTINUOUS, _SHORT = 17, 11
_UNITS = {1: "g", 2: "t", 3: "oz", 4: "ozt", 5: "dwt", 6: "ton", 7: "custom"}
_BY_BIT_4 = {0: "lb", 1: "kg"}
_INCREMENTS = {0: None, 1: 1, 2: 2, 3: 5}
_B_FLAGS = {"net": 0, "out_of_range": 2, "motion": 3, "power_up_not_zeroed": 6}
_C_FLAGS = {"print_request": 3, "expand_x10": 4}
_WIDTH = 6


def _cut(base: int, text: bytes, check: Check | None) -> int:
    """Find the frame's end; without a setting a missing check byte shows by the next frame's start."""
    if not _may_begin(text) or text[base - 1 : base] not in (b"", bytes([_CR])):
        return NO_FRAME
    if len(text) < base:
        return WAIT
    if check is Check.ABSENT or (check is None and _next_begins(text[base:])):
        return base
    undecided = len(text) == base or (check is None and text[base:] == bytes([_STX]))
    return WAIT if undecided else base + 1


def _may_begin(text: bytes) -> bool:
    """Tell whether the three status bytes, as far as they are here, have their fixed bits."""
    return all(_is_status(byte, fixed) for byte, fixed in zip(text[1:4], (0x60, 0x20, 0x60), strict=False))


def _next_begins(after: bytes) -> bool:
    """Tell whether the next frame follows at once: start byte and status byte A."""
    return len(after) > 1 and after[0] == _STX and _is_status(after[1], fixed=0x60)


def _is_status(byte: int, fixed: int) -> bool:
    return byte & fixed == 0x20


def _read(base: int, text: bytes, check: Check | None) -> ScaleReading:
    _refuse_frame(base, text, check)
    a, b, c = text[1:4]
    code = a & 7
    sign = -1 if b & 2 else 1
    decimals = max(0, code - 2)
    weight_text = text[4:10].decode("ascii")
    value = sign * _digits(weight_text, "displayed").scaleb(-decimals)
    motion = bool(b >> 3 & 1)
    facts: dict[str, object] = {
        "decimal_code": code,
        "increment": _INCREMENTS[a >> 3 & 3],
        "sign": sign,
        **{name: bool(b >> bit & 1) for name, bit in _B_FLAGS.items()},
        **{name: bool(c >> bit & 1) for name, bit in _C_FLAGS.items()},
        "checksum_ok": True if len(text) > base and check is not Check.IGNORED else None,
        "text": weight_text,
    }
    tare = None
    if base == _CONTINUOUS:
        facts["tare_text"] = text[10:16].decode("ascii")
        tare = _tare(str(facts["tare_text"])).scaleb(-decimals)
    unit = _UNITS.get(c & 7) or _BY_BIT_4[b >> 4 & 1]
    which = "net" if b & 1 else "gross"
    return ScaleReading(value, unit, decimals, not motion, which, tare, motion, facts=facts)


def _refuse_frame(base: int, text: bytes, check: Check | None) -> None:
    with_check = {None: (base, base + 1), Check.ABSENT: (base,)}.get(check, (base + 1,))
    if len(text) not in with_check:
        raise FrameRefused(RefusalCode.BAD_LENGTH, f"{len(text)} bytes: {text.hex()}")
    if text[0] != _STX or text[base - 1] != _CR:
        raise FrameRefused(RefusalCode.BAD_DELIMITER, text.hex())
    if len(text) > base and check is not Check.IGNORED and sum7(text[:base]) != text[base]:
        raise FrameRefused(RefusalCode.BAD_CHECKSUM, text.hex())
    if not _may_begin(text):
        raise FrameRefused(RefusalCode.BAD_FIELD, f"status: {text[1:4].hex()}")


def _digits(text: str, field: str) -> Decimal:
    """Read six characters: digits, with blanks before them."""
    digits = text.lstrip(" ")
    if not digits.isdigit():
        raise FrameRefused(RefusalCode.BAD_FIELD, f"{field}: {text!r}")
    return Decimal(int(digits))


def _tare(text: str) -> Decimal:
    """Read the tare, whose field some indicators leave blank for none."""
    return _digits(text, "tare") if text.strip(" ") else Decimal(0)


def _write(base: int, fields: Fields) -> bytes:
    decimals = given_places(fields, 0)
    code = given_whole(fields, "decimal_code", decimals + 2)
    if not 0 <= code <= 7:
        raise FrameRefused(RefusalCode.BAD_FIELD, f"decimal_code: {code}")
    body = bytes([_STX, _status_a(fields, code), *_status_bc(fields)])
    body += _weight_text(fields, "displayed", "text", decimals)
    if base == _CONTINUOUS:
        body += _weight_text({"tare": 0} | dict(fields), "tare", "tare_text", decimals)
    body += bytes([_CR])
    return body + bytes([sum7(body)]) if fields.get("checksum_ok", True) else body


def _status_a(fields: Fields, code: int) -> int:
    increment = fields.get("increment", 1)
    for bits, meant in _INCREMENTS.items():
        if meant == increment:
            return 0x20 | bits << 3 | code
    raise FrameRefused(RefusalCode.BAD_FIELD, f"increment: {increment!r}")


def _status_bc(fields: Fields) -> tuple[int, int]:
    unit = fields.get("unit", "kg")
    codes = {name: number for number, name in _UNITS.items()} | {"kg": 0, "lb": 0}
    if not isinstance(unit, str) or unit not in codes:
        raise FrameRefused(RefusalCode.BAD_FIELD, f"unit: {unit!r}")
    net = given_flag(fields, "net", fields.get("gross_or_net") == "net")
    told = dict(fields) | {"net": net}
    sign = fields.get("sign", -1 if given_number(fields) < 0 else 1)
    b = 0x20 | sum(given_flag(told, name) << bit for name, bit in _B_FLAGS.items())
    b |= (sign == -1) << 1 | (unit != "lb") << 4
    c = 0x20 | sum(given_flag(fields, name) << bit for name, bit in _C_FLAGS.items()) | codes[unit]
    return b, c


def _weight_text(fields: Fields, name: str, text: str, decimals: int) -> bytes:
    default = str(int(digits_of(given_number(fields, name), decimals, _WIDTH, name))).rjust(_WIDTH)
    return given_text(fields, text, default).encode("ascii")


def _row(name: str, indicators: str, base: int) -> ScaleProtocol:
    read: Callable[[bytes, Check | None], ScaleReading] = partial(_read, base)
    return ScaleProtocol(
        name=name,
        indicators=indicators,
        check=Check.SUM7,
        starts=bytes([_STX]),
        longest=base + 1,
        cut=partial(_cut, base),
        read=read,
        write=partial(_write, base),
        states=frozenset({"decimals", "unit", "stable", "gross_or_net"}),
        checks=(Check.SUM7, Check.ABSENT, Check.IGNORED),
    )


PROTOCOLS = (
    _row("toledo_continuous", "Mettler Toledo 8142, 8530, IND, Jaguar and their like", _CONTINUOUS),
    _row("toledo_short", "Cardinal 225 and others in Toledo's short format", _SHORT),
)
