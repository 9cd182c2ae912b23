"""Exceptions and corrections over HTTP: what is asked, who answers, what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from sqlalchemy.orm import Session

from compliance.manifests import corrections, exceptions, queries
from compliance.manifests.evidence import Missing
from compliance.manifests.exceptions import Asked
from compliance.manifests.rules import Act
from compliance.manifests.seals import Field, RevisionState
from compliance.manifests.situations import Situation, State
from compliance.manifests.tables import ManifestException, ManifestRevision
from compliance.record.who import Role
from compliance.record.work import Work
from marketplace import loads
from marketplace.edge.api.documents import Kilograms, Reason, Sha256, told, view
from marketplace.edge.door import Door
from marketplace.edge.guards import requires, signed_in
from marketplace.edge.identity import Visit
from marketplace.edge.once import keyed

PARTIES = requires(Role.PRODUCER, Role.PROCESSOR, Role.DRIVER, Role.DISPATCHER)
Words = Annotated[Reason, msgspec.Meta(min_length=1)]


class NewException(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """For which act leave is asked, what happened and what shows it.

    Without a `file` (photo or scan), `missing` says why; the file is then handed in afterwards.
    """

    situation: Situation
    act: Act
    reason: Reason
    evidence: Reason = ""
    kg: Kilograms | None = None
    file: Sha256 | None = None
    missing: Missing | None = None
    carrier: Annotated[str, msgspec.Meta(max_length=40, description="credit code of who has come")] = ""
    plate: Annotated[str, msgspec.Meta(max_length=20)] = ""


class HandedIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The photo or scan that was outstanding."""

    file: Sha256


