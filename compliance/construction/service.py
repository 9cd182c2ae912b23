"""How is a treatment plan submitted and filed, and how does each load draw on it?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import select

from compliance.catalogue import service as catalogue
from compliance.construction import queries
from compliance.construction.rules import (
    NEXT,
    Act,
    Spoil,
    State,
    against_issue,
    is_construction,
    place_faults,
    plan_for,
    plan_of,
)
from compliance.construction.tables import ClosedVehicle, DisposalSite, SpoilDraw, TreatmentPlan
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
from compliance.record.who import Role
from compliance.record.work import Work
from compliance.registry import queries as registry
from compliance.rulebook.rules import broken

MOST_KG = 10**11
LEAST_REASON = 4


@dataclass(frozen=True, slots=True)
class NewPlan:
    """What a builder plans for a project: which waste, how much leaves, what is used on the spot, whither."""

    site_id: UUID
    project: str
    codes: Sequence[str]
    kg: int
    valid_from: date
    valid_to: date
    reused_kg: int = 0
    sites: Sequence[UUID] = ()
    permit_number: str = ""


def submit(work: Work, new: NewPlan, plan_id: UUID | None = None) -> TreatmentPlan:
    """Submit a plan of the own building site, or one anew that was sent back; raises every fault at once."""
    if not work.who.has(Role.PRODUCER) or work.who.organisation_id is None:
        raise Forbidden(N_("Your role does not allow this."), code="role")
    site = registry.sites(work.session, [new.site_id]).get(new.site_id)
    if site is None or site.organisation_id != work.who.organisation_id:
        raise NotFound("site", new.site_id)
    raise_all(_faults(work, new))
    if plan_id is None:
        row = TreatmentPlan(
            id=work.new_id(), organisation_id=site.organisation_id, state="", created_at=work.now
        )
        row.state = State.SUBMITTED.value
        work.session.add(row)
    else:
        row = queries.plan(work.session, plan_id, work.who, locked=True)
        _move(row, Act.SUBMIT)
    row.site_id, row.project, row.codes = site.id, new.project.strip(), list(dict.fromkeys(new.codes))
    row.kg, row.reused_kg, row.permit_number = new.kg, new.reused_kg, new.permit_number.strip()
    row.sites = [str(one) for one in new.sites]
    row.valid_from, row.valid_to, row.changed_at = new.valid_from, new.valid_to, work.now
    work.session.flush()
    work.append("TreatmentPlanSubmitted", row.id, project=row.project, codes=row.codes, kg=row.kg)
    return row


def _faults(work: Work, new: NewPlan) -> list[DomainError]:
    found: list[DomainError] = []
    if not 2 <= len(new.project.strip()) <= 120:
        found.append(Invalid(N_("Write 2 to {most} characters."), field="project", values={"most": 120}))
    if not 0 < new.kg <= MOST_KG or not 0 <= new.reused_kg <= MOST_KG:
        found.append(Invalid(N_("The quantity in all must be above 0."), field="kg"))
    if new.valid_to < max(new.valid_from, work.today):
        found.append(Invalid(N_("The last day lies before the first."), field="valid_to"))
    if not new.codes:
        found.append(Invalid(N_("A plan names at least one waste."), field="codes"))
    for code in new.codes:
        try:
            waste = catalogue.require(work, code, work.today, "codes")
        except RuleBroken as unknown:
            found.append(unknown)
            continue
        if not is_construction(waste.code):
            message = N_("{code} is no construction waste.")
            found.append(Invalid(message, field="codes", values={"code": waste.code}))
    known = registry.sites(work.session, new.sites)
    if set(new.sites) - set(known):
        found.append(Invalid(N_("This site is not on the register."), field="sites"))
    return found


def decide(work: Work, row: TreatmentPlan, act: Act, number: str = "", reason: str = "") -> TreatmentPlan:
    """Enter what the authority has decided on a plan, or end the own one."""
    own = work.who.organisation_id == row.organisation_id and work.who.has(Role.PRODUCER)
    if act is Act.SUBMIT or (not work.who.oversees and not (act is Act.END and own)):
        raise Forbidden(N_("Your role does not allow this."), code="role")
    if act is Act.FILE and len(number.strip()) < 2:
        raise Invalid(N_("The filing number is missing."), field="number")
    if act is Act.SEND_BACK and len(reason.strip()) < LEAST_REASON:
        raise Invalid(N_("Say why: the organisation reads it."), field="reason")
    _move(row, act)
    row.number = number.strip()[:40] if act is Act.FILE else row.number
    row.reason, row.decided_by, row.changed_at = reason.strip()[:400], work.who.name, work.now
    told = {"state": row.state, "number": row.number, "reason": row.reason}
    work.append("TreatmentPlanDecided", row.id, **told)
    return row


def _move(row: TreatmentPlan, act: Act) -> None:
    after = NEXT.get((State(row.state), act))
    if after is None:
        raise Conflict(
            N_("A plan that is {state} cannot be moved by: {act}."),
            code="plan_state",
            values={"state": row.state, "act": act.value},
        )
    row.state = after.value


def permit_site(work: Work, site_id: UUID, capacity_kg: int, number: str, valid_to: date) -> DisposalSite:
    """Note what a site may take of construction waste, and by which permit."""
    if not work.who.oversees:
        raise Forbidden(N_("Your role does not allow this."), code="role")
    raise_all(_permit_faults(work, number, valid_to))
    if not 0 < capacity_kg <= MOST_KG:
        raise Invalid(N_("The quantity in all must be above 0."), field="capacity_kg")
    site = registry.site(work.session, site_id)
    row = work.session.get(DisposalSite, site.id)
    if row is None:
        row = DisposalSite(site_id=site.id)
        work.session.add(row)
    row.capacity_kg, row.number, row.valid_to = capacity_kg, number.strip(), valid_to
    row.set_at, row.set_by = work.now, work.who.person_id
    said = {"capacity_kg": capacity_kg, "number": row.number, "valid_to": valid_to.isoformat()}
    work.append("DisposalSitePermitted", site.id, **said)
    return row


def permit_vehicle(work: Work, vehicle: tuple[UUID, UUID, str], number: str, valid_to: date) -> ClosedVehicle:
    """State that an own vehicle (id, carrier, plate) closes, by which permit; road checks hold it to that."""
    vehicle_id, carrier_id, plate = vehicle
    own = work.who.has(Role.DISPATCHER) and work.who.organisation_id == carrier_id
    if not own and not work.who.oversees:
        raise Forbidden(N_("Your role does not allow this."), code="role")
    raise_all(_permit_faults(work, number, valid_to))
    row = work.session.get(ClosedVehicle, vehicle_id)
    if row is None:
        row = ClosedVehicle(vehicle_id=vehicle_id, carrier_id=carrier_id)
        work.session.add(row)
    row.plate, row.number, row.valid_to, row.set_at = plate, number.strip(), valid_to, work.now
    work.append("ClosedVehicleStated", vehicle_id, plate=plate, number=row.number)
    return row


def _permit_faults(work: Work, number: str, valid_to: date) -> list[DomainError]:
    found: list[DomainError] = []
    if not 2 <= len(number.strip()) <= 40:
        found.append(Invalid(N_("Copy the number from the document: 2 to 40 characters."), field="number"))
    if valid_to < work.today:
        found.append(Invalid(N_("This document has ended: show the renewed one."), field="valid_to"))
    return found


def draw(
    work: Work, spoil: Spoil, manifest_id: UUID, origin: UUID, kg: int, *, by_leave: bool = False
) -> SpoilDraw | None:
    """Draw a load from its plan and site; the plans stay locked, so that two loads cannot take the last.

    `by_leave`: an exception lets the load go; it is drawn beyond what is left of its plan, and from none
    where none covers it.
    """
    held = work.session.get(SpoilDraw, manifest_id)
    if held is not None:
        return held
    known = queries.filed(work.session, origin, locked=True)
    fresh = Spoil(spoil.code, spoil.plate, spoil.destination, spoil.to_disposal, tuple(known.values()))
    chosen = plan_for(fresh, kg, work.today) or (plan_of(fresh, work.today) if by_leave else None)
    if chosen is None and by_leave:
        return None
    if chosen is None:
        raise broken("U1.no_plan", work.today, field="code", code=spoil.code)
    plan_id = next(key for key, one in known.items() if one == chosen)
    if not by_leave:
        _require_room(work, spoil, kg)
    row = SpoilDraw(manifest_id=manifest_id, plan_id=plan_id, site_id=spoil.destination, kg=kg, at=work.now)
    work.session.add(row)
    work.session.flush()
    work.append("SpoilDrawn", plan_id, manifest=str(manifest_id), kg=kg)
    return row


def _require_room(work: Work, spoil: Spoil, kg: int) -> None:
    """Lock a disposal site and look again whether there is room for a load."""
    if not spoil.to_disposal:
        return
    work.session.execute(
        select(DisposalSite).where(DisposalSite.site_id == spoil.destination).with_for_update()
    )
    place = queries.places(work.session, [spoil.destination]).get(spoil.destination)
    raise_all([*place_faults(place, kg, work.today)])


def against_redraw(work: Work, spoil: Spoil, manifest_id: UUID, kg: int) -> list[RuleBroken]:
    """Return what stands against a load's drawing another mass beside what it holds already (U1 to U4)."""
    held = work.session.get(SpoilDraw, manifest_id)
    own = held.kg if held is not None else 0
    plans = tuple(replace(one, drawn_kg=one.drawn_kg - own) for one in spoil.plans)
    place = replace(spoil.place, drawn_kg=spoil.place.drawn_kg - own) if spoil.place is not None else None
    return against_issue(replace(spoil, plans=plans, place=place), kg, work.today)


def redraw(work: Work, spoil: Spoil, manifest_id: UUID, origin: UUID, kg: int) -> None:
    """Let a load draw what its corrected manifest says, from its plan or one that covers it."""
    if work.session.get(SpoilDraw, manifest_id) is None:
        draw(work, spoil, manifest_id, origin, kg, by_leave=True)
    confirm(work, manifest_id, kg)


def confirm(work: Work, manifest_id: UUID, kg: int) -> None:
    """Replace what a load drew by what was accepted; zero gives it back."""
    held = work.session.get(SpoilDraw, manifest_id)
    if held is not None and held.kg != kg:
        held.kg = kg
        work.append("SpoilDrawn", held.plan_id, manifest=str(manifest_id), kg=kg)
