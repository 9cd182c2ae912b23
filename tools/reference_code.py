"""What does the code itself say of its events, settings and error codes, for the reference to repeat?"""

from __future__ import annotations

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from compliance.record.errors import DomainError

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("compliance", "tracking", "marketplace")
ABSTRACT = frozenset({"DomainError", "RuleBroken"})
"""Refusals that carry another's code: the tree's root has none, a broken rule has its rule's."""


class Unclear(Exception):
    """The code says something in a way this module cannot read; the text names the place."""


@dataclass(slots=True)
class EventKind:
    """One kind of event: where it is appended, and the keys of its data."""

    name: str
    places: set[str] = field(default_factory=set)
    keys: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """One stable code of a refusal: its HTTP status, what it says, where it is raised."""

    code: str
    status: int
    says: str
    place: str


@dataclass(frozen=True, slots=True)
class Setting:
    """One environment variable: the field it fills and its defaults in a demonstration and in production."""

    name: str
    field: str
    default: str
    in_production: str


@dataclass(frozen=True, slots=True)
class Source:
    """One module's dotted name and the nodes of its syntax tree."""

    module: str
    nodes: tuple[ast.AST, ...]

    def functions(self) -> Iterator[ast.FunctionDef]:
        """Every function in it."""
        return (node for node in self.nodes if isinstance(node, ast.FunctionDef))

    def calls(self) -> Iterator[ast.Call]:
        """Every call in it."""
        return (node for node in self.nodes if isinstance(node, ast.Call))


@cache
def sources() -> tuple[Source, ...]:
    """Return the modules that hold services and the front door, in order."""
    paths = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    return tuple(
        Source(_dotted(path), tuple(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))) for path in paths
    )


def _dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def events() -> dict[str, EventKind]:
    """Return every kind of event that the product appends; `Unclear` for one that cannot be made out."""
    found: dict[str, EventKind] = {}
    for source in sources():
        for function in source.functions():
            for call in _appends(function):
                for name in _kinds(call.args[0], function, source):
                    kind = found.setdefault(name, EventKind(name))
                    kind.places.add(source.module)
                    kind.keys += [key for key in _keys(call, source) if key not in kind.keys]
    return dict(sorted(found.items()))


def _appends(function: ast.FunctionDef) -> Iterator[ast.Call]:
    """Yield the calls of `work.append(kind, subject, …)`."""
    for node in ast.walk(function):
        if not isinstance(node, ast.Call) or _last_name(node.func) != "append":
            continue
        if ast.unparse(node.func).endswith("work.append"):
            yield node


def _kinds(value: ast.expr, function: ast.FunctionDef, source: Source) -> list[str]:
    """Return the texts that an expression may be: constants, a local name, or what callers pass."""
    if isinstance(value, ast.Name):
        assigned = [
            node.value
            for node in ast.walk(function)
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == value.id
        ]
        return [name for one in assigned or _passed(value.id, function) for name in _constants(one)]
    found = list(_constants(value))
    if not found:
        raise Unclear(f"{source.module}:{value.lineno}: which event is {ast.unparse(value)}?")
    return found


def _passed(argument: str, function: ast.FunctionDef) -> list[ast.expr]:
    """Return what callers anywhere pass as one argument of a function."""
    place = [one.arg for one in function.args.args].index(argument)
    return [
        node.args[place]
        for source in sources()
        for node in source.calls()
        if len(node.args) > place and _last_name(node.func) == function.name
    ]


def _last_name(value: ast.expr) -> str:
    """Return the name that stands last in `a.b.c`; empty for anything else."""
    if isinstance(value, ast.Attribute):
        return value.attr
    return value.id if isinstance(value, ast.Name) else ""


def _constants(value: ast.AST) -> Iterator[str]:
    for node in ast.walk(value):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _keys(call: ast.Call, source: Source) -> list[str]:
    """Return the keys of an event's data; `**helper(…)` has those of the dictionary the helper returns."""
    keys: list[str] = []
    for keyword in call.keywords:
        if keyword.arg is not None:
            keys.append(keyword.arg)
        elif isinstance(keyword.value, ast.Call):
            name = ast.unparse(keyword.value.func)
            helper = next(one for one in source.functions() if one.name == name)
            keys += [
                str(key.value)
                for node in ast.walk(helper)
                if isinstance(node, ast.Dict)
                for key in node.keys
                if isinstance(key, ast.Constant)
            ]
    return keys


