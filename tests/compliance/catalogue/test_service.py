"""Do the catalogues bind an act on its day, on both databases?"""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import delete, func, select

from compliance.catalogue import queries, service
from compliance.catalogue.rules import Basis
from compliance.catalogue.tables import CatalogueEntry, Division
from compliance.record import ledger
from compliance.record.errors import Invalid, NotFound, RuleBroken
from compliance.record.work import Work

TODAY = date(2026, 11, 20)


def refusal(work: Work, code: str, on: date) -> RuleBroken:
    """Return the refusal of a code."""
    with pytest.raises(RuleBroken) as caught:
        service.require(work, code, on, "code")
    return caught.value


def test_loading_again_adds_nothing_and_undoes_nothing(work: Work) -> None:
    """Every start loads: twice the rows, or a withdrawn code in force again, would be wrong law."""
    service.withdraw(work, "HW2025", "900-214-08", date(2026, 6, 30))
    assert service.load(work) == service.Loaded(0, 0, 0, 0)
    assert queries.find(work.session, "900-214-08", TODAY) is None


def test_loading_adds_what_is_missing(work: Work) -> None:
    """A new version of the files reaches a database that holds the older ones."""
    work.session.execute(delete(CatalogueEntry).where(CatalogueEntry.code == "SW10"))
    work.session.execute(delete(Division).where(Division.code == "429004"))
    assert service.load(work) == service.Loaded(0, 1, 0, 1)
    assert work.session.scalar(select(func.count()).select_from(CatalogueEntry)) == 467 * 2 + 47


def test_the_day_chooses_the_edition(work: Work) -> None:
    """A manifest of 2024 is judged by the text of 2024, one of today says what it rests on."""
    old = service.require(work, "900-214-08", date(2024, 12, 31), "code")
    new = service.require(work, "90021408", date(2025, 1, 1), "code")
    assert (old.edition, old.basis) == ("HW2021", Basis.OFFICIAL)
    assert (new.edition, new.basis, new.code) == ("HW2025", Basis.CARRIED_OVER, "900-214-08")
    assert [one.code for one in queries.editions(work.session)] == ["HW2021", "SW2024", "HW2025"]


def test_a_pseudo_code_is_found_through_its_category(work: Work) -> None:
    """Waste identified as hazardous by testing must be movable although no row lists it."""
    found = service.require(work, "900-000-08", TODAY, "code")
    assert (found.category, found.basis, found.hazards) == ("HW08", Basis.IDENTIFIED, "")
    assert refusal(work, "900-000-41", TODAY).rule == "C1.unknown_code"


def test_an_expired_code_is_refused_by_the_law_of_its_day(work: Work) -> None:
    """A refusal that cites a repealed article would not stand."""
    service.withdraw(work, "HW2025", "900-214-08", date(2026, 3, 31))
    assert service.require(work, "900-214-08", date(2026, 3, 31), "code").valid_to == date(2026, 3, 31)
    before, since = (refusal(work, "900-214-08", on) for on in (date(2026, 8, 14), date(2026, 8, 15)))
    assert before.rule == since.rule == "C1.code_not_in_force"
    assert "固废法 第36条、第78条" in before.article
    assert "生态环境法典 第489条、第532条" in since.article
    assert (since.field, since.code) == ("code", "C1")
    assert str(since) == (
        "Waste code 900-214-08 is not in force on 2026-08-15:"
        " edition HW2025 lists it from 2025-01-01 to 2026-03-31."
    )


def test_a_code_before_its_edition_is_refused_with_its_first_day(work: Work) -> None:
    """A back-dated entry must learn from when on the code counts."""
    fault = refusal(work, "SW10", date(2024, 1, 21))
    assert (fault.rule, fault.values["valid_from"]) == ("C1.code_not_in_force", "2024-01-22")


def test_unknown_and_malformed_codes_are_told_apart(work: Work) -> None:
    """A typing error and a waste that does not exist need different ways out."""
    assert refusal(work, "123-456-08", TODAY).rule == "C1.unknown_code"
    assert refusal(work, "废机油", TODAY).rule == "C1.bad_form"
    assert queries.find(work.session, "废机油", TODAY) is None


def test_a_withdrawal_is_an_event_and_needs_a_possible_day(work: Work) -> None:
    """A change of law in the product has to be traceable to the person who made it."""
    service.withdraw(work, "HW2025", "900-214-08", date(2026, 3, 31))
    event = ledger.pending(work.session)[-1]
    assert (event.kind, event.data["code"]) == ("WasteCodeWithdrawn", "900-214-08")
    assert event.subject == service.entry_id("HW2025", "900-214-08")
    with pytest.raises(Invalid):
        service.withdraw(work, "HW2025", "900-214-08", date(2024, 12, 31))
    with pytest.raises(NotFound):
        service.withdraw(work, "HW2025", "SW10", date(2026, 3, 31))


def test_families_can_be_listed(work: Work) -> None:
    """Phosphogypsum is traded by its family: the third-level codes are missing."""
    rows = queries.families(work.session, TODAY)
    assert len(rows) == 35
    assert ("SW10", "磷石膏") in {(row.code, row.category_name) for row in rows}


def test_exemptions_are_shown_with_their_condition(work: Work) -> None:
    """A producer must see that undamaged lead batteries may be exempt in transport, and item 32."""
    lines = queries.exemptions_for(work.session, "900-052-31", TODAY)
    assert (lines[0].item, lines[0].stages, lines[0].is_general) == (18, ("运输",), False)
    assert lines[0].condition
    assert lines[0].basis is Basis.CARRIED_OVER
    assert 32 in {line.item for line in lines if line.is_general}
    by_category = queries.exemptions_for(work.session, "900-300-34", date(2022, 1, 1))
    assert {line.item for line in by_category if not line.is_general} == {20}
    assert {line.edition for line in by_category} == {"HW2021"}
    assert queries.exemptions_for(work.session, "SW10", TODAY) == []
    assert queries.exemptions_for(work.session, "?", TODAY) == []


@pytest.mark.parametrize(
    ("code", "prefecture", "name"),
    [
        ("420115", "420100", "湖北省武汉市江夏区"),
        ("420100", "420100", "湖北省武汉市"),
        ("429004", "429000", "湖北省仙桃市"),
        ("110101", "110100", "北京市东城区"),
    ],
)
def test_every_place_has_its_prefecture(work: Work, code: str, prefecture: str, name: str) -> None:
    """Digits 5 to 8 of a manifest number name the prefecture row, 4290 for the four without one."""
    assert queries.prefecture_of(work.session, code) == prefecture
    assert queries.full_name(work.session, code) == name


def test_places_without_prefecture_are_refused(work: Work) -> None:
    """A manifest number for a whole province or for no place at all cannot be made."""
    with pytest.raises(Invalid):
        queries.prefecture_of(work.session, "420000")
    with pytest.raises(NotFound):
        queries.prefecture_of(work.session, "999999")
    assert len(queries.divisions_under(work.session, "420000")) == 14
    assert len(queries.divisions_under(work.session, None)) == 34
