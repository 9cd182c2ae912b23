"""How are the functions of the search compiled, and kept for the next start?"""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

import numba

P = ParamSpec("P")
R = TypeVar("R")


def njit(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function at its first call and keep the result on disk.

    It goes beside the source, else into the user's cache folder, else where NUMBA_CACHE_DIR points. Where
    none can be written it is compiled anew in each process. A division by zero gives inf or nan, as in numpy.
    """
    try:
        return cast("Callable[P, R]", numba.njit(cache=True, nogil=True, error_model="numpy")(function))
    except RuntimeError:
        return cast("Callable[P, R]", numba.njit(nogil=True, error_model="numpy")(function))
