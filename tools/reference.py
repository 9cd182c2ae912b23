"""What do settings, events, rules, codes, commands, operations, payloads and states say, as documents?

`python -m tools.reference` writes docs/reference/*.md; with `--check` it only says which are out of date.
What the code does not say of itself stands in docs/reference/words.toml.
"""

from __future__ import annotations

import sys
import tempfile
import tomllib
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import click
from msgspec import inspect

from compliance.record.database import open_database
from compliance.rulebook.rules import article_on, rules, under_review
from devices.codecs import RefusalCode, telemetry_json, weighing_json
from devices.outbox import OutboxCode
from marketplace import schema
from marketplace.app import create_app
from marketplace.cli import main as cli
from marketplace.edge.guards import ways
from marketplace.edge.openapi import completed
from marketplace.settings import Settings
from marketplace.wiring import subscribers
from tools import reference_code as code
from tools.reference_code import ROOT, Unclear
from tools.reference_states import drawings
from tracking.intake.rules import Reason
from tracking.positions.rules import Exclusion
from tracking.weighings.rules import Unbound

FOLDER = ROOT / "docs" / "reference"
NOTE = (
    "<!-- Made from the code by `python -m tools.reference`: change the code, or words.toml, and run it. -->"
)
BEFORE, SINCE = date(2026, 8, 14), date(2026, 8, 15)
NO_MOMENT = datetime(2026, 8, 15, tzinfo=UTC)
ANYONE = 6
"""How many roles there are: a route for all of them is for whoever is signed in."""


@cache
def words() -> dict[str, Any]:
    """Return docs/reference/words.toml."""
    return tomllib.loads((FOLDER / "words.toml").read_text(encoding="utf-8"))


def said(section: str, names: Iterable[str]) -> dict[str, Any]:
    """Return the words of a section; raise `Unclear` for a name without words or words without a name."""
    known: dict[str, Any] = words()
    for part in section.split("."):
        known = known[part]
    names = list(names)
    if missing := [name for name in names if name not in known]:
        raise Unclear(f"docs/reference/words.toml [{section}] says nothing of {', '.join(missing)}")
    if spare := [name for name in known if name not in names]:
        raise Unclear(f"docs/reference/words.toml [{section}] tells of what is not there: {', '.join(spare)}")
    return known


