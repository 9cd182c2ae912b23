"""Which weight does a Rice Lake indicator send, as a stream or when asked?

Consolidated: STX, polarity, seven characters, unit, mode, status (blank valid, M motion, Z centre of zero,
I invalid, O out of range), CR LF (920i USB installation manual, page 123; 482-AG technical manual, page 33).
EDP: STX, address, blank, weight, blank, unit, CR LF, ETX, CR, the answer to XG#1 (880 manual, page 105).
"""

from __future__ import annotations

import re

from devices.codecs import FrameRefused, RefusalCode
from devices.codecs.scales.fields import (
    Fields,
    given_number,
    given_text,
    given_whole,
    key_of,
    number,
    one_of,
    printed,
)
from devices.codecs.scales.protocol import NO_FRAME, WAIT, Check, ScaleProtocol
from devices.readings import ScaleReading

_STX = 0x02
_FRAME = 14
_POLARITY = {" ": 1, "-": -1}
_UNITS = {"L": "lb", "K": "kg", "T": "t", "G": "g", "O": "oz", " ": None}
_MODES = {"G": "gross", "N": "net"}
_STATUS = {" ": "valid", "M": "motion", "Z": "center_of_zero", "I": "invalid", "O": "out_of_range"}
_NO_WEIGHT = ("invalid", "out_of_range")
_EDP_LONGEST = 32
_EDP = re.compile(r"\x02([\x21-\x7e]) ([- ]*[0-9]*\.?[0-9]*) (kg|lb|g|t|oz|tn)\r\n\x03\r")
_EDP_END = b"\r\n\x03\r"


def _cut(text: bytes, _check: Check | None) -> int:
    if text[1:2] and chr(text[1]) not in _POLARITY:
        return NO_FRAME
    if len(text) < _FRAME:
        return WAIT
    return _FRAME if text[_FRAME - 2 : _FRAME] == b"\r\n" else NO_FRAME


def _read(text: bytes, _check: Check | None) -> ScaleReading:
    if len(text) != _FRAME:
        raise FrameRefused(RefusalCode.BAD_LENGTH, f"{len(text)} bytes: {text.hex()}")
    if text[0] != _STX or text[-2:] != b"\r\n":
        raise FrameRefused(RefusalCode.BAD_DELIMITER, text.hex())
    line = text[1:-2].decode("ascii")
    sign = _POLARITY[one_of(line[0], _POLARITY, "polarity")]
    unit = _UNITS[one_of(line[8], _UNITS, "unit")]
    mode = _MODES[one_of(line[9], _MODES, "mode")]
    status = _STATUS[one_of(line[10], _STATUS, "status")]
    facts: dict[str, object] = {
        "valid": status not in _NO_WEIGHT,
        "center_of_zero": status == "center_of_zero",
        "out_of_range": status == "out_of_range",
        "text": line[1:8],
    }
    if status in _NO_WEIGHT:
        facts["sign"] = sign
        return ScaleReading(None, unit, None, None, mode, facts=facts)
    if line[1:8].lstrip(" ")[:1] in ("+", "-"):
        raise FrameRefused(RefusalCode.BAD_FIELD, f"displayed: {line[1:8]!r}")
    value, decimals = number(line[1:8], "displayed")
    moving = status == "motion"
    facts["sign"] = sign
    return ScaleReading(sign * value, unit, decimals, not moving, mode, motion=moving, facts=facts)


def _write(fields: Fields) -> bytes:
    shown = fields.get("displayed")
    sign = fields.get("sign", -1 if shown is not None and given_number(fields) < 0 else 1)
    default = " " * 7 if shown is None else None if "text" in fields else printed(fields, 7, signed=False)
    text = given_text(fields, "text", default)
    unit = key_of(_UNITS, fields.get("unit", "kg"), "unit")
    mode = key_of(_MODES, fields.get("gross_or_net", "gross"), "gross_or_net")
    status = key_of(_STATUS, _status_of(fields), "status")
    polarity = key_of(_POLARITY, sign, "sign")
    return f"\x02{polarity}{text}{unit}{mode}{status}\r\n".encode("ascii")


def _status_of(fields: Fields) -> str:
    if fields.get("out_of_range"):
        return "out_of_range"
    if fields.get("valid") is False:
        return "invalid"
    if fields.get("motion") or fields.get("stable") is False:
        return "motion"
    return "center_of_zero" if fields.get("center_of_zero") else "valid"


def _cut_edp(text: bytes, _check: Check | None) -> int:
    end = text.find(_EDP_END, 0, _EDP_LONGEST)
    body = text[1:end] if end >= 0 else text[1:].rstrip(_EDP_END)
    if not all(0x20 <= byte <= 0x7E for byte in body):
        return NO_FRAME
    if end >= 0:
        return end + len(_EDP_END)
    return WAIT if len(text) < _EDP_LONGEST else NO_FRAME


def _read_edp(text: bytes, _check: Check | None) -> ScaleReading:
    if text[0] != _STX or not text.endswith(_EDP_END):
        raise FrameRefused(RefusalCode.BAD_DELIMITER, text.hex())
    found = _EDP.fullmatch(text.decode("ascii"))
    if found is None:
        raise FrameRefused(RefusalCode.BAD_FIELD, repr(text))
    value, decimals = number(found[2], "displayed")
    return ScaleReading(value, found[3], decimals, None, facts={"address": ord(found[1]), "text": found[2]})


def _write_edp(fields: Fields) -> bytes:
    address = given_whole(fields, "address", ord("1"))
    if not 0x21 <= address <= 0x7E:
        raise FrameRefused(RefusalCode.BAD_FIELD, f"address: {address}")
    default = None if "text" in fields else printed(fields, 10).strip(" ")
    line = f"{chr(address)} {given_text(fields, 'text', default)} {given_text(fields, 'unit', 'kg')}"
    return b"\x02" + line.encode("ascii") + _EDP_END


def _ask_edp(address: str) -> bytes:
    return f"{address}XG#1\r".encode("ascii")


PROTOCOLS = (
    ScaleProtocol(
        name="rice_lake_consolidated",
        indicators="Rice Lake 920i, 482 and their like, streaming",
        check=Check.NONE,
        starts=bytes([_STX]),
        longest=_FRAME,
        cut=_cut,
        read=_read,
        write=_write,
        states=frozenset({"decimals", "unit", "stable", "gross_or_net"}),
    ),
    ScaleProtocol(
        name="rice_lake_edp",
        indicators="Rice Lake 880 and their like, when asked",
        check=Check.NONE,
        starts=bytes([_STX]),
        longest=_EDP_LONGEST,
        cut=_cut_edp,
        read=_read_edp,
        write=_write_edp,
        states=frozenset({"decimals", "unit"}),
        ask=_ask_edp,
    ),
)
