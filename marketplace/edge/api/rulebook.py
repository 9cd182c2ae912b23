"""The rulebook over HTTP: what a rule asks on a day, on which article, under which penalty."""

from __future__ import annotations

from datetime import date

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from compliance.rulebook.explain import Explained, book_on, explain_id, kept_otherwise
from compliance.rulebook.rule import Gate, Severity
from marketplace.edge.door import Door
from marketplace.edge.guards import signed_in
from marketplace.edge.identity import Visit
from marketplace.web.translation import Language, language_of, translate


class PenaltyView(msgspec.Struct, frozen=True, kw_only=True):
    """A fine in whole yuan, its article, and what may come on top (Chinese); no sum: it is not on file."""

    article: str
    least_yuan: int | None
    most_yuan: int | None
    note: str


class RuleView(msgspec.Struct, frozen=True, kw_only=True):
    """One case of a rule as of a day; `{named}` places of its words are filled when it is broken."""

    id: str
    on: date
    in_force: bool
    gates: list[Gate]
    severity: Severity
    message_zh: str
    message_en: str
    way_out_zh: str
    way_out_en: str
    article: str
    under_review: bool
    penalties: list[PenaltyView]
    fines_on_file: bool
    """False before 2026-08-15: what the earlier act threatened is not on file."""


class RuleList(msgspec.Struct, frozen=True, kw_only=True):
    """Cases of rules in the order of the book; how what no gate asks is kept instead."""

    items: list[RuleView]
    kept_otherwise: str = ""


class Rules(Controller):
    """What the market and the law ask."""

    path = "/api/v1/rules"
    tags = ("rules",)
    guards = (signed_in,)

    @get("/", sync_to_thread=True, operation_id="list_rules")
    def book(
        self,
        request: Visit,
        door: NamedDependency[Door],
        on: FromQuery[date | None] = None,
        gate: FromQuery[Gate | None] = None,
    ) -> RuleList:
        """List the rules in force on a day, today by default; of one gate or of all."""
        return RuleList(items=[view_of(one) for one in book_on(on or _today(door, request), gate)])

    @get("/{rule_id:str}", sync_to_thread=True, operation_id="explain_rule")
    def one(
        self,
        request: Visit,
        door: NamedDependency[Door],
        rule_id: FromPath[str],
        on: FromQuery[date | None] = None,
    ) -> RuleList:
        """Explain a rule (M11) or one case of it (L3.expired) as of a day, today by default."""
        found = explain_id(rule_id, on or _today(door, request))
        note = translate(language_of(request), kept_otherwise(rule_id))
        return RuleList(items=[view_of(one) for one in found], kept_otherwise=note)


def view_of(one: Explained) -> RuleView:
    """Word an explained rule in both languages."""
    rule = one.rule
    return RuleView(
        id=rule.id,
        on=one.on,
        in_force=one.in_force,
        gates=[gate for gate in Gate if gate in rule.gates],
        severity=rule.severity_on(one.on),
        message_zh=translate(Language.ZH, rule.message),
        message_en=rule.message,
        way_out_zh=translate(Language.ZH, rule.way_out),
        way_out_en=rule.way_out,
        article=one.article,
        under_review=one.under_review,
        fines_on_file=one.fines_on_file,
        penalties=[
            PenaltyView(
                article=fine.article, least_yuan=fine.least_yuan, most_yuan=fine.most_yuan, note=fine.note
            )
            for fine in one.penalties
        ],
    )


def _today(door: Door, request: Visit) -> date:
    with door.reading(request) as work:
        return work.today
