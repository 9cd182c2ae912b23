"""What must hold of the whole market after every call, whoever called what in whatever order?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from compliance.approvals import queries as approvals
from compliance.approvals.tables import Approval, ApprovalDraw
from compliance.construction.rules import is_construction
from compliance.construction.tables import DisposalSite, SpoilDraw, TreatmentPlan
from compliance.ledgers.tables import LedgerDraw, LedgerEntry
from compliance.manifests import gates, queries, rules, seals, situations
from compliance.manifests.rules import RESUMES, Act, Purpose, State
from compliance.manifests.tables import Manifest, ManifestException, ManifestRevision
from compliance.record.database import reading
from compliance.record.who import Role
from compliance.registry.tables import LicenceDraw, LicenceLineRow, LicenceRow
from marketplace.deals import rules as deals
from marketplace.deals.tables import Deal
from marketplace.lots import rules as lots
from marketplace.lots.tables import Lot
from marketplace.needs.tables import Need
from tests.compliance.manifests.machine.world import World
from tests.factories.parties import work_in
from tracking.kept_acts import rules as kept_acts
from tracking.kept_acts.tables import KeptAct
from tracking.trips import rules as trips
from tracking.trips.tables import Trip

MACHINES: Mapping[type, Mapping[tuple[Any, Any], Any]] = {
    Deal: deals.NEXT,
    Lot: lots.NEXT,
    Trip: trips.NEXT,
    ManifestException: situations.NEXT,
    ManifestRevision: seals.NEXT,
    KeptAct: kept_acts.NEXT,
}
"""Beside the manifest's own, which is held to its signatures."""
INFINITE_KG = 10**15
BESIDE = ("receipt", "corrections", "exceptions", "incidents", "batches", "reasons")
"""What stands under a manifest's address, and is no business of others either."""


@cache
def _reached(model: type) -> Mapping[str, frozenset[str]]:
    """Return to which states a row may have come from each, by any number of acts."""
    edges: dict[str, set[str]] = {}
    for (at, _), to in MACHINES[model].items():
        edges.setdefault(str(at), set()).add(str(to))
    found: dict[str, frozenset[str]] = {}
    for start in {*edges, *(to for ends in edges.values() for to in ends)}:
        seen, waiting = {start}, [start]
        while waiting:
            more = edges.get(waiting.pop(), set()) - seen
            seen |= more
            waiting += more
        found[start] = frozenset(seen)
    return found


@dataclass
class Seen:
    """What the last look found, to be compared with the next."""

    states: dict[tuple[type, UUID], str] = field(default_factory=dict)
    signed: dict[UUID, list[UUID]] = field(default_factory=dict)
    drawn: dict[UUID, int] = field(default_factory=dict)


Scale = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """What one load draws, of which scales."""

    key: UUID
    booking_id: UUID
    kg: int
    scales: tuple[Scale, ...]


def look(world: World, seen: Seen) -> None:
    """Look at everything that is stored, and fail where it cannot have come about lawfully."""
    with reading(world.market.engine) as session:
        rows = session.scalars(select(Manifest)).all()
        for row in rows:
            _signed_its_way(session, row, seen)
            _mass_is_whole(session, row)
        _states_are_known(session, seen)
        _nothing_is_oversold(session, seen)
        _batches_hold(session)
        if not world.behind:
            _bookings_follow(session, rows)
            _market_is_whole(session)


def show(world: World, turn: int) -> None:
    """Ask for the manifest at hand as one of the people: who takes part sees it, nobody else."""
    if world.touched is None:
        return
    row = world.market.get(Manifest, world.touched)
    name = world.people.names[turn % len(world.people.names)]
    who = world.people.everyone[name]
    answer = world.get(name, f"/manifests/{row.id}")
    mine = who.oversees or who.organisation_id in world.taking_part(row)
    if not mine:
        beside = world.get(name, f"/manifests/{row.id}/{BESIDE[turn % len(BESIDE)]}")
        assert answer.status_code == 404, (name, answer.text)
        assert beside.status_code in {403, 404}, (name, beside.text)
    assert not mine or answer.is_success or who.has(Role.DRIVER), (name, answer.text)


