"""Which protocols can the commands decode and encode, by name?"""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Protocol

from devices.codecs import FrameRefused

# A protocol is one line here: its name, and the module and class of its `Lines`.
PROTOCOLS: dict[str, str] = {
    "jt808": "devices.codecs.jt808.lines:Jt808Lines",
    "yaohua_xk3190_continuous": "devices.codecs.scales.lines:yaohua_xk3190_continuous",
    "yaohua_xk3190_command": "devices.codecs.scales.lines:yaohua_xk3190_command",
    "yaohua_xk3190_a22_command": "devices.codecs.scales.lines:yaohua_xk3190_a22_command",
    "yaohua_equals_reversed": "devices.codecs.scales.lines:yaohua_equals_reversed",
    "yaohua_equals_forward": "devices.codecs.scales.lines:yaohua_equals_forward",
    "yaohua_a12e_text": "devices.codecs.scales.lines:yaohua_a12e_text",
    "yaohua_a12_wn_text": "devices.codecs.scales.lines:yaohua_a12_wn_text",
    "toledo_continuous": "devices.codecs.scales.lines:toledo_continuous",
    "toledo_short": "devices.codecs.scales.lines:toledo_short",
    "mt_sics": "devices.codecs.scales.lines:mt_sics",
    "st_gs_text": "devices.codecs.scales.lines:st_gs_text",
    "cas_22": "devices.codecs.scales.lines:cas_22",
    "rice_lake_consolidated": "devices.codecs.scales.lines:rice_lake_consolidated",
    "rice_lake_edp": "devices.codecs.scales.lines:rice_lake_edp",
    "sma_level1": "devices.codecs.scales.lines:sma_level1",
}


class Lines(Protocol):
    """One protocol's frames as plain values; made with the settings of one device."""

    def decode(self, frame: bytes) -> dict[str, object]:
        """Return what one frame says, or refuse it."""

    def feed(self, data: bytes) -> list[dict[str, object] | FrameRefused]:
        """Take bytes of a stream; return what was found in them, in order."""

    def close(self) -> Sequence[dict[str, object] | FrameRefused]:
        """End the stream; return what was left, a last frame or the refusals."""

    def encode(self, values: Mapping[str, object]) -> list[bytes]:
        """Return the frames that say `values`, or refuse them."""


def open_protocol(name: str, settings: Mapping[str, str]) -> Lines:
    """Return a protocol of the table; refuse (`bad_field`) settings that it does not have."""
    module, _, shape = PROTOCOLS[name].partition(":")
    made: Lines = getattr(import_module(module), shape)(settings)
    return made
