"""How are the anchors, a record's proof and a year's archive reached from a shell?"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from compliance.anchors import offline
from compliance.record.database import open_database, reading
from compliance.visits import again
from marketplace import anchoring, record_proofs
from marketplace import archive as archives
from marketplace.instance import clock_of
from marketplace.record_proofs import Proved, Standing
from marketplace.scans import store_of
from marketplace.settings import Settings, read_settings

COUNTED = {"events": "events", "manifests": "manifests", "kept_acts": "kept acts", "files_kept": "files"}
"""What an export says that it holds."""


@click.group("archive")
def archive() -> None:
    """A closed year of the record: taken out, and checked without the database (M14: ten years)."""


@archive.command("export")
@click.argument("year", type=click.IntRange(2000, 2200))
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
def export(year: int, folder: Path) -> None:
    """Write a year that has ended into an empty folder, with the script that checks it."""
    settings = read_settings()
    engine = open_database(settings.database)
    index = archives.export(engine, year, folder, clock_of(settings)(), store_of(settings))
    anchoring.put_roots(settings, folder / "stamps")
    counted = ", ".join(f"{index[name]} {words}" for name, words in COUNTED.items())
    click.echo(f"{counted} of {year} in {folder}")
    click.echo(f"Check it anywhere: python {folder / 'verify.py'}")


@archive.command("verify")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, exists=True, file_okay=False))
def verify_archive(folder: Path) -> None:
    """Check an exported year: files, chain, anchors, signatures, and the time stamps against their roots."""
    counts, faults = offline.verify(folder)
    faults += _stamp_faults(folder)
    click.echo(json.dumps(counts, ensure_ascii=False))
    for fault in faults[:100]:
        click.echo(fault)
    click.echo("It holds." if not faults else "It does NOT hold.")
    sys.exit(1 if faults else 0)


def _stamp_faults(folder: Path) -> list[str]:
    from cryptography import x509

    from marketplace.stamps import checking

    roots = [
        one
        for path in sorted((folder / "stamps").glob("*.pem"))
        for one in x509.load_pem_x509_certificates(path.read_bytes())
    ]
    found = []
    for path in sorted((folder / "stamps").glob("*.tsr")):
        text = (folder / "anchors" / f"{path.stem}.json").read_bytes()
        fault = checking.fault(path.read_bytes(), text, roots) if roots else "no root certificate is here"
        if fault:
            found.append(f"time stamp {path.stem}: {fault}")
    return found


@click.group("draws")
def draws() -> None:
    """The draws of who is visited."""


@draws.command("again")
@click.argument("draw", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument("anchors", required=False, type=click.Path(path_type=Path, exists=True, dir_okay=False))
def draw_again(draw: Path, anchors: Path | None) -> None:
    """Draw again from a DRAW's file, and hold its seed against published ANCHORS (anchors.jsonl)."""
    sys.exit(again.main([str(one) for one in (draw, anchors) if one is not None]))


@click.group("anchors")
def anchors() -> None:
    """The daily anchors of the record."""


@anchors.command("publish")
def publish() -> None:
    """Anchor the day if that was not done, stamp it, write the files; workers do so every day."""
    settings = read_settings()
    count = anchoring.publish(settings, open_database(settings.database), clock_of(settings))
    click.echo(f"{count} anchors in {anchoring.folder_of(settings)}")


@anchors.command("compare")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, exists=True, file_okay=False))
def compare(folder: Path) -> None:
    """Hold the database against anchors that were published earlier and kept elsewhere."""
    found = anchoring.compare(open_database(read_settings().database), folder)
    for name, fault in found:
        click.echo(f"{name}: {fault}")
    click.echo(
        "Every published anchor is there." if not found else "The record is NOT the one that was published."
    )
    sys.exit(1 if found else 0)


def verify_record(settings: Settings, text: str, *, as_json: bool) -> int:
    """Prove the events that a text names and print what was found; 1 where something does not hold."""
    authority = anchoring.checker_of(settings)
    with reading(open_database(settings.database)) as session:
        found = [
            record_proofs.proved(session, one, authority) for one in record_proofs.look_up(session, text)
        ]
    if as_json:
        click.echo(json.dumps([one.proof for one in found], ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(_line(one) for one in found))
    broken = any(one.standing is Standing.BROKEN for one in found)
    if not as_json:
        click.echo("It does NOT hold." if broken else "It holds.")
    return 1 if broken else 0


def _line(one: Proved) -> str:
    event = one.recorded.event
    anchored = f"anchor {one.anchor_day}" if one.anchor_day else "waits for its anchor"
    stamps = [
        f"stamped {stamp.at.isoformat()} by {stamp.authority}{' (simulated)' if stamp.simulated else ''}"
        for stamp in one.stamps
    ]
    return "; ".join(
        [
            f"#{one.recorded.seq} {event.kind} {event.at.isoformat()} {event.id}: {one.standing.value}",
            anchored,
            *stamps,
            *one.faults,
        ]
    )
