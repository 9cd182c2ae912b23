"""Which variables of a function need no place in memory, since one value is all they ever have?"""

# mypy: allow-untyped-calls
from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from numba.core import ir


def within(blocks: Sequence[ir.Block], order: dict[int, int]) -> list[int]:
    """Give for each block, as bits, those that one has come through on whatever way."""
    before: list[list[int]] = [[] for _ in blocks]
    for n, block in enumerate(blocks):
        for target in block.terminator.get_targets():
            before[order[target]].append(n)
    every = (1 << len(blocks)) - 1
    found = [1, *[every] * (len(blocks) - 1)]
    changed = True
    while changed:
        changed = False
        for n in range(1, len(blocks)):
            common = every
            for m in before[n]:
                common &= found[m]
            if found[n] != common | 1 << n:
                found[n], changed = common | 1 << n, True
    return found


def used(node: Any) -> Iterator[str]:
    """Name the variables that an expression or a statement uses."""
    if isinstance(node, ir.Var):
        yield node.name
    elif isinstance(node, ir.Expr):
        for one in node._kws.values():
            yield from used(one)
    elif isinstance(node, list | tuple):
        for one in node:
            yield from used(one)
    elif isinstance(node, ir.Assign):
        yield from used(node.value)
    elif isinstance(node, ir.Stmt):
        for var in node.list_vars():
            yield var.name


def set_once(blocks: Sequence[ir.Block], come_by: Sequence[int]) -> set[str]:
    """Name the variables that are set once, where all ways to their use come by."""
    places: dict[str, int] = {}
    others: dict[str, set[int]] = {}
    several: set[str] = set()
    for n, block in enumerate(blocks):
        for one in block.body:
            for name in used(one):
                if places.get(name) != n:
                    others.setdefault(name, set()).add(n)
            if isinstance(one, ir.Assign):
                name = one.target.name
                several.update((name,) if name in places else ())
                places[name] = n
    return {
        name
        for name, at in places.items()
        if name not in several and all(n > at and come_by[n] >> at & 1 for n in others.get(name, ()))
    }
