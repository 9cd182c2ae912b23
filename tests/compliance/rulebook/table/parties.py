"""By which facts is each rule about parties, licences and permits kept, and by which broken (1c)?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import insert

from compliance.catalogue import files
from compliance.catalogue.tables import ExemptionItem
from compliance.exemptions import service as exemptions
from compliance.exemptions.rules import Stage
from compliance.exemptions.service import NewClaim
from compliance.qualification import entering
from compliance.qualification.entering import Terms
from compliance.qualification.rules import SHEETS, DocumentKind, Subject
from compliance.registry import gates
from compliance.registry.gates import Party
from compliance.registry.rules import Driver, Escort, Licence, LicenceKind, LicenceLine, Mode
from tests.compliance.qualification.papers import paper, scanned
from tests.compliance.rulebook.table.scene import (
    A_DAY,
    OIL_TYPE,
    SCRAP_TYPE,
    THEIRS,
    Pair,
    Scene,
    Told,
    licence,
    line,
    party,
    permit,
)
from tests.factories.parties import OIL, SCRAP


def receiver(*held: Licence, kg: int = 10_000, mode: Mode = Mode.USE) -> Callable[[Scene], Told]:
    """Ask whether the holder of some licences may take waste oil."""
    return lambda at: gates.against_receiver(party(*held), OIL_TYPE, mode, kg, at.on, THEIRS)


def scrap_to(*held: Licence) -> Callable[[Scene], Told]:
    """Ask whether somebody may take scrap iron."""
    return lambda at: gates.against_receiver(party(*held), SCRAP_TYPE, Mode.USE, 10_000, at.on, THEIRS)


def carrier(who: Party) -> Callable[[Scene], Told]:
    """Ask whether a carrier may move waste oil."""
    return lambda at: gates.against_carrier(who, OIL_TYPE, at.on)


def until(last: int, held: Callable[..., Licence], ask: Callable[[Licence], Any]) -> Callable[[Scene], Any]:
    """Ask about a licence whose last day is so many days from the scene's."""
    return lambda at: ask(held(valid_to=at.on + timedelta(days=last)))(at)


def since(first: int, held: Callable[..., Licence], ask: Callable[[Licence], Any]) -> Callable[[Scene], Any]:
    """Ask about a licence whose first day is so many days from the scene's."""
    return lambda at: ask(held(valid_from=at.on + timedelta(days=first)))(at)


def carried(one: Licence) -> Callable[[Scene], Told]:
    """Ask about a carrier with one permit."""
    return carrier(party(one))


def quota(drawn_kg: int, kg: int) -> Callable[[Scene], Told]:
    """Ask of what a booking on a line warns, of which so much is taken."""
    return lambda at: gates.quota_warnings(licence(), line(drawn_kg), OIL, kg, at.on)


def suspended(days_ago: int, lasts: int) -> Callable[[Scene], Told]:
    """Ask about a receiver that was suspended for some days."""

    def ask(at: Scene) -> Told:
        first = at.on - timedelta(days=days_ago)
        who = party(licence(), since=first, until=first + timedelta(days=lasts), reason="spill")
        return gates.against_receiver(who, OIL_TYPE, Mode.USE, 10, at.on)

    return ask


def entered(kind: DocumentKind, **more: Any) -> Callable[[Scene], Told]:
    """Ask about a paper as a party enters it."""

    def ask(at: Scene) -> Told:
        work = at.work(at.cast.processor)
        return entering.faults(work, Subject.ORGANISATION, paper(work, kind, **more))

    return ask


def numbered(number: str) -> Callable[[Scene], Told]:
    """Ask what a reviewer should look at in a licence's number."""
    return lambda at: entering.warnings(SHEETS[DocumentKind.COMPREHENSIVE_LICENCE], number, [OIL], at.on)


def collected(code: str) -> Callable[[Scene], Told]:
    """Ask what a reviewer should look at in a licence for collection that names a code."""
    return lambda at: entering.warnings(SHEETS[DocumentKind.COLLECTION_LICENCE], "4201000001", [code], at.on)


def claimed(**changes: Any) -> Callable[[Scene], object]:
    """Claim the directed use of waste oil from the producer's works."""

    def ask(at: Scene) -> object:
        work = at.work(at.cast.processor)
        lines = files.exemption_lines()
        rows = [asdict(one) | {"edition": "HW2025", "basis": "carried_over_2021"} for one in lines]
        work.session.execute(insert(ExemptionItem), rows)
        number = next(one.line for one in lines if one.item == 32)
        scan, unit = scanned(work), at.cast.producer.organisation_id
        new = NewClaim(number, OIL, Stage.USE, "the province's plan of 2026, no. 7", scan, unit)
        return exemptions.claim(work, replace(new, **changes))

    return ask


