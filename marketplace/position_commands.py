"""How are old positions archived and taken out of the database, by hand or day by day?"""

from __future__ import annotations

import re
import threading
from datetime import timedelta
from pathlib import Path

import click
import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from compliance.record.clock import Now
from compliance.record.errors import DomainError
from marketplace.settings import Settings, read_settings

DAY_S = 86_400.0

log = structlog.get_logger(__name__)


class Days(click.ParamType[timedelta]):
    """A span such as `365d`."""

    name = "days"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Read the span."""
        found = re.fullmatch(r"([1-9][0-9]{0,4})d", str(value))
        if found is None:
            self.fail(f"{value!r} is not a number of days like 365d", param, ctx)
        return timedelta(days=int(found[1]))


@click.group("positions")
def positions() -> None:
    """Where the vehicles were: the table of positions."""


@positions.command()
@click.option("--keep", type=Days(), required=True, help="How long positions stay, for example 365d.")
@click.option(
    "--archive",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="The folder for the Parquet files.",
)
def retain(keep: timedelta, folder: Path) -> None:
    """Archive whole weeks that are older, prove the files true, and only then remove the rows."""
    from compliance.record.database import open_database
    from marketplace import instance
    from tracking.positions import retention

    settings = read_settings()
    now = instance.clock_of(settings)
    done = retention.retain(open_database(settings.database), now(), keep, folder)
    for one in done:
        click.echo(f"{one.file}: {one.rows} positions, SHA-256 {one.sha256}")
    if not done:
        click.echo("Nothing is that old.")


def retain_daily(settings: Settings, engine: Engine, now: Now, stop: threading.Event) -> None:
    """Do it once a day until told to stop, where the settings say how long positions are kept."""
    from tracking.positions import retention

    if not settings.positions_kept_days:
        return
    keep, folder = timedelta(days=settings.positions_kept_days), Path(settings.positions_archive)
    while not stop.is_set():
        try:
            retention.retain(engine, now(), keep, folder)
        except (DomainError, OperationalError, OSError) as failure:
            log.error("positions.not_archived", reason=str(failure))
        stop.wait(DAY_S)
