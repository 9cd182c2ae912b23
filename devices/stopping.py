"""How does a process end at its next safe point when it is told to?"""

from __future__ import annotations

import os
import signal
import threading

ENDING = (signal.SIGINT, signal.SIGTERM)


def stop_on_signals(stop: threading.Event) -> None:
    """Let SIGINT and SIGTERM set `stop`. Main thread only, once in a process.

    A handler runs wherever the main thread just is, perhaps inside `stop.wait()` with the event's lock in its
    hands, and would wait for itself there. So the handlers do nothing, and another thread is woken.
    """
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    for number in ENDING:
        signal.signal(number, lambda *_: None)
    threading.Thread(target=_pass_on, args=(reader, stop), name="signals", daemon=True).start()


def _pass_on(reader: int, stop: threading.Event) -> None:
    while told := os.read(reader, 1):
        if told[0] in ENDING:
            stop.set()