def _signed_its_way(session: Session, row: Manifest, seen: Seen) -> None:
    """The signatures alone lead to where a manifest stands, and none of them ever goes away."""
    given = queries.signatures(session, row.id)
    state = State.DRAFT
    for one in given:
        act = Act(one.act)
        assert (state, act) in rules.NEXT, (row.id, state, act)
        state = state if act is Act.CORRECT else rules.NEXT[state, act]
    held = row.state == State.UNDER_CORRECTION
    assert state == (row.resume_state if held else row.state)
    assert held == (row.resume_state is not None)
    open_ones = session.scalars(
        select(ManifestRevision).where(
            ManifestRevision.manifest_id == row.id, ManifestRevision.state == "proposed"
        )
    ).all()
    assert len(open_ones) <= 1
    assert not held or (open_ones and state in RESUMES)
    keys = [one.id for one in given]
    assert keys[: len(seen.signed.get(row.id, []))] == seen.signed.get(row.id, [])
    seen.signed[row.id] = keys


def _mass_is_whole(session: Session, row: Manifest) -> None:
    """What arrived was accepted or refused; each refused kilogram goes on once, or is the rest."""
    assert row.planned_kg > 0
    assert row.loaded_kg is None or row.loaded_kg > 0
    if State(row.state) in rules.ON_THE_ROAD:
        assert row.loaded_kg is not None
    if row.received_kg is None:
        return
    accepted = row.accepted_kg or 0
    linked = queries.linked(session, row.id)
    on_its_way = sum(one.planned_kg for one in linked if one.state != State.CANCELLED)
    rest = gates.rest_kg(work_in(session), row)
    assert accepted >= 0
    assert row.refused_kg >= 0
    assert 0 <= rest <= row.refused_kg
    assert accepted + on_its_way + rest == row.received_kg
    if row.state == State.CLOSED:
        assert gates.rest_kg(work_in(session), row, there=True) == 0


def _states_are_known(session: Session, seen: Seen) -> None:
    """Each row stands in a state of its table, to which its table leads from where it stood before."""
    for model in MACHINES:
        for key, state in session.execute(select(model.id, model.state)):  # type: ignore[attr-defined]
            before = seen.states.get((model, key), state)
            assert state in _reached(model), (model, state)
            assert state in _reached(model)[before], (model, key, before, state)
            seen.states[model, key] = state


def _nothing_is_oversold(session: Session, seen: Seen) -> None:
    """No booking goes beyond a scale; only what has arrived, or goes by leave, may stand beyond it."""
    scales: dict[Scale, int] = dict(_scales(session))
    draws = list(_draws(session))
    taken: Counter[Scale] = Counter()
    for draw in draws:
        for scale in draw.scales:
            taken[scale] += draw.kg
    for draw in draws:
        grown = draw.kg > seen.drawn.get(draw.key, 0)
        beyond = [one for one in draw.scales if taken[one] > scales[one]]
        if grown and beyond:
            assert may_stand_beyond(session, draw.booking_id), (draw, beyond, taken, scales)
        seen.drawn[draw.key] = draw.kg


def may_stand_beyond(session: Session, booking_id: UUID) -> bool:
    """Tell whether a booking's load has arrived, or goes by leave."""
    row = manifest_of(session, booking_id)
    if row is None:
        return False
    leaves = select(ManifestException.id).where(
        ManifestException.manifest_id == row.id, ManifestException.state == situations.State.USED.value
    )
    return row.received_kg is not None or session.scalar(leaves) is not None


def manifest_of(session: Session, booking_id: UUID) -> Manifest | None:
    """Return the manifest whose mass is booked under an id."""
    return session.get(Manifest, booking_id) or queries.by_deal(session, booking_id)


def _scales(session: Session) -> Iterable[tuple[Scale, int]]:
    """Yield what each line, licence, approval, plan and site may take."""
    years = set(session.scalars(select(LicenceDraw.year)))
    for line in session.scalars(select(LicenceLineRow)):
        yield from ((("line", line.id, year), line.yearly_kg) for year in years)
    for licence in session.scalars(select(LicenceRow)):
        most = INFINITE_KG if licence.total_kg is None else licence.total_kg
        yield from ((("licence", licence.id, year), most) for year in years)
    for approval in session.scalars(select(Approval)):
        yield ("approval", approval.id), approval.kg
    for plan in session.scalars(select(TreatmentPlan)):
        yield ("plan", plan.id), plan.kg
    for site in session.scalars(select(DisposalSite)):
        yield ("room", site.site_id), site.capacity_kg


