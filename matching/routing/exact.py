"""What is the very best order when the loads are few?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from matching.routing.loads import seconds_after
from matching.routing.schedule import Task

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Label:
    """A way to be at `place` with these loads picked and delivered (bit n: load n)."""

    metres: int
    clock: int
    place: int
    picked: int
    delivered: int
    before: Label | None

    @property
    def state(self) -> tuple[int, int, int]:
        """Give what decides how the way can go on, but for the clock."""
        return self.place, self.picked, self.delivered


def best_order(task: Task) -> list[int]:
    """Find the order of places that serves the most loads on the fewest metres.

    Label setting: of two ways to the same state one is dropped only if it is neither shorter nor earlier.
    States grow as 3^loads, so this is for a handful of loads.
    """
    windows, service = _windows(task), _service(task)
    best = start = Label(0, 0, 0, 0, 0, None)
    kept: dict[tuple[int, int, int], list[Label]] = {}
    layer = [start]
    while layer:
        following: list[Label] = []
        for label in layer:
            for new in _next(task, label, windows, service):
                if _is_new(kept.setdefault(new.state, []), new):
                    following.append(new)
                    if new.picked == new.delivered and _rank(new) < _rank(best):
                        best = new
        layer = following
    return _places(best)


def _next(task: Task, label: Label, windows: list[list[Span]], service: list[int]) -> Iterator[Label]:
    """Go on to each place that mass and windows allow."""
    on_board = sum(load.kg for n, load in enumerate(task.loads) if label.picked >> n & 1)
    on_board -= sum(load.kg for n, load in enumerate(task.loads) if label.delivered >> n & 1)
    for n, load in enumerate(task.loads):
        bit = 1 << n
        if not label.picked & bit and on_board + load.kg <= task.vehicle.capacity_kg:
            place, picked, delivered = task.pickup(n), label.picked | bit, label.delivered
        elif label.picked & bit and not label.delivered & bit:
            place, picked, delivered = task.delivery(n), label.picked, label.delivered | bit
        else:
            continue
        arrival = label.clock + int(task.roads.seconds[label.place, place])
        begin = min((max(arrival, opens) for opens, shuts in windows[place] if shuts > arrival), default=None)
        if begin is not None:
            metres = label.metres + int(task.roads.metres[label.place, place])
            yield Label(metres, begin + service[place], place, picked, delivered, label)


def _is_new(rivals: list[Label], new: Label) -> bool:
    """Keep the label unless a rival is as short and as early; drop the rivals it beats."""
    if any(one.metres <= new.metres and one.clock <= new.clock for one in rivals):
        return False
    rivals[:] = [one for one in rivals if one.metres < new.metres or one.clock < new.clock]
    rivals.append(new)
    return True


def _rank(label: Label) -> tuple[int, int, int]:
    return -label.delivered.bit_count(), label.metres, label.clock


def _windows(task: Task) -> list[list[Span]]:
    """List the spans in which service may begin, by place, in seconds from the start."""
    always = [(0, 1 << 62)]
    spans = [always]
    for windows in [(load.ready,) for load in task.loads] + [load.receiving for load in task.loads]:
        span = [(seconds_after(task.start, w.start), seconds_after(task.start, w.end)) for w in windows]
        spans.append(span or always)
    return spans


def _service(task: Task) -> list[int]:
    return [0, *(load.pickup_s for load in task.loads), *(load.delivery_s for load in task.loads)]


def _places(label: Label) -> list[int]:
    order: list[int] = []
    here: Label | None = label
    while here is not None and here.place:
        order.append(here.place)
        here = here.before
    return order[::-1]
