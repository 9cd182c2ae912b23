"""What stands on a printed manifest (令23 arts 10-12), party by party?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from compliance.catalogue.rules import WasteType
from compliance.manifests import pinning, statements
from compliance.manifests.crew import Crewed
from compliance.manifests.rules import Act, Stated
from compliance.manifests.tables import Manifest
from compliance.papers.sheet import Cell, Notice, Part, Sheet, Table
from compliance.profiles import queries as profiles
from compliance.profiles.rules import SPECS, profile_of
from compliance.receipts import queries as receipts
from compliance.record import ledger
from compliance.record.errors import N_
from compliance.record.ledger import Recorded
from compliance.record.work import Work
from compliance.registry.tables import Organisation
from marketplace.papers.reading import NET, Reader, part_of, standing
from marketplace.web.pages import custody
from marketplace.web.pages.custody import Custody
from marketplace.web.pages.custody_facts import Signature

HAZARDOUS_TITLE = N_("Hazardous waste transfer manifest")
OTHER_TITLE = N_("Solid waste transfer manifest")
TYPED = N_("typed by leave, not weighed")
ADDED = N_(
    "What stands here of waste, packages, licences and names was filled in from the record after this"
    " manifest had been signed: the signatures given before do not cover it."
)
OPINION = {
    Act.ACCEPT.value: N_("accepted whole"),
    Act.ACCEPT_PART.value: N_("accepted in part"),
    Act.REFUSE.value: N_("refused"),
}


@dataclass(frozen=True, slots=True)
class Story:
    """One load with everything that its papers say."""

    custody: Custody
    waste: WasteType
    stated: Stated
    added: bool
    """What is stated was filled in after the load was signed."""
    batteries: Sequence[str]
    events: tuple[Recorded, ...]

    @property
    def manifest(self) -> Manifest:
        """Return the manifest itself."""
        return self.custody.manifest

    @property
    def called(self) -> Mapping[str, str]:
        """Return how the manifest calls its parties, by the names that they bear today."""
        one, stated = self.custody, self.stated
        pairs = ((one.mover, stated.mover), (one.carrier, stated.carrier), (one.receiver, stated.receiver))
        return {house.name: party.get("name", house.name) for house, party in pairs}


def story(work: Work, row: Manifest) -> Story:
    """Gather a load's facts; the caller has made sure that the manifest may be seen."""
    session = work.session
    found = custody.of(session, row)
    statement = statements.row_of(work, row.id)
    return Story(
        custody=found,
        waste=pinning.waste_of(session, row),
        stated=statements.stated(work, row),
        added=statement is not None and statement.added,
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
        notices=(
            *standing(reader, row, simulated=told.custody.simulated),
            *((Notice(reader.say(ADDED)),) if told.added else ()),
        ),
        blocks=(
            _head(reader, told),
            _mover(reader, told),
            *_profile(reader, told),
            _carrier(reader, told),
            _receiver(reader, told),
            *weights(reader, told.custody),
            *signatures(reader, told),
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


def party(reader: Reader, one: Organisation, stated: Mapping[str, str]) -> tuple[Cell, ...]:
    """Return a party's cells as the manifest states them: name, code, contact, place."""
    found = (
        reader.cell(N_("Name"), stated.get("name"), wide=True),
        reader.cell(N_("Credit code"), one.uscc),
        reader.cell(N_("Contact"), stated.get("contact")),
    )
    if "place" not in stated:
        return found
    return (*found, reader.cell(N_("Place"), stated["place"], wide=True))


def _mover(reader: Reader, told: Story) -> Part:
    row, stated = told.manifest, told.stated
    return Part(
        reader.say(N_("1  Filled in by the mover")),
        (
            *party(reader, told.custody.mover, stated.mover),
            reader.cell(N_("Waste"), row.waste_name),
            reader.cell(N_("Waste code"), row.code),
            reader.cell(N_("Category"), stated.category),
            reader.cell(N_("Hazards"), reader.hazards(stated.hazards)),
            reader.cell(N_("Dangerous-goods class"), stated.dg_class),
            reader.cell(N_("UN number"), f"UN{stated.un_number}" if stated.un_number else ""),
            reader.cell(N_("Packaging"), stated.packaging),
            reader.cell(N_("Number of packages"), reader.count(stated.packages)),
            reader.cell(N_("Planned mass"), reader.kg(row.planned_kg)),
            reader.cell(N_("Loaded mass"), mass(reader, row.loaded_kg, typed=row.loaded_typed)),
            reader.cell(N_("Purpose"), reader.word(row.mode)),
            reader.cell(N_("Filing number of the management plan"), stated.management_plan),
            reader.cell(N_("Remarks"), stated.remarks, wide=True),
        ),
    )


def _profile(reader: Reader, told: Story) -> tuple[Part, ...]:
    """Return what the waste's family asks and was told, and the batteries on board."""
    spec = SPECS[profile_of(told.manifest.code)]
    cells = []
    for fact in spec.facts:
        said = told.stated.facts.get(fact.key, "")
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
            *party(reader, one.carrier, told.stated.carrier),
            reader.cell(N_("Permit"), told.stated.permit),
            reader.cell(N_("Plate"), told.manifest.plate),
            reader.cell(N_("Driver"), crewed(reader, one.driver)),
            reader.cell(N_("Escort"), crewed(reader, one.escort)),
            reader.cell(
                N_("Distance by satellite fixes"), f"{trip.distance_m / 1000:.1f} km" if trip else ""
            ),
            reader.cell(N_("Start of the way"), told.stated.mover.get("place")),
            reader.cell(N_("End of the way"), told.stated.receiver.get("place")),
            reader.cell(N_("Time of departure"), reader.moment(trip.started_at if trip else None)),
            reader.cell(N_("Time of arrival"), reader.moment(trip.arrived_at if trip else None)),
        ),
    )


