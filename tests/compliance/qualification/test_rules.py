"""Does a checklist say what is lacking, does a scan have to be whole, and how do documents move?"""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from compliance.qualification.licences import kind_fault, number_is_usual, years_at_most
from compliance.qualification.rules import (
    NEXT,
    OPEN,
    SHEETS,
    Act,
    DocumentKind,
    Held,
    Standing,
    State,
    Subject,
    act_of_acceptance,
    checklist,
    checklist_of,
    is_complete,
    next_state,
)
from compliance.qualification.scans import MOST_BYTES, Folder, checked
from compliance.record.errors import Invalid, NotFound
from compliance.registry.rules import LicenceKind, OrganisationKind
from tests.compliance.qualification.papers import JPEG, PDF, PNG

DAY = date(2026, 11, 20)
K = DocumentKind


def held(kind: DocumentKind, state: State = State.ACCEPTED, valid_to: date | None = None) -> Held:
    """Return a document on file."""
    return Held(uuid4(), kind, state, valid_to)


def standings(kind: OrganisationKind, *documents: Held) -> list[str]:
    """Return what each line of a checklist says."""
    return [line.standing.value for line in checklist(kind, documents, DAY)]


def test_a_processor_is_complete_with_any_of_the_licences_and_not_without() -> None:
    """A works for scrap would be asked for a hazardous-waste licence, or be let in with nothing."""
    base = [held(K.BUSINESS_LICENCE), held(K.EMERGENCY_PLAN)]
    processor = OrganisationKind.PROCESSOR
    assert not is_complete(checklist(processor, base, DAY))
    assert is_complete(checklist(processor, [*base, held(K.CONTRACTOR_PROOF)], DAY))


def test_whoever_takes_hazardous_waste_shows_its_insurance() -> None:
    """A spill would find nobody who pays (L14)."""
    base = [held(K.BUSINESS_LICENCE), held(K.EMERGENCY_PLAN), held(K.COMPREHENSIVE_LICENCE)]
    processor = OrganisationKind.PROCESSOR
    assert not is_complete(checklist(processor, base, DAY))
    assert is_complete(checklist(processor, [*base, held(K.LIABILITY_INSURANCE)], DAY))
    carrier = [held(K.BUSINESS_LICENCE), held(K.DANGEROUS_GOODS_PERMIT)]
    assert not is_complete(checklist(OrganisationKind.CARRIER, carrier, DAY))
    assert is_complete(
        checklist(OrganisationKind.CARRIER, [held(K.BUSINESS_LICENCE), held(K.ROAD_PERMIT)], DAY)
    )


def test_the_best_document_speaks_for_a_line_and_an_ended_one_says_so() -> None:
    """A party would be told to show what lies there already, or be let in with last year's paper."""
    producer = OrganisationKind.PRODUCER
    assert standings(producer)[0] == "missing"
    assert standings(producer, held(K.BUSINESS_LICENCE, State.WITHDRAWN))[0] == "missing"
    assert standings(producer, held(K.BUSINESS_LICENCE, State.RETURNED))[0] == "returned"
    assert standings(producer, held(K.BUSINESS_LICENCE, State.CHECKED))[0] == "submitted"
    ended = held(K.BUSINESS_LICENCE, valid_to=DAY - timedelta(days=1))
    assert standings(producer, ended)[0] == "expired"
    assert standings(producer, ended, held(K.BUSINESS_LICENCE, valid_to=DAY))[0] == "accepted"


def test_people_and_vehicles_have_checklists_of_their_own() -> None:
    """A vehicle without certificate would look as complete as one with it."""
    (certificate, _) = checklist_of(Subject.VEHICLE, [], DAY)
    assert (certificate.standing, certificate.requirement.needed) == (Standing.MISSING, True)
    assert is_complete(checklist_of(Subject.PERSON, [], DAY))


def test_every_state_and_act_leads_where_the_table_says() -> None:
    """A returned paper would come to count, or a withdrawn one be accepted."""
    for state in State:
        for act in Act:
            assert next_state(state, act) == NEXT.get((state, act))
    assert {state for state, _ in NEXT} == OPEN | {State.ACCEPTED}
    assert {sheet.kind for sheet in SHEETS.values()} == set(DocumentKind)


