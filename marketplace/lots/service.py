"""How is a lot listed, changed, withdrawn and drawn upon?"""

from __future__ import annotations

from uuid import UUID

from compliance.catalogue import service as catalogue
from compliance.catalogue.rules import WasteType
from compliance.collection import service as collection
from compliance.record.errors import N_, Conflict, DomainError, Forbidden, RuleBroken, raise_all
from compliance.record.who import Role
from compliance.record.work import Work
from compliance.registry import queries as registry
from compliance.registry.gates import HAZARDOUS, party_faults
from compliance.registry.rules import OrganisationKind
from marketplace.lots import queries
from marketplace.lots.rules import NEXT, Act, LotDraft, State, draft_faults, figure_faults
from marketplace.lots.tables import Lot
from marketplace.matches import queries as matches


def list_lot(work: Work, draft: LotDraft) -> Lot:
    """List a lot on one of the producer's own sites; raises every fault of the draft at once."""
    if not work.who.has(Role.PRODUCER) or work.who.organisation_id is None:
        raise Forbidden(N_("Only a producer lists lots."))
    waste = _checked(work, draft)
    row = Lot(
        id=work.new_id(),
        organisation_id=work.who.organisation_id,
        state=State.LISTED.value,
        created_at=work.now,
    )
    _write(work, row, draft, waste)
    row.left_kg = draft.kg
    work.session.add(row)
    work.session.flush()
    work.append("LotListed", row.id, code=row.code, kg=row.kg, price=_text(draft))
    return row


def change_lot(work: Work, lot_id: UUID, draft: LotDraft) -> Lot:
    """Change a lot that nobody has taken any of; what was proposed for it is off, and worked out anew."""
    row = queries.own_lot(work.session, lot_id, work.who)
    if State(row.state) is not State.LISTED or row.left_kg != row.kg:
        raise Conflict(
            N_("A lot of which a part is agreed can no longer be changed."),
            code="lot_agreed",
            way_out=N_("Withdraw what is left and list it anew."),
        )
    waste = _checked(work, draft)
    if (row.site_id, row.code) != (draft.site_id, waste.code):
        collection.release(work, row.id)
    _write(work, row, draft, waste)
    row.left_kg = draft.kg
    matches.supersede(work.session, row.id)
    work.append("LotChanged", row.id, code=row.code, kg=row.kg, price=_text(draft))
    return row


def withdraw_lot(work: Work, lot_id: UUID) -> Lot:
    """Take what is left of a lot off the market, with all that was proposed for it."""
    row = queries.own_lot(work.session, lot_id, work.who)
    _move(row, Act.WITHDRAW)
    row.changed_at = work.now
    _free(work, row)
    matches.supersede(work.session, row.id)
    work.append("LotWithdrawn", row.id, left_kg=row.left_kg)
    return row


def expire_lots(work: Work) -> int:
    """Take every lot whose window has passed off the market; return how many there were."""
    passed = queries.passed(work.session, work.now)
    for row in passed:
        _move(row, Act.EXPIRE)
        row.changed_at = work.now
        _free(work, row)
        matches.supersede(work.session, row.id)
        work.append("LotExpired", row.id, left_kg=row.left_kg)
    return len(passed)


def _free(work: Work, row: Lot) -> None:
    """Let the hand-ins of a lot that nobody took any of wait for another."""
    if row.left_kg == row.kg:
        collection.release(work, row.id)


def take(work: Work, row: Lot, kg: int) -> None:
    """Draw a deal's mass from a lot; the lot leaves the market when nothing is left."""
    raise_all(shortage(row, kg))
    row.left_kg -= kg
    row.changed_at = work.now
    if row.left_kg == 0:
        _move(row, Act.TAKE_ALL)


def shortage(row: Lot, kg: int) -> list[DomainError]:
    """Return why a mass cannot be drawn from a lot, empty where it can."""
    if State(row.state) is State.LISTED and kg <= row.left_kg:
        return []
    return [
        Conflict(
            N_("The lot has only {left_kg} kg left."),
            code="lot_taken",
            way_out=N_("Look at the matches again."),
            values={"left_kg": row.left_kg},
        )
    ]


def give_back(work: Work, lot_id: UUID, kg: int) -> None:
    """Put the mass of a deal that came to nothing back: on the market, unless the lot has left it."""
    row = work.session.get_one(Lot, lot_id, with_for_update=True)
    row.left_kg += kg
    row.changed_at = work.now
    _move(row, Act.GIVE_BACK)
    work.append("LotChanged", row.id, code=row.code, kg=row.left_kg, price=str(row.price or ""))


def _checked(work: Work, draft: LotDraft) -> WasteType:
    """Return the waste of a sound draft, or raise all its faults together."""
    faults: list[DomainError] = [
        *draft_faults(draft, work.now, work.today),
        *figure_faults(draft.composition),
    ]
    site = registry.sites(work.session, [draft.site_id]).get(draft.site_id)
    if site is None or site.organisation_id != work.who.organisation_id:
        faults.append(Forbidden(N_("A lot lies on one of your own sites."), field="site_id"))
    if work.who.organisation_id is not None:
        trade, today = OrganisationKind.PRODUCER, work.today
        faults += party_faults(work.session, work.who.organisation_id, trade, today, "organisation")
    try:
        waste = catalogue.require(work, draft.code, work.today, "code")
    except RuleBroken as unknown:
        raise_all([unknown, *faults])
        raise
    raise_all(faults)
    return waste


def _write(work: Work, row: Lot, draft: LotDraft, waste: WasteType) -> None:
    row.site_id, row.code, row.edition = draft.site_id, waste.code, waste.edition
    row.waste_name, row.hazardous = waste.category_name, waste.kind == HAZARDOUS
    row.kg, row.division, row.price = draft.kg, draft.division.value, draft.price
    row.ready_from, row.ready_to = draft.ready_from, draft.ready_to
    row.packaging, row.note, row.changed_at = draft.packaging, draft.note, work.now
    row.composition = {figure.value: f"{value:f}" for figure, value in draft.composition.items()}


def _move(row: Lot, act: Act) -> None:
    target = NEXT.get((State(row.state), act))
    if target is None:
        raise Conflict(
            N_("A lot that is {state} cannot be moved by: {act}."),
            code="lot_state",
            values={"state": row.state, "act": act.value},
        )
    row.state = target.value


def _text(draft: LotDraft) -> str:
    return "" if draft.price is None else str(draft.price)
