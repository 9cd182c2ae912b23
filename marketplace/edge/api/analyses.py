"""Analyses over HTTP: the balance of every receiving site in a year, and the signs."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from compliance.oversight import queries, service
from compliance.oversight.disclosure import disclosed
from compliance.oversight.links import Group, Tie
from compliance.oversight.rules import Balance, Found, Sign
from compliance.oversight.signs import SHEETS
from compliance.record.who import Role
from compliance.record.work import Work
from marketplace.edge.api.documents import YearParameter, YearWanted, told, view
from marketplace.edge.door import Door
from marketplace.edge.guards import requires
from marketplace.edge.identity import Visit
from marketplace.edge.once import keyed
from marketplace.edge.pages import reader
from marketplace.instance import ACCOUNTS, secret
from marketplace.web.analysis_views import bounds_of
from marketplace.web.translation import Language, translate


class BalanceView(msgspec.Struct, frozen=True, kw_only=True):
    """What went through a site in the year, kilograms; the stock is an estimate."""

    site_id: UUID
    opening_kg: int
    in_kg: int
    out_kg: int
    treated_kg: int
    stock_kg: int
    limit_kg: int | None


class FoundView(msgspec.Struct, frozen=True, kw_only=True):
    """One sign, with what it means and what to do, in the reader's language."""

    sign: Sign
    name: str
    means: str
    remedy: str
    rule: str
    subjects: list[UUID]
    manifests: list[UUID]
    figures: dict[str, Any]


class FlowView(msgspec.Struct, frozen=True, kw_only=True):
    """What one company accepted from another in the year, kilograms."""

    source: UUID
    target: UUID
    kg: int


class GroupView(msgspec.Struct, frozen=True, kw_only=True):
    """Companies that have something in common, directly or through others, and what goes between them."""

    members: list[UUID]
    flows: list[FlowView]
    goes_round: bool


class NewFact(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What was seen of a company, and where; of a bank account only a hash and the last four are kept."""

    kind: Tie
    value: Annotated[str, msgspec.Meta(max_length=100)]
    source: Annotated[str, msgspec.Meta(max_length=200)]


class FactView(msgspec.Struct, frozen=True, kw_only=True):
    """What was noted of a company."""

    organisation_id: UUID
    kind: Tie
    shown: str
    source: str


class AnalysisView(msgspec.Struct, frozen=True, kw_only=True):
    """What a year of loads shows; `every_ring`: the search for what goes round came to its end."""

    year: int
    loads: int
    balances: list[BalanceView]
    found: list[FoundView]
    groups: list[GroupView]
    every_ring: bool


class DisclosedView(msgspec.Struct, frozen=True, kw_only=True):
    """One company's year with one waste, kilograms."""

    organisation: UUID
    code: str
    hazardous: bool
    handed_over_kg: int
    taken_in_kg: int
    treated_kg: int
    loads: int


class Analyses(Controller):
    """What a year of manifests says that no single one of them does."""

    path = "/api/v1/analyses"
    tags = ("oversight",)
    guards = (requires(Role.INSPECTOR, Role.OPERATOR),)

    @get("/", sync_to_thread=True, operation_id="get_analysis")
    def analysis(
        self,
        request: Visit,
        door: NamedDependency[Door],
        year: YearParameter = None,
    ) -> AnalysisView:
        """Analyse the loads of a year: mass balances, and the signs that are worth a question."""
        with door.reading(request) as work:
            found = service.analyse(work, year or work.today.year, bounds=bounds_of(door.settings))
        return AnalysisView(
            year=found.year,
            loads=found.loads,
            balances=[_balance(one) for one in found.balances],
            found=[found_view(one, reader(request)) for one in found.found],
            groups=[_group(one) for one in found.groups],
            every_ring=found.every_ring,
        )

    @get("/disclosure", sync_to_thread=True, operation_id="get_disclosure")
    def disclosure(
        self, request: Visit, door: NamedDependency[Door], year: YearWanted
    ) -> list[DisclosedView]:
        """Say what every company handed over, took in and treated in a year, by waste code."""
        with door.reading(request) as work:
            loads = queries.loads(work.session, work.who, year)
            return [view(one, DisclosedView) for one in disclosed(loads, year)]

    @post(
        "/companies/{organisation_id:uuid}/facts",
        guards=[keyed],
        sync_to_thread=True,
        operation_id="note_company_fact",
        responses=told(FactView),
    )
    def note(
        self,
        request: Visit,
        door: NamedDependency[Door],
        organisation_id: FromPath[UUID],
        data: JSONBody[NewFact],
    ) -> Response[bytes]:
        """Note of a company what may tie it to another: who represents or owns it, its bank account."""

        key = secret(door.settings, ACCOUNTS)

        def act(work: Work) -> FactView:
            row = service.note_fact(work, organisation_id, data.kind, data.value, data.source, key)
            return view(row, FactView)

        return door.once(request, act)


def _group(one: Group) -> GroupView:
    flows = [FlowView(source=source, target=target, kg=kg) for (source, target), kg in one.flows.items()]
    return GroupView(members=list(one.members), flows=flows, goes_round=one.goes_round)


def _balance(one: Balance) -> BalanceView:
    return BalanceView(
        site_id=one.site,
        opening_kg=one.opening_kg,
        in_kg=one.in_kg,
        out_kg=one.out_kg,
        treated_kg=one.treated_kg,
        stock_kg=one.stock_kg,
        limit_kg=one.limit_kg,
    )


def found_view(one: Found, language: Language) -> FoundView:
    """Return a sign as programs read it."""
    sheet = SHEETS[one.sign]
    return FoundView(
        sign=one.sign,
        name=translate(language, sheet.name),
        means=translate(language, sheet.means),
        remedy=translate(language, sheet.remedy),
        rule=sheet.rule,
        subjects=list(one.subjects),
        manifests=list(one.manifests),
        figures=dict(one.figures),
    )