def driven(days: int | None) -> Callable[[Scene], Told]:
    """Ask about a driver whose certificate ends so many days from now."""

    def ask(at: Scene) -> Told:
        last = None if days is None else at.on + timedelta(days=days)
        return gates.driver_faults(Driver("李四", last), OIL_TYPE, at.on)

    return ask


def vehicle(days: int, *classes: str) -> Callable[[Scene], Told]:
    """Ask about a vehicle whose certificate for some classes ends so many days from now."""

    def ask(at: Scene) -> Told:
        certified = gates.Certified("鄂A·70012", at.on + days * A_DAY, classes)
        return gates.vehicle_faults(certified, OIL_TYPE, at.on)

    return ask


def escorted(days: int) -> Callable[[Scene], Told]:
    """Ask about an escort whose certificate ends so many days from now."""

    def ask(at: Scene) -> Told:
        beside = Escort("王五", at.on + timedelta(days=days))
        return gates.escort_faults(beside, OIL_TYPE, "鄂A·70012", at.on)

    return ask


def insured(days: int, **more: Any) -> Callable[[Scene], Told]:
    """Ask at every gate about a carrier whose policy, or what is said, ends so many days from now."""

    def ask(at: Scene) -> Told:
        ends = {name: at.on + timedelta(days=shift) for name, shift in ({"insured_to": days} | more).items()}
        who = party(permit(), **ends)
        found = gates.against_carrier(who, OIL_TYPE, at.on)
        return [*found, *gates.warnings(who, OIL_TYPE, at.on, "carrier")]

    return ask


_LICENCE, _PERMIT = DocumentKind.COMPREHENSIVE_LICENCE, DocumentKind.DANGEROUS_GOODS_PERMIT
FIVE, SIX = date(2030, 1, 1), date(2031, 1, 2)
VERIFIED = licence(kind=LicenceKind.CONTRACTOR, lines=(LicenceLine(SCRAP, 10**6, 0),))

PARTIES: dict[str, Pair] = {
    "A1.not_approved": Pair(carrier(party(permit())), carrier(party(permit(), wanted=("carrier",)))),
    "A1.suspended": Pair(suspended(10, 9), suspended(10, 10)),
    "L1.no_licence": Pair(receiver(licence()), receiver()),
    "L1.code_not_covered": Pair(
        receiver(licence(lines=(LicenceLine("HW08", 10**6, 0),))),
        receiver(licence(lines=(LicenceLine("HW09", 10**6, 0),))),
    ),
    "L1.mode_not_covered": Pair(receiver(licence()), receiver(licence(), mode=Mode.DISPOSE)),
    "L2.term_too_long": Pair(entered(_LICENCE, valid_to=FIVE), entered(_LICENCE, valid_to=SIX)),
    "L2.outside_scope": Pair(collected(OIL), collected("900-041-49")),
    "L3.data_missing": Pair(entered(_LICENCE), entered(_LICENCE, terms=Terms())),
    "L7.number_form": Pair(numbered("G4201000001"), numbered("鄂危废-7")),
    "L3.not_yet_valid": Pair(since(0, licence, receiver), since(1, licence, receiver)),
    "L3.expired": Pair(until(0, licence, receiver), until(-1, licence, receiver)),
    "L4.quota_exceeded": Pair(
        receiver(licence(lines=(line(990_000),))), receiver(licence(lines=(line(990_001),)))
    ),
    "L4.quota_near": Pair(quota(700_000, 99_999), quota(700_000, 100_000)),
    "L4.scale_exceeded": Pair(quota(1_200_000, 0), quota(1_200_001, 0)),
    "L9.carrier_not_permitted": Pair(carrier(party(permit())), carrier(party())),
    "L9.class_not_covered": Pair(carrier(party(permit())), carrier(party(permit(classes=frozenset({"8"}))))),
    "L9.not_yet_valid": Pair(since(0, permit, carried), since(1, permit, carried)),
    "L9.expired": Pair(until(0, permit, carried), until(-1, permit, carried)),
    "L9.vehicle_not_permitted": Pair(vehicle(0, "6"), vehicle(-1, "6")),
    "L9.vehicle_class_not_covered": Pair(vehicle(0, "6"), vehicle(0, "8")),
    "L9.escort_not_permitted": Pair(escorted(0), escorted(-1)),
    "L9.driver_not_permitted": Pair(driven(0), driven(-1)),
    "L9.classes_missing": Pair(entered(_PERMIT), entered(_PERMIT, terms=Terms())),
    "L12.not_listed": Pair(claimed(), claimed(stage=Stage.STORE)),
    "L12.evidence_missing": Pair(claimed(), claimed(evidence_sha256="0" * 64)),
    "L12.point_to_point": Pair(claimed(), claimed(only_from=THEIRS)),
    "L13.contractor_unverified": Pair(scrap_to(VERIFIED), scrap_to(licence())),
    "L14.not_insured": Pair(insured(0), insured(-1)),
    "M18.no_emergency_plan": Pair(insured(0, emergency_to=0), insured(0, emergency_to=-1)),
}
