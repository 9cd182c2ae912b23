"""How does each process of an instance start and end?"""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path

import click
from litestar import Litestar

from compliance.record.database import open_database
from compliance.rulebook.workdays import Workdays, read_own_days
from marketplace import broker_accounts, device_access, instance, logs, worker
from marketplace.demo.world import LOGINS, PASSWORD
from marketplace.ports import PortInUse
from marketplace.position_commands import retain_daily
from marketplace.roads.choice import distances_of
from marketplace.settings import Settings, read_settings
from marketplace.supervisor import StartFailed, Supervisor


def run(settings: Settings) -> int:
    """Prepare the instance and keep its processes up until told to stop; return the exit status."""
    settings.var.mkdir(parents=True, exist_ok=True)
    try:
        instance.require_ports(settings)
        engine = instance.prepare(settings)
        clock = instance.start_clock(settings, engine)
        engine.dispose()
        children = instance.children(settings, clock)
        instance.write_state(settings, clock)
        return Supervisor(children, settings.var / "log", echo=False).run(lambda: _greet(settings))
    except (PortInUse, StartFailed) as failure:
        click.echo(str(failure), err=True)
        return 1


def _greet(settings: Settings) -> None:
    lines = [f"\n  环链 Huanlian is running: http://{settings.host}:{settings.port}\n"]
    if settings.demo:
        lines.append(f"  Demonstration logins (password {PASSWORD}): {', '.join(LOGINS)}")
        lines.append(f"  The clock runs {settings.demo_speed:g} times as fast; devices are simulated.")
    lines.append(f"  Logs: {settings.var / 'log'}   Stop: Ctrl-C\n")
    click.echo("\n".join(lines))


def serve(settings: Settings) -> None:
    """Serve the web application with granian until told to stop."""
    from granian.constants import Interfaces
    from granian.server import Server

    Server(
        "marketplace.running:application",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        websockets=False,
        log_access=False,
    ).serve()


def application() -> Litestar:
    """Return the web application of the instance that the environment describes."""
    from marketplace.app import create_app

    settings = read_settings()
    logs.configure()
    return create_app(settings, now=instance.clock_of(settings))


def work(settings: Settings) -> None:
    """Run the reactions, and say what devices are told, until told to stop."""
    from tracking.commands.sender import Sender

    logs.configure()
    stop = threading.Event()
    worker.stop_on_signals(stop)
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
        worker.run(engine, now, stop, partial(distances_of, settings), calendar)
    finally:
        stop.set()
        for thread in beside:
            thread.join()


def solve(settings: Settings) -> None:
    """Work out what people asked to be solved until told to stop."""
    from marketplace.solves.process import Solver

    logs.configure()
    stop = threading.Event()
    worker.stop_on_signals(stop)
    Solver(open_database(settings.database), instance.clock_of(settings)).run(stop)


def take_in(settings: Settings, part: int | None = None) -> int:
    """Run the ingest, or one part of it, until told to stop; return the exit status.

    Several parts are processes of their own under a supervisor: each takes in its devices.
    """
    from tracking.intake.consumer import Ingest, forget_sessions
    from tracking.intake.rules import Part

    logs.configure()
    place = instance.mqtt_place(settings)
    if part is None:
        forget_sessions(place, settings.ingest_workers)
        if settings.ingest_workers > 1:
            return Supervisor(instance.ingest_children(settings), settings.var / "log").run()
    stop = threading.Event()
    worker.stop_on_signals(stop)
    own = Part((part or 1) - 1, settings.ingest_workers)
    Ingest(open_database(settings.database), place, instance.clock_of(settings), part=own).run(stop)
    return 0
