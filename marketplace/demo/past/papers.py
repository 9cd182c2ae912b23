"""Which papers have the demonstration's parties shown, which end soon, and which were given back?

Everything here is simulated: numbers and issuers say so, and so does the one scan that stands for all.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import insert, select

from compliance.qualification.entering import Terms
from compliance.qualification.rules import SHEETS, Act, DocumentKind, State, Subject
from compliance.qualification.scans import ScanStore, checked
from compliance.qualification.service import HOUSE_PAPERS
from compliance.qualification.tables import Document, DocumentDecision, ScanRow
from compliance.record.clock import SHANGHAI
from compliance.record.work import Work
from compliance.registry.rules import LicenceKind, Mode, OrganisationKind
from compliance.registry.tables import LicenceRow, Organisation, Person
from tracking.fleet.tables import Vehicle

ISSUER = "演示颁证机关"
REVIEWERS = ("演示审核员甲", "演示审核员乙")
REASONS = (
    "扫描件缺公章页，请重新上传完整文件。",
    "编号与原件不一致：请核对后重新填写。",
    "有效期填写有误，原件所载截止日期较早。",
    "文件不清晰，备案编号无法辨认。",
)
SCAN = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 420 298]/Contents 4 0 R"
    b"/Resources<</Font<</F 5 0 R>>>>>>endobj\n"
    b"4 0 obj<</Length 94>>stream\n"
    b"BT /F 22 Tf 60 160 Td (SIMULATED DOCUMENT) Tj 0 -30 Td /F 12 Tf (Demonstration, no real paper) Tj ET \n"
    b"endstream endobj\n5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF\n"
)
"""The scan of every paper of the demonstration."""
OF_LICENCES: Mapping[LicenceKind, DocumentKind] = {
    LicenceKind.COMPREHENSIVE: DocumentKind.COMPREHENSIVE_LICENCE,
    LicenceKind.COLLECTION: DocumentKind.COLLECTION_LICENCE,
    LicenceKind.CONTRACTOR: DocumentKind.CONTRACTOR_PROOF,
    LicenceKind.DANGEROUS_GOODS: DocumentKind.DANGEROUS_GOODS_PERMIT,
    LicenceKind.ROAD: DocumentKind.ROAD_PERMIT,
}
WORDS: Mapping[DocumentKind, str] = {
    DocumentKind.BUSINESS_LICENCE: "执照",
    DocumentKind.EMISSION_PERMIT: "排污",
    DocumentKind.MANAGEMENT_PLAN: "计划",
    DocumentKind.EMERGENCY_PLAN: "预案",
    DocumentKind.LIABILITY_INSURANCE: "环责险",
    DocumentKind.DRIVER_CERTIFICATE: "驾驶",
    DocumentKind.ESCORT_CERTIFICATE: "押运",
    DocumentKind.VEHICLE_CERTIFICATE: "运输证",
    DocumentKind.VEHICLE_INSURANCE: "车险",
}


class Fate(StrEnum):
    """What has become of a paper."""

    GOOD = "good"
    ENDS_SOON = "ends_soon"
    RENEWAL_WAITS = "renewal_waits"
    """The one on file ends soon, and its successor waits for a reviewer."""
    RENEWAL_BACK = "renewal_back"
    BACK = "back"
    """It was given back, and nothing else is on file."""
    MISSING = "missing"


USUAL = (Fate.GOOD,) * 27 + (Fate.ENDS_SOON, Fate.RENEWAL_WAITS, Fate.RENEWAL_BACK)
"""For a paper without which a party may not act: it is always there."""
OPTIONAL = (*USUAL, Fate.MISSING, Fate.MISSING, Fate.BACK)
SOON_DAYS = (5, 12, 26, 29, 41, 55, 58)
FIXED: Mapping[tuple[str, DocumentKind], Fate] = {
    ("producer", DocumentKind.EMERGENCY_PLAN): Fate.RENEWAL_BACK,
    ("producer", DocumentKind.EMISSION_PERMIT): Fate.BACK,
    ("processor", DocumentKind.LIABILITY_INSURANCE): Fate.RENEWAL_WAITS,
    ("processor", DocumentKind.EMERGENCY_PLAN): Fate.ENDS_SOON,
    ("carrier", DocumentKind.EMERGENCY_PLAN): Fate.ENDS_SOON,
}
"""What a visitor's own house is to show, beside papers that are all in order."""


