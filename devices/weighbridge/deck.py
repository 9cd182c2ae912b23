"""Is there a vehicle on the deck, and does its weight stand still?

Most Chinese indicators send no stable flag, so it is derived (telemetry.md 3.1): n readings within one
division over t seconds, and zero seen before the vehicle came on. Where the indicator has a flag, its word
counts, over a few frames within one division, and zero must have been seen all the same.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from devices.weighbridge.curve import WeightCurve


@dataclass(frozen=True, slots=True)
class DeckRule:
    """When a deck counts as occupied and as still; kilograms, frames and real seconds.

    `threshold_kg` is 20 e, the scale's Min; `zero_band_kg` is how far from zero an empty deck may read;
    `flagged_frames` is how many frames in a row the indicator itself must call stable.
    """

    division_kg: int = 20
    frames: int = 10
    seconds: float = 2.0
    threshold_kg: int = 400
    zero_band_kg: int = 20
    flagged_frames: int = 3


@dataclass(frozen=True, slots=True)
class Still:
    """A weight that stands still: the last displayed value, its frames, their time, and who says so."""

    weight_kg: int
    frames: tuple[bytes, ...]
    milliseconds: int
    flagged: bool = False


@dataclass(frozen=True, slots=True)
class DeckEvent:
    """One vehicle's stay, told when it has left: the last still weight if there was one, and the peak."""

    still: Still | None
    peak_kg: int
    peak_frame: bytes
    zero_seen: bool
    curve: tuple[tuple[int, int], ...] = ()


class DeckWatch:
    """Follow one deck frame by frame."""

    def __init__(self, rule: DeckRule) -> None:
        self._rule = rule
        self._recent: deque[tuple[float, int, bytes]] = deque()
        self._zero_seen = False
        self._peak: tuple[int, bytes] = (0, b"")
        self._last_still: Still | None = None
        self.curve = WeightCurve(rule.division_kg)
        self.occupied = False
        self.still: Still | None = None

    def feed(self, weight_kg: int, frame: bytes, at: float, stable: bool | None = None) -> DeckEvent | None:
        """Take one displayed weight, read at monotonic second `at`; return the stay that it ends, if any.

        `stable` is the indicator's own flag, None where it has none. `occupied` and `still` describe the deck
        after this frame.
        """
        ended = self._end() if self.occupied and weight_kg < self._rule.threshold_kg else None
        if not self.occupied:
            if abs(weight_kg) <= self._rule.zero_band_kg:
                self._zero_seen = True
            if weight_kg < self._rule.threshold_kg:
                return ended
            self.occupied = True
        self.curve.add(weight_kg, at)
        if weight_kg > self._peak[0]:
            self._peak = (weight_kg, frame)
        if stable is False:
            self.interrupt()
        else:
            self._remember(weight_kg, frame, at, flagged=stable is True)
        return ended

    def follow(self, rule: DeckRule) -> None:
        """Judge by another rule from the next frame on."""
        self._rule = rule

    @property
    def rule(self) -> DeckRule:
        """By what the deck is judged."""
        return self._rule

    def interrupt(self) -> None:
        """Hear that the indicator moves or shows no weight: whatever stood still has to begin anew."""
        self._recent.clear()
        self.still = None

    def _remember(self, weight_kg: int, frame: bytes, at: float, *, flagged: bool) -> None:
        """Keep the readings within one division of the newest ones, and judge them."""
        self._recent.append((at, weight_kg, frame))
        weights = [weight for _, weight, _ in self._recent]
        while max(weights) - min(weights) > self._rule.division_kg:
            self._recent.popleft()
            del weights[0]
        while len(weights) > self._rule.frames and at - self._recent[1][0] >= self._rule.seconds:
            self._recent.popleft()
            del weights[0]
        rule, span = self._rule, at - self._recent[0][0]
        frames, seconds = (rule.flagged_frames, 0.0) if flagged else (rule.frames, rule.seconds)
        if self._zero_seen and len(weights) >= frames and span >= seconds:
            last = [raw for _, _, raw in self._recent][-frames:]
            self.still = self._last_still = Still(weight_kg, tuple(last), round(span * 1000), flagged)
        else:
            self.still = None

    def _end(self) -> DeckEvent:
        event = DeckEvent(self._last_still, *self._peak, self._zero_seen, self.curve.points())
        self.curve = WeightCurve(self._rule.division_kg)
        self._recent.clear()
        self._peak = (0, b"")
        self._zero_seen = False
        self.still = self._last_still = None
        self.occupied = False
        return event
