"""How are large parts of the search compiled once, and not again into each of their callers?

numba optimises what a function calls together with it, at every level anew: the drive under all rules would
be compiled a dozen times. A unit is compiled by itself and called by its address.
"""
# mypy: allow-untyped-calls, allow-untyped-decorators

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, cast

import numba
from llvmlite import ir  # type: ignore[import-untyped]
from numba.core import types
from numba.extending import intrinsic

from matching.routing.search.arrays import Data, State
from matching.routing.search.frame import FrameType
from matching.routing.search.jit import OPTIONS, kept
from matching.routing.search.rules import Rules

Unit = Callable[[Data, Rules, State, int, int, float], float]
FRAMES, NUMBERS = 3, (types.int64, types.int64, types.float64)


@cache
def address_of(unit: Unit, frames: tuple[FrameType, ...]) -> int:
    """Compile a unit, or load it, and give its address in this process."""
    signature = types.float64(*frames, *NUMBERS)
    with kept(unit) as folder:
        options = {name: value for name, value in OPTIONS.items() if name != "nogil"}
        address = numba.cfunc(signature, cache=folder is not None, **options)(unit).address
    assert address is not None
    return address


@intrinsic
def _call(
    _typing: Any, address: Any, data: Any, rules: Any, state: Any, _a: Any, _b: Any, _x: Any
) -> tuple[Any, Any]:
    signature = types.float64(address, data, rules, state, *NUMBERS)

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        kinds = [context.get_value_type(kind) for kind in signature.args[1:]]
        function = ir.FunctionType(context.get_value_type(signature.return_type), kinds)
        return builder.call(builder.inttoptr(values[0], function.as_pointer()), values[1:])

    return signature, generate


call = cast("Callable[[int, Data, Rules, State, int, int, float], float]", _call)
