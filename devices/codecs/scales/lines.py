"""How do the commands decode and encode the frames of an indicator, as plain values?"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from devices.codecs import FrameRefused, RefusalCode
from devices.codecs.scales import PROTOCOLS, Check, Framer, ScaleProtocol, Settings, told

SETTINGS = ("unit", "decimals", "sign", "check")


class ScaleLines:
    """One indicator's frames in the names of `told`; `settings` are what the site learned, as texts."""

    def __init__(self, row: ScaleProtocol, settings: Mapping[str, str]) -> None:
        self._row = row
        self._settings = _settings(settings)
        self._framer = Framer(row, self._settings)

    def decode(self, frame: bytes) -> dict[str, object]:
        """Return what one frame says, or refuse it."""
        return told(self._row.decode(frame, self._settings))

    def feed(self, data: bytes) -> list[dict[str, object] | FrameRefused]:
        """Take bytes of a stream; return what was found in them, in order."""
        return [
            found if isinstance(found, FrameRefused) else told(found) for found in self._framer.feed(data)
        ]

    def close(self) -> list[dict[str, object] | FrameRefused]:
        """End the stream; return what was left, a last frame or the refusals."""
        return [found if isinstance(found, FrameRefused) else told(found) for found in self._framer.close()]

    def encode(self, values: Mapping[str, object]) -> list[bytes]:
        """Return the frame that says `values`, or refuse them."""
        return [self._row.encode(values)]


def _settings(texts: Mapping[str, str]) -> Settings:
    """Read settings from texts; refuse one that no scale has, or that is no number."""
    unknown = sorted(set(texts) - set(SETTINGS))
    if unknown:
        raise FrameRefused(RefusalCode.BAD_FIELD, f"{unknown[0]}: not one of {', '.join(SETTINGS)}")
    try:
        return Settings(
            unit=texts.get("unit"),
            decimals=int(texts["decimals"]) if "decimals" in texts else None,
            sign=int(texts.get("sign", "1")),
            check=Check(texts["check"]) if "check" in texts else None,
        )
    except ValueError as problem:
        raise FrameRefused(RefusalCode.BAD_FIELD, str(problem)) from None


def _opener(row: ScaleProtocol) -> Callable[[Mapping[str, str]], ScaleLines]:
    return lambda settings: ScaleLines(row, settings)


def __getattr__(name: str) -> Callable[[Mapping[str, str]], ScaleLines]:
    """Give what opens the protocol of this name, so that a table can point at it."""
    if name in PROTOCOLS:
        return _opener(PROTOCOLS[name])
    raise AttributeError(name)