def crewed(reader: Reader, one: Crewed | None) -> str:
    """Return who drove or rode along as the paper says it: name, certificate, and where that comes from."""
    if one is None:
        return ""
    added = reader.say(N_("from the register, after the loading was signed")) if one.added else ""
    return " · ".join(filter(None, (one.name, one.certificate, added)))


def _receiver(reader: Reader, told: Story) -> Part:
    row, one = told.manifest, told.custody
    verdict = next((by for by in reversed(one.signatures) if by.act in OPINION), None)
    return Part(
        reader.say(N_("3  Filled in by the receiver")),
        (
            *party(reader, one.receiver, told.stated.receiver),
            reader.cell(N_("Licence"), told.stated.licence),
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
                part_of(reader, one),
                f"#{one.ticket_number} {one.device_id}",
                reader.moment(one.at),
                reader.kg(one.kg),
            )
            for one in end.tickets
        ]
        if end.net_kg is not None:
            part = N_("net, share of several loads") if end.shared else NET
            rows.append((place, reader.say(part), "", "", reader.kg(end.net_kg)))
    heads = (N_("Place"), N_("Part"), N_("Ticket"), N_("When"), N_("Mass"))
    if not rows:
        return ()
    title = reader.say(N_("Weighings"))
    return (Table(title, tuple(reader.say(one) for one in heads), tuple(rows), right=(4,)),)


def _by_what(reader: Reader, by: Signature) -> str:
    told = [reader.word(f"by_{by.credential}")] if by.credential else []
    return " · ".join([*told, reader.say(N_("by leave"))] if by.by_leave else told)


def signatures(reader: Reader, told: Story) -> tuple[Table, ...]:
    """Return who signed what and when, with the beginning of the hash of what was signed."""
    called = told.called
    rows = tuple(
        (
            reader.word(by.act),
            reader.word(by.party),
            by.person,
            called.get(by.organisation, by.organisation),
            reader.moment(by.at),
            _by_what(reader, by),
            f"{by.document_hash[:16]}…",
        )
        for by in told.custody.signatures
    )
    heads = (
        *(N_("Act"), N_("As"), N_("Person"), N_("Organisation"), N_("When"), N_("By what")),
        N_("Hash of the document"),
    )
    if not rows:
        return ()
    title = reader.say(N_("Signatures"))
    return (Table(title, tuple(reader.say(one) for one in heads), rows, stretch=3, exact=(6,)),)
