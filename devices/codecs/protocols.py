"""Which protocols can the commands decode and encode, by name?"""

from collections.abc import Mapping
from importlib import import_module
from typing import Protocol

from devices.codecs import FrameRefused

# A protocol is one line here: its name, and the module and class of its `Lines`.
PROTOCOLS: dict[str, str] = {
    "jt808": "devices.codecs.jt808.lines:Jt808Lines",
}


class Lines(Protocol):
    """One protocol's frames as plain values; made with the settings of one device."""

    def decode(self, frame: bytes) -> dict[str, object]:
        """Return what one frame says, or refuse it."""

    def feed(self, data: bytes) -> list[dict[str, object] | FrameRefused]:
        """Take bytes of a stream; return what was found in them, in order."""

    def close(self) -> list[FrameRefused]:
        """End the stream; return the refusals for what was left."""

    def encode(self, values: Mapping[str, object]) -> list[bytes]:
        """Return the frames that say `values`, or refuse them."""


def open_protocol(name: str, settings: Mapping[str, str]) -> Lines:
    """Return a protocol of the table; refuse (`bad_field`) settings that it does not have."""
    module, _, shape = PROTOCOLS[name].partition(":")
    made: Lines = getattr(import_module(module), shape)(settings)
    return made
