"""How are many arrays handed to a compiled function as one pointer?

numba hands over a tuple of arrays as some eight words an array: with forty arrays a call costs more than what
it does, and each function takes a second to compile. A frame is one pointer to words that say, for each
array, its address and its shape; compiled code sees the fields of the tuple it was made from.

Such a field, or the part of it that some indices name, is a grid: a pointer to its numbers and one to its
shape. It can be read, written and asked for its shape; an index counts from the front. numba's own arrays
take four times the code at each pair of brackets.
"""

# mypy: allow-untyped-calls, allow-untyped-decorators
from __future__ import annotations

import hashlib
import operator
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar, cast

import numba
import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba.core import types
from numba.core.typing.templates import (
    AbstractTemplate,
    AttributeTemplate,
    infer_getattr,
    infer_global,
    signature,
)
from numba.extending import NativeValue, models, register_model, typeof_impl, unbox

from matching.writing import Loose, Open, Words

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


class GridType(Open):
    """The type of an array of a frame, or of a part of one."""

    def __init__(self, item: types.Type, dimensions: int) -> None:
        self.of, self.dimensions = item, dimensions
        super().__init__(name=f"Grid({item}, {dimensions})")

    def part(self, index: types.Type) -> types.Type:
        """Give the type of what one index or several name."""
        left = self.dimensions - (len(index) if isinstance(index, types.BaseTuple) else 1)
        return GridType(self.of, left) if left > 0 else self.of

    def attribute(self, words: Words, value: Any, name: str) -> Grid:
        """Write how the shape is read."""
        grid = self._opened(words, value)
        return Grid(GridType(types.intp, 1), grid.after(words.builder), grid.words, grid.at)

    def item(self, words: Words, value: Any, indices: Sequence[Any]) -> Any:
        """Write how a number is read, or a part is found."""
        grid = self._opened(words, value)
        items = self._reach(words, grid, indices)
        if len(indices) < self.dimensions:
            return Grid(
                GridType(self.of, self.dimensions - len(indices)), items, grid.words, grid.at + len(indices)
            )
        return words.builder.load(items)

    def put(self, words: Words, value: Any, indices: Sequence[Any], what: Any) -> None:
        """Write how a number is replaced."""
        words.builder.store(what, self._reach(words, self._opened(words, value), indices))

    def _opened(self, words: Words, value: Any) -> Grid:
        """Take a grid that has come whole apart, once."""
        if isinstance(value, Grid):
            return value
        apart = words.builder.extract_value
        found: Grid = words.once(value, lambda: Grid(self, apart(value, 0), apart(value, 1)))
        return found

    def _reach(self, words: Words, grid: Grid, indices: Sequence[Any]) -> Any:
        """Go to what indices name."""
        builder, at = words.builder, indices[0]
        for n in range(1, self.dimensions):
            at = builder.mul(at, grid.length(words, n), flags=["nsw"])
            if n < len(indices):
                at = builder.add(at, indices[n], flags=["nsw"])
        return builder.gep(grid.parts[0], [at], inbounds=True)


class Grid(Loose):
    """Where a grid's numbers stand, and its shape: from which of some words on."""

    def __init__(self, kind: GridType, items: Any, words: Any, at: int = 0) -> None:
        super().__init__(kind, items)
        self.words, self.at = words, at

    def length(self, words: Words, n: int) -> Any:
        """Give how long an axis is."""
        at = self.at + n
        return words.once((self.words, at), lambda: _lasting(words.builder, self.words, at))

    def after(self, builder: Any) -> Any:
        """Go to the shape."""
        return builder.gep(self.words, [WORD(self.at)]) if self.at else self.words

    def whole(self, context: Any, builder: Any) -> Any:
        """Put it together, to be handed over."""
        return Loose(self.kind, self.parts[0], self.after(builder)).whole(context, builder)


class FrameType(Open):
    """The type of a frame: the names and types of its arrays."""

    def __init__(self, fields: tuple[tuple[str, GridType], ...]) -> None:
        self.fields = fields
        told = ", ".join(f"{name}: {kind}" for name, kind in fields)
        super().__init__(name=f"Frame{hashlib.sha256(told.encode()).hexdigest()[:8]}")  # part of each symbol

    @property
    def literal_type(self) -> FrameType:
        """Give the type itself: so numba knows that a frame is not None, and leaves out what is for None."""
        return self

    def find(self, name: str) -> tuple[int, GridType] | None:
        """Give at which word an array begins, and its type; None: there is none of that name."""
        at = 0
        for field, kind in self.fields:
            if field == name:
                return at, kind
            at += 1 + kind.dimensions
        return None

    def attribute(self, words: Words, value: Any, name: str) -> Grid:
        """Write how an array is found."""
        found = self.find(name)
        assert found is not None
        at, kind = found
        address = words.once(value, lambda: words.builder.bitcast(value, WORD.as_pointer()))
        item = words.context.get_data_type(kind.of).as_pointer()

        def load() -> Grid:
            items = words.builder.inttoptr(_lasting(words.builder, address, at), item)
            return Grid(kind, items, address, at + 1)

        array: Grid = words.once((value, at), load)
        return array


register_model(FrameType)(models.OpaqueModel)


@register_model(GridType)
class _GridModel(models.StructModel):
    def __init__(self, manager: Any, kind: GridType) -> None:
        pointers = [("items", types.CPointer(kind.of)), ("shape", types.CPointer(types.intp))]
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


@infer_getattr
class _GridFields(AttributeTemplate):
    key = GridType

    def resolve_shape(self, kind: GridType) -> GridType:
        return GridType(types.intp, 1)


@infer_global(operator.getitem)
class _Read(AbstractTemplate):
    def generic(self, args: tuple[types.Type, ...], _named: object) -> Any:
        grid, index = args
        return signature(grid.part(index), grid, index) if isinstance(grid, GridType) else None


@infer_global(operator.setitem)
class _Write(AbstractTemplate):
    def generic(self, args: tuple[types.Type, ...], _named: object) -> Any:
        grid, index, _ = args
        return signature(types.none, grid, index, grid.of) if isinstance(grid, GridType) else None


def _lasting(builder: Any, words: Any, at: int) -> Any:
    """Load a word that never changes while compiled code runs."""
    loaded = builder.load(builder.gep(words, [WORD(at)]))
    loaded.set_metadata("invariant.load", builder.module.add_metadata([]))
    return loaded
