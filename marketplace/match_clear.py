"""How is a market in a file cleared from a shell?"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from marketplace.match_answers import SECONDS_GIVEN, THREADS_GIVEN, refuse, require_place
from marketplace.match_signals import interrupted

if TYPE_CHECKING:
    from matching.clearing import Clearing, Model, Progress

SECONDS = 10.0
EVERY_S = 0.1
LEAST_SHARE = 0.1
"""Of the seconds is left to the search, however long it took to read the file."""


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--model",
    type=click.Choice(["split", "whole", "batch"]),
    default="split",
    show_default=True,
    help="Lots divide freely; marked ones go entire; and other parts keep their least mass.",
)
@click.option(
    "--seconds",
    type=SECONDS_GIVEN,
    help=f"How long to search; {SECONDS:g} where nothing limits it.",
)
@click.option("--iterations", type=click.IntRange(min=0), help="How often to ruin and recreate, at most.")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Where chance starts.")
@click.option("--threads", type=THREADS_GIVEN, default=1, show_default=True, help="Processes at once.")
@click.option("--dask", metavar="ADDRESS", help="The scheduler whose workers clear independent markets.")
@click.option("--out", type=click.Path(path_type=Path), help="Write tonnes per pair and prices (.npz).")
@click.option("--progress", is_flag=True, help="Show a live line on standard error.")
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON.")
def clear(
    file: Path,
    model: Model,
    seconds: float | None,
    iterations: int | None,
    seed: int,
    threads: int,
    dask: str | None,
    out: Path | None,
    progress: bool,
    as_json: bool,
) -> None:
    """Clear the market in a FILE of arrays (.npz): lots to takers, for the most welfare.

    `split` is proven optimal. For `whole` and `batch` the bound is that of the divisible market without pairs
    that cannot hold an all-or-nothing lot; `split_bound` is that with them. With --iterations alone the same
    seed gives the same answer on every machine. Ctrl-C ends the search with the best so far. A file that
    cannot be read ends with one line and status 2.
    """
    start = time.perf_counter()
    from matching.clearing import Limits, clear_market
    from matching.clearing.files import BadFile, read_market

    require_place(out, file)
    given = SECONDS if seconds is None and iterations is None else seconds
    try:
        market = read_market(file)
    except BadFile as bad:
        refuse(str(bad))
    left = None if given is None else max(given - (time.perf_counter() - start), given * LEAST_SHARE)
    limits = Limits(seconds=left, iterations=iterations, seed=seed, threads=threads)
    line = _Line() if progress else None
    try:
        with interrupted() as stopped:
            clearing = clear_market(market, model, limits, lambda found: _goes_on(found, line, stopped), dask)
    except (OSError, ValueError) as unreachable:
        if dask is None:
            raise
        refuse(f"{dask}: {unreachable}")
    took = time.perf_counter() - start
    if progress:
        click.echo(err=True)
    _print(clearing, took, as_json)
    if out is not None:
        _write(clearing, out)


def _write(clearing: Clearing, out: Path) -> None:
    """Write tonnes and prices, or end with one line and status 2."""
    from matching.clearing.files import write_clearing

    try:
        write_clearing(clearing, out)
    except OSError as wrong:
        refuse(f"{out}: {wrong.strerror or wrong}")


def _goes_on(found: Progress, line: _Line | None, stopped: Callable[[], bool]) -> bool:
    if line is not None:
        line.tell(found)
    return not stopped()


class _Line:
    """One line on standard error that is written over and over, at most ten times a second."""

    def __init__(self) -> None:
        self._told = -1.0

    def tell(self, found: Progress) -> None:
        """Show how far the search has come."""
        if found.seconds - self._told >= EVERY_S:
            self._told = found.seconds
            text = f"{found.seconds:6.1f} s  {found.stage}  {found.iterations:>8,} iterations"
            worth = f"welfare {found.welfare:,.2f}  gap {found.gap_percent:.3f} %"
            click.echo(f"\r{text}  {worth}  ", err=True, nl=False)


def _print(clearing: Clearing, took: float, as_json: bool) -> None:
    """Say what was found; the check has passed, or there were no answer."""
    told: dict[str, object] = {
        "welfare": clearing.welfare,
        "tonnes": float(clearing.tonnes.sum()),
        "bound": clearing.bound,
        "gap_percent": clearing.gap_percent,
        "seconds": round(took, 3),
        "feasible": True,
        "model": clearing.model,
        "proven": clearing.proven,
        "split_bound": clearing.split_bound,
        "split_gap_percent": clearing.split_gap_percent,
        "iterations": clearing.iterations,
    }
    if as_json:
        click.echo(json.dumps(told))
        return
    for name, value in told.items():
        click.echo(f"{name:18} {value:,.6f}" if isinstance(value, float) else f"{name:18} {value}")
