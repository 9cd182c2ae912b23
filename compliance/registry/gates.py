"""May this party do this today? Every reason at once, with its rule and article."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from compliance.catalogue.rules import WasteType
from compliance.exemptions import queries as exemptions
from compliance.exemptions.rules import STAGE_OF, Grant, Stage, is_exempt
from compliance.record.errors import RuleBroken
from compliance.registry import queries
from compliance.registry.queries import Standing
from compliance.registry.rules import (
    Driver,
    Escort,
    Judgement,
    Licence,
    LicenceLine,
    Mode,
    OrganisationKind,
    Refusal,
    judge_carrier,
    judge_processor,
    quota_is_broken,
    quota_is_near,
)
from compliance.registry.tables import Person
from compliance.rulebook.rules import Severity, broken, rule

HAZARDOUS = "hazardous"
UNLICENSED = frozenset({Refusal.NO_LICENCE, Refusal.CODE, Refusal.MODE, Refusal.EXPIRED, Refusal.NOT_YET})
"""What an exemption of the stage makes unnecessary (L12)."""
UNPERMITTED = frozenset({Refusal.CARRIER, Refusal.CLASS})
"""What an exemption for transport makes unnecessary (L12)."""


def dangerous_class(waste: WasteType, stated: str = "") -> str | None:
    """Return a waste's class of dangerous goods: as the consignor has `stated` it (M6), without division.

    Where none is stated, the one that the first hazard letter suggests; 9 where none does (L9).
    """
    if waste.kind != HAZARDOUS:
        return None
    if stated:
        return stated.partition(".")[0]
    first = waste.hazard_letters[0] if waste.hazard_letters else ""
    return {"I": "3", "C": "8", "T": "6", "In": "6"}.get(first, "9")


def judge_receiver(licences: list[Licence], waste: WasteType, mode: Mode, kg: int, on: date) -> Judgement:
    """Judge a receiver's licences for a load of a waste on a day."""
    return judge_processor(
        licences,
        code=waste.code,
        category=waste.category,
        hazardous=waste.kind == HAZARDOUS,
        mode=mode,
        kg=kg,
        on=on,
    )


@dataclass(frozen=True, slots=True)
class Party:
    """What the gates ask of one organisation: its standing, its licences, what it is exempt from (L12)."""

    standing: Standing
    licences: list[Licence]
    grants: list[Grant]


def parties(
    session: Session, organisation_ids: Iterable[UUID], waste: WasteType, on: date
) -> dict[UUID, Party]:
    """Read what the gates ask of some organisations for a waste on a day, each kind of fact in one look."""
    wanted = set(organisation_ids)
    held = queries.licences(session, wanted, on.year)
    granted = exemptions.grants(session, wanted, [waste.code])
    return {
        key: Party(one, held.get(key, []), [grant for grant in granted if grant.holder_id == key])
        for key, one in queries.standing(session, wanted).items()
    }


def receiver_faults(
    session: Session,
    organisation_id: UUID,
    waste: WasteType,
    mode: Mode,
    kg: int,
    on: date,
    mover_id: UUID | None = None,
) -> list[RuleBroken]:
    """Return why a receiver may not take a load, empty when it may (gate matrix: match, deal)."""
    party = parties(session, [organisation_id], waste, on)[organisation_id]
    return against_receiver(party, waste, mode, kg, on, mover_id)


def against_receiver(
    party: Party, waste: WasteType, mode: Mode, kg: int, on: date, mover_id: UUID | None = None
) -> list[RuleBroken]:
    """Return what the rules say against a receiver, by what is known of it.

    Where it holds no licence for the waste, an exemption that was granted for this stage serves (L12); one
    for a single unit's waste serves for that unit's alone, once `mover_id` names it.
    """
    verdict = judge_receiver(party.licences, waste, mode, kg, on)
    exempt = is_exempt(party.grants, STAGE_OF[mode], on, mover_id)
    if exempt and not UNLICENSED.isdisjoint(verdict.refusals):
        verdict = Judgement(None, None)
    insurance = [] if exempt else insurance_faults(party.standing, waste, on, "receiver")
    return [
        *against_party(party.standing, OrganisationKind.PROCESSOR, on, field="receiver"),
        *refusals(verdict, waste, kg, on, party="receiver"),
        *_blocking(insurance, on),
    ]


def party_faults(
    session: Session, organisation_id: UUID, kind: OrganisationKind, on: date, field: str
) -> list[RuleBroken]:
    """Return why an organisation may not act at all in this business: not approved yet, or suspended (A1)."""
    return against_party(queries.standing(session, [organisation_id])[organisation_id], kind, on, field)


def against_party(standing: Standing, kind: OrganisationKind, on: date, field: str) -> list[RuleBroken]:
    """Return what A1 says against an organisation, by how it stands."""
    faults = []
    if kind.value in standing.wanted:
        faults.append(broken("A1.not_approved", on, field=field, organisation=standing.name, role=kind.value))
    if standing.since is not None and standing.is_barred(on):
        faults.append(
            broken(
                "A1.suspended",
                on,
                field=field,
                organisation=standing.name,
                since=standing.since.isoformat(),
                reason=standing.reason,
            )
        )
    return faults


def carrier_faults(
    session: Session, organisation_id: UUID, waste: WasteType, on: date, dg_class: str = ""
) -> list[RuleBroken]:
    """Return why a carrier may not move a waste, empty when it may (L9)."""
    return against_carrier(
        parties(session, [organisation_id], waste, on)[organisation_id], waste, on, dg_class
    )


