"""Which leaves across provinces are there, who may see them, and what is left of them?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from compliance.approvals.rules import CLOCKS, Kind, Leave, State
from compliance.approvals.tables import Approval, ApprovalDraw, ApprovalStep
from compliance.deadlines.rules import OPEN
from compliance.deadlines.tables import Deadline
from compliance.record.errors import NotFound
from compliance.record.who import Role, Who
from compliance.registry.rules import Mode


def visible_to(who: Who) -> Select[Approval]:
    """Return the statement for what a person may see: as mover, as receiver once submitted, or all."""
    statement = select(Approval)
    if who.oversees:
        return statement
    own = who.organisation_id
    received = (Approval.receiver_id == own) & (Approval.state != State.DRAFT.value)
    return statement.where(or_(Approval.mover_id == own, received))


def approval(session: Session, approval_id: UUID, who: Who, *, locked: bool = False) -> Approval:
    """Return one that the person may see, or raise `NotFound`."""
    statement = visible_to(who).where(Approval.id == approval_id)
    if locked:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found = session.scalar(statement)
    if found is None:
        raise NotFound("approval", approval_id)
    return found


def listed(session: Session, who: Who, most: int = 200) -> Sequence[Approval]:
    """Return what a person may see, the newest first."""
    rows = visible_to(who).order_by(Approval.created_at.desc(), Approval.id).limit(most)
    return session.scalars(rows).all()


def steps(session: Session, approval_id: UUID) -> Sequence[ApprovalStep]:
    """Return the steps of a procedure in order."""
    rows = select(ApprovalStep).where(ApprovalStep.approval_id == approval_id)
    return session.scalars(rows.order_by(ApprovalStep.ordinal)).all()


def drawn(session: Session, approval_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Return what has been drawn from each, in kilograms."""
    rows = session.execute(
        select(ApprovalDraw.approval_id, func.sum(ApprovalDraw.kg))
        .where(ApprovalDraw.approval_id.in_(set(approval_ids)))
        .group_by(ApprovalDraw.approval_id)
    ).all()
    return {key: int(total) for key, total in rows}


def awaited(session: Session, rows: Iterable[Approval]) -> dict[UUID, Deadline]:
    """Return by application which clock of the authorities runs in the state it is in (X3).

    The clock is the authority's own; whoever may see the application may know by when it is to speak.
    """
    runs = {row.id: CLOCKS[State(row.state)].value for row in rows if State(row.state) in CLOCKS}
    open_ones = Deadline.state.in_([state.value for state in OPEN])
    found = session.scalars(select(Deadline).where(Deadline.subject_id.in_(runs), open_ones))
    return {one.subject_id: one for one in found if one.kind == runs[one.subject_id]}


def draws(session: Session, approval_id: UUID) -> Sequence[ApprovalDraw]:
    """Return the loads that drew on one, oldest first."""
    rows = select(ApprovalDraw).where(ApprovalDraw.approval_id == approval_id)
    return session.scalars(rows.order_by(ApprovalDraw.at, ApprovalDraw.id)).all()


def draw_of(session: Session, booking_id: UUID) -> ApprovalDraw | None:
    """Return what a load has drawn, if it has."""
    return session.scalar(select(ApprovalDraw).where(ApprovalDraw.booking_id == booking_id))


def in_force(session: Session, mover_id: UUID, origin: str) -> list[Leave]:
    """Return a mover's leaves out of a province, with what is left of each."""
    rows = session.scalars(
        select(Approval).where(
            Approval.mover_id == mover_id,
            Approval.state == State.IN_FORCE.value,
            Approval.origin.startswith(origin[:2]),
        )
    ).all()
    taken = drawn(session, [row.id for row in rows])
    return [leave_of(row, taken.get(row.id, 0)) for row in rows]


def leave_of(row: Approval, drawn_kg: int) -> Leave:
    """Return the rules' view of a stored leave in force."""
    assert row.valid_from is not None
    assert row.valid_to is not None
    return Leave(
        id=row.id,
        kind=Kind(row.kind),
        receiver_id=row.receiver_id,
        code=row.code,
        mode=Mode(row.mode),
        destination=row.destination[:2],
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        left_kg=max(0, row.kg - drawn_kg),
    )


def may_apply(who: Who) -> bool:
    """Tell whether a person may apply for the own house."""
    return who.has(Role.PRODUCER) and who.organisation_id is not None
