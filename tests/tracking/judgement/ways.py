"""Which ways do the tests of the judgement drive?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from devices.readings import Load
from tracking.judgement.rules import NORTH_M
from tracking.positions.rules import Fix

START = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
HOME = (30.60, 114.30)


def at(seconds: float) -> datetime:
    """Return a moment some seconds after the start."""
    return START + timedelta(seconds=seconds)


@dataclass(slots=True)
class Way:
    """A vehicle driven by hand: a fix every ten seconds unless said otherwise, due north at a speed."""

    lat: float = HOME[0]
    lon: float = HOME[1]
    seconds: float = 0.0
    every_s: float = 10.0
    bits: int = 0
    load: Load = Load.EMPTY
    odometer_m: int | None = None
    fixes: list[Fix] = field(default_factory=list)

    def go(self, seconds: float, kmh: float, *, east: float = 0.0, north: float = 1.0) -> Way:
        """Drive (or stand, at 0 km/h) for so long."""
        until = self.seconds + seconds
        while self.seconds < until - 1e-6:
            metres = kmh / 3.6 * self.every_s
            self.lat += north * metres / NORTH_M
            self.lon += east * metres / (NORTH_M * 0.86)
            if self.odometer_m is not None:
                self.odometer_m += round(metres)
            self.seconds += self.every_s
            self.say(kmh)
        return self

    def quiet(self, seconds: float) -> Way:
        """Say nothing for so long."""
        self.seconds += seconds
        return self

    def say(self, kmh: float, *, lat: float | None = None, lon: float | None = None) -> Way:
        """Send one fix from here, or from somewhere else."""
        here = self.lat if lat is None else lat, self.lon if lon is None else lon
        self.fixes.append(
            Fix(
                at(self.seconds),
                len(self.fixes) + 1,
                round(here[0], 7),
                round(here[1], 7),
                kmh,
                0,
                self.odometer_m,
                self.load,
                self.bits,
            )
        )
        return self


def kinds(found: Iterable[object]) -> Iterator[str]:
    """Yield the kinds of what was found."""
    for one in found:
        yield one.kind.value  # type: ignore[attr-defined]