def against_carrier(party: Party, waste: WasteType, on: date, dg_class: str = "") -> list[RuleBroken]:
    """Return what the rules say against a carrier, by what is known of it; `dg_class`: as it is stated."""
    verdict = judge_carrier(party.licences, dg_class=dangerous_class(waste, dg_class), on=on)
    exempt = is_exempt(party.grants, Stage.TRANSPORT, on)
    if exempt and not UNPERMITTED.isdisjoint(verdict.refusals):
        verdict = judge_carrier(party.licences, dg_class=None, on=on)
    insurance = [] if exempt else insurance_faults(party.standing, waste, on, "carrier")
    return [
        *against_party(party.standing, OrganisationKind.CARRIER, on, field="carrier"),
        *refusals(verdict, waste, 0, on, party="carrier"),
        *_blocking(insurance, on),
    ]


def driver_faults(driver: Driver | Person | None, waste: WasteType, on: date) -> list[RuleBroken]:
    """Return why a driver may not move a waste: hazardous waste wants a live certificate (L9)."""
    if waste.kind != HAZARDOUS:
        return []
    if driver is not None and driver.permit_to is not None and driver.permit_to >= on:
        return []
    name = driver.name if driver is not None else ""
    return [broken("L9.driver_not_permitted", on, field="driver", driver=name)]


def insurance_faults(standing: Standing, waste: WasteType, on: date, field: str) -> list[RuleBroken]:
    """Return whether who takes or moves hazardous waste is insured as it must be (L14)."""
    insured = standing.insured_to is not None and standing.insured_to >= on
    if waste.kind != HAZARDOUS or insured:
        return []
    return [broken("L14.not_insured", on, field=field, organisation=standing.name)]


def insurance_blocks(on: date) -> bool:
    """Tell whether want of insurance stops a load by the law of a day (L14)."""
    return rule("L14.not_insured").severity_on(on) is Severity.BLOCK


def _blocking(faults: Iterable[RuleBroken], on: date) -> list[RuleBroken]:
    """Keep what blocks by the law of a day."""
    return [one for one in faults if rule(one.rule).severity_on(on) is Severity.BLOCK]


def warnings(party: Party, waste: WasteType, on: date, field: str) -> list[RuleBroken]:
    """Return of what the rules warn where an organisation takes part in a move of hazardous waste.

    Its emergency plan (M18); of whoever takes or moves it the insurance, as long as that did not block (L14).
    """
    standing, found = party.standing, list[RuleBroken]()
    if waste.kind != HAZARDOUS:
        return found
    if standing.emergency_to is None or standing.emergency_to < on:
        found.append(broken("M18.no_emergency_plan", on, field=field, organisation=standing.name))
    if field != "mover":
        insurance = insurance_faults(standing, waste, on, field)
        found += [one for one in insurance if one not in _blocking(insurance, on)]
    return found


def escort_faults(escort: Escort | Person | None, waste: WasteType, plate: str, on: date) -> list[RuleBroken]:
    """Return whether an escort with a live certificate watches over hazardous waste on the road (L9)."""
    if waste.kind != HAZARDOUS:
        return []
    if escort is not None and escort.escort_to is not None and escort.escort_to >= on:
        return []
    return [broken("L9.escort_not_permitted", on, field="escort", plate=plate)]


def quota_warnings(
    licence: Licence, line: LicenceLine, waste_code: str, kg: int, on: date
) -> list[RuleBroken]:
    """Return of what a licence warns once `kg` more are booked: 80 % of its year, or beyond 120 % (L4)."""
    told = {"licence": licence.number, "code": waste_code, "percent": line.percent(kg)}
    found = [broken("L4.quota_near", on, field="receiver", **told)] if quota_is_near(line, kg) else []
    if quota_is_broken(line):
        found.append(broken("L4.scale_exceeded", on, field="receiver", **told))
    return found


@dataclass(frozen=True, slots=True)
class Certified:
    """A vehicle as its transport certificate describes it."""

    plate: str
    permit_to: date | None
    classes: Collection[str]


def vehicle_faults(
    vehicle: Certified, waste: WasteType, on: date, stated_class: str = ""
) -> list[RuleBroken]:
    """Return why a vehicle may not carry a waste: a hazardous one wants a live certificate of its class.

    Gate matrix: loading (M6, L9).
    """
    dg_class, told = dangerous_class(waste, stated_class), {"plate": vehicle.plate, "code": waste.code}
    if dg_class is None:
        return []
    if vehicle.permit_to is None or vehicle.permit_to < on:
        return [broken("L9.vehicle_not_permitted", on, field="vehicle", **told)]
    if dg_class not in vehicle.classes:
        return [broken("L9.vehicle_class_not_covered", on, field="vehicle", **told)]
    return []


def refusals(verdict: Judgement, waste: WasteType, kg: int, on: date, party: str) -> list[RuleBroken]:
    """Return a judgement's refusals as the errors that a person reads; a suspension is `party_faults`'."""
    licence, line = verdict.licence, verdict.line
    return [
        broken(
            refusal.value,
            on,
            field=party,
            code=waste.code,
            licence=licence.number if licence else "",
            valid_from=licence.valid_from.isoformat() if licence else "",
            valid_to=licence.valid_to.isoformat() if licence else "",
            kg=kg,
            left_kg=line.left_kg if line else 0,
        )
        for refusal in verdict.refusals
        if refusal is not Refusal.SUSPENDED
    ]
