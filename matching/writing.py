"""How is a kernel written for LLVM in few words?

numba writes for everything that Python could mean: a loop over a range begins with a division for its
length, a pair of brackets with a tuple, a variable stands in memory that is filled with zeros. LLVM takes
most of that away again, which was half of what compiling cost. Kernels mean less: they count, compare, read
and write numbers. That is written here; anything else is left to numba.
"""

# mypy: allow-untyped-calls
from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from llvmlite.ir import Constant, DoubleType, IntType, Undefined  # type: ignore[import-untyped]
from numba.core import ir, types
from numba.core.compiler_machinery import register_pass
from numba.core.errors import LoweringError, new_error_context  # type: ignore[attr-defined]
from numba.core.lowering import BaseLower, Lower
from numba.core.typed_passes import NativeLowering

from matching.flow import set_once, within
from matching.sure import SURE, Sure, room


class Loose:
    """A value in parts, as of a tuple: they are put together only where it has to be one."""

    def __init__(self, kind: types.Type, *parts: Any) -> None:
        self.kind, self.parts = kind, parts

    def whole(self, context: Any, builder: Any) -> Any:
        """Put it together."""
        made = Constant(context.get_value_type(self.kind), Undefined)
        for n, part in enumerate(self.parts):
            made = builder.insert_value(made, part, n)
        return made


class Count(Loose):
    """How far a loop over a range is: where the next number stands, and the end."""

    def __init__(self, place: Any, ends: Any, step: Any) -> None:
        self.place, self.ends, self.step = place, ends, step

    def whole(self, context: Any, builder: Any) -> Any:
        """Refuse: there is nothing else that could be done with it."""
        raise LoweringError("a loop over a range is entered from two places")

    def next(self, builder: Any, kind: types.Type) -> Loose:
        """Take the next number, and whether there is one."""
        number = builder.load(self.place)
        builder.store(builder.add(number, self.step, flags=["nsw"]), self.place)
        return Loose(
            kind, number, builder.icmp_signed("<" if self.step.constant > 0 else ">", number, self.ends)
        )


class Open(types.Type):
    """A type that writes by itself how attributes and items are reached, without a tuple between brackets.

    `attribute(words, value, name)` reads an attribute, `item(words, value, indices)` an item or a part of the
    whole, `put(words, value, indices, what)` replaces an item.
    """

    attribute: Any
    item: Any
    put: Any


FLOAT, WHOLE = DoubleType(), IntType(64)
BOTH: dict[Any, tuple[str, str]] = {
    operator.add: ("add", "fadd"),
    operator.sub: ("sub", "fsub"),
    operator.mul: ("mul", "fmul"),
}
COMPARED: dict[Any, str] = {
    operator.lt: "<",
    operator.le: "<=",
    operator.eq: "==",
    operator.ne: "!=",
    operator.gt: ">",
    operator.ge: ">=",
}


def reckoned(builder: Any, op: Any, a: Any, b: Any) -> Any:
    """Write what is reckoned from two whole numbers or two fractions, or how they compare."""
    if op in BOTH:
        if a.type == WHOLE:
            return getattr(builder, BOTH[op][0])(a, b, flags=["nsw"])
        return getattr(builder, BOTH[op][1])(a, b)
    sign = COMPARED[op]
    if a.type == WHOLE:
        return builder.icmp_signed(sign, a, b)
    return builder.fcmp_unordered(sign, a, b) if sign == "!=" else builder.fcmp_ordered(sign, a, b)


def number(typing: Any, args: tuple[types.Type, ...]) -> types.Type | None:
    """Give the type that two numbers have in common."""
    if len(args) == 2 and all(isinstance(one, types.Number) for one in args):
        found: types.Type | None = typing.unify_types(*args)
        return found if found in (types.int64, types.float64) else None
    return None


def whole(_typing: Any, args: tuple[types.Type, ...]) -> types.Type | None:
    """Give the type of what is cut to a whole number."""
    if len(args) != 1 or not isinstance(args[0], types.Integer | types.Float):
        return None
    return types.unliteral(args[0]) if isinstance(args[0], types.Integer) else types.int64


SHORT: dict[Any, Callable[[Any, tuple[types.Type, ...]], types.Type | None]] = {
    max: number,
    min: number,
    int: whole,
}
"""What numba would compile as a function of its own for each kind of number: the type of what it gives."""


