"""What does the worker's process do beside reacting to events?"""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path

from compliance.record.database import open_database
from compliance.rulebook.workdays import Workdays, read_own_days
from devices.stopping import stop_on_signals
from marketplace import anchoring, broker_accounts, device_access, instance, logs, worker
from marketplace.position_commands import retain_daily
from marketplace.roads.choice import distances_of
from marketplace.settings import Settings
from tracking.commands.sender import Sender


def work(settings: Settings) -> None:
    """Run the reactions, and say what devices are told, until told to stop."""
    logs.configure()
    stop = threading.Event()
    stop_on_signals(stop)
    engine, now = open_database(settings.database), instance.clock_of(settings)
    archivist = threading.Thread(target=retain_daily, args=(settings, engine, now, stop), daemon=True)
    archivist.start()
    beside = []
    if not settings.mqtt_url:
        accounts = partial(broker_accounts.sync_users_file, engine, settings)
        beside.append(threading.Thread(target=broker_accounts.follow, args=(accounts, stop), name="accounts"))
    calendar = Workdays(read_own_days(Path(settings.workdays_file)) if settings.workdays_file else {})
    sender = Sender(engine, instance.mqtt_place(settings), now, partial(device_access.command_key, settings))
    beside.append(threading.Thread(target=sender.run, args=(stop,), name="commands"))
    for thread in beside:
        thread.start()
    try:
        publish = partial(anchoring.publish, settings)
        worker.run(engine, now, stop, partial(distances_of, settings), calendar, publish)
    finally:
        stop.set()
        for thread in beside:
            thread.join()
