"""How does the market look to the matching engine?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from compliance.approvals import queries as approvals
from compliance.catalogue import queries as catalogue
from compliance.catalogue.rules import WasteType
from compliance.exemptions import queries as exemptions
from compliance.exemptions.rules import STAGE_OF, Grant, is_exempt
from compliance.record.clock import local_date
from compliance.registry import gates
from compliance.registry import queries as registry
from compliance.registry.rules import Licence, Mode, Refusal, judge_carrier
from compliance.registry.tables import Site
from marketplace.deals import queries as deals
from marketplace.lots.rules import Division
from marketplace.lots.tables import Lot
from marketplace.matches.rules import DANGEROUS, ORDINARY
from marketplace.needs import queries as needs
from marketplace.needs.tables import Need
from matching import problem as engine
from tracking.fleet.tables import Vehicle


@dataclass(frozen=True, slots=True)
class Facts:
    """What the record says about the market at one moment, looked up once."""

    on: date
    wastes: Mapping[str, WasteType]
    sites: Mapping[UUID, Site]
    licences: Mapping[UUID, list[Licence]]
    exempt: Sequence[Grant] = ()
    insured_to: Mapping[UUID, date | None] = field(default_factory=dict)

    def insured(self, organisation_id: UUID) -> bool:
        """Tell whether an organisation may take or move hazardous waste as to its insurance (L14)."""
        last = self.insured_to.get(organisation_id)
        return (last is not None and last >= self.on) or not gates.insurance_blocks(self.on)


@dataclass(frozen=True, slots=True)
class Draft:
    """A lot that somebody thinks of listing; `division` is the code of the district it lies in."""

    code: str
    kg: int
    lat: float
    lon: float
    division: str
    composition: Mapping[str, Decimal] = field(default_factory=dict)


READY = timedelta(days=14)
"""A lot that is only thought of is taken to be ready now and for so long, as the listing form proposes."""


def problem_of(session: Session, lots: Sequence[Lot], now: datetime) -> engine.Problem:
    """Build the engine's problem: these lots, every open need of their codes, every free vehicle."""
    facts, problem = _around(session, {lot.code for lot in lots}, {lot.site_id for lot in lots}, now)
    chosen = tuple(_lot(lot, facts) for lot in lots if lot.code in facts.wastes)
    reserved = frozenset(_reserved(session, lots, facts))
    return replace(problem, lots=chosen, approved_kg=_approved(session, lots, facts), excluded=reserved)


def _approved(session: Session, lots: Sequence[Lot], facts: Facts) -> dict[tuple[str, str], int]:
    """Return by lot and need what may leave the province by approvals in force (X1, X4)."""
    found: dict[tuple[str, str], int] = {}
    wanted = [need for need in needs.open_needs(session, facts.on) if need.site_id in facts.sites]
    for lot in (one for one in lots if one.hazardous):
        origin = facts.sites[lot.site_id].division_code[:2]
        beyond = [
            (need, target)
            for need in wanted
            if need.code == lot.code and (target := facts.sites[need.site_id].division_code[:2]) != origin
        ]
        leaves = approvals.in_force(session, lot.organisation_id, origin) if beyond else []
        for need, target in beyond:
            asked = (need.organisation_id, need.code, need.mode, target)
            for leave in leaves:
                given = (leave.receiver_id, leave.code, leave.mode.value, leave.destination)
                if given == asked and leave.valid_from <= facts.on <= leave.valid_to:
                    found[str(lot.id), str(need.id)] = leave.left_kg
    return found


def _reserved(session: Session, lots: Sequence[Lot], facts: Facts) -> Iterable[tuple[str, str]]:
    """Yield the lots that a taker may not have whose exemption is for one other unit's waste (L12)."""
    single = {one.holder_id for one in facts.exempt if one.only_from is not None}
    if not single:
        return
    wanted = {lot.code for lot in lots}
    for need in needs.open_needs(session, facts.on):
        if need.organisation_id not in single or need.code not in wanted:
            continue
        waste, mode = facts.wastes[need.code], Mode(need.mode)
        for lot in lots:
            if lot.code == need.code and gates.receiver_faults(
                session, need.organisation_id, waste, mode, 0, facts.on, lot.organisation_id
            ):
                yield str(lot.id), str(need.id)


def problem_around(session: Session, draft: Draft, now: datetime) -> tuple[engine.Problem, engine.Lot]:
    """Build the problem that a lot not yet listed would stand in, and that lot; its code is in force."""
    facts, problem = _around(session, {draft.code}, set(), now)
    waste = facts.wastes[draft.code]
    lot = engine.Lot(
        id="draft",
        code=draft.code,
        kg=draft.kg,
        point=engine.Point(draft.lat, draft.lon),
        ready=engine.Window(now, now + READY),
        province=draft.division[:2],
        hazardous=waste.kind == gates.HAZARDOUS,
        dg_class=gates.dangerous_class(waste),
        composition=draft.composition,
    )
    return problem, lot


