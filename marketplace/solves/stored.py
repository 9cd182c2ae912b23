"""How is an engine's problem, a tree of dataclasses, written down as JSON and read again?"""

from __future__ import annotations

from dataclasses import fields
from typing import Any, TypeVar, get_type_hints

import msgspec

T = TypeVar("T")


def told(problem: Any, *without: str) -> dict[str, Any]:
    """Return the fields of a dataclass JSON-ready, `without` those that are code or arrays."""
    return {
        one.name: msgspec.to_builtins(getattr(problem, one.name))
        for one in fields(problem)
        if one.name not in without
    }


def read(kind: type[T], stored: dict[str, Any], **more: object) -> T:
    """Return the dataclass that `told` wrote down, with what was left out of it."""
    kinds = get_type_hints(kind)
    return kind(**{name: msgspec.convert(value, kinds[name]) for name, value in stored.items()}, **more)
