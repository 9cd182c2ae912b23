"""How does the process that works out solves run?"""

from __future__ import annotations

import threading

from compliance.record.database import open_database
from devices.stopping import stop_on_signals
from marketplace import instance, logs
from marketplace.settings import Settings
from marketplace.solves.process import Solver


def solve(settings: Settings) -> None:
    """Work out what people asked to be solved until told to stop."""
    logs.configure()
    stop = threading.Event()
    stop_on_signals(stop)
    Solver(open_database(settings.database), instance.clock_of(settings)).run(stop)