def _draws(session: Session) -> Iterable[Drawing]:
    licences = {one.id: one.licence_id for one in session.scalars(select(LicenceLineRow))}
    for one in session.scalars(select(LicenceDraw)):
        whole = licences[one.line_id]
        yield Drawing(
            one.id, one.deal_id, one.kg, (("line", one.line_id, one.year), ("licence", whole, one.year))
        )
    for held in session.scalars(select(ApprovalDraw)):
        yield Drawing(held.id, held.booking_id, held.kg, (("approval", held.approval_id),))
    permitted = set(session.scalars(select(DisposalSite.site_id)))
    for spoil in session.scalars(select(SpoilDraw)):
        room = (("room", spoil.site_id),) if spoil.site_id in permitted else ()
        scales = (("plan", spoil.plan_id), *room)
        yield Drawing(spoil.manifest_id, spoil.manifest_id, spoil.kg, scales)


def _bookings_follow(session: Session, rows: Iterable[Manifest]) -> None:
    """What is booked for a load is what its manifest says, on a line of the receiver that covers its code."""
    for row in rows:
        if row.purpose == Purpose.RETURN:
            continue
        told = (row.id, row.state, row.planned_kg, row.received_kg, row.accepted_kg)
        licensed = [
            (draw, line)
            for draw, line in session.execute(
                select(LicenceDraw, LicenceLineRow)
                .join(LicenceLineRow, LicenceLineRow.id == LicenceDraw.line_id)
                .where(LicenceDraw.deal_id == row.booking_id)
            )
        ]
        assert sum(draw.kg for draw, _ in licensed) == _booked_kg(row, row.accepted_kg), told
        codes = {line.code for draw, line in licensed if draw.kg}
        assert codes <= {row.code} or may_stand_beyond(session, row.booking_id), (told, codes, row.code)
        crossing = approvals.draw_of(session, row.booking_id)
        arrived = row.received_kg if row.accepted_kg else 0
        assert crossing is None or crossing.kg == _booked_kg(row, arrived), (told, crossing.kg)
        spoil = session.get(SpoilDraw, row.id)
        dug = _booked_kg(row, row.accepted_kg) if is_construction(row.code) else 0
        assert spoil is None or spoil.kg == dug, (told, spoil.kg)


def _booked_kg(row: Manifest, taken_kg: int | None) -> int:
    """Return what must be booked: what is planned until the receiver has spoken, then what it took."""
    if row.state == State.CANCELLED:
        return 0
    return row.planned_kg if row.received_kg is None else taken_kg or 0


def _batches_hold(session: Session) -> None:
    """Nothing came out of a ledger's batch that was not in it."""
    taken: Counter[tuple[UUID, str]] = Counter()
    for draw in session.scalars(select(LedgerDraw)):
        taken[draw.organisation_id, draw.source] += draw.kg
    for entry in session.scalars(select(LedgerEntry)):
        if entry.source:
            taken[entry.organisation_id, entry.source] += entry.kg
    for entry in session.scalars(select(LedgerEntry)):
        assert entry.kg >= 0
        assert taken[entry.organisation_id, entry.batch] <= max(0, entry.kg), (entry.batch, entry.part)


def _market_is_whole(session: Session) -> None:
    """What a lot still holds and what its living deals took is the whole lot; no need is below nothing."""
    ended = [deals.State.REFUSED.value, deals.State.CANCELLED.value]
    statement = select(Deal.lot_id, func.sum(Deal.kg)).where(Deal.state.not_in(ended)).group_by(Deal.lot_id)
    sold = {key: int(kg) for key, kg in session.execute(statement)}
    for lot in session.scalars(select(Lot)):
        assert lot.left_kg >= 0
        assert lot.left_kg + sold.get(lot.id, 0) == lot.kg, (lot.id, lot.left_kg, sold.get(lot.id), lot.kg)
    assert all(left >= 0 for left in session.scalars(select(Need.left_kg)))
