"""How are visits drawn and carried out, what is ordered, and what becomes of the party?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from compliance.anchors import queries as anchors
from compliance.anchors.tables import Anchor
from compliance.qualification import queries as scans
from compliance.qualification.scans import PHOTOS
from compliance.record.errors import N_, Conflict, DomainError, Forbidden, Invalid, NotFound, raise_all
from compliance.record.work import Work
from compliance.registry import queries as registry
from compliance.registry import standing
from compliance.registry.rules import OrganisationKind
from compliance.registry.standing import Order
from compliance.visits import again, queries
from compliance.visits.rules import (
    DIVISION,
    Act,
    Answer,
    Point,
    Purpose,
    State,
    act_of,
    assigned,
    drawn,
    grave_findings,
    next_state,
    period_of,
    points_for,
    pool_hash,
)
from compliance.visits.tables import SiteVisit, VisitDraw, VisitRound

MOST_DRAWN = 200
MOST_PHOTOS = 20


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whom to draw: how many of those approved for a business in a division.

    `reason` says why the same parties are drawn from once more within a period.
    """

    purpose: Purpose
    kind: OrganisationKind
    count: int
    division: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found: an answer for each point, a note, photos by hash; with an order, by when and what."""

    answers: Mapping[str, Answer]
    note: str = ""
    photos: tuple[str, ...] = ()
    due_on: date | None = None
    order: str = ""


def draw(work: Work, wanted: Wanted) -> tuple[VisitDraw, list[SiteVisit]]:
    """Draw parties and inspectors by a seed that nobody chooses, and put all of it on the record.

    The seed comes from the last published anchor and what is drawn from (`again.seed_of`).
    """
    _require_overseer(work)
    _require_sound(wanted)
    anchor = _anchor(work)
    number, period = queries.last_number(work.session) + 1, period_of(work.today)
    reason = _why_again(work, wanted, period)
    pool = queries.pool(work.session, wanted.kind, wanted.division)
    if not pool:
        raise Invalid(N_("Nobody can be drawn: none is approved, or all are being visited."), field="kind")
    row = VisitDraw(
        id=work.new_id(),
        number=number,
        anchor_day=anchor.day,
        reason=reason,
        pool=[str(one) for one in pool],
        inspectors=[str(one) for one in queries.inspectors(work.session)],
        pool_hash=pool_hash(pool),
        count=wanted.count,
        drawn_by=work.who.person_id,
        at=work.now,
        **_seeded(work, wanted, period, anchor.digest),
    )
    work.session.add(row)
    work.session.flush()
    return row, _drawn(work, row)


def _seeded(work: Work, wanted: Wanted, period: str, digest: str) -> dict[str, Any]:
    """Return the population of a draw, which draw of exactly it this is, and the seed out of both."""
    purpose, kind, division = wanted.purpose.value, wanted.kind.value, wanted.division
    told: dict[str, Any] = {"purpose": purpose, "kind": kind, "division": division, "period": period}
    told |= {"form": again.FORM, "anchor_digest": digest, "earlier": queries.earlier(work.session, told)}
    return told | {"seed": again.seed_of(told)}


def _anchor(work: Work) -> Anchor:
    """Return the last anchor, which must have been published: nobody draws by one that only she knows."""
    anchor = anchors.newest(work.session)
    way_out = N_("Workers publish one a day; huanlian anchors publish does so at once.")
    if anchor is None:
        raise Conflict(
            N_("No anchor is published yet: the seed of a draw comes from one."),
            code="no_anchor",
            way_out=way_out,
        )
    if not anchors.is_published(work.session, anchor):
        raise Conflict(
            N_("The last anchor is not published yet: the seed of a draw comes from it."),
            code="anchor_unpublished",
            way_out=way_out,
        )
    return anchor


def _require_sound(wanted: Wanted) -> None:
    if not 1 <= wanted.count <= MOST_DRAWN:
        message = N_("Draw 1 to {most}.")
        raise Invalid(message, field="count", values={"most": MOST_DRAWN})
    if not re.fullmatch(DIVISION, wanted.division):
        raise Invalid(
            N_("This is no division."),
            field="division",
            way_out=N_("Write its first two, four or six digits, such as 42 or 4201, or nothing."),
        )


def _why_again(work: Work, wanted: Wanted, period: str) -> str:
    """Return why parties are drawn from once more in a period; nothing where they were not yet."""
    before = queries.drawn_before(work.session, period, wanted.kind, wanted.division)
    if before is None:
        return ""
    reason = wanted.reason.strip()
    if len(reason) < standing.LEAST_REASON:
        raise Invalid(
            N_("Draw {number} of {period} was from the same parties: say why there is another."),
            field="reason",
            values={"number": before.number, "period": period},
        )
    return reason


def _drawn(work: Work, row: VisitDraw) -> list[SiteVisit]:
    chosen = drawn(row.seed, map(UUID, row.pool), row.count)
    work.append(
        "VisitsDrawn",
        row.id,
        number=row.number,
        form=row.form,
        period=row.period,
        reason=row.reason,
        purpose=row.purpose,
        trade=row.kind,
        division=row.division,
        earlier=row.earlier,
        anchor_day=row.anchor_day.isoformat() if row.anchor_day else "",
        anchor_digest=row.anchor_digest,
        seed=row.seed,
        pool_hash=row.pool_hash,
        pool=len(row.pool),
        inspectors=list(row.inspectors),
        drawn=[str(one) for one in chosen],
    )
    return _planned(work, row, chosen)


def _planned(work: Work, row: VisitDraw, chosen: list[UUID]) -> list[SiteVisit]:
    going = assigned(row.seed, chosen, [UUID(one) for one in row.inspectors])
    parties = registry.organisations(work.session, chosen)
    made = []
    for one in chosen:
        visit = SiteVisit(
            id=work.new_id(),
            draw_id=row.id,
            organisation_id=one,
            purpose=row.purpose,
            kinds=list(parties[one].kinds),
            inspector_id=going.get(one),
            state=State.DRAWN.value,
            due_on=None,
            created_at=work.now,
            changed_at=work.now,
        )
        work.session.add(visit)
        made.append(visit)
    work.session.flush()
    return made


def points_of(row: SiteVisit) -> tuple[Point, ...]:
    """Return what is looked at on a visit."""
    return points_for(Purpose(row.purpose), row.kinds)


def record(work: Work, visit_id: UUID, findings: Findings) -> SiteVisit:
    """Write down what was found; what is not in order becomes an order, what is grave suspends at once."""
    row = _going(work, visit_id)
    act = act_of(findings.answers)
    faults = _faults(work, row, findings)
    if act is Act.ORDER:
        faults += _order_faults(work, findings)
    raise_all(faults)
    _move(work, row, act)
    _went(work, row, findings)
    if act is Act.PASS:
        work.append("VisitPassed", row.organisation_id, visit=str(row.id))
        return row
    row.due_on, row.order_text = findings.due_on, findings.order.strip()
    bad = [key for key, answer in findings.answers.items() if answer is Answer.BAD]
    assert row.due_on is not None
    work.append(
        "VisitFound", row.organisation_id, visit=str(row.id), findings=bad, due_on=row.due_on.isoformat()
    )
    grave = grave_findings(points_of(row), findings.answers)
    if grave:
        _suspend(work, row, row.order_text)
    return row


def look_again(work: Work, visit_id: UUID, findings: Findings) -> SiteVisit:
    """Look whether an order was followed: if so its suspension ends, if not the party is suspended."""
    row = _going(work, visit_id)
    raise_all(_faults(work, row, findings))
    failed = Answer.BAD in findings.answers.values()
    if failed and len(findings.note.strip()) < standing.LEAST_REASON:
        raise Invalid(N_("Say what was not put right: the organisation reads it."), field="note")
    _move(work, row, Act.FAIL if failed else Act.PASS_AGAIN)
    _went(work, row, findings)
    if failed:
        work.append("VisitFailed", row.organisation_id, visit=str(row.id), reason=findings.note.strip())
        _suspend(work, row, findings.note.strip())
    else:
        work.append("VisitRechecked", row.organisation_id, visit=str(row.id))
        _lift(work, row)
    return row


def call_off(work: Work, visit_id: UUID, reason: str) -> SiteVisit:
    """Call a drawn visit off; that, too, is on the record with its reason."""
    row = _going(work, visit_id)
    if len(reason.strip()) < standing.LEAST_REASON:
        raise Invalid(N_("Say why: a draw is not to be chosen from."), field="reason")
    _move(work, row, Act.CALL_OFF)
    row.order_text = reason.strip()
    work.append("VisitCalledOff", row.organisation_id, visit=str(row.id), reason=reason.strip())
    return row


def _going(work: Work, visit_id: UUID) -> SiteVisit:
    _require_overseer(work)
    row = queries.visit(work.session, visit_id, work.who, locked=True)
    if row.organisation_id == work.who.organisation_id:
        raise Forbidden(N_("Nobody visits the own organisation."))
    return row


def _require_overseer(work: Work) -> None:
    if not work.who.oversees:
        raise Forbidden(N_("Only who oversees the market may do this."))


def _faults(work: Work, row: SiteVisit, findings: Findings) -> list[DomainError]:
    wanted, given = {point.key for point in points_of(row)}, set(findings.answers)
    faults: list[DomainError] = []
    if wanted - given:
        message = N_("{count} points of the list have no answer yet.")
        faults.append(Invalid(message, field="answers", values={"count": len(wanted - given)}))
    if given - wanted:
        faults.append(Invalid(N_("There is an answer to a point that is not on the list."), field="answers"))
    if len(findings.photos) > MOST_PHOTOS:
        message = N_("At most {most} photos are kept with one visit.")
        faults.append(Invalid(message, field="photos", values={"most": MOST_PHOTOS}))
    faults += [
        Invalid(N_("Upload the photo first; JPEG or PNG."), field="photos")
        for sha256 in findings.photos
        if not _is_photo(work, sha256)
    ]
    return faults


def _is_photo(work: Work, sha256: str) -> bool:
    if work.who.organisation_id is None:
        return False
    try:
        return scans.scan(work.session, work.who.organisation_id, sha256).media_type in PHOTOS
    except NotFound:
        return False


def _order_faults(work: Work, findings: Findings) -> list[DomainError]:
    faults: list[DomainError] = []
    if len(findings.order.strip()) < standing.LEAST_REASON:
        faults.append(Invalid(N_("Say what is to be put right."), field="order"))
    if findings.due_on is None or findings.due_on <= work.today:
        faults.append(Invalid(N_("Say by which day it is to be put right."), field="due_on"))
    return faults


def _move(work: Work, row: SiteVisit, act: Act) -> None:
    target = next_state(State(row.state), act)
    if target is None:
        raise Conflict(
            N_("A visit that is {state} cannot be moved by: {act}."),
            code="visit_state",
            values={"state": row.state, "act": act.value},
        )
    row.state, row.changed_at = target.value, work.now


def _went(work: Work, row: SiteVisit, findings: Findings) -> None:
    work.session.add(
        VisitRound(
            id=work.new_id(),
            visit_id=row.id,
            answers={key: answer.value for key, answer in findings.answers.items()},
            note=findings.note.strip()[:1000],
            photos=list(dict.fromkeys(findings.photos)),
            person_id=work.who.person_id,
            person_name=work.who.name,
            organisation_id=work.who.organisation_id,
            at=work.now,
        )
    )


def _suspend(work: Work, row: SiteVisit, reason: str) -> None:
    """Suspend the party for what this visit found, whatever else it is suspended for (A1)."""
    if standing.running(work, row.organisation_id, row.id) is None:
        standing.suspend(work, row.organisation_id, Order(reason[:400], work.today, cause_id=row.id))


def _lift(work: Work, row: SiteVisit) -> None:
    """End the suspension that this visit's findings brought, and no other."""
    if standing.running(work, row.organisation_id, row.id) is not None:
        words = N_("Put right, as a second visit found.")
        standing.lift(work, row.organisation_id, words, row.id)
