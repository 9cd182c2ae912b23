"""How did the weight come onto the deck, in a few points?"""

from __future__ import annotations

MOST_POINTS = 240
_SLOWEST_MS = 1000


class WeightCurve:
    """The weight of one stay over time: every change of a division, or a point a second.

    A long stay is thinned evenly, so that at most `MOST_POINTS` remain and the shape with them.
    """

    def __init__(self, division_kg: int) -> None:
        self._division = division_kg
        self._began = 0.0
        self._points: list[tuple[int, int]] = []
        self._last: tuple[int, int] | None = None
        self._least_ms = 0

    def add(self, weight_kg: int, at: float) -> None:
        """Take one displayed weight, read at monotonic second `at`.

        With a change the reading just before it is kept too: a step stays a step and becomes no ramp.
        """
        before = self._last
        if before is None:
            self._began = at
        point = self._last = (round((at - self._began) * 1000), weight_kg)
        if before is not None and self._points:
            since, kept = self._points[-1]
            waited = point[0] - since
            changed = abs(weight_kg - kept) >= self._division
            if waited < self._least_ms or not (changed or waited >= _SLOWEST_MS):
                return
            if changed and before[0] > since:
                self._points.append(before)
        self._points.append(point)
        if len(self._points) >= MOST_POINTS:
            self._points = self._points[::2]
            self._least_ms = max(2 * self._least_ms, 2 * point[0] // MOST_POINTS)

    def points(self) -> tuple[tuple[int, int], ...]:
        """Return the points so far as (milliseconds on the deck, kg), the newest weight last."""
        if self._last is None or self._last in self._points[-1:]:
            return tuple(self._points)
        return (*self._points, self._last)