@dataclass(frozen=True, slots=True)
class House:
    """A party as its papers see it: does it deal with hazardous waste, does a visitor sign in there?"""

    row: Organisation
    kind: OrganisationKind
    hazardous: bool
    visited: bool = False


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper to be put on file."""

    house: House
    kind: DocumentKind
    subject: Subject
    subject_id: UUID
    label: str
    number: str
    valid_from: date
    valid_to: date | None
    terms: Terms = field(default_factory=Terms)
    licence_id: UUID | None = None
    state: State = State.ACCEPTED
    issued_by: str = ISSUER


def keep_scan(store: ScanStore) -> None:
    """Keep the scan that stands for every paper of the demonstration."""
    store.put(SCAN)


def file_papers(work: Work, houses: Sequence[House], chance: random.Random) -> Counter[UUID]:
    """Put every house's papers on file with what was decided on them; return how many each has."""
    writer = Writer(work, chance)
    papers = [paper for house in houses for paper in writer.of_house(house)]
    papers += writer.of_crews({one.row.id: one for one in houses})
    _store(work, houses, papers, chance)
    _note_ends(papers)
    return Counter(paper.house.row.id for paper in papers)


def _note_ends(papers: Sequence[Paper]) -> None:
    """Let the gates read until when each house is insured and ready for an accident."""
    for kind, name in HOUSE_PAPERS.items():
        for one in (paper for paper in papers if paper.kind is kind and paper.state is State.ACCEPTED):
            setattr(one.house.row, name, one.valid_to)


class Writer:
    """Thinks papers out, the same ones for the same chance."""

    def __init__(self, work: Work, chance: random.Random) -> None:
        self.work, self.chance, self.serial = work, chance, 0
        self.licences: dict[UUID, list[LicenceRow]] = {}
        for row in work.session.scalars(select(LicenceRow).order_by(LicenceRow.number)):
            self.licences.setdefault(row.organisation_id, []).append(row)

    def of_house(self, house: House) -> Iterator[Paper]:
        """Yield what a house has shown of itself."""
        kinds = DocumentKind
        founded = self.work.today - timedelta(days=self.chance.randrange(900, 6000))
        yield self._paper(house, kinds.BUSINESS_LICENCE, founded, None)
        for licence in self.licences.get(house.row.id, []):
            yield self._licence(house, licence)
        if house.kind is OrganisationKind.PRODUCER:
            yield from self._dated(house, kinds.EMISSION_PERMIT, OPTIONAL)
            if house.hazardous:
                yield from self._dated(house, kinds.EMERGENCY_PLAN, OPTIONAL)
                year = self.work.today.year
                yield self._paper(house, kinds.MANAGEMENT_PLAN, date(year, 1, 5), date(year + 1, 3, 31))
            return
        needs_plan = house.kind is OrganisationKind.PROCESSOR
        yield from self._dated(house, kinds.EMERGENCY_PLAN, USUAL if needs_plan else OPTIONAL)
        if house.hazardous:
            yield from self._dated(house, kinds.LIABILITY_INSURANCE, USUAL)

    def of_crews(self, houses: Mapping[UUID, House]) -> Iterator[Paper]:
        """Yield the certificates of drivers, escorts and vehicles, as far as the register knows of them."""
        kinds, today = DocumentKind, self.work.today
        for person in self.work.session.scalars(select(Person).order_by(Person.organisation_id, Person.name)):
            for kind, ends in (
                (kinds.DRIVER_CERTIFICATE, person.permit_to),
                (kinds.ESCORT_CERTIFICATE, person.escort_to),
            ):
                if ends is not None and person.organisation_id in houses:
                    about = (Subject.PERSON, person.id, person.name)
                    yield self._about(houses[person.organisation_id], kind, about, ends, Terms())
        for vehicle in self.work.session.scalars(select(Vehicle).order_by(Vehicle.plate)):
            house, about = houses[vehicle.carrier_id], (Subject.VEHICLE, vehicle.id, vehicle.plate)
            if vehicle.permit_to is not None:
                terms = Terms(classes=tuple(vehicle.dg_classes))
                yield self._about(house, kinds.VEHICLE_CERTIFICATE, about, vehicle.permit_to, terms)
            days = self.chance.choice((9, 28, *range(70, 350, 10)))
            yield self._about(house, kinds.VEHICLE_INSURANCE, about, today + timedelta(days=days), Terms())

    def _dated(self, house: House, kind: DocumentKind, fates: Sequence[Fate]) -> Iterator[Paper]:
        fate = self.chance.choice(fates)
        if house.visited:
            fate = FIXED.get((house.kind.value, kind), Fate.GOOD)
        if fate is Fate.MISSING:
            return
        today, years = self.work.today, 1 if kind is DocumentKind.LIABILITY_INSURANCE else 3
        days = (
            self.chance.choice(SOON_DAYS)
            if fate not in {Fate.GOOD, Fate.BACK}
            else self.chance.randrange(90, 360)
        )
        ends = today + timedelta(days=max(days, 20) if house.visited else days)
        known = State.RETURNED if fate is Fate.BACK else State.ACCEPTED
        yield self._paper(house, kind, ends - timedelta(days=365 * years - 1), ends, known)
        if fate in {Fate.RENEWAL_WAITS, Fate.RENEWAL_BACK}:
            state = State.SUBMITTED if fate is Fate.RENEWAL_WAITS else State.RETURNED
            until = ends + timedelta(days=365 * years)
            yield self._paper(house, kind, ends + timedelta(days=1), until, state)

    def _paper(
        self,
        house: House,
        kind: DocumentKind,
        first: date,
        last: date | None,
        state: State = State.ACCEPTED,
    ) -> Paper:
        number = house.row.uscc if kind is DocumentKind.BUSINESS_LICENCE else self._number(kind, first)
        about = (Subject.ORGANISATION, house.row.id, house.row.name)
        return Paper(house, kind, *about, number, first, last, state=state)

    def _about(
        self, house: House, kind: DocumentKind, about: tuple[Subject, UUID, str], ends: date, terms: Terms
    ) -> Paper:
        first = ends - timedelta(days=364 if kind is DocumentKind.VEHICLE_INSURANCE else 1000)
        return Paper(house, kind, *about, self._number(kind, first), first, ends, terms)

    def _licence(self, house: House, row: LicenceRow) -> Paper:
        terms = Terms(
            tuple(Mode(mode) for mode in row.modes),
            tuple(row.classes),
            tuple((line.code, line.yearly_kg) for line in row.lines),
            row.total_kg,
        )
        about = (Subject.ORGANISATION, house.row.id, house.row.name)
        kind = OF_LICENCES[LicenceKind(row.kind)]
        return Paper(
            house,
            kind,
            *about,
            row.number,
            row.valid_from,
            row.valid_to,
            terms,
            row.id,
            issued_by=row.issued_by,
        )

    def _number(self, kind: DocumentKind, first: date) -> str:
        self.serial += 1
        return f"演示-{WORDS[kind]}-{first.year}-{self.serial:04d}"


