"""Which weight does an indicator send in the SMA level 1 protocol?

LF, status, range, mode, motion, a free character, ten characters of weight, three of unit, CR. Source: SMA
scale communication protocol, standard scale response; the width of the weight field is assumed.
"""

from __future__ import annotations

from devices.codecs import FrameRefused, RefusalCode
from devices.codecs.scales.fields import Fields, given_text, key_of, number, one_of, printed
from devices.codecs.scales.protocol import NO_FRAME, WAIT, Check, ScaleProtocol
from devices.readings import ScaleReading

_LF, _CR = 0x0A, 0x0D
_FRAME = 20
_STATUS = {
    " ": "valid",
    "Z": "center_of_zero",
    "O": "over_capacity",
    "U": "under_capacity",
    "E": "zero_error",
    "I": "initial_zero_error",
    "T": "tare_error",
}
_WEIGHS = (" ", "Z")
_MODES = {"G": "gross", "N": "net", "T": "tare"}
_MOTION = {" ": False, "M": True}
_RANGES = dict.fromkeys("123456789")
_UNITS = dict.fromkeys(("kg", "lb", "g", "t", "oz", "ton", "tn"))


def _cut(text: bytes, _check: Check | None) -> int:
    for at, table in ((1, _STATUS), (2, _RANGES), (3, _MODES), (4, _MOTION)):
        if text[at : at + 1] and chr(text[at]) not in table:
            return NO_FRAME
    if len(text) < _FRAME:
        return WAIT
    return _FRAME if text[_FRAME - 1] == _CR else NO_FRAME


def _read(text: bytes, _check: Check | None) -> ScaleReading:
    if len(text) != _FRAME:
        raise FrameRefused(RefusalCode.BAD_LENGTH, f"{len(text)} bytes: {text.hex()}")
    if text[0] != _LF or text[-1] != _CR:
        raise FrameRefused(RefusalCode.BAD_DELIMITER, text.hex())
    line = text[1:-1].decode("ascii")
    status = one_of(line[0], _STATUS, "status")
    mode = _MODES[one_of(line[2], _MODES, "mode")]
    motion = _MOTION[one_of(line[3], _MOTION, "motion")]
    unit = one_of(line[15:].rstrip(" "), _UNITS, "unit")
    facts: dict[str, object] = {
        "range": one_of(line[1], _RANGES, "range"),
        "status": _STATUS[status],
        "center_of_zero": status == "Z",
        "over_capacity": status == "O",
        "under_capacity": status == "U",
        "free": line[4],
        "text": line[5:15],
    }
    if status not in _WEIGHS:
        facts["valid"] = False
        return ScaleReading(
            None, unit, None, None, mode, overload=status == "O", underload=status == "U", facts=facts
        )
    value, decimals = number(line[5:15], "displayed")
    return ScaleReading(value, unit, decimals, not motion, mode, motion=motion, facts=facts)


def _write(fields: Fields) -> bytes:
    status = key_of(_STATUS, _status_of(fields), "status")
    mode = key_of(_MODES, fields.get("gross_or_net", "gross"), "gross_or_net")
    motion = key_of(_MOTION, bool(fields.get("motion") or fields.get("stable") is False), "motion")
    if status not in _WEIGHS:
        motion = " "
    no_weight = fields.get("displayed") is None and status not in _WEIGHS
    default = None if "text" in fields else " " * 10 if no_weight else printed(fields, 10)
    text = given_text(fields, "text", default)
    unit = given_text(fields, "unit", "kg").ljust(3)
    head = f"{status}{given_text(fields, 'range', '1')}{mode}{motion}{given_text(fields, 'free', ' ')}"
    return bytes([_LF]) + f"{head}{text}{unit}".encode("ascii") + bytes([_CR])


def _status_of(fields: Fields) -> object:
    flags = ("center_of_zero", "over_capacity", "under_capacity")
    return fields.get("status", next((flag for flag in flags if fields.get(flag)), "valid"))


def _ask(_address: str) -> bytes:
    return b"\nW\r"


PROTOCOLS = (
    ScaleProtocol(
        name="sma_level1",
        indicators="Indicators with the protocol of the Scale Manufacturers Association, level 1",
        check=Check.NONE,
        starts=bytes([_LF]),
        longest=_FRAME,
        cut=_cut,
        read=_read,
        write=_write,
        states=frozenset({"decimals", "unit", "stable", "gross_or_net"}),
        ask=_ask,
    ),
)
