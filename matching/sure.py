"""Which calls need not be asked whether they failed?

numba has each function return whether it failed, and asks after each call. Most kernels can't fail.
"""

# mypy: allow-untyped-calls
from __future__ import annotations

from typing import Any

from llvmlite.ir import Constant  # type: ignore[import-untyped]
from numba.core.callconv import RETCODE_OK, CPUCallConv
from numba.core.cpu import CPUContext


def room(builder: Any, kind: Any, name: str = "") -> Any:
    """Make room in memory, where the function begins."""
    with builder.goto_entry_block():
        return builder.alloca(kind, name=name)


class Asked(CPUCallConv):
    """Calls as numba makes them; it is told of a function that may fail."""

    fails = False

    def _return_errcode_raw(self, builder: Any, code: Any) -> None:
        self.fails |= code is not RETCODE_OK
        super()._return_errcode_raw(builder, code)


SURE: set[str] = set()
"""The symbols of the functions that cannot fail."""


class Sure(CPUContext):
    """What numba knows of the machine; a function that cannot fail is not asked whether it did."""

    def __init__(self, known: CPUContext) -> None:
        self.__dict__ = known.__dict__
        self._calls = Asked(self)

    @property
    def call_conv(self) -> Asked:
        """Give how calls are made."""
        return self._calls

    def call_internal(self, builder: Any, fndesc: Any, sig: Any, args: Any) -> Any:
        """Write a call."""
        if fndesc.mangled_name not in SURE:
            return super().call_internal(builder, fndesc, sig, args)
        function = self.declare_function(builder.module, fndesc)
        told, failure = function.function_type.args[:2]
        place = room(builder, told.pointee)
        values = self._calls._get_arg_packer(sig.args).as_arguments(builder, args)
        builder.call(function, [place, Constant(failure, None), *values])
        return self.get_returned_value(builder, sig.return_type, builder.load(place))
