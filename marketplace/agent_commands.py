"""How are the agents beside vehicles and scales enrolled, run and looked at?"""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from devices.agent.config_file import ConfigRefused, read_any
from devices.agent.enrolment import EnrolmentRefused, renew_password
from devices.agent.enrolment import enrol as ask_server
from devices.agent.identity import IdentityRefused
from devices.agent.station import AgentRefused
from devices.agent.status import status as look_at
from devices.outbox_file import OutboxDamaged
from devices.weighbridge.keys import KeyFileExposed

_FILE = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))


@contextmanager
def clearly() -> Iterator[None]:
    """Say in one line why an agent cannot run, with the way out."""
    try:
        yield
    except (ConfigRefused, IdentityRefused, AgentRefused, EnrolmentRefused) as refused:
        raise click.ClickException(str(refused)) from None
    except KeyFileExposed as exposed:
        raise click.ClickException(f"{exposed}: others than its owner may read it: chmod 600") from None
    except OutboxDamaged as damaged:
        raise click.ClickException(
            f"{damaged}. Nothing was changed. Move the file away, keep it for what is in it, and enrol "
            "again with a new code, which gives a new incarnation."
        ) from None
    except sqlite3.OperationalError as problem:
        raise click.ClickException(f"The outbox cannot be written: {problem}") from None


@click.command()
@click.argument("code")
@click.option("--server", required=True, metavar="URL", help="The server, https://….")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    show_default="this folder",
    help="Where the agent keeps its key, its identity and its outbox; for its user alone.",
)
@click.option(
    "--ca", metavar="FILE", help="Certificate of the server's authority, where it is no public one."
)
def enrol(code: str, server: str, folder: Path, ca: str | None) -> None:
    """Make a key on this machine and enrol it with the one-time CODE; prints the device's name."""
    with clearly():
        found = ask_server(server, code, folder, ca_file=ca)
    click.echo(f"{found.device} ({found.kind}) of {found.tenant}, incarnation {found.inc}, by {found.mqtt}")
    click.echo(f"Kept in {folder.resolve()}; the private key has not left this machine.")


@click.command()
@_FILE
@click.option("--given", is_flag=True, help="Take the password that the device's page has shown instead.")
def password(file: Path, given: bool) -> None:
    """Ask the server for a new password for the agent of FILE, and keep it; start the agent again then."""
    told = click.prompt("Password", hide_input=True) if given else ""
    with clearly():
        found = renew_password(file.parent / read_any(file).folder, told.strip())
    click.echo(f"{found.device} has a new password, and the server has seen it. Start the agent again now.")


@click.command()
@_FILE
def gateway(file: Path) -> None:
    """Take JT/T 808 terminals over TCP, as FILE says, until SIGTERM; exits 75 when told to start again."""
    from devices.agent.gateway import run

    _run(run, file)


@click.command()
@_FILE
def scale(file: Path) -> None:
    """Read a scale's indicator and sign its tickets, as FILE says; exits 75 when told to start again."""
    from devices.agent.scale import run

    _run(run, file)


@click.command()
@click.argument("place", type=click.Path(exists=True, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def status(place: Path, as_json: bool) -> None:
    """Tell how an agent fares, by its file or folder; exits 1 when it does not run."""
    with clearly():
        folder = place if place.is_dir() else place.parent / read_any(place).folder
        found = look_at(folder)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
    else:
        for name, value in found.items():
            click.echo(f"{name:<22} {_plain(value)}")
    sys.exit(0 if found["running"] else 1)


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{name} {_plain(one)}" for name, one in value.items()) or "none"
    return str(value)


def _run(run: Callable[[Path], int], file: Path) -> None:
    with clearly():
        sys.exit(run(file))
