"""How does a process end at its next safe point when it is told to?"""

from __future__ import annotations

import signal
import threading
from types import FrameType


def stop_on_signals(stop: threading.Event) -> None:
    """Let SIGINT and SIGTERM set `stop`. Main thread only."""

    def end(_: int, __: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGTERM, end)
