"""How is leave to cross a province's border applied for, decided, and drawn down load by load?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from sqlalchemy import select

from compliance.approvals import queries
from compliance.approvals.policies import policy_of, wanted_papers
from compliance.approvals.rules import (
    CLERKS,
    FURTHEST_MONTHS,
    MOVERS,
    Act,
    Kind,
    Leave,
    Load,
    Paper,
    State,
    judge,
    months_after,
    needed,
    next_state,
    valid_to,
)
from compliance.approvals.tables import Approval, ApprovalDraw, ApprovalStep
from compliance.catalogue import service as catalogue
from compliance.catalogue.rules import WasteType
from compliance.record.errors import (
    N_,
    Conflict,
    DomainError,
    Forbidden,
    Invalid,
    NotFound,
    RuleBroken,
    raise_all,
)
from compliance.record.who import SYSTEM
from compliance.record.work import Work
from compliance.registry import gates
from compliance.registry import queries as registry
from compliance.registry.rules import Mode
from compliance.registry.tables import Site
from compliance.rulebook.rules import broken


@dataclass(frozen=True, slots=True)
class Application:
    """What a mover applies for: which waste from which of its sites to which site, how much, and when."""

    origin_site_id: UUID
    destination_site_id: UUID
    code: str
    mode: Mode
    kg: int
    asked_from: date
    asked_to: date
    papers: Mapping[Paper, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Said:
    """What stands on an authority's paper: its numbers, a note; a mass or days where they are others."""

    note: str = ""
    number: str = ""
    other_number: str = ""
    kg: int | None = None
    valid_from: date | None = None
    valid_to: date | None = None


