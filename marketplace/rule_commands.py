"""What does a rule ask on a day? The rulebook from a shell, without a database."""

from __future__ import annotations

import json
from datetime import date, datetime

import click

from compliance.record.clock import local_date, system_now
from compliance.record.errors import N_
from compliance.rulebook.explain import Explained, book_on, explain_id, kept_otherwise
from compliance.rulebook.rule import Gate
from marketplace.web.fines import fine_words
from marketplace.web.translation import Language, translate

NOT_IN_FORCE = N_("nothing it rests on was in force that day")
UNDER_REVIEW = N_(
    "rests on a text made under the repealed act; whether it was issued anew is not established"
)
NO_FINES = N_("what the act in force that day threatened is not on file")

_ON = click.option(
    "--on", type=click.DateTime(["%Y-%m-%d"]), default=None, help="The day of the act; today by default."
)
_LANG = click.option(
    "--lang",
    type=click.Choice([one.value for one in Language]),
    default=Language.ZH.value,
    show_default=True,
    help="zh or en.",
)


@click.group("rules")
def rules() -> None:
    """The rulebook: what is asked where, on which article of the day, under which penalty."""


@rules.command("list")
@_ON
@_LANG
@click.option(
    "--gate", type=click.Choice([one.value for one in Gate]), default=None, help="Only what one gate asks."
)
def list_rules(on: datetime | None, lang: str, gate: str | None) -> None:
    """Print the rules in force on a day, one a line."""
    for one in book_on(_day(on), Gate(gate) if gate else None):
        said = translate(Language(lang), one.rule.message)
        click.echo(f"{one.rule.id:28} {one.rule.severity_on(one.on).value:6} {said}")


@rules.command()
@click.argument("rule_id", metavar="ID")
@_ON
@_LANG
@click.option("--json", "as_json", is_flag=True, help="Print what the API answers.")
def explain(rule_id: str, on: datetime | None, lang: str, as_json: bool) -> None:
    """Explain a rule (M11) or one case of it (L3.expired) as of a day."""
    found = explain_id(rule_id, _day(on))
    if as_json:
        import msgspec

        from marketplace.edge.api.rulebook import view_of

        views = msgspec.to_builtins([view_of(one) for one in found])
        click.echo(json.dumps(views, ensure_ascii=False, indent=2))
        return
    for one in found:
        click.echo("\n".join(_lines(one, Language(lang))))
    if note := kept_otherwise(rule_id):
        click.echo(f"{rule_id}: {translate(Language(lang), note)}")


def _lines(one: Explained, language: Language) -> list[str]:
    rule = one.rule
    gates = ", ".join(gate.value for gate in Gate if gate in rule.gates)
    lines = [
        f"{rule.id}  {rule.severity_on(one.on).value}  {gates}",
        f"  {translate(language, rule.message)}",
        f"  → {translate(language, rule.way_out)}",
        f"  {one.on}: {one.article or translate(language, NOT_IN_FORCE)}",
    ]
    if one.under_review:
        lines.append(f"  {translate(language, UNDER_REVIEW)}")
    if not one.fines_on_file:
        lines.append(f"  {translate(language, NO_FINES)}")
    return lines + [f"  {fine_words(fine, language)}" for fine in one.penalties]


def _day(on: datetime | None) -> date:
    return on.date() if on is not None else local_date(system_now())
