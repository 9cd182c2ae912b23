"""One party, one file, over HTTP; its yearly quantities; suspending it and letting it back in."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from compliance.qualification import queries as documents
from compliance.qualification import quotas
from compliance.qualification.quotas import Level, Quota
from compliance.qualification.rules import Subject, checklist_of
from compliance.record.errors import N_, Forbidden
from compliance.record.who import Role
from compliance.record.work import Work
from compliance.registry import queries as registry
from compliance.registry import standing
from compliance.registry.rules import Licence, LicenceKind, Mode, OrganisationKind, QuotaPolicy
from compliance.registry.standing import Order
from marketplace.edge.api.documents import YearParameter, told
from marketplace.edge.door import Door
from marketplace.edge.guards import requires, signed_in
from marketplace.edge.identity import Visit
from marketplace.edge.once import keyed
from marketplace.parties import dossier, risk
from marketplace.parties.dossier import Reach
from marketplace.parties.section_api import SectionView, section_view
from marketplace.parties.wire import RequirementView, Said, Text, requirement_view
from marketplace.web.analysis_views import bounds_of
from marketplace.web.party_views import suspension_on, trade_checks
from marketplace.web.translation import language_of, translate

OVERSEES = requires(Role.INSPECTOR, Role.OPERATOR)
Percent = Annotated[int, msgspec.Meta(ge=1, le=120)]


class LicenceView(msgspec.Struct, frozen=True, kw_only=True):
    """A licence that is on file, as the gates read it."""

    id: UUID
    number: str
    kind: LicenceKind
    modes: list[Mode]
    classes: list[str]
    valid_from: date
    valid_to: date


class SuspensionView(msgspec.Struct, frozen=True, kw_only=True):
    """From when to when a party may not act, and why."""

    since: date
    until: date | None
    reason: str


class RiskPart(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of open sign: how many, its rule, the least fine in yuan (null: not on file), its points."""

    key: str
    name: str
    rule: str
    count: int
    least_yuan: int | None
    points: int


class RiskView(msgspec.Struct, frozen=True, kw_only=True):
    """What speaks against a company now; a point is 10,000 yuan of the least fine for each open sign.

    No `score` with fewer than five `loads` within a year: there is too little record for a number.
    """

    score: int | None
    loads: int
    parts: list[RiskPart]


class ChecklistView(msgspec.Struct, frozen=True, kw_only=True):
    """What a kind of business, or a person, must show and has shown."""

    of: str
    approved: bool
    lines: list[RequirementView]


class PartyView(msgspec.Struct, frozen=True, kw_only=True):
    """One party's file. Of another's company: name, approved roles, licences, suspension, no more."""

    id: UUID
    organisation_id: UUID
    name: str
    uscc: str
    kinds: list[OrganisationKind]
    wanted: list[OrganisationKind]
    reach: Reach
    suspended: SuspensionView | None
    licences: list[LicenceView]
    driver_permit_to: date | None
    escort_permit_to: date | None
    """Last valid days of a person's certificates for dangerous goods (L9); null for a company."""
    checklists: list[ChecklistView]
    sections: list[SectionView]


class QuotaView(msgspec.Struct, frozen=True, kw_only=True):
    """What is taken of a yearly quantity; an empty code is the licence as a whole. Whole kilograms."""

    licence_id: UUID
    organisation_id: UUID
    number: str
    code: str
    yearly_kg: int
    confirmed_kg: int
    in_transit_kg: int
    booked_kg: int
    left_kg: int
    percent: int
    level: Level


class QuotaList(msgspec.Struct, frozen=True, kw_only=True):
    """Yearly quantities."""

    year: int
    items: list[QuotaView]