class Decision(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Whether leave is given, and why."""

    grant: bool
    reason: Words


class ExceptionView(msgspec.Struct, frozen=True, kw_only=True):
    """Leave for one act: who asked for it, who decided, whether it was used."""

    id: UUID
    manifest_id: UUID
    situation: Situation
    act: Act
    state: State
    reason: str
    evidence: str
    kg: int | None
    file: str | None
    missing: str
    evidence_due_at: datetime | None
    handed_in_at: datetime | None
    handed_in_by: str
    carrier_id: UUID | None
    plate: str
    asked_by: str
    organisation_id: UUID | None
    asked_at: datetime
    decided_by: str
    decided_at: datetime | None
    decision: str
    used_at: datetime | None


class NewCorrection(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is to stand in which sealed fields, and why."""

    changes: dict[Field, str | Kilograms]
    reason: Words


class CorrectionReply(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Whether an affected party approves; a rejection says why."""

    approve: bool
    reason: Reason = ""


class ReplyView(msgspec.Struct, frozen=True, kw_only=True):
    """What one affected party said."""

    organisation_id: UUID
    person_name: str
    approves: bool
    reason: str
    at: datetime


class CorrectionView(msgspec.Struct, frozen=True, kw_only=True):
    """One revision: by field what stood there and what is to stand there, and who has answered."""

    id: UUID
    ordinal: int
    state: RevisionState
    reason: str
    changes: dict[str, list[str | int | None]]
    asked_of: list[UUID]
    proposed_by: str
    organisation_id: UUID | None
    proposed_at: datetime
    ended_at: datetime | None
    hash_before: str
    hash_after: str | None
    answers: list[ReplyView]


def correction_view(session: Session, row: ManifestRevision) -> CorrectionView:
    """Return a revision with its answers."""
    given = [view(one, ReplyView) for one in corrections.answers(session, row.id)]
    names = [one for one in CorrectionView.__struct_fields__ if one != "answers"]
    return msgspec.convert({name: getattr(row, name) for name in names} | {"answers": given}, CorrectionView)


class Exceptions(Controller):
    """Leave to go on where a load would stop."""

    path = "/api/v1/manifests/{manifest_id:uuid}/exceptions"
    tags = ("manifests",)
    guards = (signed_in,)

    @get("/", sync_to_thread=True, operation_id="list_exceptions")
    def exceptions(
        self, request: Visit, door: NamedDependency[Door], manifest_id: FromPath[UUID]
    ) -> list[ExceptionView]:
        """List the exceptions of a manifest, oldest first."""
        with door.reading(request) as work:
            row = queries.manifest(work.session, manifest_id, work.who)
            return [view(one, ExceptionView) for one in exceptions.listed(work.session, row.id)]

    @post(
        "/",
        guards=[keyed],
        sync_to_thread=True,
        operation_id="ask_exception",
        responses=told(ExceptionView),
    )
    def ask(
        self,
        request: Visit,
        door: NamedDependency[Door],
        manifest_id: FromPath[UUID],
        data: JSONBody[NewException],
    ) -> Response[bytes]:
        """Ask leave for one act, with a reason and what shows it."""

        def act(work: Work) -> ExceptionView:
            row = queries.manifest(work.session, manifest_id, work.who)
            asked = Asked(
                *(data.situation, data.act, data.reason, data.evidence),
                kg=data.kg,
                file=data.file,
                missing=data.missing,
                hand_in_within=door.settings.hand_in_within,
                plate=data.plate,
            )
            found = loads.ask(work, row, asked, data.carrier)
            return view(found, ExceptionView)

        return door.once(request, act)

    @post(
        "/{exception_id:uuid}/evidence",
        guards=[keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="hand_in_evidence",
        responses=told(ExceptionView, 200),
    )
    def hand_in(
        self,
        request: Visit,
        door: NamedDependency[Door],
        manifest_id: FromPath[UUID],
        exception_id: FromPath[UUID],
        data: JSONBody[HandedIn],
    ) -> Response[bytes]:
        """Hand in the photo or scan that was outstanding, uploaded before."""

        def act(work: Work) -> ExceptionView:
            row = queries.manifest(work.session, manifest_id, work.who)
            return view(loads.hand_in(work, row, exception_id, data.file), ExceptionView)

        return door.once(request, act, status=200)

    @post(
        "/{exception_id:uuid}/decision",
        guards=[keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="decide_exception",
        responses=told(ExceptionView, 200),
    )
    def decide(
        self,
        request: Visit,
        door: NamedDependency[Door],
        manifest_id: FromPath[UUID],
        exception_id: FromPath[UUID],
        data: JSONBody[Decision],
    ) -> Response[bytes]:
        """Give or deny leave; nobody decides upon the own request."""

        def act(work: Work) -> ExceptionView:
            row = queries.manifest(work.session, manifest_id, work.who)
            found: ManifestException = exceptions.one(work.session, row.id, exception_id)
            exceptions.decide(work, row, found, data.grant, data.reason)
            return view(found, ExceptionView)

        return door.once(request, act, status=200)


class Corrections(Controller):
    """What was signed, corrected by those it affects."""

    path = "/api/v1/manifests/{manifest_id:uuid}/corrections"
    tags = ("manifests",)
    guards = (signed_in,)

    @get("/", sync_to_thread=True, operation_id="list_corrections")
    def corrections(
        self, request: Visit, door: NamedDependency[Door], manifest_id: FromPath[UUID]
    ) -> list[CorrectionView]:
        """List every revision of a manifest, oldest first."""
        with door.reading(request) as work:
            row = queries.manifest(work.session, manifest_id, work.who)
            return [correction_view(work.session, one) for one in corrections.listed(work.session, row.id)]

    @post(
        "/",
        guards=[PARTIES, keyed],
        sync_to_thread=True,
        operation_id="propose_correction",
        responses=told(CorrectionView),
    )
    def propose(
        self,
        request: Visit,
        door: NamedDependency[Door],
        manifest_id: FromPath[UUID],
        data: JSONBody[NewCorrection],
    ) -> Response[bytes]:
        """Propose a correction of sealed fields; only the parties it affects approve it."""

        def act(work: Work) -> CorrectionView:
            row = queries.manifest(work.session, manifest_id, work.who)
            found = corrections.propose(work, row, data.changes, data.reason)
            return correction_view(work.session, found)

        return door.once(request, act)

    @post(
        "/{revision_id:uuid}/answer",
        guards=[PARTIES, keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="answer_correction",
        responses=told(CorrectionView, 200),
    )
    def reply(
        self,
        request: Visit,
        door: NamedDependency[Door],
        manifest_id: FromPath[UUID],
        revision_id: FromPath[UUID],
        data: JSONBody[CorrectionReply],
    ) -> Response[bytes]:
        """Approve or reject a correction; the last approval puts it in force."""

        def act(work: Work) -> CorrectionView:
            row = queries.manifest(work.session, manifest_id, work.who)
            found = corrections.one(work.session, row.id, revision_id)
            corrections.answer(work, row, found, data.approve, data.reason)
            work.session.flush()
            return correction_view(work.session, found)

        return door.once(request, act, status=200)

    @post(
        "/{revision_id:uuid}/withdraw",
        guards=[PARTIES, keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="withdraw_correction",
        responses=told(CorrectionView, 200),
    )
    def withdraw(
        self,
        request: Visit,
        door: NamedDependency[Door],
        manifest_id: FromPath[UUID],
        revision_id: FromPath[UUID],
    ) -> Response[bytes]:
        """Take back a correction that the own house has proposed."""

        def act(work: Work) -> CorrectionView:
            row = queries.manifest(work.session, manifest_id, work.who)
            found = corrections.one(work.session, row.id, revision_id)
            corrections.withdraw(work, row, found)
            return correction_view(work.session, found)

        return door.once(request, act, status=200)
