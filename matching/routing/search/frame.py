"""How are many arrays handed to a compiled function as one pointer?

numba hands over a tuple of arrays as some eight words an array: with forty arrays a call costs more than what
it does, and each function takes a second to compile. A frame is one pointer to words that say, for each
array, its address and its shape; compiled code sees the fields of the tuple it was made from.

Such a field, or the part of it that some indices name, is a grid: a pointer to its numbers and one to its
shape. It can be read, written and asked for its shape; an index counts from the front. numba's own arrays
take twice the code at each pair of brackets.
"""

# mypy: allow-untyped-calls, allow-untyped-decorators
from __future__ import annotations

import hashlib
import operator
from typing import Any, NamedTuple, TypeVar, cast

import numba
import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba.core import types
from numba.core.imputils import lower_builtin, lower_getattr, lower_getattr_generic
from numba.core.typing.templates import (
    AbstractTemplate,
    AttributeTemplate,
    infer_getattr,
    infer_global,
    signature,
)
from numba.extending import NativeValue, models, register_model, typeof_impl, unbox

Arrays = TypeVar("Arrays", bound=NamedTuple)
WORD = ir.IntType(64)


class Frame:
    """The arrays of a named tuple, all of them contiguous, and the words that say where they are."""

    def __init__(self, arrays: tuple[np.ndarray[Any, Any], ...], names: tuple[str, ...]) -> None:
        assert all(one.flags.c_contiguous for one in arrays)
        self.arrays = arrays
        self.words = np.array([word for one in arrays for word in (one.ctypes.data, *one.shape)], np.int64)
        self.address = self.words.ctypes.data
        kinds = (GridType(numba.typeof(one).dtype, one.ndim) for one in arrays)
        self.kind = FrameType(tuple(zip(names, kinds, strict=True)))


def frame(arrays: Arrays) -> Arrays:
    """Make the frame of a named tuple; only compiled functions can read it."""
    return cast("Arrays", Frame(tuple(arrays), arrays._fields))


def frame_kinds(*frames: object) -> tuple[FrameType, ...]:
    """Give the types of frames."""
    return tuple(one.kind for one in frames if isinstance(one, Frame))


class GridType(types.Type):
    """The type of an array of a frame, or of a part of one."""

    def __init__(self, item: types.Type, dimensions: int) -> None:
        self.item, self.dimensions = item, dimensions
        super().__init__(name=f"Grid({item}, {dimensions})")

    def part(self, index: types.Type) -> types.Type:
        """Give the type of what one index or several name."""
        left = self.dimensions - (len(index) if isinstance(index, types.BaseTuple) else 1)
        return GridType(self.item, left) if left > 0 else self.item


class FrameType(types.Type):
    """The type of a frame: the names and types of its arrays."""

    def __init__(self, fields: tuple[tuple[str, GridType], ...]) -> None:
        self.fields = fields
        told = ", ".join(f"{name}: {kind}" for name, kind in fields)
        super().__init__(name=f"Frame{hashlib.sha256(told.encode()).hexdigest()[:8]}")  # part of each symbol

    def find(self, name: str) -> tuple[int, GridType] | None:
        """Give at which word an array begins, and its type; None: there is none of that name."""
        at = 0
        for field, kind in self.fields:
            if field == name:
                return at, kind
            at += 1 + kind.dimensions
        return None


register_model(FrameType)(models.OpaqueModel)


@register_model(GridType)
class _GridModel(models.StructModel):
    def __init__(self, manager: Any, kind: GridType) -> None:
        pointers = [("items", types.CPointer(kind.item)), ("shape", types.CPointer(types.intp))]
        super().__init__(manager, kind, pointers)


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

    def generic_resolve(self, kind: FrameType, name: str) -> GridType | None:  # type: ignore[override]
        found = kind.find(name)
        return None if found is None else found[1]


@lower_getattr_generic(FrameType)
def _load_grid(context: Any, builder: Any, kind: FrameType, value: Any, name: str) -> Any:
    """Take an array's address from the words, which never change while compiled code runs."""
    found = kind.find(name)
    assert found is not None
    at, grid = found
    words = builder.bitcast(value, WORD.as_pointer())
    item = context.get_data_type(grid.item)
    items = builder.inttoptr(_lasting(builder, builder.gep(words, [WORD(at)])), item.as_pointer())
    return _grid(context, builder, grid, items, builder.gep(words, [WORD(at + 1)]))


@infer_getattr
class _GridFields(AttributeTemplate):
    key = GridType

    def resolve_shape(self, kind: GridType) -> GridType:
        return GridType(types.intp, 1)


@lower_getattr(GridType, "shape")
def _load_shape(context: Any, builder: Any, _kind: GridType, value: Any) -> Any:
    shape = builder.extract_value(value, 1)
    return _grid(context, builder, GridType(types.intp, 1), shape, shape)


@infer_global(operator.getitem)
class _Read(AbstractTemplate):
    def generic(self, args: tuple[types.Type, ...], _named: object) -> Any:
        grid, index = args
        return signature(grid.part(index), grid, index) if isinstance(grid, GridType) else None


@infer_global(operator.setitem)
class _Write(AbstractTemplate):
    def generic(self, args: tuple[types.Type, ...], _named: object) -> Any:
        grid, index, _ = args
        return signature(types.none, grid, index, grid.item) if isinstance(grid, GridType) else None


@lower_builtin(operator.getitem, GridType, types.Any)
def _read(context: Any, builder: Any, told: Any, values: Any) -> Any:
    items, shape = _at(context, builder, told.args, values)
    if isinstance(told.return_type, GridType):
        return _grid(context, builder, told.return_type, items, shape)
    return builder.load(items)


@lower_builtin(operator.setitem, GridType, types.Any, types.Any)
def _write(context: Any, builder: Any, told: Any, values: Any) -> Any:
    items, _ = _at(context, builder, told.args, values)
    builder.store(values[2], items)
    return context.get_dummy_value()


def _at(context: Any, builder: Any, kinds: Any, values: Any) -> tuple[Any, Any]:
    """Go to what an index names: its first number and its shape."""
    items, shape = (builder.extract_value(values[0], n) for n in range(2))
    several = isinstance(kinds[1], types.BaseTuple)
    indices = [builder.extract_value(values[1], n) for n in range(len(kinds[1]))] if several else [values[1]]
    index_kinds = list(kinds[1]) if several else [kinds[1]]
    at = WORD(0)
    for n in range(kinds[0].dimensions):
        if n > 0:
            at = builder.mul(at, _lasting(builder, builder.gep(shape, [WORD(n)])), flags=["nsw"])
        if n < len(indices):
            index = context.cast(builder, indices[n], index_kinds[n], types.intp)
            at = builder.add(at, index, flags=["nsw"]) if n else index
    return builder.gep(items, [at], inbounds=True), builder.gep(shape, [WORD(len(indices))])


def _lasting(builder: Any, pointer: Any) -> Any:
    """Load a word that never changes while compiled code runs."""
    loaded = builder.load(pointer)
    loaded.set_metadata("invariant.load", builder.module.add_metadata([]))
    return loaded


def _grid(context: Any, builder: Any, kind: GridType, items: Any, shape: Any) -> Any:
    made = ir.Constant(context.get_value_type(kind), ir.Undefined)
    return builder.insert_value(builder.insert_value(made, items, 0), shape, 1)