def _around(
    session: Session, codes: Set[str], site_ids: Set[UUID], now: datetime
) -> tuple[Facts, engine.Problem]:
    """Build a problem without lots: every open need of the codes and every free vehicle."""
    on = local_date(now)
    wanted = [need for need in needs.open_needs(session, on) if need.code in codes]
    vehicles = _free_vehicles(session)
    parties = {need.organisation_id for need in wanted} | {vehicle.carrier_id for vehicle in vehicles}
    facts = Facts(
        on=on,
        wastes={code: found for code in codes if (found := catalogue.find(session, code, on))},
        sites=registry.sites(session, site_ids | {need.site_id for need in wanted}),
        licences=registry.licences(session, parties, on.year),
        exempt=exemptions.grants(session, parties, codes),
        insured_to={key: one.insured_to for key, one in registry.standing(session, parties).items()},
    )
    return facts, engine.Problem(
        lots=(),
        takers=tuple(taker for need in wanted if (taker := _taker(need, facts))),
        vehicles=tuple(_vehicles(vehicles, facts)),
        at=now,
    )


def _free_vehicles(session: Session) -> list[Vehicle]:
    busy = deals.busy_vehicles(session)
    return [row for row in session.scalars(select(Vehicle).order_by(Vehicle.id)) if row.id not in busy]


def _lot(lot: Lot, facts: Facts) -> engine.Lot:
    site = facts.sites[lot.site_id]
    waste = facts.wastes[lot.code]
    return engine.Lot(
        id=str(lot.id),
        code=lot.code,
        kg=lot.left_kg,
        point=_point(site),
        ready=engine.Window(lot.ready_from, lot.ready_to),
        province=site.division_code[:2],
        price_expectation=lot.price,
        hazardous=lot.hazardous,
        dg_class=gates.dangerous_class(waste),
        division=engine.Division(lot.division),
        one_trip=Division(lot.division) is Division.WHOLE,
        composition={name: Decimal(value) for name, value in lot.composition.items()},
    )


def _taker(need: Need, facts: Facts) -> engine.Taker | None:
    """Return a need as a taker with the mass its licence leaves it; None where the code is no longer known.

    A taker whose licence is used up has room for nothing, and one whose licence does not carry the waste
    today takes no code at all: the producer is told so, instead of hearing nothing of it.
    """
    waste = facts.wastes.get(need.code)
    if waste is None:
        return None
    held = facts.licences.get(need.organisation_id, [])
    verdict = gates.judge_receiver(held, waste, Mode(need.mode), 1, facts.on)
    covered = verdict.line is not None and verdict.refusals in {(), (Refusal.QUOTA,)}
    left, yearly = (verdict.line.left_kg, verdict.line.yearly_kg) if verdict.line else (0, 1)
    stage = STAGE_OF[Mode(need.mode)]
    mine = [one for one in facts.exempt if (one.holder_id, one.code) == (need.organisation_id, need.code)]
    if not gates.UNLICENSED.isdisjoint(verdict.refusals) and is_exempt(mine, stage, facts.on):
        covered, left, yearly = True, need.left_kg, max(1, need.left_kg)
    elif waste.kind == gates.HAZARDOUS and not facts.insured(need.organisation_id):
        covered = False
    room = min(need.left_kg, left) if covered else 0
    site = facts.sites[need.site_id]
    return engine.Taker(
        id=str(need.id),
        processor_id=str(need.organisation_id),
        point=_point(site),
        province=site.division_code[:2],
        codes={need.code: room} if covered else {},
        total_kg=need.left_kg,
        price=need.price,
        modes=frozenset({engine.Mode(need.mode)}),
        licence_slack=Decimal(left) / max(1, yearly),
        limits=tuple(_limit(name, edges) for name, edges in sorted(need.limits.items())),
        days=engine.Calendar(frozenset(need.weekdays)) if need.weekdays else None,
    )


def _limit(name: str, edges: Mapping[str, str]) -> engine.Limit:
    bounds = {edge: Decimal(value) for edge, value in edges.items()}
    return engine.Limit(name, least=bounds.get("least"), most=bounds.get("most"))


def _vehicles(rows: Iterable[Vehicle], facts: Facts) -> Iterable[engine.Vehicle]:
    for row in rows:
        held = facts.licences.get(row.carrier_id, [])
        ordinary = judge_carrier(held, dg_class=None, on=facts.on).allowed
        certified = row.permit_to is not None and row.permit_to >= facts.on and facts.insured(row.carrier_id)
        permitted = row.dg_classes if certified else []
        classes = frozenset(
            one for one in permitted if judge_carrier(held, dg_class=one, on=facts.on).allowed
        )
        if not ordinary and not classes:
            continue
        tariff = DANGEROUS if classes else ORDINARY
        yield engine.Vehicle(
            id=str(row.id),
            carrier_id=str(row.carrier_id),
            point=engine.Point(row.home_lat, row.home_lon),
            capacity_kg=row.capacity_kg,
            freight=tariff.per_tonne_km,
            fixed=tariff.per_trip,
            hazardous_ok=bool(classes),
            dg_classes=classes,
        )


def _point(site: Site) -> engine.Point:
    return engine.Point(site.location.y, site.location.x)
