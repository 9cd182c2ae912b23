"""What do settings, events, rules, codes, commands, operations, payloads and states say, as documents?

`python -m tools.reference` writes docs/reference/*.md; with `--check` it only says which are out of date.
What the code does not say of itself stands in docs/reference/words.toml.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import click

from compliance.record.database import open_database
from compliance.rulebook.book.not_asked import CLAUSES, NOT_ASKED
from compliance.rulebook.penalties import Penalty, penalties_on
from compliance.rulebook.rules import article_on, rules, under_review
from devices.codecs import RefusalCode
from devices.outbox import OutboxCode
from marketplace import schema
from marketplace.app import create_app
from marketplace.cli import main as cli
from marketplace.edge.guards import ways
from marketplace.edge.openapi import completed
from marketplace.settings import Settings
from marketplace.wiring import subscribers
from tools import reference_code as code
from tools.reference_code import Unclear
from tools.reference_states import drawings
from tools.reference_telemetry import telemetry_page
from tools.reference_words import FOLDER, intro, page, said, table, tick, words
from tracking.alerts.kinds import Told
from tracking.alerts.sheets import SHEETS
from tracking.intake.rules import Reason
from tracking.positions.rules import Exclusion
from tracking.weighings.rules import Unbound

BEFORE, SINCE = date(2026, 8, 14), date(2026, 8, 15)
NO_MOMENT = datetime(2026, 8, 15, tzinfo=UTC)
ANYONE = 6
"""How many roles there are: a route for all of them is for whoever is signed in."""


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


def fined(fine: Penalty) -> str:
    """Return a fine as a line says it."""
    more = f"; {fine.note}" if fine.note else ""
    if fine.least_yuan is None:
        return f"{'no sum' if fine.note else 'sum not established'} ({fine.article}{more})"
    return f"{fine.least_yuan:,} to {fine.most_yuan:,} CNY ({fine.article}{more})"


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
            *(f"- penalty from 2026-08-15: {fined(fine)}" for fine in penalties_on(one, SINCE)),
        ]
        parts.append(f"## {one.id}\n\n" + "\n".join(lines))
    return page(
        "Rules",
        intro("rules"),
        *parts,
        "## Asked by no gate\n\n" + "\n".join(f"- {key}: {words}" for key, words in NOT_ASKED.items()),
        "## Clauses asked by no gate\n\n" + "\n".join(f"- {key}: {words}" for key, words in CLAUSES.items()),
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
            context = click.Context(command)
            for name in command.list_commands(context):
                one = command.get_command(context, name)
                assert one is not None
                waiting.append((f"{path} {name}", one))
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
        (method, re.sub(r":(uuid|str|int)}", "}", path)): "anyone"
        if roles is None
        else "whoever is signed in"
        if len(roles) == ANYONE
        else ", ".join(sorted(role.value for role in roles)) or "devices, by their own password"
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


def states_page() -> str:
    """Return states.md."""
    return page("States", intro("states"), *drawings(), intro("states_end"))


def alerts_page() -> str:
    """Return alerts.md."""
    rows = (
        (
            tick(kind.value),
            sheet.name,
            sheet.severity.value,
            sheet.rule,
            sheet.means,
            sheet.remedy,
            "parties too" if sheet.told is Told.PARTIES else "overseers",
        )
        for kind, sheet in SHEETS.items()
    )
    head = ("kind", "name", "severity", "rule", "means", "what to do", "who sees it")
    return page("Alerts", intro("alerts"), table(head, rows))


PAGES = {
    "alerts.md": alerts_page,
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
