"""Which weight does a balance or indicator send in MT-SICS?

`S S     100.00 g`: response, status (S stable, D dynamic, + overload, - underload, I cannot now), ten
characters of weight, blank, unit, CR LF; ES, ET and EL say that a request was not understood, garbled or
impossible. Source: Mettler Toledo MT-SICS reference manuals (AL-IC page 72, AT balances page 87).
"""

from __future__ import annotations

import re

from devices.codecs import FrameRefused, RefusalCode
from devices.codecs.scales.fields import Fields, cut_line, given_text, key_of, number, printed
from devices.codecs.scales.protocol import Check, ScaleProtocol
from devices.readings import ScaleReading

_HEADS = (b"S S", b"S D", b"S I", b"S +", b"S -", b"ES\r", b"ET\r", b"EL\r")
_LONGEST = 32
_ERRORS = {"ES": "syntax error", "ET": "transmission error", "EL": "logical error"}
_STATUS_ONLY = {"+": "overload", "-": "underload", "I": "cannot weigh now"}
_STABLE = {"S": True, "D": False}
_WEIGHT = re.compile(r"S ([SD])( [ ]*[-+]?[0-9]*\.?[0-9]*) ([a-zA-Z]{1,3})")
_WIDTH = 10


def _cut(text: bytes, _check: Check | None) -> int:
    return cut_line(_HEADS, _LONGEST, text)


def _read(text: bytes, _check: Check | None) -> ScaleReading:
    if not text.endswith(b"\r\n"):
        raise FrameRefused(RefusalCode.BAD_DELIMITER, repr(text))
    line = text[:-2].decode("ascii")
    if line in _ERRORS:
        return ScaleReading(None, None, None, None, facts={"error": _ERRORS[line]})
    if line[:2] == "S " and line[2:] in _STATUS_ONLY:
        condition = _STATUS_ONLY[line[2:]]
        return ScaleReading(
            None,
            None,
            None,
            None,
            overload=condition == "overload",
            underload=condition == "underload",
            facts={"condition": condition},
        )
    found = _WEIGHT.fullmatch(line)
    if found is None:
        raise FrameRefused(RefusalCode.BAD_FIELD, repr(text))
    value, decimals = number(found[2], "displayed")
    stable = _STABLE[found[1]]
    return ScaleReading(
        value, found[3], decimals, stable, motion=not stable, facts={"text": found[2].removeprefix(" ")}
    )


def _write(fields: Fields) -> bytes:
    if fields.get("error") is not None:
        line = key_of(_ERRORS, fields["error"], "error")
    elif fields.get("condition") is not None:
        line = f"S {key_of(_STATUS_ONLY, fields['condition'], 'condition')}"
    else:
        status = key_of(_STABLE, fields.get("stable", True), "stable")
        text = given_text(fields, "text", None if "text" in fields else printed(fields, _WIDTH))
        line = f"S {status} {text} {given_text(fields, 'unit', 'kg')}"
    return f"{line}\r\n".encode("ascii")


def _ask(_address: str) -> bytes:
    return b"SI\r\n"


PROTOCOLS = (
    ScaleProtocol(
        name="mt_sics",
        indicators="Mettler Toledo balances and indicators with MT-SICS",
        check=Check.NONE,
        starts=b"SE",
        longest=_LONGEST,
        cut=_cut,
        read=_read,
        write=_write,
        states=frozenset({"decimals", "unit", "stable"}),
        ask=_ask,
    ),
)