class PolicyView(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """At how many per cent of a year is warned, blocked and alarmed."""

    warn_percent: Percent
    block_percent: Percent
    alarm_percent: Percent


class OrderWanted(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Why a party may not act, from when (today by default) and to when (until it is lifted)."""

    reason: Text
    since: date | None = None
    until: date | None = None


def party_view(work: Work, party_id: UUID) -> PartyView:
    """Return a party's file as its reader may see it."""
    found = dossier.party(work, party_id)
    row = found.organisation
    barred = suspension_on(work, row.id)
    whole = found.reach is Reach.WHOLE
    held = registry.licences(work.session, [row.id], work.today.year).get(row.id, [])
    return PartyView(
        id=found.id,
        organisation_id=row.id,
        name=found.person.name if found.person else row.name,
        uscc=row.uscc,
        kinds=[OrganisationKind(kind) for kind in row.kinds],
        wanted=[OrganisationKind(kind) for kind in row.wanted] if whole else [],
        reach=found.reach,
        suspended=SuspensionView(since=barred.since, until=barred.until, reason=barred.reason)
        if barred
        else None,
        licences=[_licence(one) for one in held] if found.person is None else [],
        driver_permit_to=found.person.permit_to if found.person else None,
        escort_permit_to=found.person.escort_to if found.person else None,
        checklists=_checklists(work, found) if whole else [],
        sections=[section_view(one) for one in dossier.sections(work, found)],
    )


def _checklists(work: Work, found: dossier.Party) -> list[ChecklistView]:
    if found.person is None:
        return [
            ChecklistView(
                of=one.title, approved=one.approved, lines=[requirement_view(line) for line in one.lines]
            )
            for one in trade_checks(work, found.organisation)
        ]
    held = documents.held(work.session, Subject.PERSON, [found.person.id]).get(found.person.id, [])
    lines = checklist_of(Subject.PERSON, held, work.today)
    return [ChecklistView(of="person", approved=True, lines=[requirement_view(line) for line in lines])]


def _licence(one: Licence) -> LicenceView:
    return LicenceView(
        id=one.id,
        number=one.number,
        kind=one.kind,
        modes=sorted(one.modes),
        classes=sorted(one.classes),
        valid_from=one.valid_from,
        valid_to=one.valid_to,
    )


def quota_view(one: Quota) -> QuotaView:
    """Return a yearly quantity as programs read it."""
    return QuotaView(
        licence_id=one.licence_id,
        organisation_id=one.organisation_id,
        number=one.number,
        code=one.code,
        yearly_kg=one.yearly_kg,
        confirmed_kg=one.taken.confirmed_kg,
        in_transit_kg=one.taken.in_transit_kg,
        booked_kg=one.taken.booked_kg,
        left_kg=one.left_kg,
        percent=one.percent,
        level=one.level,
    )


class Parties(Controller):
    """One party, one file (一企一人一档)."""

    path = "/api/v1/parties"
    tags = ("parties",)

    @get("/{party_id:uuid}", guards=[signed_in], sync_to_thread=True, operation_id="get_party")
    def one(self, request: Visit, door: NamedDependency[Door], party_id: FromPath[UUID]) -> PartyView:
        """Show all of a company or a person that the reader may see."""
        with door.reading(request) as work:
            return party_view(work, party_id)

    @get("/{party_id:uuid}/risk", guards=[OVERSEES], sync_to_thread=True, operation_id="get_party_risk")
    def risk(self, request: Visit, door: NamedDependency[Door], party_id: FromPath[UUID]) -> RiskView:
        """Say what speaks against a company now, part by part, weighed by the least fine that threatens."""
        language = language_of(request)
        with door.reading(request) as work:
            found = risk.of_company(work, dossier.company(work, party_id), bounds_of(door.settings))
            parts = [
                RiskPart(
                    key=one.key,
                    name=translate(language, one.name),
                    rule=one.rule,
                    count=one.count,
                    least_yuan=one.least_yuan,
                    points=one.points,
                )
                for one in found.parts
            ]
            return RiskView(score=found.score, loads=found.loads, parts=parts)

    @get("/{party_id:uuid}/quotas", guards=[signed_in], sync_to_thread=True, operation_id="get_quotas")
    def quotas(
        self,
        request: Visit,
        door: NamedDependency[Door],
        party_id: FromPath[UUID],
        year: YearParameter = None,
    ) -> QuotaList:
        """Show what is confirmed, on the road, booked and left of a company's yearly quantities."""
        with door.reading(request) as work:
            if dossier.party(work, party_id).reach is not Reach.WHOLE:
                raise Forbidden(N_("What is left of a licence is shown to its holder and to who oversees."))
            wanted = year or work.today.year
            found = quotas.quotas(work.session, [party_id], wanted)
            return QuotaList(year=wanted, items=[quota_view(one) for one in found])

    @post(
        "/{party_id:uuid}/suspend",
        guards=[OVERSEES, keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="suspend_party",
        responses=told(PartyView, 200),
    )
    def suspend(
        self,
        request: Visit,
        door: NamedDependency[Door],
        party_id: FromPath[UUID],
        data: JSONBody[OrderWanted],
    ) -> Response[bytes]:
        """Let a company not act from a day on: every gate that asks about it refuses (A1)."""

        def act(work: Work) -> PartyView:
            standing.suspend(work, party_id, Order(data.reason, data.since or work.today, data.until))
            return party_view(work, party_id)

        return door.once(request, act, status=200)

    @post(
        "/{party_id:uuid}/lift",
        guards=[OVERSEES, keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="lift_suspension",
        responses=told(PartyView, 200),
    )
    def lift(
        self, request: Visit, door: NamedDependency[Door], party_id: FromPath[UUID], data: JSONBody[Said]
    ) -> Response[bytes]:
        """Let a suspended company act again from today on."""

        def act(work: Work) -> PartyView:
            standing.lift(work, party_id, data.reason)
            return party_view(work, party_id)

        return door.once(request, act, status=200)


class Quotas(Controller):
    """Yearly quantities of all licences (L4)."""

    path = "/api/v1/quotas"
    tags = ("parties",)

    @get("/", guards=[OVERSEES], sync_to_thread=True, operation_id="list_pressing_quotas")
    def pressing(self, request: Visit, door: NamedDependency[Door], year: YearParameter = None) -> QuotaList:
        """List the quantities that have reached the warning, the fullest first."""
        with door.reading(request) as work:
            wanted = year or work.today.year
            found = quotas.pressing(work.session, wanted)
            return QuotaList(year=wanted, items=[quota_view(one) for one in found])

    @get("/policy", guards=[signed_in], sync_to_thread=True, operation_id="get_quota_policy")
    def policy(self, request: Visit, door: NamedDependency[Door]) -> PolicyView:
        """Show at how many per cent of a year is warned, blocked and alarmed."""
        with door.reading(request) as work:
            one = registry.quota_policy(work.session, work.today)
            return _policy(one)

    @post(
        "/policy",
        guards=[requires(Role.OPERATOR), keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="set_quota_policy",
        responses=told(PolicyView, 200),
    )
    def set_policy(
        self, request: Visit, door: NamedDependency[Door], data: JSONBody[PolicyView]
    ) -> Response[bytes]:
        """Set from today on at how many per cent of a year is warned, blocked and alarmed."""
        wanted = QuotaPolicy(data.warn_percent, data.block_percent, data.alarm_percent)

        def act(work: Work) -> PolicyView:
            standing.set_quota_policy(work, wanted)
            return _policy(wanted)

        return door.once(request, act, status=200)


def _policy(one: QuotaPolicy) -> PolicyView:
    return PolicyView(
        warn_percent=one.warn_percent, block_percent=one.block_percent, alarm_percent=one.alarm_percent
    )