def intro(name: str) -> str:
    """Return a document's own prose."""
    return str(words()["pages"][name]).strip()


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a Markdown table."""
    heads = list(head)
    lines = [heads, ["---"] * len(heads), *([_cell(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def tick(text: str) -> str:
    """Return a text as code, nothing for no text."""
    return f"`{text}`" if text else ""


def page(title: str, *parts: str) -> str:
    """Return one whole document."""
    return "\n\n".join([NOTE, f"# {title}", *parts]) + "\n"


def settings_page() -> str:
    """Return settings.md."""
    found = code.settings()
    told = said("settings", ["HUANLIAN_ENV", *(one.name for one in found)])
    rows = [(tick("HUANLIAN_ENV"), "", tick("production"), told["HUANLIAN_ENV"])]
    rows += [(tick(s.name), tick(s.default), tick(s.in_production), told[s.name]) for s in found]
    return page(
        "Settings",
        intro("settings"),
        table(("variable", "demonstration", "production", "meaning"), rows),
        "## Between the processes",
        table(("variable", "meaning"), ((tick(k), v) for k, v in words()["made"].items())),
        "## Of the tools",
        table(("variable", "meaning"), ((tick(k), v) for k, v in words()["tools"].items())),
    )


def events_page() -> str:
    """Return events.md."""
    found = code.events()
    told = said("events", found)
    wired = subscribers(lambda: NO_MOMENT)
    reacts = {name: [one.name for one in wired if name in one.kinds] for name in found}
    if unknown := sorted({kind for one in wired for kind in one.kinds} - set(found)):
        raise Unclear(f"marketplace/wiring.py waits for events that nobody appends: {', '.join(unknown)}")
    rows = (
        (
            tick(name),
            told[name][0],
            told[name][1],
            ", ".join(map(tick, kind.keys)),
            ", ".join(map(tick, reacts[name])),
            ", ".join(map(tick, sorted(kind.places))),
        )
        for name, kind in found.items()
    )
    return page(
        "Events",
        intro("events"),
        table(("kind", "subject", "what happened", "data", "who reacts", "appended in"), rows),
    )


def rules_page() -> str:
    """Return rules.md."""
    parts = []
    for one in rules():
        gates = ", ".join(gate.value for gate in type(next(iter(one.gates))) if gate in one.gates)
        review = " (whether it was issued anew is not established)" if under_review(one.id, SINCE) else ""
        lines = [
            f"- gates: {gates}; severity: {one.severity.value}",
            f"- says: {one.message}",
            f"- way out: {one.way_out}",
            f"- up to 2026-08-14: {article_on(one.id, BEFORE)}",
            f"- from 2026-08-15: {article_on(one.id, SINCE)}{review}",
        ]
        parts.append(f"## {one.id}\n\n" + "\n".join(lines))
    return page(
        "Rules",
        intro("rules"),
        *parts,
    )


def errors_page() -> str:
    """Return errors.md."""
    rows = (
        (tick(one.code), str(one.status), one.says, tick(one.place))
        for one in code.errors()
        if not one.place.startswith("marketplace.demo.")
    )
    where: dict[str, list[str]] = {}
    for kind in DEVICE_CODES:
        for item in kind:
            where.setdefault(item.value, []).append(f"{kind.__module__}.{kind.__name__}")
    told = said("refusals", where)
    return page(
        "Codes",
        intro("errors"),
        "## Of the API and the pages",
        intro("errors_http"),
        table(("code", "status", "says", "from"), rows),
        "## Of devices",
        intro("errors_devices"),
        table(
            ("reason", "meaning", "from"), ((tick(k), told[k], ", ".join(map(tick, where[k]))) for k in where)
        ),
    )


DEVICE_CODES: tuple[type[StrEnum], ...] = (RefusalCode, OutboxCode, Reason, Exclusion, Unbound)


def cli_page() -> str:
    """Return cli.md."""
    parts = [_command(path, command) for path, command in commands()]
    return page(
        "Commands",
        intro("cli"),
        *parts,
    )


def commands() -> list[tuple[str, click.Command]]:
    """Return every command with its whole name, groups before what is in them."""
    found: list[tuple[str, click.Command]] = []
    waiting: list[tuple[str, click.Command]] = [("huanlian", cli)]
    while waiting:
        path, command = waiting.pop(0)
        found.append((path, command))
        if isinstance(command, click.Group):
            waiting += [(f"{path} {name}", one) for name, one in sorted(command.commands.items())]
    return found


def _command(path: str, command: click.Command) -> str:
    help_text = " ".join((command.help or "").split())
    options = [
        f"- `{'`, `'.join(one.opts)}`: {one.help or ''}{_default(one)}"
        for one in command.params
        if isinstance(one, click.Option)
    ]
    return "\n\n".join([f"## `{path}`", help_text, *(["\n".join(options)] if options else [])])


def _default(option: click.Option) -> str:
    return f" Default: {option.default}." if option.show_default and option.default not in {"", None} else ""


def api_page() -> str:
    """Return api.md."""
    described, roles = _api()
    by_tag: dict[str, list[str]] = {}
    for path, item in described["paths"].items():
        for method, operation in item.items():
            tag = (operation.get("tags") or ["other"])[0]
            lets_in = roles[method.upper(), path]
            by_tag.setdefault(tag, []).append(_operation(method, path, operation, described, lets_in))
    return page(
        "API",
        intro("api"),
        *(f"## {tag}\n\n" + "\n\n".join(found) for tag, found in sorted(by_tag.items())),
    )


def _api() -> tuple[dict[str, Any], dict[tuple[str, str], str]]:
    """Return the served OpenAPI document, and who is let in by (method, path)."""
    with tempfile.TemporaryDirectory() as folder:
        engine = open_database(f"sqlite:///{folder}/empty.db")
        schema.upgrade(engine)
        app = create_app(Settings(), engine)
        engine.dispose()
    who = {
        (method, path.replace(":uuid}", "}").replace(":str}", "}")): "anyone"
        if roles is None
        else "whoever is signed in"
        if len(roles) == ANYONE
        else ", ".join(sorted(role.value for role in roles))
        for method, path, roles in ways(app)
    }
    return completed(app.openapi_schema.to_schema()), who


def _operation(
    method: str, path: str, operation: Mapping[str, Any], whole: Mapping[str, Any], who: str
) -> str:
    lines = [f"- for {who}; operation `{operation['operationId']}`"]
    given = [
        f"`{one['name']}` ({one['in']}{'' if one.get('required') else ', optional'})"
        for one in operation.get("parameters", [])
    ]
    if given:
        lines.append(f"- takes {', '.join(given)}")
    for body in operation.get("requestBody", {}).get("content", {}).values():
        name = body["schema"]["$ref"].rpartition("/")[2]
        lines.append(f"- body `{name}`: {_fields(whole['components']['schemas'][name])}")
    text = " ".join(operation.get("description", "").split())
    return f"### {method.upper()} `{path}`\n\n{text}\n\n" + "\n".join(lines)


def _fields(shape: Mapping[str, Any]) -> str:
    required = shape.get("required", [])
    return ", ".join(
        f"`{name}`" + ("" if name in required else " (optional)") for name in shape["properties"]
    )


def telemetry_page() -> str:
    """Return telemetry.md."""
    kinds = (
        ("position", "pos", telemetry_json._Position),
        ("event", "evt", telemetry_json._Event),
        ("weighing", "wgt", weighing_json._Weighing),
        ("state", "state", telemetry_json._State),
        ("ack", "ack", telemetry_json._Ack),
    )
    parts = []
    for name, topic, shape in kinds:
        info = inspect.type_info(shape)
        assert isinstance(info, inspect.StructType)
        told = said(f"keys.{name}", (one.encode_name for one in info.fields))
        rows = (
            (tick(f.encode_name), _limits(f.type), "yes" if f.required else "", told[f.encode_name])
            for f in info.fields
        )
        parts.append(f"## {name}: `v1/{{tenant}}/{{device}}/{topic}`")
        parts.append(table(("key", "value", "required", "meaning"), rows))
    return page("Telemetry", intro("telemetry"), *parts)


def _limits(kind: inspect.Type) -> str:
    """Return a value's type and limits in words."""
    text = "object"
    match kind:
        case inspect.UnionType(types):
            text = " or ".join(_limits(one) for one in types if not isinstance(one, inspect.NoneType))
        case inspect.IntType() | inspect.FloatType():
            word = "integer" if isinstance(kind, inspect.IntType) else "number"
            text = f"{word} {kind.ge} … {kind.le}"
        case inspect.StrType():
            text = f"text matching `{kind.pattern}`" if kind.pattern else f"text, up to {kind.max_length}"
        case inspect.EnumType(cls):
            text = "one of " + ", ".join(tick(str(item.value)) for item in cls)
        case inspect.ListType():
            text = f"list of up to {kind.max_length}: {_limits(kind.item_type)}"
        case inspect.TupleType(types):
            text = "[" + ", ".join(_limits(one) for one in types) + "]"
    return text


def states_page() -> str:
    """Return states.md."""
    return page("States", intro("states"), *drawings(), intro("states_end"))


PAGES = {
    "settings.md": settings_page,
    "events.md": events_page,
    "rules.md": rules_page,
    "errors.md": errors_page,
    "cli.md": cli_page,
    "api.md": api_page,
    "telemetry.md": telemetry_page,
    "states.md": states_page,
}


def stale(folder: Path = FOLDER) -> list[str]:
    """Return the documents that do not say what the code says."""
    texts = {name: make() for name, make in PAGES.items()}
    return [name for name, text in texts.items() if _read(folder / name) != text]


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def main(arguments: list[str]) -> int:
    """Write the reference, or with `--check` say what is out of date; 1 if anything is."""
    try:
        old = stale()
        if "--check" not in arguments:
            for name in old:
                (FOLDER / name).write_text(PAGES[name](), encoding="utf-8")
                print(f"docs/reference/{name}")
            return 0
    except Unclear as question:
        print(question, file=sys.stderr)
        return 1
    for name in old:
        print(
            f"docs/reference/{name} is out of date: run `.venv/bin/python -m tools.reference`",
            file=sys.stderr,
        )
    return 1 if old else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
