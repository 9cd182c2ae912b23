"""How does a command of the engine refuse what it cannot use, and where may its answer go?"""

from __future__ import annotations

import errno
import math
import os
import sys
from pathlib import Path
from typing import NoReturn

import click

BAD_INPUT = 2


class Seconds(click.FloatRange):
    """A time above zero; what is no number (`nan`) or has no end (`inf`) is none."""

    def convert(self, value: float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Refuse what is no time above zero."""
        found: float = super().convert(value, param, ctx)
        if not math.isfinite(found):
            self.fail(f"{value} is not a number of seconds", param, ctx)
        return found


SECONDS_GIVEN = Seconds(min=0, min_open=True)
THREADS_GIVEN = click.IntRange(min=1, max=256)
"""As many as the engine's own limits allow, which are not loaded for this alone."""


def refuse(why: str) -> NoReturn:
    """End with one line and status 2."""
    click.echo(why, err=True)
    sys.exit(BAD_INPUT)


def require_place(path: Path | None, *read: Path) -> None:
    """End with one line where no file can be written: before an hour of search, and not after it.

    What is there and is no regular file, as `/dev/null` is, would be replaced by one; so would what is
    `read`.
    """
    if path is None:
        return
    wrong = 0
    if path.is_dir():
        wrong = errno.EISDIR
    elif path.exists() and not path.is_file():
        refuse(f"{path}: is no regular file")
    elif path.exists() and any(one.exists() and path.samefile(one) for one in read):
        refuse(f"{path}: is the file that is read")
    elif not path.parent.is_dir():
        wrong = errno.ENOENT
    elif not os.access(path if path.exists() else path.parent, os.W_OK):
        wrong = errno.EACCES
    if wrong:
        refuse(f"{path}: {os.strerror(wrong)}")
