"""Which weight do indicators send that begin with `ST,GS,`: the text format, and the 22 bytes of CAS?

Text: ST stable, US moving or OL overload; GS gross, NT net or TR tare; sign, number, unit, CR LF (Triner
TS-700 manual, page 13; A&D and many others). CAS: after `ST,GS,` the device number, a lamp byte above 7FH, a
comma, eight characters, a blank, the unit (CI-400 appendix 1, page 103; CI-600D page 74; NT-200 page 48).
"""

from __future__ import annotations

import re

from devices.codecs import FrameRefused, RefusalCode
from devices.codecs.scales.fields import (
    Fields,
    begins,
    cut_line,
    given_number,
    given_text,
    given_whole,
    key_of,
    number,
    printed,
)
from devices.codecs.scales.protocol import NO_FRAME, WAIT, Check, ScaleProtocol
from devices.readings import ScaleReading

_STATES = {"ST": "stable", "US": "moving", "OL": "overload"}
_MODES = {"GS": "gross", "NT": "net", "TR": "tare"}
_HEADS = tuple(f"{state},{mode},".encode("ascii") for state in _STATES for mode in _MODES)
_LONGEST = 32
_LINE = re.compile(r"(ST|US|OL),(GS|NT|TR),(.*)\r\n", re.DOTALL)
_WEIGHT = re.compile(r"([-+ ] *[0-9]*\.?[0-9]*)( *)(kg|Kg|KG|g|t|lb)")
_UNITS = {"kg": "kg", "Kg": "kg", "KG": "kg", "g": "g", "t": "t", "lb": "lb"}
_CAS = 22
_CAS_LINE = re.compile(
    r"(ST|US|OL),(GS|NT),([0-9])([\x00-\x7f]),([-+ 0-9.]{8}) (kg| g| t|lb|g |t )\r\n", re.DOTALL
)
_LAMPS = {"stable": 6, "hold": 4, "printer": 3, "gross": 2, "tare": 1, "zero": 0}
_LAMP_ALWAYS = 0xA0


def _cut_text(text: bytes, _check: Check | None) -> int:
    return cut_line(_HEADS, _LONGEST, text)


def _read_text(text: bytes, _check: Check | None) -> ScaleReading:
    found = _LINE.fullmatch(text.decode("ascii"))
    if found is None:
        raise FrameRefused(RefusalCode.BAD_DELIMITER, repr(text))
    state, mode, rest = _STATES[found[1]], _MODES[found[2]], found[3]
    facts: dict[str, object] = {"text": rest}
    if state == "overload":
        return ScaleReading(None, None, None, False, mode, overload=True, facts=facts)
    weight = _WEIGHT.fullmatch(rest)
    if weight is None:
        raise FrameRefused(RefusalCode.BAD_FIELD, repr(text))
    value, decimals = number(weight[1], "displayed")
    moving = state == "moving"
    return ScaleReading(value, _UNITS[weight[3]], decimals, not moving, mode, motion=moving, facts=facts)


def _write_text(fields: Fields) -> bytes:
    if "text" in fields:
        text = given_text(fields, "text")
    elif fields.get("overload"):
        text = ""
    else:
        sign = "-" if given_number(fields) < 0 else "+"
        text = f"{sign}{printed(fields, 8, signed=False)}{given_text(fields, 'unit', 'kg')}"
    return f"{_head(fields)}{text}\r\n".encode("ascii")


def _head(fields: Fields) -> str:
    state = "overload" if fields.get("overload") else "moving" if fields.get("stable") is False else "stable"
    mode = fields.get("gross_or_net", "gross")
    return f"{key_of(_STATES, state, 'stable')},{key_of(_MODES, mode, 'gross_or_net')},"


def _cut_cas(text: bytes, _check: Check | None) -> int:
    if not begins(text, _HEADS) or text[8:9] not in (b"", b","):
        return NO_FRAME
    if len(text) < _CAS:
        return WAIT
    return _CAS if text[_CAS - 2 : _CAS] == b"\r\n" else NO_FRAME


def _read_cas(text: bytes, _check: Check | None) -> ScaleReading:
    if len(text) != _CAS:
        raise FrameRefused(RefusalCode.BAD_LENGTH, f"{len(text)} bytes: {text.hex()}")
    found = _CAS_LINE.fullmatch(text.decode("ascii"))
    if found is None:
        raise FrameRefused(RefusalCode.BAD_FIELD, repr(text))
    state, mode = _STATES[found[1]], _MODES[found[2]]
    lamp = {name: bool(ord(found[4]) >> bit & 1) for name, bit in _LAMPS.items()}
    if lamp["stable"] != (state == "stable") and state != "overload":
        raise FrameRefused(RefusalCode.BAD_FIELD, f"lamp: {found[4]!r} beside {found[1]}")
    facts: dict[str, object] = {"device_id": int(found[3]), "lamp": lamp, "text": found[5]}
    if state == "overload":
        return ScaleReading(None, None, None, False, mode, overload=True, facts=facts)
    value, decimals = number(found[5], "displayed")
    moving = state == "moving"
    unit = found[6].strip(" ")
    return ScaleReading(value, unit, decimals, not moving, mode, motion=moving, facts=facts)


def _write_cas(fields: Fields) -> bytes:
    stable = fields.get("stable", True) is not False and not fields.get("overload")
    gross = fields.get("gross_or_net", "gross") == "gross"
    lamps = fields.get("lamp", {"stable": stable, "gross": gross, "tare": not gross})
    if not isinstance(lamps, dict) or not set(lamps) <= set(_LAMPS):
        raise FrameRefused(RefusalCode.BAD_FIELD, f"lamp: {lamps!r}")
    lamp = _LAMP_ALWAYS | sum(bool(on) << _LAMPS[name] for name, on in lamps.items())
    number_of = given_whole(fields, "device_id", 1)
    if not 0 <= number_of <= 9:
        raise FrameRefused(RefusalCode.BAD_FIELD, f"device_id: {number_of}")
    default = None if "text" in fields else " " * 8 if fields.get("overload") else printed(fields, 8)
    unit = given_text({"unit": fields.get("unit") or "kg"}, "unit").rjust(2)
    head = f"{_head(fields)}{number_of}".encode("ascii")
    return head + bytes([lamp]) + f",{given_text(fields, 'text', default)} {unit}\r\n".encode("ascii")


PROTOCOLS = (
    ScaleProtocol(
        name="st_gs_text",
        indicators="A&D and many Chinese indicators with the ST/US text format",
        check=Check.NONE,
        starts=b"SUO",
        longest=_LONGEST,
        cut=_cut_text,
        read=_read_text,
        write=_write_text,
        states=frozenset({"decimals", "unit", "stable", "gross_or_net"}),
    ),
    ScaleProtocol(
        name="cas_22",
        indicators="CAS CI-400, CI-600D, NT-200",
        check=Check.NONE,
        starts=b"SUO",
        longest=_CAS,
        cut=_cut_cas,
        read=_read_cas,
        write=_write_cas,
        states=frozenset({"decimals", "unit", "stable", "gross_or_net"}),
    ),
)
