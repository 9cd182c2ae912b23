"""How do the people at the gate void, print and look up tickets, and say who and what is on the deck?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from devices.agent.clock import now
from devices.agent.gate import Gate, gate, said_now
from devices.agent.gate import desk as at_the_desk
from devices.codecs import FrameRefused
from devices.outbox import OutboxRefused
from devices.weighbridge.tickets import GateRefused, Issued
from marketplace.agent_commands import clearly
from marketplace.gate_words import WHY, ticket_lines

_FILE = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
_NUMBER = click.argument("number", type=click.IntRange(min=1))
_BY = click.option(
    "--by", default="", metavar="NAME", help="Who does it; else who has signed on at the desk."
)


@contextmanager
def _open(file: Path) -> Iterator[Gate]:
    """Open the book, and say in one line why something is refused."""
    try:
        with clearly(), gate(file) as found:
            yield found
    except GateRefused as refused:
        raise click.ClickException(WHY[refused.code.value].format(number=refused.number)) from None
    except FrameRefused as refused:
        raise click.ClickException(refused.detail) from None
    except OutboxRefused:
        raise click.ClickException("The agent's store is full: nothing was printed or written.") from None


@click.command()
@_FILE
@click.option("--most", default=20, show_default=True, type=click.IntRange(1, 10_000), help="How many.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
def tickets(file: Path, most: int, as_json: bool) -> None:
    """List the newest tickets in the book of the scale that FILE describes, on line or off."""
    with _open(file) as at:
        for one in at.newest(most):
            click.echo(json.dumps(_as_object(one), ensure_ascii=False) if as_json else _line(one))


def _line(one: Issued) -> str:
    told = one.reading
    void = one.told.void
    said = f"voids #{void.no}: {void.reason}" if void is not None else f"{told.weight_kg:>8} kg  {told.plate}"
    ends = f"  VOID by #{one.voided_by}" if one.voided_by else ""
    return f"#{told.ticket_number:<8} {told.device_time:%Y-%m-%d %H:%M:%S}Z {said}{ends}  prints {one.prints}"


def _as_object(one: Issued) -> dict[str, object]:
    told = one.reading
    return {
        "no": told.ticket_number,
        "at": told.device_time.isoformat(),
        "plate": told.plate,
        "kg": told.weight_kg,
        "hash": told.ticket_hash,
        "shadow": told.shadow,
        "voided_by": one.voided_by or None,
        "prints": one.prints,
        **told.extra,
    }


@click.command("print")
@_FILE
@_NUMBER
@_BY
def print_ticket(file: Path, number: int, by: str) -> None:
    """Print ticket NUMBER as text; the first print is the original, each later one says which copy it is.

    Every print is counted and told to the server, with its time and who made it.
    """
    with _open(file) as at:
        who = at.by(by)
        found = at.printed(number, who)
        lines = ticket_lines(at.device, at.scale, found, who, now())
    click.echo("\n".join(lines))


@click.command()
@_FILE
@_NUMBER
@click.option("--reason", required=True, help="Why; it stands in the record for good.")
@_BY
def void(file: Path, number: int, reason: str, by: str) -> None:
    """Make ticket NUMBER void, by a signed ticket of its own that takes the next number.

    Nothing is deleted. A load that the ticket weighed is judged anew without it; where somebody has signed
    for the load already, the inspectors are told.
    """
    with _open(file) as at:
        made = at.void(number, reason, by)
    click.echo(f"Ticket {number} is void by ticket {made.ticket_number} ({made.ticket_hash}).")


@click.command()
@_FILE
@click.option("--plate", default="", help="Of which vehicle, with --kg.")
@click.option("--kg", type=click.IntRange(1, 1_000_000), help="The empty weight as it is typed.")
@click.option(
    "--ticket", "number", type=click.IntRange(min=1), help="The ticket that weighed it empty before."
)
@_BY
def tare(file: Path, plate: str, kg: int | None, number: int | None, by: str) -> None:
    """Write a ticket of an empty weight that is not weighed now: typed, or of an earlier --ticket.

    It is marked as a preset tare, with its age, wherever it is shown.
    """
    if (number is None) == (kg is None) or bool(plate.strip()) == (kg is None):
        raise click.UsageError("Say --plate and --kg, or --ticket alone.")
    with _open(file) as at:
        if number is not None:
            made = at.stored_tare(number, by)
        else:
            assert kg is not None
            made = at.tare("".join(plate.split()), kg, by)
    click.echo(f"Ticket {made.ticket_number}: {made.plate} empty {made.weight_kg} kg, {made.extra['from']}.")


@click.command()
@_FILE
@click.option("--operator", help="Sign on; '' signs off.")
@click.option("--plate", help="The plate of the vehicle on the deck, or next on it; '' takes it back.")
@click.option("--cargo", help="What it carries; '' takes it back.")
def desk(file: Path, operator: str | None, plate: str | None, cargo: str | None) -> None:
    """Say who has signed on at the scale's desk, and of the vehicle on the deck plate and cargo.

    Plate and cargo are good for one ticket. Without options it shows what the desk says now.
    """
    with clearly():
        now_says = at_the_desk(file)
        if (operator, plate, cargo) != (None, None, None):
            wanted = said_now(now_says, operator=operator, plate=plate, cargo=cargo)
            try:
                now_says = at_the_desk(file, wanted)
            except FrameRefused as refused:
                raise click.ClickException(refused.detail) from None
    for name, value in (
        ("operator", now_says.operator),
        ("plate", now_says.plate),
        ("cargo", now_says.cargo),
    ):
        click.echo(f"{name:<10} {value or '-'}")