class Words(Lower):
    """Writes a function for LLVM: kernels have nothing that is counted or given back, and no debugger."""

    def init(self) -> None:
        """Find the variables that need no place in memory: set once, where all ways to their use come by."""
        self.context = Sure(self.context)
        self._values: dict[str, Any] = {}
        self._known: dict[Any, list[tuple[int, Any]]] = {}
        offsets = sorted(self.blocks)
        self._order = {offset: n for n, offset in enumerate(offsets)}
        blocks = [self.blocks[offset] for offset in offsets]
        self._within, self._at = within(blocks, self._order), -1
        self._once = set_once(blocks, self._within)

    def once(self, key: Any, make: Callable[[], Any]) -> Any:
        """Write what stays as it is, unless it has been written where every way to here comes by."""
        found = self._known.setdefault(key, [])
        for at, value in found:
            if self._within[self._at] >> at & 1:
                return value
        value = make()
        found.append((self._at, value))
        return value

    def lower(self) -> None:
        """Write the function, and note whether it may fail."""
        super().lower()
        if not self.call_conv.fails:
            SURE.add(self.fndesc.mangled_name)

    def lower_block(self, block: ir.Block) -> None:
        """Write a block."""
        self._at += 1
        with new_error_context("writing what stands at {one.loc}", one=self, errcls_=LoweringError):
            for one in block.body:
                self.loc = one.loc
                self.lower_inst(one)

    def lower_inst(self, inst: Any) -> None:
        """Write a statement."""
        if isinstance(inst, ir.Assign):
            kind = self.typeof(inst.target.name)
            self.storevar(self.lower_assign(kind, inst), inst.target.name)
        elif isinstance(inst, ir.SetItem) and isinstance(self.typeof(inst.target.name), Open):
            kind = self.typeof(inst.target.name)
            what = self.cast(inst.value.name, self.fndesc.calltypes[inst].args[2])
            kind.put(self, self.held(inst.target.name), self.indices(inst.index.name), what)
        else:
            super().lower_inst(inst)

    def lower_assign(self, ty: Any, inst: Any) -> Any:
        """Write an assignment; what is in parts stays so."""
        value = inst.value
        if isinstance(value, ir.Expr):
            return self.lower_expr(ty, value)
        if isinstance(value, ir.Var) and self.typeof(value.name) == ty:
            return self.held(value.name)
        if isinstance(value, ir.Arg) and self.typeof(f"arg.{value.name}") == ty:
            return self.fnargs[value.index]
        constant = getattr(value, "value", None)
        if type(constant) is int and self.context.get_value_type(ty) == WHOLE:
            return Constant(WHOLE, constant)
        return super().lower_assign(ty, inst)

    def lower_expr(self, resty: Any, expr: Any) -> Any:
        """Write an expression."""
        how: Any = HOW.get(expr.op)
        found = None if how is None else how(self, resty, expr)
        return super().lower_expr(resty, expr) if found is None else found

    def indices(self, name: str) -> list[Any]:
        """Give what stands between a pair of brackets, as whole numbers."""
        value, kind = self.held(name), self.typeof(name)
        several = isinstance(kind, types.BaseTuple)
        kinds: Any = kind if several else (kind,)
        parts: Any = (value,)
        if several:
            loose = isinstance(value, Loose)
            parts = (
                value.parts if loose else [self.builder.extract_value(value, n) for n in range(len(kinds))]
            )
        return [self.turned(part, one, types.intp) for part, one in zip(parts, kinds, strict=True)]

    def turned(self, value: Any, kind: Any, to: Any) -> Any:
        """Make a value of one type one of another."""
        return value if kind == to else self.context.cast(self.builder, value, kind, to)

    def cast(self, name: str, to: Any) -> Any:
        """Give a variable as a value of a type."""
        return self.turned(self.loadvar(name), self.typeof(name), to)

    def held(self, name: str) -> Any:
        """Give a variable's value, in parts where it is."""
        value = self._values.get(name)
        return self.builder.load(self.getvar(name)) if value is None else value

    def loadvar(self, name: str) -> Any:
        """Give a variable's value."""
        value = self.held(name)
        return value.whole(self.context, self.builder) if isinstance(value, Loose) else value

    def storevar(self, value: Any, name: str, argidx: int | None = None) -> None:
        """Set a variable, whatever it was."""
        if name in self._once:
            self._values[name] = value
            return
        if isinstance(value, Loose):
            value = value.whole(self.context, self.builder)
        self.builder.store(value, self.getvar(name))

    def getvar(self, name: str) -> Any:
        """Give where a variable stands in memory."""
        place = self.varmap.get(name)
        if place is None:
            place = self.varmap[name] = room(
                self.builder, self.context.get_value_type(self.typeof(name)), name
            )
        return place

    def _call(self, resty: Any, expr: Any) -> Any:
        """Write a call, shortly if it is one of a few."""
        key = getattr(self.typeof(expr.func.name), "typing_key", None)
        told = self.fndesc.calltypes[expr]
        if key is bool and self.typeof(expr.args[0].name) == types.boolean == resty:
            return self.loadvar(expr.args[0].name)
        if expr.kws or expr.vararg:
            return None
        if key is range and told.return_type == types.range_state64_type:
            numbers = [self.cast(one.name, types.int64) for one in expr.args]
            numbers = [WHOLE(0), *numbers] if len(numbers) == 1 else numbers
            return Loose(resty, *numbers, *[WHOLE(1)] * (3 - len(numbers)))
        if key in SHORT and SHORT[key](self.context.typing_context, told.args) == told.return_type:
            values = [self.cast(one.name, told.return_type) for one in expr.args]
            if key is not int:
                sign = operator.gt if key is max else operator.lt
                first = reckoned(self.builder, sign, values[1], values[0])
                values = [self.builder.select(first, values[1], values[0])]
            return self.turned(values[0], told.return_type, resty)
        return None

    def _binop(self, resty: Any, expr: Any) -> Any:
        """Write what is reckoned from two numbers."""
        told = self.fndesc.calltypes[expr]
        if told.args[0] != told.args[1] or told.args[0] not in (types.int64, types.float64):
            return None
        op = expr.fn if expr.op == "binop" else expr.immutable_fn
        if op not in BOTH and op not in COMPARED:
            return None
        a, b = (self.cast(one.name, told.args[0]) for one in (expr.lhs, expr.rhs))
        return self.turned(reckoned(self.builder, op, a, b), told.return_type, resty)

    def _getattr(self, _resty: Any, expr: Any) -> Any:
        """Write how an attribute is read."""
        kind = self.typeof(expr.value.name)
        return kind.attribute(self, self.held(expr.value.name), expr.attr) if isinstance(kind, Open) else None

    def _getitem(self, resty: Any, expr: Any) -> Any:
        """Write how an item is read."""
        kind = self.typeof(expr.value.name)
        if not isinstance(kind, Open):
            return None
        found = kind.item(self, self.held(expr.value.name), self.indices(expr.index.name))
        return self.turned(found, self.fndesc.calltypes[expr].return_type, resty)

    def _static_getitem(self, resty: Any, expr: Any) -> Any:
        """Write how one value of several is taken."""
        kinds: Any = self.typeof(expr.value.name)
        value, several = self.held(expr.value.name), isinstance(kinds, types.BaseTuple)
        if not several or not isinstance(expr.index, int):
            return None
        loose = isinstance(value, Loose)
        found = value.parts[expr.index] if loose else self.builder.extract_value(value, expr.index)
        return self.turned(found, kinds[expr.index], resty)

    def _as_it_is(self, resty: Any, expr: Any) -> Any:
        """Take a value, or several, for what it is already."""
        return self.held(expr.value.name) if self.typeof(expr.value.name) == resty else None

    def _build_tuple(self, resty: Any, expr: Any) -> Any:
        """Keep several values as they are."""
        return Loose(resty, *(self.cast(one.name, kind) for one, kind in zip(expr.items, resty, strict=True)))

    def _getiter(self, _resty: Any, expr: Any) -> Any:
        """Begin to count."""
        value = self.held(expr.value.name)
        if not isinstance(value, Loose) or value.kind != types.range_state64_type:
            return None
        starts, ends, step = value.parts
        if not isinstance(step, Constant):
            return None
        place = room(self.builder, WHOLE)
        self.builder.store(starts, place)
        return Count(place, ends, step)

    def _iternext(self, resty: Any, expr: Any) -> Any:
        """Count on."""
        value = self.held(expr.value.name)
        return value.next(self.builder, resty) if isinstance(value, Count) else None

    def _pair(self, _resty: Any, expr: Any) -> Any:
        """Take one of a number and whether there is one."""
        value = self.held(expr.value.name)
        return value.parts[expr.op == "pair_second"] if isinstance(value, Loose) else None


HOW: dict[str, Callable[[Words, Any, Any], Any]] = {
    "call": Words._call,
    "binop": Words._binop,
    "inplace_binop": Words._binop,
    "getattr": Words._getattr,
    "getitem": Words._getitem,
    "static_getitem": Words._static_getitem,
    "exhaust_iter": Words._as_it_is,
    "cast": Words._as_it_is,
    "build_tuple": Words._build_tuple,
    "getiter": Words._getiter,
    "iternext": Words._iternext,
    "pair_first": Words._pair,
    "pair_second": Words._pair,
}
"""Which kinds of expression are written here; each gives None for what numba had better write."""


@register_pass(mutates_CFG=True, analysis_only=False)
class Writing(NativeLowering):
    """Writes a function for LLVM."""

    _name = "writing"

    @property
    def lowering_class(self) -> type[BaseLower]:
        """Name the writer."""
        return Words
