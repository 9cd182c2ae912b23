"""How do all processes of an instance start, stay up and end as one?"""

from __future__ import annotations

import secrets
from functools import partial

import click

from marketplace import instance
from marketplace.demo.known import LOGINS, PASSWORD
from marketplace.ports import PortInUse
from marketplace.settings import Settings
from marketplace.supervisor import StartFailed, Supervisor


def run(settings: Settings) -> int:
    """Prepare the instance and keep its processes up until told to stop; return the exit status."""
    settings.var.mkdir(parents=True, exist_ok=True)
    try:
        instance.require_ports(settings)
        run_id = secrets.token_hex(8)
        supervisor = Supervisor(instance.children(settings, run_id), settings.var / "log", echo=False)
        return supervisor.run(partial(_greet, settings), partial(_prepare, settings, run_id))
    except (PortInUse, StartFailed) as failure:
        click.echo(str(failure), err=True)
        return 1


def _prepare(settings: Settings, run_id: str) -> None:
    """Make the database ready while the pages' process starts; what that takes is imported meanwhile."""
    from marketplace import preparing

    engine = preparing.prepare(settings)
    try:
        instance.write_state(settings, run_id, preparing.start_clock(settings, engine))
    finally:
        engine.dispose()


def _greet(settings: Settings) -> None:
    lines = [f"\n  环链 Huanlian is running: http://{settings.host}:{settings.port}\n"]
    if settings.demo:
        lines.append(f"  Demonstration logins (password {PASSWORD}): {', '.join(LOGINS)}")
        lines.append(f"  The clock runs {settings.demo_speed:g} times as fast; devices are simulated.")
    lines.append(f"  Logs: {settings.var / 'log'}   Stop: Ctrl-C\n")
    click.echo("\n".join(lines))
