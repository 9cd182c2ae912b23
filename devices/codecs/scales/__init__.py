"""Which protocols of weighing indicators do we read and write, and how does one use them by name?

`PROTOCOLS` is the table: one `ScaleProtocol` a name. `Framer` finds frames in a stream, `told` gives a
reading as one JSON object, `not_a_weight` says which readings must never be weighed with. `displayed` is
what the indicator shows; nothing is ever read from a refused frame.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from devices.codecs import FrameRefused, RefusalCode
from devices.codecs.scales import comma, rice_lake, sics, sma, toledo, yaohua, yaohua_text
from devices.codecs.scales.protocol import (
    Check,
    NotAWeight,
    ScaleProtocol,
    Settings,
    not_a_weight,
    told,
)
from devices.codecs.scales.stream import Framer, read_all

__all__ = [
    "PROTOCOLS",
    "Check",
    "Framer",
    "NotAWeight",
    "ScaleProtocol",
    "Settings",
    "not_a_weight",
    "protocol",
    "read_all",
    "told",
]

_FAMILIES = (yaohua, yaohua_text, toledo, sics, comma, rice_lake, sma)
PROTOCOLS: Mapping[str, ScaleProtocol] = MappingProxyType(
    {row.name: row for family in _FAMILIES for row in family.PROTOCOLS}
)


def protocol(name: str) -> ScaleProtocol:
    """Return the protocol of this name; raise `FrameRefused` with `bad_field` for an unknown one."""
    if name not in PROTOCOLS:
        raise FrameRefused(RefusalCode.BAD_FIELD, f"protocol: {name}, not one of {', '.join(PROTOCOLS)}")
    return PROTOCOLS[name]
