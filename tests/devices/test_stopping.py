"""Does a signal end a process wherever it just is?"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator

import pytest

from devices.stopping import ENDING, stop_on_signals


@pytest.fixture
def stop() -> Iterator[threading.Event]:
    """An event that signals set; afterwards this process takes them as before."""
    before = {one: signal.getsignal(one) for one in ENDING}
    told = threading.Event()
    stop_on_signals(told)
    yield told
    signal.set_wakeup_fd(-1)
    for one, handler in before.items():
        signal.signal(one, handler)


def test_a_signal_ends_a_process_at_a_safe_point(stop: threading.Event) -> None:
    """Ctrl-C would cut a reaction in half, or not end the process at all."""
    os.kill(os.getpid(), signal.SIGTERM)
    assert stop.wait(5)


def test_a_signal_that_comes_while_the_event_is_locked_does_not_hang(stop: threading.Event) -> None:
    """`make` hands a signal on that the terminal sends too: the process would wait for itself for ever."""
    with stop._cond:  # type: ignore[attr-defined]
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGTERM)
    assert stop.wait(5)