def draft(work: Work, new: Application) -> Approval:
    """Draw an application, filing or report up; which of them it is follows from the waste, use and day."""
    if not queries.may_apply(work.who):
        raise Forbidden(N_("Only the {party} may do this."), values={"party": "mover"})
    origin = _site(work, new.origin_site_id, "origin_site_id")
    destination = _site(work, new.destination_site_id, "destination_site_id")
    if origin.organisation_id != work.who.organisation_id:
        raise NotFound("site", new.origin_site_id)
    waste = catalogue.require(work, new.code, work.today, "code")
    raise_all(_faults(work, new, origin, destination))
    hazardous = waste.kind == gates.HAZARDOUS
    row = Approval(
        id=work.new_id(),
        kind=needed(hazardous, new.mode, work.today).value,
        state=State.DRAFT.value,
        mover_id=origin.organisation_id,
        receiver_id=destination.organisation_id,
        origin=origin.division_code,
        destination=destination.division_code,
        code=waste.code,
        waste_name=waste.category_name,
        category=waste.category,
        hazardous=hazardous,
        mode=new.mode.value,
        kg=new.kg,
        asked_from=new.asked_from,
        asked_to=new.asked_to,
        papers={paper.value: text.strip() for paper, text in new.papers.items() if text.strip()},
        number="",
        other_number="",
        note="",
        created_at=work.now,
        changed_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    work.append(
        "ApprovalDrafted", row.id, form=row.kind, code=row.code, kg=row.kg, receiver=str(row.receiver_id)
    )
    return row


def _site(work: Work, site_id: UUID, name: str) -> Site:
    found = registry.sites(work.session, [site_id]).get(site_id)
    if found is None:
        raise Invalid(N_("This site is not on the register."), field=name)
    return found


def _faults(work: Work, new: Application, origin: Site, destination: Site) -> list[DomainError]:
    faults: list[DomainError] = []
    if origin.division_code[:2] == destination.division_code[:2]:
        faults.append(
            Invalid(
                N_("Both sites lie in one province: nothing has to be applied for."),
                field="destination_site_id",
            )
        )
    if new.kg <= 0:
        faults.append(Invalid(N_("Say how much is to go, in kilograms."), field="kg"))
    if not work.today <= new.asked_to or new.asked_to < new.asked_from:
        faults.append(Invalid(N_("The period ends after it begins, and not in the past."), field="asked_to"))
    if new.asked_from > months_after(work.today, FURTHEST_MONTHS):
        faults.append(
            Invalid(
                N_("The period begins within {months} months."),
                field="asked_from",
                values={"months": FURTHEST_MONTHS},
            )
        )
    longest = policy_of(origin.division_code).longest(new.asked_from)
    if new.asked_to > longest:
        faults.append(broken("X7.period_too_long", work.today, field="asked_to", longest=longest.isoformat()))
    return faults


def attach(work: Work, row: Approval, paper: Paper, where: str) -> None:
    """Note where an attached paper is kept, while the mover still has the application in hand (X2)."""
    _require_mover(work, row)
    if State(row.state) not in {State.DRAFT, State.SENT_BACK}:
        raise Conflict(
            N_("What was submitted is no longer changed."), code="approval_state", values={"state": row.state}
        )
    if not where.strip():
        raise Invalid(N_("Say where this paper is kept."), field=paper.value)
    row.papers = {**row.papers, paper.value: where.strip()}
    row.changed_at = work.now
    work.append("ApprovalPaperAttached", row.id, paper=paper.value, where=where.strip())


def _require_mover(work: Work, row: Approval) -> None:
    if row.mover_id != work.who.organisation_id or not queries.may_apply(work.who):
        raise Forbidden(N_("Only the {party} may do this."), values={"party": "mover"})


def move(work: Work, row: Approval, act: Act, said: Said | None = None) -> Approval:
    """Take the next step: the mover's own, or what an authority has written, entered by who oversees."""
    said = said or Said()
    if act in MOVERS:
        _require_mover(work, row)
    elif work.who != SYSTEM and not work.who.has(*CLERKS):
        raise Forbidden(N_("What an authority has written is entered by an inspector or the operator."))
    target = next_state(Kind(row.kind), State(row.state), act)
    if target is None:
        raise Conflict(
            N_("What is {state} cannot be moved by: {act}."),
            code="approval_state",
            values={"state": row.state, "act": act.value},
        )
    raise_all(_step_faults(work, row, act, said))
    if target is State.IN_FORCE:
        _put_in_force(work, row, said)
    row.state, row.note, row.changed_at = target.value, said.note.strip() or row.note, work.now
    _note_step(work, row, act, said)
    return row


def _step_faults(work: Work, row: Approval, act: Act, said: Said) -> list[DomainError]:
    faults: list[DomainError] = []
    if act is Act.SUBMIT:
        missing = [paper for paper in wanted_papers(Kind(row.kind), row.origin) if not row.papers.get(paper)]
        faults += [
            broken("X2.attachment_missing", work.today, field=paper.value, paper=paper.value)
            for paper in missing
        ]
    if act in {Act.ASK_CORRECTION, Act.REFUSE} and not said.note.strip():
        faults.append(Invalid(N_("Enter what the authority has written."), field="note"))
    if act in {Act.GRANT, Act.ACKNOWLEDGE} and not said.number.strip():
        faults.append(Invalid(N_("Enter the number on the authority's paper."), field="number"))
    if act is Act.ACKNOWLEDGE and row.kind == Kind.REPORT and not said.other_number.strip():
        faults.append(
            Invalid(
                N_("A report goes to both provinces: enter the number of the receiving one too."),
                field="other_number",
            )
        )
    if said.kg is not None and not 0 < said.kg <= row.kg:
        faults.append(Invalid(N_("No more can be granted than was asked for."), field="kg"))
    return faults


def _put_in_force(work: Work, row: Approval, said: Said) -> None:
    start = max(said.valid_from or row.asked_from, row.asked_from)
    end = valid_to(policy_of(row.origin), start, row.asked_to, _licence_end(work, row))
    if said.valid_to is not None:
        end = min(end, said.valid_to)
    if end < start:
        raise broken("X4.not_valid", work.today, field="valid_to", valid_from=start, valid_to=end)
    row.valid_from, row.valid_to = start, end
    row.kg = row.kg if said.kg is None else said.kg
    row.number, row.other_number = said.number.strip(), said.other_number.strip()


def _licence_end(work: Work, row: Approval) -> date | None:
    """Return the last day of the receiver's licence for this waste; None for other waste (X4)."""
    if not row.hazardous:
        return None
    held = registry.licences(work.session, [row.receiver_id], work.today.year).get(row.receiver_id, [])
    ends = [
        one.valid_to
        for one in held
        if one.line_for(row.code, row.category) is not None and Mode(row.mode) in one.modes
    ]
    if not ends:
        raise broken("L1.no_licence", work.today, field="receiver", code=row.code)
    return max(ends)


def _note_step(work: Work, row: Approval, act: Act, said: Said) -> None:
    work.session.add(
        ApprovalStep(
            id=work.new_id(),
            approval_id=row.id,
            ordinal=len(queries.steps(work.session, row.id)) + 1,
            act=act.value,
            state=row.state,
            person_name=work.who.name,
            organisation_id=work.who.organisation_id,
            at=work.now,
            note=said.note.strip(),
        )
    )
    work.session.flush()
    work.append(
        "ApprovalMoved",
        row.id,
        act=act.value,
        state=row.state,
        mover=str(row.mover_id),
        number=row.number,
        valid_to=row.valid_to.isoformat() if row.valid_to else "",
        note=said.note.strip(),
    )


def deem_taken_up(work: Work, approval_id: UUID) -> bool:
    """Take an application up because nobody asked for a correction within five working days (X3)."""
    row = work.session.get(Approval, approval_id, with_for_update=True)
    if row is None or next_state(Kind(row.kind), State(row.state), Act.TAKE_UP) is None:
        return False
    move(work, row, Act.TAKE_UP, Said(note="X3"))
    return True


def load_of(
    origin: str, destination: str, mover_id: UUID, receiver_id: UUID, waste: WasteType, mode: Mode, kg: int
) -> Load:
    """Return what is to move between two divisions as the rules see it."""
    return Load(
        mover_id=mover_id,
        receiver_id=receiver_id,
        code=waste.code,
        hazardous=waste.kind == gates.HAZARDOUS,
        mode=mode,
        kg=kg,
        origin=origin[:2],
        destination=destination[:2],
    )


def faults(work: Work, load: Load, booking_id: UUID | None = None) -> list[RuleBroken]:
    """Return why a load may not leave its province, empty where it may, or does not leave it.

    A load that has drawn on a leave (`booking_id`) is asked only whether that one still holds.
    """
    return against_crossing(leaves(work, load, booking_id), load, work.today)


def leaves(work: Work, load: Load, booking_id: UUID | None = None) -> list[Leave]:
    """Read the leaves under which a load may leave its province; none for one that stays in it."""
    if not load.crosses:
        return []
    mover_id = load.mover_id
    assert isinstance(mover_id, UUID)
    found = queries.in_force(work.session, mover_id, load.origin)
    held = queries.draw_of(work.session, booking_id) if booking_id is not None else None
    if held is not None:
        found = [_with_own(one, held) for one in found if one.id == held.approval_id]
    return found


def against_crossing(leaves: list[Leave], load: Load, on: date) -> list[RuleBroken]:
    """Return what the rules say against a load's leaving its province, by its leaves."""
    if not load.crosses:
        return []
    return [
        broken(one.rule, on, field=one.field, **dict(one.facts)) for one in judge(leaves, load, on).faults
    ]


def _with_own(leave: Leave, held: ApprovalDraw) -> Leave:
    """Return a leave as one load sees it: what it has drawn itself is there for it."""
    return Leave(
        leave.id,
        leave.kind,
        leave.receiver_id,
        leave.code,
        leave.mode,
        leave.destination,
        leave.valid_from,
        leave.valid_to,
        leave.left_kg + held.kg,
    )


def draw(work: Work, load: Load, booking_id: UUID, *, by_leave: bool = False) -> ApprovalDraw | None:
    """Draw a load's mass from the approval that covers it; None where it crosses no border (X4).

    `by_leave`: an exception lets the load go though none covers it; it is drawn all the same from the one
    whose terms it keeps, beyond its mass or days, and from none where no approval has these terms.

    The leave stays locked until the transaction ends: two loads cannot both take its last tonne.
    """
    if not load.crosses:
        return None
    held = queries.draw_of(work.session, booking_id)
    if held is not None:
        return held
    mover_id = load.mover_id
    assert isinstance(mover_id, UUID)
    known = [one.id for one in queries.in_force(work.session, mover_id, load.origin)]
    work.session.execute(
        select(Approval.id).where(Approval.id.in_(known)).order_by(Approval.id).with_for_update()
    )
    held_now = queries.in_force(work.session, mover_id, load.origin)
    verdict = judge(held_now, load, work.today)
    if not by_leave:
        raise_all(against_crossing(held_now, load, work.today))
    leave = verdict.leave or verdict.nearest
    if leave is None:
        return None
    row = ApprovalDraw(id=work.new_id(), approval_id=leave.id, booking_id=booking_id, kg=load.kg, at=work.now)
    work.session.add(row)
    work.session.flush()
    work.append("ApprovalDrawn", row.approval_id, booking=str(booking_id), kg=load.kg)
    return row


def confirm(work: Work, booking_id: UUID, kg: int) -> None:
    """Replace what a load drew by the mass that was confirmed; zero gives it back."""
    held = queries.draw_of(work.session, booking_id)
    if held is not None and held.kg != kg:
        held.kg = kg
        work.append("ApprovalDrawn", held.approval_id, booking=str(booking_id), kg=kg)
