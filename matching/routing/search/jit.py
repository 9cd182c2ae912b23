"""How are the functions of the search compiled, and kept for the next start?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

import numba

from matching.kernels import cache_folder, config

P = ParamSpec("P")
R = TypeVar("R")

OPTIONS: dict[str, Any] = {"error_model": "numpy", "nogil": True, "_nrt": False}
INNER: dict[str, Any] = {**OPTIONS, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}


FOLDER = cache_folder(Path(__file__).parent)


@contextmanager
def kept() -> Iterator[str | None]:
    """Have numba keep what is declared in this context in the folder; None: it can't be kept."""
    before = config.CACHE_DIR
    config.CACHE_DIR = FOLDER or ""
    try:
        yield FOLDER
    finally:
        config.CACHE_DIR = before


def entry(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function that Python calls, at its first call, and keep the result on disk.

    Where no folder can be written it is compiled anew in each process. It allocates nothing.
    """
    with kept() as folder:
        return cast("Callable[P, R]", numba.njit(cache=folder is not None, **OPTIONS)(function))


def njit(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function that only compiled functions call. It allocates nothing."""
    return cast("Callable[P, R]", numba.njit(**INNER)(function))


def inlined(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function into its callers: a call hands over a hundred words, which inner loops feel."""
    return cast("Callable[P, R]", numba.njit(forceinline=True, **INNER)(function))
