"""How are many arrays handed to a compiled function as one pointer?

numba hands over a tuple of arrays as some eight words an array: with forty arrays a call costs more than what
it does, and each function takes a second to compile. A frame is one pointer to a table with, for each array,
its address and its shape; compiled code sees the fields of the tuple it was made from.
"""

# mypy: allow-untyped-calls, allow-untyped-decorators
from __future__ import annotations

import hashlib
from typing import Any, NamedTuple, TypeVar, cast

import numba
import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba.core import types
from numba.core.imputils import lower_getattr_generic
from numba.core.typing.templates import AttributeTemplate, infer_getattr
from numba.extending import NativeValue, models, register_model, typeof_impl, unbox
from numba.np.arrayobj import make_array, populate_array

Arrays = TypeVar("Arrays", bound=NamedTuple)
WORD = ir.IntType(64)


class Frame:
    """The arrays of a named tuple, all of them contiguous, and the table that says where they are."""

    def __init__(self, arrays: tuple[np.ndarray[Any, Any], ...], names: tuple[str, ...]) -> None:
        assert all(one.flags.c_contiguous for one in arrays)
        self.arrays = arrays
        self.table = np.array([word for one in arrays for word in (one.ctypes.data, *one.shape)], np.int64)
        self.address = self.table.ctypes.data
        self.kind = FrameType(
            tuple((name, numba.typeof(one)) for name, one in zip(names, arrays, strict=True))
        )


def frame(arrays: Arrays) -> Arrays:
    """Make the frame of a named tuple; only compiled functions can read it."""
    return cast("Arrays", Frame(tuple(arrays), arrays._fields))


def frame_kinds(*frames: object) -> tuple[FrameType, ...]:
    """Give the types of frames."""
    return tuple(one.kind for one in frames if isinstance(one, Frame))


class FrameType(types.Type):
    """The type of a frame: the names and types of its arrays."""

    def __init__(self, fields: tuple[tuple[str, types.Array], ...]) -> None:
        self.fields = fields
        told = ", ".join(f"{name}: {kind}" for name, kind in fields)
        super().__init__(name=f"Frame{hashlib.sha256(told.encode()).hexdigest()[:8]}")  # part of each symbol

    def find(self, name: str) -> tuple[int, types.Array] | None:
        """Give where in the table an array's words begin, and its type; None: there is none of that name."""
        at = 0
        for field, kind in self.fields:
            if field == name:
                return at, kind
            at += 1 + kind.ndim
        return None


register_model(FrameType)(models.OpaqueModel)


@typeof_impl.register(Frame)
def _typeof_frame(value: Frame, _context: object) -> FrameType:
    return value.kind


@unbox(FrameType)
def _unbox_frame(_kind: FrameType, value: Any, context: Any) -> NativeValue:
    address = context.pyapi.object_getattr_string(value, "address")
    pointer = context.pyapi.long_as_voidptr(address)
    context.pyapi.decref(address)
    return NativeValue(pointer)


@infer_getattr
class _FrameFields(AttributeTemplate):
    key = FrameType

    def generic_resolve(self, kind: FrameType, name: str) -> types.Array | None:  # type: ignore[override]
        found = kind.find(name)
        return None if found is None else found[1]


@lower_getattr_generic(FrameType)
def _load_array(context: Any, builder: Any, kind: FrameType, value: Any, name: str) -> Any:
    """Build an array from the table's words, which never change while compiled code runs."""
    found = kind.find(name)
    assert found is not None
    at, array_type = found
    table = builder.bitcast(value, WORD.as_pointer())

    def word(n: int) -> Any:
        loaded = builder.load(builder.gep(table, [WORD(n)]))
        loaded.set_metadata("invariant.load", builder.module.add_metadata([]))
        return loaded

    array = make_array(array_type)(context, builder)
    item = context.get_data_type(array_type.dtype)
    size = context.get_constant(types.intp, context.get_abi_sizeof(item))
    shape = [word(at + 1 + n) for n in range(array_type.ndim)]
    strides = [size]
    for length in reversed(shape[1:]):
        strides.insert(0, builder.mul(strides[0], length, flags=["nsw"]))
    data = builder.inttoptr(word(at), item.as_pointer())
    populate_array(array, data=data, shape=shape, strides=strides, itemsize=size, meminfo=None)
    return array._getvalue()
