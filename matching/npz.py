"""How is a file of arrays (.npz) opened that a stranger has made?"""

from __future__ import annotations

import zipfile
import zlib
from typing import BinaryIO, cast

import numpy as np
from numpy.lib.npyio import NpzFile

SPOILT = (EOFError, RuntimeError, zipfile.BadZipFile, zlib.error)
"""What comes, beside `ValueError`, of an array that cannot be unpacked."""


class NoArrays(ValueError):
    """What was given is no file of arrays."""


def opened(file: BinaryIO) -> NpzFile:
    """Open a file of arrays, of which none is ever unpickled. Raises `NoArrays`, and `SPOILT` when read."""
    if not zipfile.is_zipfile(file):
        raise NoArrays("no file of arrays (.npz), or only a part of one")
    file.seek(0)
    return cast(NpzFile, np.load(file, allow_pickle=False))
