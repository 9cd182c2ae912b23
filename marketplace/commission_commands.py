"""How does an installer teach the scale agent what an indicator's bytes mean, against its display?"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from marketplace.commission_words import as_object, explanation, now_says, table

if TYPE_CHECKING:
    from devices.weighbridge.capture import Source
    from devices.weighbridge.commissioning import Reading, Shown, Verdict
    from devices.weighbridge.scale_file import ScaleFile

NO_READING, BAD_INPUT = 1, 2
LISTEN_S, ALL_LOADS_S = 3.0, 20.0
_PROMPT = "The display shows (number and unit; Enter listens again, b goes back, q quits)"


@dataclass(frozen=True, slots=True)
class Options:
    """What the installer asked for."""

    names: tuple[str, ...]
    unchecked: bool
    unit: str | None
    request: bytes
    ask: str | None
    seconds: float | None
    division_kg: int
    url: str
    baudrate: int
    file: Path | None
    force: bool


@dataclass(slots=True)
class Bench:
    """The captures made and the numbers told so far; without a live source one capture holds all loads."""

    sources: Sequence[Source]
    options: Options
    captures: list[bytes] = field(default_factory=list)
    shown: list[Shown] = field(default_factory=list)

    def judge(self) -> Verdict:
        """Ask which reading fits everything told so far."""
        from devices.weighbridge.commissioning import decide

        return decide(self.captures, self.shown, self.options.names, unchecked=self.options.unchecked)


@click.command("commission")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE…")
@click.option("--shows", multiple=True, help="A number the display showed, `12345.0 kg`; once for each load.")
@click.option("--unit", type=click.Choice(["kg", "t"]), help="The unit of the display, where it is not told.")
@click.option(
    "--write", "file", type=click.Path(path_type=Path, dir_okay=False), help="File.toml|json to write."
)
@click.option("--force", is_flag=True, help="Replace a scale file that is there already.")
@click.option("--protocol", "names", multiple=True, help="Try only this protocol; may be repeated.")
@click.option("--ask", help="Ask at this address, for an indicator that speaks only when asked.")
@click.option("--unchecked", is_flag=True, help="Also take frames whose check fits no known rule.")
@click.option(
    "--baudrate", type=click.IntRange(50, 4_000_000), default=9600, show_default=True, help="Of a port."
)
@click.option("--seconds", type=click.FloatRange(0.1, 3600), help="How long to listen to a port each time.")
@click.option(
    "--division", type=click.IntRange(1, 1000), default=20, show_default=True, help="The scale's e in kg."
)
@click.option("--url", default="", help="The port that the agent shall read, where SOURCE is a file.")
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON; needs --shows.")
def commission(
    sources: tuple[str, ...],
    shows: tuple[str, ...],
    unit: str | None,
    file: Path | None,
    force: bool,
    names: tuple[str, ...],
    ask: str | None,
    unchecked: bool,
    baudrate: int,
    seconds: float | None,
    division: int,
    url: str,
    as_json: bool,
) -> None:
    """Learn what an indicator's bytes mean, against its display, and write the scale's file.

    SOURCE is a port (/dev/ttyS0, COM3), a serial server (192.0.2.7:4001), a file of captured bytes, or - for
    standard input; with one file for each --shows, they belong together. Without --shows it asks. Exits 1
    where no reading, or more than one, gives what the display showed.
    """
    request = _request(names, ask)
    _refuse_place(file, force)
    opened = _open(sources, baudrate)
    options = Options(
        names, unchecked, unit, request, ask, seconds, division, url or _url(sources), baudrate, file, force
    )
    bench = Bench(opened, options)
    if shows:
        _told(bench, shows, as_json)
    elif as_json or sources[0] == "-" or len(sources) > 1:
        _refuse("--shows is needed, once for each load, with --json, - or several sources")
    else:
        _guided(bench)


def _told(bench: Bench, shows: Sequence[str], as_json: bool) -> None:
    """Do all without asking: the loads follow one another in one capture, or have one each."""
    bench.shown = [_shown(text, bench.options.unit) for text in shows]
    if len(bench.sources) not in (1, len(shows)):
        _refuse(f"{len(bench.sources)} sources for {len(shows)} --shows: one, or one for each")
    bench.captures = [_listen(one, bench.options, ALL_LOADS_S) for one in bench.sources]
    if not as_json:
        _print_heard(bench)
    verdict = bench.judge()
    if as_json:
        click.echo(json.dumps(as_object(verdict, bench.shown), ensure_ascii=False))
    else:
        _explain(verdict)
    if verdict.reading is None:
        sys.exit(NO_READING)
    _write(bench, verdict.reading, quiet=as_json)


def _guided(bench: Bench) -> None:
    """Ask for one load after the other until one reading is left."""
    live = bench.sources[0].live
    capture = _listen(bench.sources[0], bench.options, LISTEN_S)
    _print_heard(bench, capture)
    while True:
        answer = click.prompt(_PROMPT, default="", show_default=False).strip()
        if answer == "q":
            click.echo("Nothing was written.")
            sys.exit(NO_READING)
        if answer == "b":
            _back(bench)
            continue
        if live:
            capture = _listen(bench.sources[0], bench.options, LISTEN_S)
        if not answer:
            _print_heard(bench, capture)
            continue
        verdict = _next(bench, answer, capture)
        if verdict is None or verdict.reading is None:
            continue
        now = _listen(bench.sources[0], bench.options, LISTEN_S) if live else capture
        if click.confirm(f"{now_says(verdict.reading, now)} Does the display show that?", default=True):
            _write(bench, verdict.reading)
            return
        _back(bench)


def _next(bench: Bench, answer: str, capture: bytes) -> Verdict | None:
    """Take one number off the display with its capture; None where it was not understood."""
    from devices.weighbridge.commissioning import read_shown

    try:
        shown = read_shown(answer)
    except ValueError:
        click.echo(f"{answer!r} is no number with a unit, such as `12345.0 kg`.")
        return None
    bench.shown.append(_with_unit(shown, bench.options.unit))
    bench.captures = [*bench.captures, capture] if bench.sources[0].live else [capture]
    verdict = bench.judge()
    _explain(verdict)
    return verdict


def _back(bench: Bench) -> None:
    """Take the last number back."""
    if not bench.shown:
        click.echo("There is nothing to take back.")
        return
    click.echo(f"Taken back: {bench.shown.pop().text}")
    if bench.sources[0].live:
        bench.captures.pop()


def _request(names: tuple[str, ...], ask: str | None) -> bytes:
    """Return the request to send, and refuse unknown protocols."""
    from devices.codecs import FrameRefused
    from devices.codecs.scales import protocol

    try:
        rows = [protocol(name) for name in names]
        if ask is None:
            return b""
        if len(rows) != 1 or rows[0].ask is None:
            _refuse("--ask needs one --protocol, of those that are asked")
        return rows[0].ask(ask)
    except FrameRefused as refused:
        _refuse(refused.detail)


def _open(sources: Sequence[str], baudrate: int) -> list[Source]:
    from devices.weighbridge.capture import SourceLost, open_source

    opened = []
    for source in sources:
        try:
            opened.append(open_source(source, baudrate))
        except SourceLost as lost:
            _refuse(str(lost))
        click.get_current_context().call_on_close(opened[-1].close)
    return opened


def _url(sources: Sequence[str]) -> str:
    from devices.weighbridge.capture import address_of, is_port

    return address_of(sources[0]) if is_port(sources[0]) else ""


def _listen(source: Source, options: Options, seconds: float) -> bytes:
    from devices.weighbridge.capture import SourceLost

    wanted = options.seconds or seconds
    if source.live:
        click.echo(f"Listening to {source.name} for {wanted:g} s …", err=True)
    try:
        return source.listen(wanted, options.request)
    except (SourceLost, OSError) as lost:
        _refuse(str(lost))


def _shown(text: str, unit: str | None) -> Shown:
    from devices.weighbridge.commissioning import read_shown

    try:
        return _with_unit(read_shown(text), unit)
    except ValueError:
        _refuse(f"--shows: {text!r} is no number with a unit, such as `12345.0 kg`")


def _with_unit(shown: Shown, unit: str | None) -> Shown:
    from dataclasses import replace

    return shown if shown.unit or unit is None else replace(shown, unit=unit)


def _print_heard(bench: Bench, capture: bytes | None = None) -> None:
    """Show which protocols parse the bytes, how cleanly, and what each would display."""
    from devices.weighbridge.commissioning import hear

    for data in bench.captures if capture is None else [capture]:
        click.echo(f"{len(data)} bytes.")
        for text in table(hear(data, bench.options.names, unchecked=bench.options.unchecked)):
            click.echo(text)


def _explain(verdict: Verdict) -> None:
    for text in explanation(verdict):
        click.echo(text)


def _scale_file(bench: Bench, reading: Reading) -> ScaleFile:
    from compliance.record.clock import system_now
    from devices.codecs.scales import Check
    from devices.weighbridge.scale_file import Observed, ScaleFile, stability_of

    options, settings = bench.options, reading.settings
    pairs = zip(bench.shown, reading.frames, strict=True)
    return ScaleFile(
        protocol=reading.protocol.name,
        check=settings.check or Check.NONE,
        stability=stability_of(reading.protocol.name),
        division_kg=options.division_kg,
        url=options.url,
        baudrate=options.baudrate,
        unit=settings.unit,
        decimals=settings.decimals,
        sign=settings.sign,
        ask=options.ask,
        commissioned=system_now().isoformat(timespec="seconds"),
        observed=tuple(Observed(shown.text, frame.hex()) for shown, frame in pairs),
    )


def _write(bench: Bench, reading: Reading, *, quiet: bool = False) -> None:
    """Write the scale file, if one was asked for."""
    from devices.weighbridge.scale_file import ScaleFileRefused, write_scale_file

    options = bench.options
    if options.file is None:
        if not quiet:
            click.echo("Nothing was written; --write FILE writes the scale's file.")
        return
    try:
        write_scale_file(options.file, _scale_file(bench, reading), replace=options.force)
    except ScaleFileRefused as refused:
        _refuse(str(refused))
    if not quiet:
        click.echo(f"Written: {options.file}")
        if not options.url:
            click.echo("It names no port yet: give --url, or set `url` in it.")


def _refuse_place(file: Path | None, force: bool) -> None:
    """Refuse a scale file that cannot be written before anybody puts a load on."""
    from devices.weighbridge.scale_file import ScaleFileRefused, refuse_place

    try:
        if file is not None:
            refuse_place(file, replace=force)
    except ScaleFileRefused as refused:
        way_out = " (--force replaces it)" if refused.why == "is there already" else ""
        _refuse(f"{refused}{way_out}")


def _refuse(why: str) -> NoReturn:
    """End with one line and status 2."""
    click.echo(why, err=True)
    sys.exit(BAD_INPUT)
