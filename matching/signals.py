"""How do the processes of a search outlive a signal that is sent to the whole group, as Ctrl-C is?"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker

ASKED = (signal.SIGINT, signal.SIGTERM)
GRACE_S = 30
"""For telling the best so far; whoever leads the search asks for it at the same moment."""


@contextmanager
def undisturbed() -> Iterator[None]:
    """Start processes that no signal to a whole group reaches: who leads them ends them.

    A process inherits which signals are held back. Python's own tracker comes first: once started, it lets
    them through again.
    """
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ASKED)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def outlive() -> None:
    """In a process that was started undisturbed: ignore Ctrl-C, and be killed politely with time to tell.

    A pool ends its processes by such a kill when one of them is lost: none of them may stay for good.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: signal.alarm(GRACE_S))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ASKED)
