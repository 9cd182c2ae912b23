"""What does every protocol of a weighing indicator have in common, and what may a site set about it?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from devices.codecs import FrameRefused, RefusalCode
from devices.codecs.scales.fields import Fields, parity_of, plain, with_parity
from devices.readings import ScaleReading

NOT_STATED = "not stated in the frame"
WAIT = -1
NO_FRAME = 0
DECIMALS = range(-2, 7)


class Check(StrEnum):
    """How a frame proves that no byte of it was changed on the line."""

    XOR = "xor"
    SUM7 = "sum7"
    NONE = "none"
    ABSENT = "absent"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class Settings:
    """What a site learned at commissioning against the display and the frame does not say rightly or at all.

    `unit` and `decimals` (-2 to 6, negative where the frame leaves fixed zeros away) override the frame's
    own, on which products in the field disagree; `sign` is -1 where the line says minus for what the
    display shows as plus. `check` is one of the protocol's `checks`, or None to take each frame by what it
    carries.
    """

    unit: str | None = None
    decimals: int | None = None
    sign: int = 1
    check: Check | None = None


@dataclass(frozen=True, slots=True)
class ScaleProtocol:
    """One row of the table of protocols.

    `check` names what guards a frame; with `none` a changed byte can become another weight, and nothing on
    the line tells. `checks` are the settings of it that a site may have. `cut` says of bytes that begin with
    one of `starts` how long the frame is: `WAIT` for more, `NO_FRAME`, or its length, at most `longest`.
    `ask` writes the request of an indicator that speaks only when asked. `assumed` marks a layout that
    neither a manual nor a captured frame confirms.
    """

    name: str
    indicators: str
    check: Check
    starts: bytes
    longest: int
    cut: Callable[[bytes, Check | None], int]
    read: Callable[[bytes, Check | None], ScaleReading]
    write: Callable[[Fields], bytes]
    states: frozenset[str] = frozenset()
    checks: tuple[Check, ...] = (Check.NONE,)
    ask: Callable[[str], bytes] | None = None
    assumed: bool = False

    def decode(self, frame: bytes, settings: Settings | None = None) -> ScaleReading:
        """Read one frame; raise `FrameRefused` for anything that is not one, whole and with its check.

        Bit 7 is ignored, because 7E1 lines are often read as 8N1.
        """
        settings = settings or Settings()
        self.refuse_setting(settings)
        if not 0 < len(frame) <= self.longest:
            raise FrameRefused(RefusalCode.BAD_LENGTH, f"{len(frame)} bytes: {frame[: self.longest].hex()}")
        reading = self.read(plain(frame), settings.check)
        facts = dict(reading.facts)
        parity = parity_of(frame)
        if parity is not None:
            facts |= {"parity_bit_present": True, "parity": parity}
        return _as_set(replace(reading, facts=facts, raw=frame), settings)

    def encode(self, fields: Fields) -> bytes:
        """Write the frame that decodes to `fields` (the names of `told`); what is left out takes its default.

        Raise `FrameRefused` with `bad_field` where the frame could not say one of them.
        """
        frame = with_parity(self.write(fields), fields.get("parity"))
        back = told(self.decode(frame))
        for name, value in fields.items():
            if name in back and back[name] != value:
                raise FrameRefused(RefusalCode.BAD_FIELD, f"{name}: {value!r} would read {back[name]!r}")
        return frame

    def refuse_setting(self, settings: Settings) -> None:
        """Raise `FrameRefused` where a site setting is none of this protocol."""
        if settings.check is not None and settings.check not in self.checks:
            allowed = ", ".join(self.checks)
            raise FrameRefused(RefusalCode.BAD_FIELD, f"check: {settings.check}, not one of {allowed}")
        if settings.decimals is not None and settings.decimals not in DECIMALS:
            raise FrameRefused(RefusalCode.BAD_FIELD, f"decimals: {settings.decimals}")
        if settings.sign not in (1, -1):
            raise FrameRefused(RefusalCode.BAD_FIELD, f"sign: {settings.sign}")


class NotAWeight(StrEnum):
    """Why a sound frame is no weight of what stands on the deck."""

    OVERLOAD = "overload"
    UNDERLOAD = "underload"
    OUT_OF_RANGE = "out_of_range"
    INVALID = "invalid"
    EXPANDED = "expanded"
    NOT_GROSS = "not_gross"
    NO_NUMBER = "no_number"


def not_a_weight(reading: ScaleReading) -> NotAWeight | None:
    """Say why a reading must not be taken as the gross weight on the deck; None where it may."""
    facts: Mapping[str, object] = reading.facts
    reasons = (
        (reading.overload, NotAWeight.OVERLOAD),
        (reading.underload, NotAWeight.UNDERLOAD),
        (facts.get("out_of_range") is True, NotAWeight.OUT_OF_RANGE),
        (facts.get("valid") is False, NotAWeight.INVALID),
        (facts.get("expand_x10") is True, NotAWeight.EXPANDED),
        (reading.gross_or_net in ("net", "tare"), NotAWeight.NOT_GROSS),
        (reading.displayed is None, NotAWeight.NO_NUMBER),
    )
    return next((reason for holds, reason in reasons if holds), None)


def told(reading: ScaleReading) -> dict[str, object]:
    """Give a reading as one JSON object, with the protocol's own fields beside the common ones."""
    common: dict[str, object] = {
        "displayed": _number(reading.displayed, reading.decimals),
        "unit": reading.unit,
        "decimals": reading.decimals,
        "stable": reading.stable,
        "gross_or_net": reading.gross_or_net or NOT_STATED,
        "motion": reading.motion,
        "overload": reading.overload,
        "underload": reading.underload,
    }
    if reading.tare is not None:
        common["tare"] = _number(reading.tare, reading.decimals)
    return common | dict(reading.facts)


def _number(value: Decimal | None, decimals: int | None) -> int | float | None:
    if value is None:
        return None
    return float(value) if decimals else int(value)


def _as_set(reading: ScaleReading, settings: Settings) -> ScaleReading:
    """Apply what the site learned against the display."""
    if settings.unit is not None:
        reading = replace(reading, unit=settings.unit)
    if settings.decimals is None and settings.sign == 1:
        return reading
    own = reading.decimals or 0
    shift = 0 if settings.decimals is None else own - settings.decimals
    shown = None if reading.displayed is None else settings.sign * reading.displayed.scaleb(shift)
    tare = None if reading.tare is None else reading.tare.scaleb(shift)
    decimals = reading.decimals if settings.decimals is None else max(0, settings.decimals)
    return replace(reading, displayed=shown, tare=tare, decimals=decimals)
