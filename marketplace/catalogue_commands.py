"""How does an administrator bring an official catalogue in from a shell, look first, and take it back?"""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from uuid import UUID

import click

from compliance.catalogue import editions
from compliance.catalogue.editions import Preview
from compliance.catalogue.importing import Wanted
from compliance.catalogue.rules import Kind, Listing
from compliance.record.clock import system_now
from compliance.record.database import open_database, reading, transaction
from compliance.record.errors import Several
from compliance.record.who import SYSTEM
from compliance.record.work import Work
from marketplace.settings import read_settings

SHOWN = 20


@click.group("catalogue")
def catalogue() -> None:
    """The waste catalogues by edition: look at an official file, import it, take it back."""


@catalogue.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--edition", required=True, help="Such as HW2025 or SW2024.")
@click.option(
    "--from", "valid_from", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The first day in force."
)
@click.option(
    "--kind",
    type=click.Choice([one.value for one in Kind]),
    default=Kind.HAZARDOUS.value,
    show_default=True,
    help="Which of the two catalogues.",
)
@click.option(
    "--list",
    "listing",
    type=click.Choice([one.value for one in Listing]),
    default=Listing.CODES.value,
    show_default=True,
    help="Its list of codes, or its exemption list 豁免清单.",
)
@click.option("--preview", is_flag=True, help="Print what would change and store nothing.")
@click.option("--part", is_flag=True, help="The file is a part: what it lacks stays listed.")
def import_file(
    file: Path, edition: str, valid_from: datetime, kind: str, listing: str, preview: bool, part: bool
) -> None:
    """Import FILE (CSV or XLSX with the printed headings) as an edition; print what changes."""
    data = file.read_bytes()
    wanted = Wanted(edition, Kind(kind), valid_from.date(), complete=not part, listing=Listing(listing))
    engine = open_database(read_settings().database)
    try:
        with reading(engine) as session:
            click.echo("\n".join(_told(editions.preview(session, data, wanted))))
        if preview:
            return
        with transaction(engine) as session:
            row = editions.apply(Work(session, system_now(), SYSTEM), data, wanted, file.name)
            click.echo(f"imported as {row.id}; take it back with: huanlian catalogue rollback {row.id}")
    except Several as several:
        for one in several.errors:
            click.echo(f"{one.field}: {one}", err=True)
        sys.exit(1)


@catalogue.command()
def imports() -> None:
    """List the imports, the newest first."""
    with reading(open_database(read_settings().database)) as session:
        for row in editions.imports(session):
            state = "rolled back" if row.rolled_back_at else "stands"
            told = f"{row.edition}  {row.listing}  {row.rows} rows  {row.file_name}  {row.at:%Y-%m-%d}"
            click.echo(f"{row.id}  {told}  {state}")


@catalogue.command()
@click.argument("import_id", type=click.UUID)
def rollback(import_id: UUID) -> None:
    """Put back what an import replaced."""
    with transaction(open_database(read_settings().database)) as session:
        row = editions.roll_back(Work(session, system_now(), SYSTEM), import_id)
        click.echo(f"{row.edition} is as it was before {row.file_name}")


def _told(seen: Preview) -> list[str]:
    difference = seen.difference
    ends = f"; {seen.ends} ends the day before" if seen.ends else ""
    lines = [
        f"{seen.wanted.edition} from {seen.wanted.valid_from}: {len(seen.rows)} rows{ends}",
        f"{len(difference.added)} added, {len(difference.changed)} fields changed,"
        f" {len(difference.removed)} removed, {difference.confirmed} as they were",
    ]
    lines += [f"+ {code}" for code in difference.added[:SHOWN]]
    lines += [f"- {code}" for code in difference.removed[:SHOWN]]
    lines += [f"~ {one.code} {one.field}: {one.before} → {one.after}" for one in difference.changed[:SHOWN]]
    return lines