def test_hazardous_licences_need_two_pairs_of_eyes() -> None:
    """One bribed reviewer would let a licence for hazardous waste in."""
    two = {kind for kind, sheet in SHEETS.items() if sheet.eyes == 2}
    assert two == {K.COMPREHENSIVE_LICENCE, K.COLLECTION_LICENCE}
    sheet = SHEETS[K.COMPREHENSIVE_LICENCE]
    assert act_of_acceptance(State.SUBMITTED, sheet) is Act.CHECK
    assert act_of_acceptance(State.CHECKED, sheet) is Act.ACCEPT
    assert act_of_acceptance(State.SUBMITTED, SHEETS[K.ROAD_PERMIT]) is Act.ACCEPT


@pytest.mark.parametrize(
    ("data", "media_type"), [(PDF, "application/pdf"), (PNG, "image/png"), (JPEG, "image/jpeg")]
)
def test_a_scan_is_told_by_its_content(data: bytes, media_type: str) -> None:
    """A program renamed to .pdf would be opened by a reviewer."""
    found = checked(data)
    assert (found.media_type, found.size) == (media_type, len(data))
    assert found.sha256 == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize(
    "data",
    [b"", PDF[:-20], PNG[:-20], JPEG[:-2] + b"00", b"MZ" + b"0" * 300, b"<html>" + b"0" * 300, b"%PDF-1.7"],
)
def test_what_is_cut_off_or_no_scan_at_all_is_refused(data: bytes) -> None:
    """Half an upload would count as the licence, and be found out in front of a judge."""
    with pytest.raises(Invalid) as refused:
        checked(data)
    assert refused.value.field == "scan"


def test_a_scan_that_is_too_large_or_no_picture_is_refused() -> None:
    """One party would fill the disk for all, or a photo of a site be a text."""
    with pytest.raises(Invalid):
        checked(PDF[:9] + b"0" * MOST_BYTES + PDF[9:])
    with pytest.raises(Invalid):
        checked(PDF, photos_only=True)
    assert checked(PNG, photos_only=True).media_type == "image/png"


def test_a_scan_lies_outside_under_its_hash_and_a_changed_one_is_not_given(tmp_path: Path) -> None:
    """A scan that somebody exchanged on the disk would pass for the one that was accepted."""
    store = Folder(tmp_path / "scans")
    sha256 = store.put(PDF)
    assert store.put(PDF) == sha256
    assert store.get(sha256) == PDF
    (place,) = [path for path in tmp_path.rglob("*") if path.is_file()]
    place.write_bytes(PNG)
    for wanted in (sha256, "0" * 64, "../../etc/passwd", ""):
        with pytest.raises(NotFound):
            store.get(wanted)


@pytest.mark.parametrize(
    ("kind", "valid_to", "years"),
    [
        (LicenceKind.COMPREHENSIVE, date(2030, 1, 1), None),
        (LicenceKind.COMPREHENSIVE, date(2030, 1, 2), 5),
        (LicenceKind.COLLECTION, date(2028, 1, 1), None),
        (LicenceKind.COLLECTION, date(2028, 1, 2), 3),
        (LicenceKind.CONTRACTOR, date(2099, 1, 1), None),
        (None, date(2099, 1, 1), None),
    ],
)
def test_a_licence_runs_no_longer_than_the_law_lets_it(
    kind: LicenceKind | None, valid_to: date, years: int | None
) -> None:
    """A mistyped year would keep a licence alive for decades (L2)."""
    assert years_at_most(kind, date(2025, 1, 1), valid_to) == years
    assert years_at_most(LicenceKind.COLLECTION, date(2024, 2, 29), date(2027, 3, 1)) is None


def test_codes_stand_on_licences_of_their_kind() -> None:
    """Scrap on a hazardous-waste licence, or oil on a contractor's proof, would pass (L1, L13)."""
    assert not kind_fault(LicenceKind.COMPREHENSIVE, "900-214-08")
    assert not kind_fault(LicenceKind.COMPREHENSIVE, "HW08")
    assert kind_fault(LicenceKind.COMPREHENSIVE, "900-001-S17")
    assert kind_fault(LicenceKind.CONTRACTOR, "HW08")
    assert not kind_fault(LicenceKind.CONTRACTOR, "SW17")
    assert number_is_usual("4201000001")
    assert number_is_usual(" g4201000001 ")
    assert not number_is_usual("鄂危许4201")
