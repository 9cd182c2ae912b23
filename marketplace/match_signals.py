"""How does Ctrl-C end a search with the best that was found?"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def interrupted() -> Iterator[Callable[[], bool]]:
    """Turn Ctrl-C, and a polite kill, into a question that a search can ask."""
    asked: list[int] = []
    names = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(name, lambda number, _: asked.append(number)) for name in names]
    try:
        yield lambda: bool(asked)
    finally:
        for name, handler in zip(names, before, strict=True):
            signal.signal(name, handler)