def _store(work: Work, houses: Iterable[House], papers: Sequence[Paper], chance: random.Random) -> None:
    scan = checked(SCAN)
    scans = [
        {
            "organisation_id": house.row.id,
            "sha256": scan.sha256,
            "media_type": scan.media_type,
            "size": scan.size,
            "name": "simulated.pdf",
            "uploaded_at": work.now,
        }
        for house in houses
    ]
    documents: list[dict[str, object]] = []
    decisions: list[dict[str, object]] = []
    for paper in papers:
        key, shown = work.new_id(), _shown_at(work, paper, chance)
        documents.append(_document(paper, key, shown, scan.sha256))
        decisions += _decisions(work, paper, key, shown, chance)
    work.session.execute(insert(ScanRow), scans)
    work.session.execute(insert(Document), documents)
    work.session.execute(insert(DocumentDecision), decisions)


def _shown_at(work: Work, paper: Paper, chance: random.Random) -> datetime:
    """Return when a paper was shown: what is still to be decided lately, the others some time ago."""
    lately = paper.state is not State.ACCEPTED
    day = work.today - timedelta(days=chance.randrange(1, 6) if lately else chance.randrange(20, 300))
    return datetime.combine(day, time(chance.randrange(8, 18), chance.randrange(60)), SHANGHAI)


def _document(paper: Paper, key: UUID, shown: datetime, scan: str) -> dict[str, object]:
    return {
        "id": key,
        "version": 1,
        "organisation_id": paper.house.row.id,
        "subject_kind": paper.subject.value,
        "subject_id": paper.subject_id,
        "label": paper.label[:60],
        "kind": paper.kind.value,
        "number": paper.number,
        "issued_by": paper.issued_by,
        "valid_from": paper.valid_from,
        "valid_to": paper.valid_to,
        "terms": paper.terms.stored(),
        "scan_sha256": scan,
        "state": paper.state.value,
        "licence_id": paper.licence_id,
        "submitted_at": shown,
        "changed_at": shown,
    }


def _decisions(
    work: Work, paper: Paper, key: UUID, shown: datetime, chance: random.Random
) -> Iterator[dict[str, object]]:
    if paper.state is State.SUBMITTED:
        return
    acts = [Act.ACCEPT] if SHEETS[paper.kind].eyes == 1 else [Act.CHECK, Act.ACCEPT]
    if paper.state is State.RETURNED:
        acts = [Act.RETURN]
    for place, act in enumerate(acts):
        yield {
            "id": work.new_id(),
            "document_id": key,
            "act": act.value,
            "person_name": REVIEWERS[place],
            "reason": chance.choice(REASONS) if act is Act.RETURN else "",
            "at": shown + timedelta(hours=3 + 20 * place),
        }
