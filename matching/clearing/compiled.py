"""How is a kernel compiled: once, to the machine's code, kept beside the source for the next start?"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from numba import njit

Kernel = TypeVar("Kernel", bound=Callable[..., object])


def compiled(kernel: Kernel) -> Kernel:
    """Compile a function of arrays and numbers when it is first called, for good."""
    return cast(Kernel, njit(cache=True)(kernel))
