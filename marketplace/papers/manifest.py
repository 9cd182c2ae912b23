"""What stands on a printed manifest (令23 arts 10-12), party by party?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from compliance.catalogue import queries as catalogue
from compliance.catalogue.rules import WasteType
from compliance.manifests.rules import Act
from compliance.manifests.tables import Manifest
from compliance.papers.sheet import Cell, Part, Sheet, Table
from compliance.profiles import queries as profiles
from compliance.profiles.rules import SPECS, profile_of
from compliance.receipts import queries as receipts
from compliance.record import ledger
from compliance.record.clock import local_date
from compliance.record.errors import N_
from compliance.record.ledger import Recorded
from compliance.record.work import Work
from compliance.registry import gates
from compliance.registry import queries as registry
from compliance.registry.rules import Mode, judge_carrier
from compliance.registry.tables import Organisation, Site
from marketplace.deals.tables import Deal
from marketplace.lots.tables import Lot
from marketplace.papers.reading import Reader, standing
from marketplace.web.pages import custody
from marketplace.web.pages.custody import Custody
from marketplace.web.pages.custody_facts import Signature

HAZARDOUS_TITLE = N_("Hazardous waste transfer manifest")
OTHER_TITLE = N_("Solid waste transfer manifest")
TYPED = N_("typed by leave, not weighed")
OPINION = {
    Act.ACCEPT.value: N_("accepted whole"),
    Act.ACCEPT_PART.value: N_("accepted in part"),
    Act.REFUSE.value: N_("refused"),
}


@dataclass(frozen=True, slots=True)
class Story:
    """One load with everything that its papers say."""

    custody: Custody
    waste: WasteType | None
    lot: Lot | None
    permit: str
    licence: str
    facts: Mapping[str, str]
    batteries: Sequence[str]
    events: tuple[Recorded, ...]

    @property
    def manifest(self) -> Manifest:
        """Return the manifest itself."""
        return self.custody.manifest


def story(work: Work, row: Manifest) -> Story:
    """Gather a load's facts; the caller has made sure that the manifest may be seen."""
    session = work.session
    on = local_date(row.created_at)
    waste = catalogue.find(session, row.code, on)
    held = registry.licences(session, [row.carrier_id, row.receiver_id], on.year)
    permit = licence = None
    if waste is not None:
        taken = gates.judge_receiver(held.get(row.receiver_id, []), waste, Mode(row.mode), 0, on)
        moved = judge_carrier(held.get(row.carrier_id, []), dg_class=gates.dangerous_class(waste), on=on)
        licence, permit = taken.licence, moved.licence
    deal = session.get(Deal, row.deal_id)
    found = custody.of(session, row)
    return Story(
        custody=found,
        waste=waste,
        lot=session.get(Lot, deal.lot_id) if deal else None,
        permit=permit.number if permit else "",
        licence=licence.number if licence else "",
        facts=profiles.facts(session, deal.lot_id) if deal else {},
        batteries=[one.code for one in profiles.travelling(session, row.id)],
        events=events_of(session, found),
    )


def events_of(session: Session, found: Custody) -> tuple[Recorded, ...]:
    """Return the events about a load, in order."""
    row, trip = found.manifest, found.trip
    receipt = receipts.of_manifest(session, row.id)
    subjects = [row.id, row.deal_id, *([trip.id] if trip else []), *([receipt.id] if receipt else [])]
    return tuple(ledger.about(session, subjects))


def sheet(reader: Reader, told: Story, qr: str, at: datetime) -> Sheet:
    """Return the printed manifest."""
    row = told.manifest
    return Sheet(
        title=reader.say(HAZARDOUS_TITLE if row.hazardous else OTHER_TITLE),
        number=row.national_number or row.number or "",
        language=reader.language.value,
        at=at,
        notices=standing(reader, row, simulated=told.custody.simulated),
        blocks=(
            _head(reader, told),
            _mover(reader, told),
            *_profile(reader, told),
            _carrier(reader, told),
            _receiver(reader, told),
            *weights(reader, told.custody),
            *signatures(reader, told.custody),
        ),
        qr=qr,
        qr_words=reader.say(N_("address, number and hash of what was signed")),
        foot=reader.foot(at),
        page_words=reader.pages(),
    )


def _head(reader: Reader, told: Story) -> Part:
    row = told.manifest
    return Part(
        reader.say(N_("The manifest")),
        (
            reader.cell(N_("National number"), row.national_number or reader.say(N_("not entered"))),
            reader.cell(N_("Number of this platform"), row.number),
            reader.cell(N_("State"), reader.word(row.state)),
            reader.cell(N_("Catalogue"), row.edition),
        ),
    )


def party(reader: Reader, one: Organisation, site: Site | None = None) -> tuple[Cell, ...]:
    """Return a party's cells: name, code, place, contact."""
    found = (
        reader.cell(N_("Name"), one.name, wide=True),
        reader.cell(N_("Credit code"), one.uscc),
        reader.cell(N_("Contact"), one.contact),
    )
    if site is None:
        return found
    place = " · ".join(filter(None, (site.name, site.address)))
    return (*found, reader.cell(N_("Place"), place, wide=True))


def _mover(reader: Reader, told: Story) -> Part:
    row, lot = told.manifest, told.lot
    return Part(
        reader.say(N_("1  Filled in by the mover")),
        (
            *party(reader, told.custody.mover, told.custody.origin),
            reader.cell(N_("Waste"), row.waste_name),
            reader.cell(N_("Waste code"), row.code),
            reader.cell(N_("Category"), told.waste.category if told.waste else ""),
            reader.cell(N_("Hazards"), reader.hazards(told.waste)),
            reader.cell(N_("Packaging"), lot.packaging if lot else ""),
            reader.cell(N_("Planned mass"), reader.kg(row.planned_kg)),
            reader.cell(N_("Loaded mass"), mass(reader, row.loaded_kg, typed=row.loaded_typed)),
            reader.cell(N_("Purpose"), reader.word(row.mode)),
            reader.cell(N_("Remarks"), lot.note if lot else "", wide=True),
        ),
    )


