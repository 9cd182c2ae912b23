"""How does a Mosquitto that somebody else runs learn which devices may connect, and as whom?"""

from __future__ import annotations

import threading
from pathlib import Path

import click


@click.command()
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="The folder in which `passwords` and `rights` are written, readable by their owner only.",
)
@click.option(
    "--pid",
    type=click.Path(dir_okay=False, path_type=Path),
    default=None,
    help="Mosquitto's pid_file: told (SIGHUP) of every change, it cuts off who lost the account.",
)
@click.option(
    "--dynamic-security",
    "dynamic",
    is_flag=True,
    help="Write `dynamic-security.json` for Mosquitto's plugin instead, which reads it when it starts.",
)
@click.option("--follow", is_flag=True, help="Go on until stopped, and write again when a device changes.")
def acl(out: Path, pid: Path | None, dynamic: bool, follow: bool) -> None:
    """Write Mosquitto's password file and topic rights for the devices on record.

    Passwords are those of devices that have enrolled and are not revoked, as hashes. Each file is replaced in
    one step, and only if it differs.
    """
    from compliance.record.clock import system_now
    from compliance.record.database import open_database, reading
    from devices.stopping import stop_on_signals
    from marketplace import broker_accounts
    from marketplace.broker import write_private
    from marketplace.instance import mqtt_place
    from marketplace.settings import read_settings

    if dynamic and (follow or pid is not None):
        raise click.UsageError("Mosquitto reads dynamic-security.json only when it starts.")
    settings = read_settings()
    engine = open_database(settings.database)

    def write() -> None:
        with reading(engine) as session:
            users = broker_accounts.accounts(session, settings, system_now())
        if dynamic:
            text = broker_accounts.dynamic_security(users, mqtt_place(settings).user)
            write_private(out / "dynamic-security.json", text)
            click.echo(f"{out}: {len(users)} users")
        elif broker_accounts.write_files(out, users):
            click.echo(f"{out}: {len(users)} users")
            if pid is not None:
                broker_accounts.tell_broker(pid)

    write()
    if follow:
        stop = threading.Event()
        stop_on_signals(stop)
        broker_accounts.follow(write, stop)
