"""What can be done with terminals and scales from a shell, without a database or the server's packages?"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import IO

import click

from devices.codecs import FrameRefused
from devices.codecs.lines import decode_lines, decode_stream, encode_lines, read_lines
from devices.codecs.protocols import PROTOCOLS, Lines, open_protocol
from marketplace import agent_commands, gate_commands
from marketplace.acl_commands import acl
from marketplace.commission_commands import commission

_PROTOCOL = click.option(
    "--protocol", "name", type=click.Choice(sorted(PROTOCOLS)), required=True, help="What the frames are."
)
_SETTINGS = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="What is known of this device: for jt808 edition, zone, model, datum, swapped; for scales "
    "unit, decimals, sign, check; repeatable.",
)
_FILE = click.argument("file", type=click.File("rb"), default="-")


@click.group("devices")
def devices() -> None:
    """Terminals and scales: what their frames say, and the agents that speak for them."""


devices.add_command(acl)
devices.add_command(commission)
devices.add_command(agent_commands.enrol)
devices.add_command(agent_commands.gateway)
devices.add_command(agent_commands.password)
devices.add_command(agent_commands.scale)
devices.add_command(agent_commands.status)
devices.add_command(gate_commands.desk)
devices.add_command(gate_commands.tickets)
devices.add_command(gate_commands.print_ticket)
devices.add_command(gate_commands.void)
devices.add_command(gate_commands.tare)


@devices.command()
@_PROTOCOL
@click.option("--stream", is_flag=True, help="Read a stream of bytes instead of lines of hexadecimal digits.")
@_SETTINGS
@_FILE
def decode(name: str, stream: bool, settings: tuple[str, ...], file: IO[bytes]) -> None:
    """Print one JSON object for each frame; FILE is standard input unless it is given.

    A frame that is refused gives {"error": code, "detail": …} in its place; the exit status is 0.
    """
    protocol = _opened(name, settings)
    _print(decode_stream(file, protocol) if stream else decode_lines(read_lines(file), protocol))


@devices.command()
@_PROTOCOL
@_SETTINGS
@_FILE
def encode(name: str, settings: tuple[str, ...], file: IO[bytes]) -> None:
    """Print the frames, in hexadecimal digits, of one JSON object a line, as `decode` prints them.

    An object that is refused gives {"error": code, "detail": …} in its place; the exit status is 0.
    """
    _print(encode_lines(read_lines(file), _opened(name, settings)))


def _opened(name: str, settings: tuple[str, ...]) -> Lines:
    pairs = [text.partition("=") for text in settings]
    if bad := [text for text, (_, sign, _) in zip(settings, pairs, strict=True) if not sign]:
        raise click.BadParameter(f"{bad[0]!r} is not NAME=VALUE", param_hint="--set")
    try:
        return open_protocol(name, {key: value for key, _, value in pairs})
    except FrameRefused as refused:
        raise click.BadParameter(refused.detail, param_hint="--set") from None


def _print(lines: Iterable[bytes]) -> None:
    """Print each line as soon as it is there, so that a live stream can be followed.

    A reader that has seen enough ends it: that is no failure in a pipe.
    """
    out = sys.stdout.buffer
    try:
        for line in lines:
            out.write(line + b"\n")
            out.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