def _profile(reader: Reader, told: Story) -> tuple[Part, ...]:
    """Return what the waste's family asks and was told, and the batteries on board."""
    spec = SPECS[profile_of(told.manifest.code)]
    cells = []
    for fact in spec.facts:
        said = told.facts.get(fact.key, "")
        words = reader.say((fact.choices or {}).get(said, said)) if fact.choices else said
        if words:
            cells.append(reader.cell(fact.words, words, wide=len(words) > 30))
    if told.batteries:
        codes = "\n".join(told.batteries)
        cells.append(reader.cell(N_("Codes of the batteries"), codes, wide=True, exact=True))
    return (Part(reader.say(spec.words), tuple(cells)),) if cells else ()


def _carrier(reader: Reader, told: Story) -> Part:
    trip, one = told.custody.trip, told.custody
    return Part(
        reader.say(N_("2  Filled in by the carrier")),
        (
            *party(reader, one.carrier),
            reader.cell(N_("Permit"), told.permit),
            reader.cell(N_("Plate"), told.manifest.plate),
            reader.cell(N_("Driver"), one.driver.name if one.driver else ""),
            reader.cell(N_("Escort"), one.escort.name if one.escort else ""),
            reader.cell(
                N_("Distance by satellite fixes"), f"{trip.distance_m / 1000:.1f} km" if trip else ""
            ),
            reader.cell(N_("Start of the way"), one.origin.name),
            reader.cell(N_("End of the way"), one.destination.name),
            reader.cell(N_("Time of departure"), reader.moment(trip.started_at if trip else None)),
            reader.cell(N_("Time of arrival"), reader.moment(trip.arrived_at if trip else None)),
        ),
    )


def _receiver(reader: Reader, told: Story) -> Part:
    row, one = told.manifest, told.custody
    verdict = next((by for by in reversed(one.signatures) if by.act in OPINION), None)
    return Part(
        reader.say(N_("3  Filled in by the receiver")),
        (
            *party(reader, one.receiver, one.destination),
            reader.cell(N_("Licence"), told.licence),
            reader.cell(N_("Opinion"), reader.say(OPINION[verdict.act]) if verdict else ""),
            reader.cell(N_("Accepted mass"), mass(reader, row.accepted_kg, typed=_typed(one))),
            reader.cell(N_("Date"), reader.moment(verdict.at if verdict else None)),
            reader.cell(N_("Looked at on receipt"), looked(reader, row), wide=True),
            reader.cell(N_("Reason given"), row.reason, wide=True),
        ),
    )


def mass(reader: Reader, kg: int | None, *, typed: bool) -> str:
    """Write a mass, and beside it where it was typed by leave and no scale told it."""
    told = reader.kg(kg)
    return f"{told} · {reader.say(TYPED)}" if typed and kg is not None else told


def _typed(told: Custody) -> bool:
    return told.balance is not None and told.balance.receiver_typed


def looked(reader: Reader, row: Manifest) -> str:
    """Write what the receiver answered to each aspect of the load (M10, M12)."""
    found = []
    for aspect, one in (row.findings or {}).items():
        note = f" ({one['note']})" if one.get("note") else ""
        sign = "✓" if one.get("agrees") else "✗"
        found.append(f"{reader.word(f'looked_{aspect}')} {sign}{note}")
    return " · ".join(found)


def weights(reader: Reader, told: Custody) -> tuple[Table, ...]:
    """Return the tickets of both ends with their nets; nothing where nothing was weighed."""
    rows: list[tuple[str, ...]] = []
    for end in told.scales:
        place = f"{reader.word(end.place)} · {end.site}"
        rows += [
            (
                place,
                reader.word(one.role),
                f"#{one.ticket_number} {one.device_id}",
                reader.moment(one.at),
                reader.kg(one.kg),
            )
            for one in end.tickets
        ]
        if end.net_kg is not None:
            part = N_("net, share of several loads") if end.shared else N_("net")
            rows.append((place, reader.say(part), "", "", reader.kg(end.net_kg)))
    heads = (N_("Place"), N_("Part"), N_("Ticket"), N_("When"), N_("Mass"))
    if not rows:
        return ()
    title = reader.say(N_("Weighings"))
    return (Table(title, tuple(reader.say(one) for one in heads), tuple(rows), right=(4,)),)


def _by_what(reader: Reader, by: Signature) -> str:
    told = [reader.word(f"by_{by.credential}")] if by.credential else []
    return " · ".join([*told, reader.say(N_("by leave"))] if by.by_leave else told)


def signatures(reader: Reader, told: Custody) -> tuple[Table, ...]:
    """Return who signed what and when, with the beginning of the hash of what was signed."""
    rows = tuple(
        (
            reader.word(by.act),
            reader.word(by.party),
            by.person,
            by.organisation,
            reader.moment(by.at),
            _by_what(reader, by),
            f"{by.document_hash[:16]}…",
        )
        for by in told.signatures
    )
    heads = (
        *(N_("Act"), N_("As"), N_("Person"), N_("Organisation"), N_("When"), N_("By what")),
        N_("Hash of the document"),
    )
    if not rows:
        return ()
    title = reader.say(N_("Signatures"))
    return (Table(title, tuple(reader.say(one) for one in heads), rows, stretch=3, exact=(6,)),)
