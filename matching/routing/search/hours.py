"""When may service begin at a stop, for a type of vehicle?"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from matching.routing.model import Problem, Request, Span, is_pickup, request_of
from matching.routing.moments import place_closures

Window = tuple[float, float]


def open_spans(problem: Problem, node: int, kind: str) -> list[Window]:
    """List the spans in which service may begin, both ends included, for vehicles of this type."""
    stop = problem.stop(node)
    spans = _common(_windows(stop.windows), _windows(problem.places[stop.place].windows))
    for closed in place_closures(problem.closures, kind, stop.place):
        before, after = (-math.inf, closed.start - stop.service_s), (closed.end, math.inf)
        spans = _common(spans, [before, after] if before[1] < after[0] else [(-math.inf, math.inf)])
    return _common(spans, [(-math.inf, _latest(problem.requests[request_of(node)], node))])


def hull(spans: Iterable[Window], shortest: Window) -> Window:
    """Give the first and the last moment of the spans, cut to what is finite; no spans: never."""
    found = list(spans)
    if not found:
        return shortest[1] + 1.0, shortest[0] - 1.0
    first, last = min(a for a, _ in found), max(b for _, b in found)
    return max(first, shortest[0]), min(last, shortest[1])


def _latest(request: Request, node: int) -> float:
    """Give until when a load that is on board already has to be delivered."""
    if is_pickup(node) or request.picked_up_s is None or request.max_ride_s is None:
        return math.inf
    return request.picked_up_s + request.max_ride_s


def _windows(spans: Sequence[Span]) -> list[Window]:
    return [(one.start, one.end) for one in spans] or [(-math.inf, math.inf)]


def _common(some: Sequence[Window], others: Sequence[Window]) -> list[Window]:
    """Cut two lists of spans with each other."""
    cuts = [(max(a, c), min(b, d)) for a, b in some for c, d in others]
    return sorted((a, b) for a, b in cuts if a <= b)
