"""Exemptions over HTTP: which lines may concern a waste, claims with evidence, decisions (L12)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from compliance.catalogue import queries as catalogue
from compliance.exemptions import queries, service
from compliance.exemptions.rules import Stage, State
from compliance.exemptions.service import Decision, NewClaim
from compliance.exemptions.tables import ExemptionClaim
from compliance.record.who import Role
from compliance.record.work import Work
from marketplace.edge.api.documents import told, view
from marketplace.edge.door import Door
from marketplace.edge.guards import requires, signed_in
from marketplace.edge.identity import Visit
from marketplace.edge.once import keyed
from marketplace.parties.document_api import file_of
from marketplace.parties.wire import Said, Sha256, Text

OWN = requires(Role.PRODUCER, Role.PROCESSOR, Role.DISPATCHER)
READS = requires(Role.PRODUCER, Role.PROCESSOR, Role.DISPATCHER, Role.INSPECTOR, Role.OPERATOR)
DECIDES = requires(Role.INSPECTOR)


class LineView(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the list: what it exempts, in which stages, and under which condition (Chinese)."""

    line: int
    item: int
    edition: str
    waste: str
    stages: list[str]
    condition: str
    effect: str


class LineList(msgspec.Struct, frozen=True, kw_only=True):
    """Lines that may concern a waste; none is granted by itself."""

    items: list[LineView]


class ClaimWanted(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What an organisation relies on; `evidence` is what the upload of a scan answered.

    Directed use from point to point (item 32) names the one unit whose waste it is.
    """

    line: int
    code: Annotated[str, msgspec.Meta(max_length=20)]
    stage: Stage
    statement: Annotated[str, msgspec.Meta(max_length=2000)]
    evidence: Sha256
    only_from: UUID | None = None


class DecisionWanted(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What the authority decides, why, and for how long."""

    granted: bool
    reason: Text
    valid_from: date | None = None
    valid_to: date | None = None


class ClaimView(msgspec.Struct, frozen=True, kw_only=True):
    """A claim with its condition, evidence and decision."""

    id: UUID
    organisation_id: UUID
    edition: str
    item: int
    line: int
    code: str
    stage: Stage
    condition: str
    statement: str
    evidence_sha256: str
    only_from: UUID | None
    state: State
    valid_from: date | None
    valid_to: date | None
    reason: str
    decided_name: str
    claimed_at: datetime


class ClaimList(msgspec.Struct, frozen=True, kw_only=True):
    """Claims, the newest first."""

    items: list[ClaimView]


class Exemptions(Controller):
    """Exemptions from the hazardous-waste rules, by stage."""

    path = "/api/v1/exemptions"
    tags = ("exemptions",)

    @get("/lines", guards=[signed_in], sync_to_thread=True, operation_id="list_exemption_lines")
    def lines(self, request: Visit, door: NamedDependency[Door], code: FromQuery[str]) -> LineList:
        """List the lines of the list that may concern a waste today, with their conditions."""
        with door.reading(request) as work:
            found = catalogue.exemption_lines_for(work.session, code, work.today)
            return LineList(
                items=[
                    LineView(
                        line=line,
                        item=one.item,
                        edition=one.edition,
                        waste=one.waste,
                        stages=list(one.stages),
                        condition=one.condition,
                        effect=one.effect,
                    )
                    for line, one in found
                ]
            )

    @get("/", guards=[READS], sync_to_thread=True, operation_id="list_exemptions")
    def mine(self, request: Visit, door: NamedDependency[Door]) -> ClaimList:
        """List the claims of the own organisation, or all for who oversees."""
        with door.reading(request) as work:
            return ClaimList(items=[view(row, ClaimView) for row in queries.listed(work.session, work.who)])

    @post(
        "/",
        guards=[OWN, keyed],
        sync_to_thread=True,
        operation_id="claim_exemption",
        responses=told(ClaimView),
    )
    def claim(
        self, request: Visit, door: NamedDependency[Door], data: JSONBody[ClaimWanted]
    ) -> Response[bytes]:
        """Claim an exemption with its evidence; nothing follows from it until it is granted."""
        new = NewClaim(data.line, data.code, data.stage, data.statement, data.evidence, data.only_from)
        return door.once(request, lambda work: view(service.claim(work, new), ClaimView))

    @get("/{claim_id:uuid}", guards=[READS], sync_to_thread=True, operation_id="get_exemption")
    def one(self, request: Visit, door: NamedDependency[Door], claim_id: FromPath[UUID]) -> ClaimView:
        """Show one claim."""
        with door.reading(request) as work:
            return view(queries.claim(work.session, claim_id, work.who), ClaimView)

    @get(
        "/{claim_id:uuid}/evidence",
        guards=[READS],
        sync_to_thread=True,
        operation_id="get_evidence_of_exemption",
    )
    def evidence(
        self, request: Visit, door: NamedDependency[Door], claim_id: FromPath[UUID]
    ) -> Response[bytes]:
        """Give the evidence of a claim as it was uploaded."""
        return evidence_of(door, request, claim_id)

    @post(
        "/{claim_id:uuid}/decision",
        guards=[DECIDES, keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="decide_exemption",
        responses=told(ClaimView, 200),
    )
    def decide(
        self,
        request: Visit,
        door: NamedDependency[Door],
        claim_id: FromPath[UUID],
        data: JSONBody[DecisionWanted],
    ) -> Response[bytes]:
        """Grant or refuse a claim after looking at its evidence."""
        decision = Decision(data.granted, data.reason, data.valid_from, data.valid_to)
        return _moved(request, door, lambda work: service.decide(work, claim_id, decision))

    @post(
        "/{claim_id:uuid}/withdraw",
        guards=[OWN, keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="withdraw_exemption",
        responses=told(ClaimView, 200),
    )
    def withdraw(
        self, request: Visit, door: NamedDependency[Door], claim_id: FromPath[UUID]
    ) -> Response[bytes]:
        """Take back an own claim on which nobody has decided yet."""
        return _moved(request, door, lambda work: service.withdraw(work, claim_id))

    @post(
        "/{claim_id:uuid}/revoke",
        guards=[DECIDES, keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="revoke_exemption",
        responses=told(ClaimView, 200),
    )
    def revoke(
        self, request: Visit, door: NamedDependency[Door], claim_id: FromPath[UUID], data: JSONBody[Said]
    ) -> Response[bytes]:
        """Let a granted exemption no longer count from now on, and say why."""
        return _moved(request, door, lambda work: service.revoke(work, claim_id, data.reason))


def _moved(request: Visit, door: Door, act: Callable[[Work], ExemptionClaim]) -> Response[bytes]:
    return door.once(request, lambda work: view(act(work), ClaimView), status=200)


def evidence_of(door: Door, request: Visit, claim_id: UUID) -> Response[bytes]:
    """Return the evidence of a claim that the person may see, as a file to keep."""
    with door.reading(request) as work:
        row = queries.claim(work.session, claim_id, work.who)
    return file_of(door, row.evidence_sha256, f"exemption-{row.item}")
