"""Which protocol, decimals, unit, sign and check make an indicator's bytes say what its display shows?

Every protocol of the table is tried. A reading is taken only if it gives each number that a person read off
the display, for at least two different loads, and if no other reading does so too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import groupby

from devices.codecs import FrameRefused, RefusalCode
from devices.codecs.scales import PROTOCOLS, Check, Framer, NotAWeight, Settings, not_a_weight, protocol
from devices.codecs.scales.protocol import DECIMALS, ScaleProtocol
from devices.readings import ScaleReading

KILOGRAMS = {"kg": 1, "t": 1000}
LEAST_FRAMES = 3
LEAST_PERCENT = 96
LEAST_LOADS = 2
_HEAD_PERCENT = 10
_SHOWN = re.compile(r"([-+]?[0-9]{1,9}(?:\.[0-9]{0,6})?) ?([a-zA-Z]{1,2})?")


@dataclass(frozen=True, slots=True)
class Shown:
    """What a person read off the display: the number, its unit where they said it, and their own words."""

    value: Decimal
    unit: str | None
    text: str


def read_shown(text: str) -> Shown:
    """Read `12345.0` or `12345.0 kg`; raise `ValueError` for anything else."""
    found = _SHOWN.fullmatch(text.strip())
    if found is None:
        raise ValueError(text)
    return Shown(Decimal(found[1]), found[2], text.strip())


@dataclass(frozen=True, slots=True)
class Heard:
    """What one protocol, under one check, makes of the bytes of one capture.

    `runs` are the frames of the weights that stood still, one of each; `not_weights` counts sound frames
    that are no gross weight. `clean` says that (nearly) every byte between the first frame and the last
    belongs to a sound frame.
    """

    protocol: ScaleProtocol
    check: Check
    frames: int
    refused: int
    noise: int
    clean: bool
    last: ScaleReading | None
    runs: tuple[ScaleReading, ...]
    not_weights: Counter[NotAWeight]


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a line, and for each number off the display the frame that says it."""

    protocol: ScaleProtocol
    settings: Settings
    frames: tuple[bytes, ...]
    unit: str | None

    @property
    def contradicted(self) -> bool:
        """Whether the frames state another mass, in kg or t, than the unit makes of the display."""
        return self.settings.unit is not None and any(map(self._contradicts, self.frames))

    def _contradicts(self, frame: bytes) -> bool:
        sent = self.protocol.decode(frame, Settings(check=self.settings.check))
        masses = {_kilograms(sent), _kilograms(self.protocol.decode(frame, self.settings))}
        return len(masses - {None}) > 1