def errors() -> list[ErrorCode]:
    """Return every code that a problem document may carry, by code."""
    classes = _refusal_classes()
    found = {
        (cls.code, cls.__module__): ErrorCode(cls.code, cls.status, _first_line(cls.__doc__), cls.__module__)
        for cls in classes.values()
        if cls.__name__ not in ABSTRACT
    }
    for source in sources():
        for call in source.calls():
            one = _error_of(call, source.module, classes)
            if one is not None:
                found.setdefault((one.code, one.place), one)
    return sorted(found.values(), key=lambda one: (one.code, one.place))


def _error_of(call: ast.Call, module: str, classes: dict[str, type[DomainError]]) -> ErrorCode | None:
    """Return the code that `Conflict(…, code="…")` or `plain(status, "code", …)` gives, if it is one."""
    name = _last_name(call.func)
    if name == "plain" and isinstance(call.args[0], ast.Constant) and isinstance(call.args[1], ast.Constant):
        status, code = call.args[0].value, call.args[1].value
        return ErrorCode(str(code), int(str(status)), _text(call.args[2], module), module)
    given = next((word.value for word in call.keywords if word.arg == "code"), None)
    if name in classes and isinstance(given, ast.Constant):
        says = _text(call.args[0], module) if call.args else ""
        return ErrorCode(str(given.value), classes[name].status, says, module)
    return None


def _text(value: ast.expr, module: str) -> str:
    """Return the text an expression stands for: `N_("…")`, or a constant of a module."""
    constants = list(_constants(value))
    if constants:
        return "".join(constants)
    holder, _, name = ast.unparse(value).rpartition(".")
    near = importlib.import_module(module)
    return str(getattr(getattr(near, holder) if holder else near, name))


def _refusal_classes() -> dict[str, type[DomainError]]:
    """Return every class of refusal by name, from all modules of the product."""
    for package in PACKAGES:
        root = importlib.import_module(package)
        for module in pkgutil.walk_packages(root.__path__, f"{package}."):
            if not module.name.endswith("__main__") and ".migrations." not in module.name:
                importlib.import_module(module.name)
    found, waiting = {"DomainError": DomainError}, [DomainError]
    while waiting:
        for cls in waiting.pop().__subclasses__():
            found[cls.__name__] = cls
            waiting.append(cls)
    return found


def _first_line(text: str | None) -> str:
    return (text or "").strip().split("\n")[0]


def settings() -> list[Setting]:
    """Return every variable that `read_settings` reads, in its order."""
    source = next(one for one in sources() if one.module == "marketplace.settings")
    reader = next(one for one in source.functions() if one.name == "read_settings")
    found = []
    for node in ast.walk(reader):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Settings":
            for keyword in node.keywords:
                setting = _setting(str(keyword.arg), keyword.value)
                if setting is not None:
                    found.append(setting)
    asked = {text for text in _constants(reader) if text.isupper() and "_" in text}
    if missing := asked - {setting.name for setting in found} - {"HUANLIAN_ENV"}:
        raise Unclear(f"marketplace.settings: what are {sorted(missing)}?")
    return found


def _setting(name: str, value: ast.expr) -> Setting | None:
    """Read one `field=_number(env, "NAME", default)`, however it is wrapped."""
    for node in ast.walk(value):
        if isinstance(node, ast.Call) and (names := [t for t in map(_constant, node.args) if t.isupper()]):
            told = node.args[2] if len(node.args) > 2 else node.args[-1]
            if isinstance(told, ast.IfExp):
                return Setting(names[0], name, _constant(told.orelse), _constant(told.body))
            default = _constant(told) if len(node.args) > 1 else ""
            return Setting(names[0], name, default, default)
    return None


def _constant(value: ast.expr) -> str:
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else ""
