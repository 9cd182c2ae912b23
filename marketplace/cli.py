"""Which commands does `huanlian` know? This is their map; each imports what it needs when it runs."""

from __future__ import annotations

import json
import sys
import threading
from dataclasses import asdict
from importlib import import_module

import click

from compliance.record.errors import DomainError
from marketplace.settings import Settings, read_settings

GROUPS = {
    "catalogue": "marketplace.catalogue_commands:catalogue",
    "anchors": "marketplace.archive_commands:anchors",
    "archive": "marketplace.archive_commands:archive",
    "draws": "marketplace.archive_commands:draws",
    "devices": "marketplace.device_commands:devices",
    "match": "marketplace.match_commands:match",
    "positions": "marketplace.position_commands:positions",
    "rules": "marketplace.rule_commands:rules",
}
OWN = {"marketplace", "tracking", "compliance", "devices", "matching"}


class Said(click.ClickException):
    """A refusal said in one line, with the way out."""

    def __init__(self, refusal: DomainError) -> None:
        text = str(refusal)
        if refusal.field:
            text = f"{refusal.field}: {text}"
        if refusal.way_out:
            text = f"{text} {refusal.way_out.format(**refusal.values)}"
        super().__init__(text)


class Unanswered(click.ClickException):
    """A database that has no market in it, or does not answer."""

    exit_code = 2

    def __init__(self, failure: Exception) -> None:
        said = str(getattr(failure, "orig", failure)).strip().partition("\n")[0]
        absent = "no such table" in said or said.startswith("relation ")
        super().__init__(
            f"DATABASE_URL: no market is in this database ({said}); `huanlian migrate` makes one."
            if absent
            else f"DATABASE_URL: the database does not answer as it should: {said}"
        )


def _database_faults() -> tuple[type[Exception], ...]:
    """Return what a database raises; where nothing has loaded SQLAlchemy, none has been asked."""
    loaded = sys.modules.get("sqlalchemy.exc")
    return () if loaded is None else (loaded.OperationalError, loaded.ProgrammingError)


class Commands(click.Group):
    """A group whose commands turn refusals into one clear line and exit status 1.

    The groups of `GROUPS` are loaded when they are asked for. Where the server's packages are absent the
    list of commands leaves out what needs them, and asking for it says what to install.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of what can be loaded here."""
        return sorted([*self.commands, *(name for name in GROUPS if self._is_here(name))])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, loading its group."""
        if cmd_name not in GROUPS:
            return super().get_command(ctx, cmd_name)
        module, _, name = GROUPS[cmd_name].partition(":")
        found: click.Command = getattr(import_module(module), name)
        return found

    def invoke(self, ctx: click.Context) -> object:
        """Run the chosen command; say what to install where the server's packages are absent."""
        try:
            return super().invoke(ctx)
        except DomainError as refusal:
            raise Said(refusal) from None
        except _database_faults() as failure:
            raise Unanswered(failure) from failure
        except ModuleNotFoundError as absent:
            if _is_ours(absent):
                raise
            raise click.ClickException(
                f"This command needs the server's packages, and {absent.name} is not here: "
                "pip install 'huanlian[server]'. Of `huanlian devices` only `acl` needs them."
            ) from None

    def _is_here(self, name: str) -> bool:
        try:
            import_module(GROUPS[name].partition(":")[0])
        except ModuleNotFoundError as absent:
            if _is_ours(absent):
                raise
            return False
        return True


def _is_ours(absent: ModuleNotFoundError) -> bool:
    return (absent.name or "").partition(".")[0] in OWN


def _settings() -> Settings:
    return read_settings()


@click.group(cls=Commands)
@click.version_option(package_name="huanlian")
def main() -> None:
    """环链 Huanlian: a marketplace and a closed loop of custody for solid and hazardous waste.

    Settings come from the environment: DATABASE_URL, MQTT_URL, PORT … (docs/reference/settings.md).
    """


@main.command()
def run() -> None:
    """Run everything as one supervised process: web, ingest, worker, broker, simulated devices."""
    from marketplace.processes.together import run

    sys.exit(run(_settings()))


@main.command()
def web() -> None:
    """Serve the pages and the API."""
    from marketplace.processes.web import serve

    serve(_settings())


@main.command()
def worker() -> None:
    """React to events; any number of these may run on one database."""
    from marketplace.processes.reactions import work

    work(_settings())


@main.command()
def solver() -> None:
    """Work out the solves that people ask for; any number of these may run on one database."""
    from marketplace.processes.solver import solve

    solve(_settings())


@main.command()
@click.option("--part", type=click.IntRange(min=1), help="Only this one of INGEST_WORKERS parts.")
def ingest(part: int | None) -> None:
    """Take in what devices publish over MQTT, by INGEST_WORKERS processes."""
    from marketplace.processes.ingest import take_in

    settings = _settings()
    if part is not None and part > settings.ingest_workers:
        raise click.BadParameter(f"there are {settings.ingest_workers} parts", param_hint="--part")
    sys.exit(take_in(settings, part))


@main.command()
def migrate() -> None:
    """Bring the database to its newest form and load the catalogues."""
    from marketplace.preparing import prepare

    prepare(_settings())
    click.echo("The database is in its newest form.")


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.option("--record", metavar="ID", default="", help="Prove one record back to its anchor instead.")
def verify(as_json: bool, record: str) -> None:
    """Check the chain, its anchors, the balances and the mass of a database; name the first broken row.

    --record takes a manifest's number, the id of an event or a thing, or an event's place on the chain.
    """
    from compliance.record.database import open_database
    from marketplace import verification

    if record:
        from marketplace.archive_commands import verify_record

        sys.exit(verify_record(_settings(), record, as_json=as_json))
    found = verification.verify(open_database(_settings().database))
    if as_json:
        click.echo(json.dumps(asdict(found), ensure_ascii=False, indent=2))
    else:
        click.echo(f"{found.events} events, head {found.head[:16]}…, {found.manifests} manifests")
        for finding in found.findings[:20]:
            click.echo(f"{finding.check}: {finding.row}: {finding.reason}")
        click.echo("Everything holds." if found.holds else "The record does NOT hold.")
    sys.exit(0 if found.holds else 1)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print the plan as JSON.")
def clear(as_json: bool) -> None:
    """Clear the whole market and print the best plan with its bound and gap; changes nothing."""
    from marketplace import clearing

    clearing.print_plan(_settings(), as_json)


@main.group()
def demo() -> None:
    """The demonstration world: its devices, and one loop without a browser."""


@demo.command()
@click.option("--json", "as_json", is_flag=True, help="Print the trace as JSON.")
@click.option("--url", default="", help="A running instance; without it a private one is started.")
@click.option("--speed", default=300.0, show_default=True, help="Speed of a private instance's clock.")
def loop(as_json: bool, url: str, speed: float) -> None:
    """Run one loop, from a listed lot to a settled load, and print its trace.

    Exits 0 only if the loop closed, the mass balance holds, the money sums to zero and the chain verifies.
    """
    from marketplace.demo import loop as demo_loop

    sys.exit(demo_loop.run(url, speed, as_json))


@demo.command()
def devices() -> None:
    """Run the simulated vehicles, scales and colleagues of the demonstration world."""
    from devices.stopping import stop_on_signals
    from marketplace.demo import director

    stop = threading.Event()
    stop_on_signals(stop)
    director.run(_settings(), stop)