class Refusal(StrEnum):
    """Why no settings were found yet."""

    NOTHING_HEARD = "nothing_heard"
    NOT_UNDERSTOOD = "not_understood"
    NO_WEIGHT = "no_weight"
    TOO_FEW_LOADS = "too_few_loads"
    NOTHING_FITS = "nothing_fits"
    SEVERAL_FIT = "several_fit"
    UNITS_DIFFER = "units_differ"
    UNIT_UNKNOWN = "unit_unknown"
    UNIT_NOT_WEIGHED = "unit_not_weighed"
    UNIT_CONTRADICTED = "unit_contradicted"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The one reading that fits, or why there is none; `fitting` are those that fit what was told so far."""

    reading: Reading | None
    refusal: Refusal | None
    fitting: tuple[Reading, ...] = ()


def hear(data: bytes, names: Iterable[str] = (), *, unchecked: bool = False) -> list[Heard]:
    """Try protocols on one capture, each under the strictest check that it parses cleanly with.

    Without `names` all are tried but those whose layout is only assumed. `unchecked` also reads frames whose
    check fits no rule that we know; what is read so can change unseen on the line.
    """
    rows = [protocol(name) for name in names] or [row for row in PROTOCOLS.values() if not row.assumed]
    found = []
    for row in rows:
        checks = [check for check in row.checks if unchecked or check is not Check.IGNORED]
        tried = [_hear(row, check, data) for check in checks]
        found.append(next((one for one in tried if one.clean), tried[0]))
    return sorted(found, key=lambda one: (not one.clean, -one.frames))


def _hear(row: ScaleProtocol, check: Check, data: bytes) -> Heard:
    framer = Framer(row, Settings(check=check))
    found = framer.feed(data)
    readings = [item for item in found if isinstance(item, ScaleReading)]
    refused = sum(isinstance(item, FrameRefused) and item.code != RefusalCode.NOISE for item in found)
    head = data.find(readings[0].raw) if readings else len(data)
    inner = len(data) - head - framer.pending_bytes
    accepted = sum(len(reading.raw) for reading in readings)
    begun_midway = head <= 2 * row.longest or 100 * head <= _HEAD_PERCENT * len(data)
    reasons = [not_a_weight(reading) for reading in readings]
    return Heard(
        row,
        check,
        len(readings),
        refused,
        framer.skipped_bytes,
        len(readings) >= LEAST_FRAMES and begun_midway and 100 * accepted >= LEAST_PERCENT * inner,
        readings[-1] if readings else None,
        tuple(_runs(readings)),
        Counter(reason for reason in reasons if reason is not None),
    )


def _runs(readings: Sequence[ScaleReading]) -> Iterator[ScaleReading]:
    """Yield the last frame of every weight that was shown often enough in a row and not called moving."""
    for usable, group in groupby(readings, key=_what_is_shown):
        run = list(group)
        if usable is not None and len(run) >= LEAST_FRAMES:
            yield run[-1]


def _kilograms(reading: ScaleReading) -> Decimal | None:
    if reading.displayed is None or reading.unit not in KILOGRAMS:
        return None
    return reading.displayed * KILOGRAMS[reading.unit]


def _what_is_shown(reading: ScaleReading) -> tuple[Decimal | None, int | None, str | None] | None:
    if not_a_weight(reading) is not None or reading.stable is False:
        return None
    return reading.displayed, reading.decimals, reading.unit


def decide(
    captures: Sequence[bytes], shown: Sequence[Shown], names: Iterable[str] = (), *, unchecked: bool = False
) -> Verdict:
    """Find the one reading of the captures that gives every number off the display, in its order.

    One capture may hold all loads one after the other; else there is one for each number.
    """
    if len(captures) not in (1, len(shown)):
        raise ValueError("one capture, or one for each number that the display showed")
    names = list(names)
    heard = [{one.protocol.name: one for one in hear(data, names, unchecked=unchecked)} for data in captures]
    if not any(captures):
        return Verdict(None, Refusal.NOTHING_HEARD)
    clean = [[one[name] for one in heard] for name in heard[0] if all(one[name].clean for one in heard)]
    if not clean:
        return Verdict(None, Refusal.NOT_UNDERSTOOD)
    if not any(one.runs for line in clean for one in line):
        return Verdict(None, Refusal.NO_WEIGHT)
    fitting = tuple(reading for line in clean for reading in _fitting(line, shown))
    return _judge(fitting, shown)


def _judge(fitting: tuple[Reading, ...], shown: Sequence[Shown]) -> Verdict:
    refusal = None
    if not fitting:
        refusal = Refusal.NOTHING_FITS
    elif len({one.value for one in shown}) < LEAST_LOADS:
        refusal = Refusal.TOO_FEW_LOADS
    elif len(fitting) > 1:
        refusal = Refusal.SEVERAL_FIT
    elif len({one.unit for one in shown if one.unit}) > 1:
        refusal = Refusal.UNITS_DIFFER
    elif fitting[0].unit is None:
        refusal = Refusal.UNIT_UNKNOWN
    elif fitting[0].unit not in KILOGRAMS:
        refusal = Refusal.UNIT_NOT_WEIGHED
    elif fitting[0].contradicted:
        refusal = Refusal.UNIT_CONTRADICTED
    return Verdict(None if refusal else fitting[0], refusal, fitting)


def _fitting(line: Sequence[Heard], shown: Sequence[Shown]) -> Iterator[Reading]:
    """Yield the ways to read one protocol's captures that give every shown number."""
    check = max((one.check for one in line), key=line[0].protocol.checks.index)
    told_unit = next((one.unit for one in shown if one.unit), None)
    sent_unit = next((run.unit for one in line for run in one.runs), None)
    unit = told_unit if told_unit != sent_unit else None
    sent = {run.decimals for one in line for run in one.runs}
    for sign in (1, -1):
        for decimals in (None, *(places for places in DECIMALS if sent != {places})):
            settings = Settings(unit=unit, decimals=decimals, sign=sign, check=check)
            frames = _matched(line, shown, settings)
            if frames is not None:
                yield Reading(line[0].protocol, settings, frames, told_unit or sent_unit)


def _matched(line: Sequence[Heard], shown: Sequence[Shown], settings: Settings) -> tuple[bytes, ...] | None:
    """Return for each shown number a frame that says it, in their order; None where one has none."""
    row = line[0].protocol
    runs = [iter([row.decode(run.raw, settings) for run in one.runs]) for one in line]
    frames = []
    for number, one in enumerate(shown):
        own = runs[number] if len(runs) > 1 else runs[0]
        match = next((run for run in own if run.displayed == one.value), None)
        if match is None:
            return None
        frames.append(match.raw)
    return tuple(frames)
