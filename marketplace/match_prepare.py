"""How is the matching engine compiled ahead from a shell?"""

from __future__ import annotations

import sys
import time

import click


@click.command()
@click.option("--workers", type=click.IntRange(min=1), help="Processes at once; as many as processors.")
def prepare(workers: int | None) -> None:
    """Compile the matching engine ahead, once for each version, so that no first solve has to wait for it.

    `make env` runs it. What is compiled is kept beside the package, in NUMBA_CACHE_DIR where that is set, or
    in ~/.cache/huanlian where the package cannot be written; what is kept already is only looked at.
    """
    from matching.prepare import TASKS, NowhereToKeep, prepare

    click.echo("Compiling the matching engine (some seconds, once)")
    start = time.perf_counter()
    try:
        for n, (name, seconds) in enumerate(prepare(workers), 1):
            click.echo(f"  {n} of {len(TASKS)}: {name}, {seconds:.1f} s")
    except NowhereToKeep as nowhere:
        click.echo(str(nowhere), err=True)
        sys.exit(1)
    click.echo(f"  done in {time.perf_counter() - start:.0f} s")
