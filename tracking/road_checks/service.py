"""How is a vehicle checked at the roadside, and how is it kept that it was?"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec

from compliance.manifests import exceptions, gates
from compliance.manifests import queries as manifests
from compliance.manifests.rules import Act, State
from compliance.record.errors import N_, DomainError, Forbidden, Invalid
from compliance.record.work import Work
from compliance.registry import gates as registry_gates
from compliance.registry.rules import LicenceKind
from tracking.fleet import queries as fleet
from tracking.positions.rules import distance_m
from tracking.road_checks import queries, rules
from tracking.road_checks.queries import Load, Stopped
from tracking.road_checks.rules import Answer, Asked, By, Fault, Licence, Paper, Place, Remark, Seen
from tracking.road_checks.tables import RoadCheck

CARRYING = frozenset({LicenceKind.DANGEROUS_GOODS, LicenceKind.ROAD})
BEFORE_THE_ROAD = frozenset({"M1.no_manifest", "M4.not_weighed", "M7.no_manifest"})
"""What the loading gate asks and the state of a load on the road says already: numbered and weighed."""


def check(work: Work, text: str, place: Place) -> RoadCheck:
    """Answer what a plate, number or QR code stands for, and keep that it was asked.

    Raises `Invalid` for a text that is none of the three, `Forbidden` for who does not oversee.
    """
    if not work.who.oversees:
        raise Forbidden(N_("Your role does not allow this."), code="role")
    asked = _read(text)
    answer = look_up(work, asked, place)
    row = RoadCheck(
        id=work.new_id(),
        asked=text.strip()[: rules.LONGEST],
        by=asked.by.value,
        verdict=answer.verdict.value,
        manifest_id=answer.papers[0].manifest_id if answer.papers else None,
        vehicle_id=_vehicle_id(work, answer),
        plate=answer.plate,
        at=work.now,
        person_id=work.who.person_id,
        person_name=work.who.name,
        lat=place.lat,
        lon=place.lon,
        place=place.words.strip(),
        answer=msgspec.to_builtins(answer),
    )
    work.session.add(row)
    _tell(work, row, answer)
    return row


def answer_of(row: RoadCheck) -> Answer:
    """Return a stored answer as it was given."""
    return msgspec.convert(row.answer, Answer)


def look_up(work: Work, asked: Asked, place: Place) -> Answer:
    """Return the answer alone; keeps nothing."""
    session = work.session
    vehicle = queries.vehicle_of(session, asked)
    loads = queries.loads_of(session, asked, vehicle.id if vehicle else None)
    if vehicle is None:
        vehicle = queries.vehicle_of(session, asked, loads)
    papers = [_paper(work, row, asked) for row in loads]
    seen = _seen(vehicle, place) if vehicle else None
    verdict = rules.verdict_of_all([paper.verdict for paper in papers])
    return Answer(
        verdict=verdict,
        papers=papers,
        remarks=_remarks(work, asked, papers, vehicle, seen),
        seen=seen,
        plate=vehicle.plate if vehicle else (asked.key if asked.by is By.PLATE else ""),
    )


def _read(text: str) -> Asked:
    asked = rules.read(text[: rules.LONGEST])
    if asked is None:
        raise Invalid(
            N_("“{text}” is neither a plate, nor a manifest's number, nor a QR code of this platform."),
            field="text",
            way_out=N_("Type the plate such as 鄂A12345, or the 14 digits of the number."),
            values={"text": text.strip()[:40]},
        )
    return asked


def _remarks(
    work: Work, asked: Asked, papers: Sequence[Paper], vehicle: Stopped | None, seen: Seen | None
) -> list[Remark]:
    found = []
    if asked.by is By.PLATE and vehicle is None:
        found.append(Remark.UNKNOWN_VEHICLE)
    if vehicle is not None and not papers:
        found.append(Remark.NO_LOAD)
    if len(papers) > 1:
        found.append(Remark.SEVERAL)
    if any(State(paper.state) not in rules.OVER | rules.UNSAID for paper in papers):
        found += rules.remarks_on_place(seen, work.now)
    return found


def _paper(work: Work, load: Load, asked: Asked) -> Paper:
    row, state = load.manifest, State(load.manifest.state)
    known = gates.facts(work, row)
    signed = manifests.signed(work.session, row.id)
    last = signed[-1] if signed else None
    faults = _faults(work, load, known, signed)
    return Paper(
        manifest_id=row.id,
        number=row.number or "",
        national_number=row.national_number or "",
        state=row.state,
        verdict=rules.verdict_of(state, faults),
        code=row.code,
        waste_name=row.waste_name,
        hazardous=row.hazardous,
        kg=row.loaded_kg or row.planned_kg,
        weighed=row.loaded_kg is not None,
        plate=row.plate,
        mover=load.mover,
        carrier=load.carrier,
        receiver=load.receiver,
        origin=load.origin,
        destination=load.destination,
        vehicle_permit_to=load.vehicle_permit_to,
        driver=known.driver.name if known.driver else "",
        driver_permit_to=known.driver.permit_to if known.driver else None,
        licences=[
            Licence(one.number, one.kind.value, one.valid_to)
            for one in known.carrier.licences
            if one.kind in CARRYING
        ],
        signed_act=last.act if last else "",
        signed_at=last.at if last else None,
        document_hash=last.document_hash if last else "",
        faults=[_fault(one) for one in faults],
        remarks=rules.remarks_on(state, asked.document_hash, [one.document_hash for one in signed]),
    )


def _faults(
    work: Work, load: Load, known: gates.Facts, signed: Sequence[manifests.Signed]
) -> list[DomainError]:
    """Ask of a load on the road what the loading gate asks, save what the state says and the scale said.

    That is carrier, crew, vehicle and insurance (M6, L9, L14), the mover's and receiver's standing (A1), and
    the receiver's licence and the approval (L3, X4). What leave was given for is not held against it.
    """
    row = load.manifest
    vehicle = registry_gates.Certified(row.plate, load.vehicle_permit_to, load.vehicle_classes)
    found = gates.against(known, row, Act.LOAD, work.today)
    found += registry_gates.vehicle_faults(vehicle, known.waste, work.today, known.dg_class)
    if not found:
        return []
    loaded = [one.at for one in signed if one.act == Act.LOAD.value]
    leaves = exceptions.behind(work.session, row, Act.LOAD, loaded)
    return [one for one in exceptions.still_against(leaves, found) if one.rule not in BEFORE_THE_ROAD]


def _fault(one: DomainError) -> Fault:
    return Fault(
        rule=getattr(one, "rule", one.code),
        article=getattr(one, "article", ""),
        message=one.message,
        way_out=one.way_out or "",
        values={name: str(value) for name, value in one.values.items()},
    )


def _seen(vehicle: Stopped, place: Place) -> Seen | None:
    if vehicle.lat is None or vehicle.lon is None or vehicle.at is None:
        return None
    apart = None
    if place.lat is not None and place.lon is not None:
        apart = round(distance_m(place.lat, place.lon, vehicle.lat, vehicle.lon))
    return Seen(vehicle.lat, vehicle.lon, vehicle.at, vehicle.speed_kmh, apart)


def _vehicle_id(work: Work, answer: Answer) -> UUID | None:
    vehicle = fleet.by_plate(work.session, answer.plate) if answer.plate else None
    return vehicle.id if vehicle else None


def _tell(work: Work, row: RoadCheck, answer: Answer) -> None:
    work.append(
        "RoadChecked",
        row.id,
        by=row.by,
        asked=row.asked,
        verdict=row.verdict,
        plate=row.plate,
        manifests=[str(paper.manifest_id) for paper in answer.papers],
        rules=[fault.rule for paper in answer.papers for fault in paper.faults],
        remarks=[one.value for one in answer.remarks],
        lat=row.lat,
        lon=row.lon,
        place=row.place,
    )
