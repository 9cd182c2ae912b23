"""What files is the project made of, and what stands in them?"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("marketplace", "tracking", "compliance", "devices", "matching")
NOT_OURS = {
    ".git",
    ".venv",
    "var",
    "node_modules",
    "vendor",
    "build",
    "dist",
    "__pycache__",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
    ".import_linter_cache",
    ".hypothesis",
}

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Module:
    """One Python file: its place from the root, its text and its syntax tree."""

    path: str
    text: str
    tree: ast.Module

    @property
    def lines(self) -> int:
        """How many lines the file has."""
        return self.text.count("\n")

    def functions(self) -> Iterator[Function]:
        """Every function and method in it, nested ones too."""
        return (node for node in ast.walk(self.tree) if isinstance(node, Function))

    def calls(self) -> Iterator[ast.Call]:
        """Every call in it."""
        return (node for node in ast.walk(self.tree) if isinstance(node, ast.Call))

    def within(self, *places: str) -> bool:
        """Tell whether the file is one of these, or below one of these folders."""
        return any(self.path == place or self.path.startswith(f"{place}/") for place in places)


@cache
def files() -> tuple[Path, ...]:
    """Every file of the project that is its own: not built, not fetched, not private."""
    found: list[Path] = []
    folders = [ROOT]
    while folders:
        for entry in sorted(folders.pop().iterdir()):
            if entry.name in NOT_OURS or entry.name.endswith(".egg-info"):
                continue
            if entry.is_dir():
                folders.append(entry)
            else:
                found.append(entry)
    return tuple(found)


@cache
def modules(*packages: str) -> tuple[Module, ...]:
    """The parsed modules of the named packages (all five by default)."""
    chosen = packages or PACKAGES
    paths = [path for path in files() if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in chosen]
    return tuple(_read(path) for path in paths)


@cache
def _read(path: Path) -> Module:
    text = path.read_text(encoding="utf-8")
    return Module(path.relative_to(ROOT).as_posix(), text, ast.parse(text))


def body_lines(function: Function) -> int:
    """Count a function's lines without its docstring: what a reader has to follow."""
    assert function.end_lineno is not None
    length = function.end_lineno - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function) is None:
        return length
    assert first.end_lineno is not None
    return length - (first.end_lineno - first.lineno + 1)


def dotted(node: ast.expr) -> str:
    """Return `a.b.c` for such an expression, and an empty string for any other."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        front = dotted(node.value)
        return f"{front}.{node.attr}" if front else node.attr
    return ""
