"""How does the ingest run, as one process or in several parts?"""

from __future__ import annotations

import threading

from compliance.record.database import open_database
from devices.stopping import stop_on_signals
from marketplace import instance, logs
from marketplace.settings import Settings
from marketplace.supervisor import Supervisor
from tracking.intake.consumer import Ingest, forget_sessions
from tracking.intake.rules import Part


def take_in(settings: Settings, part: int | None = None) -> int:
    """Run the ingest, or one part of it, until told to stop; return the exit status.

    Several parts are processes of their own under a supervisor: each takes in its devices.
    """
    logs.configure()
    place = instance.mqtt_place(settings)
    if part is None:
        forget_sessions(place, settings.ingest_workers)
        if settings.ingest_workers > 1:
            return Supervisor(instance.ingest_children(settings), settings.var / "log").run()
    stop = threading.Event()
    stop_on_signals(stop)
    own = Part((part or 1) - 1, settings.ingest_workers)
    Ingest(open_database(settings.database), place, instance.clock_of(settings), part=own).run(stop)
    return 0
