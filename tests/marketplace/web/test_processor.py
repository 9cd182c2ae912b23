"""Can a receiver decide on a load at the gate, and say what it takes and who pays?"""

from __future__ import annotations

import re
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from compliance.manifests.rules import Act as ManifestAct
from compliance.receipts.tables import Receipt
from compliance.record.errors import Invalid
from marketplace.needs.tables import Need
from marketplace.web.pages.typed import kilograms
from tests.factories.site import Site
from tests.factories.trade import OIL, WUHAN
from tests.marketplace.web.moves import drive
from tracking.trips.rules import Act as TripAct


@pytest.fixture
def deal(site: Site) -> UUID:
    """A load that stands at the processor's gate, weighed at both ends."""
    deal = site.market.agree()
    site.market.deliver(deal, 20_000, 19_980)
    return deal


def page_of(site: Site, deal: UUID) -> str:
    """Return the address of a load's page."""
    return f"/incoming/{site.market.manifest(deal).id}"


def receipt(site: Site) -> Receipt:
    """Return the one receipt."""
    (row,) = site.market.rows(select(Receipt))
    assert isinstance(row, Receipt)
    return row


def test_loads_stand_under_what_they_wait_for(site: Site, deal: UUID) -> None:
    """A gatekeeper would look for the vehicle that is here among those that are expected."""
    processor = site.visitor("processor")
    assert "Compare the weights and decide" in processor.get("/incoming")
    assert "Nothing is coming yet" in site.visitor("distant").get("/incoming")
    site.visitor("producer").get("/incoming", status=403)


def test_a_load_on_the_way_has_an_estimated_arrival(site: Site) -> None:
    """A gatekeeper would not know whether to stay for the last truck of the day."""
    market = site.market
    deal = market.agree()
    market.sign(deal, ManifestAct.ISSUE, "producer")
    market.step(deal, TripAct.ARRIVE)
    plate = market.manifest(deal).plate
    market.weigh("producer", plate, 12_000)
    market.weigh("producer", plate, 32_000)
    market.step(deal, TripAct.LOAD)
    market.step(deal, TripAct.DEPART)
    drive(market, market.manifest(deal).vehicle_id, [WUHAN])
    page = site.visitor("processor").get("/incoming")
    assert "Expected" in page
    assert "estimate" in page


def test_a_load_is_accepted_with_the_own_scales_net(site: Site, deal: UUID) -> None:
    """A receiver would type a mass that the scale has told already."""
    processor, place = site.visitor("processor"), page_of(site, deal)
    page = processor.get(place)
    assert 'value="19.980"' in page
    assert "1.00 ‰" in page
    assert processor.sent_to(f"{place}/receipt", verdict="accept", tonnes="19.980", reason="") == place
    assert receipt(site).accepted_kg == 19_980
    assert processor.sent_to(f"{place}/acts", act="treat") == place
    assert processor.sent_to(f"{place}/acts", act="close") == place
    assert site.market.manifest(deal).state == "closed"


def test_taking_less_needs_a_reason_and_keeps_what_was_typed(site: Site, deal: UUID) -> None:
    """A producer would be paid less without a word (M12)."""
    processor, place = site.visitor("processor"), page_of(site, deal)
    answer = processor.post(f"{place}/receipt", verdict="accept", tonnes="15", reason="")
    assert answer.status_code == 422
    assert 'id="reason-error"' in answer.text
    assert 'value="15"' in answer.text
    assert processor.post(f"{place}/receipt", verdict="accept", tonnes="much").status_code == 422
    over = processor.post(f"{place}/receipt", verdict="accept", tonnes="25", reason="")
    assert "M10.over_accepted" in over.text
    processor.sent_to(
        f"{place}/receipt",
        verdict="accept",
        tonnes="15",
        reason="water in the drums",
        differs="quantity",
        note_form="watery",
    )
    assert (receipt(site).accepted_kg, receipt(site).reason) == (15_000, "water in the drums")
    site.market.idle()
    assert "The load is not what its manifest says" in site.visitor("inspector").get("/alerts")


def test_a_load_is_refused_only_with_a_reason(site: Site, deal: UUID) -> None:
    """A truck would be sent back and nobody would know why."""
    processor, place = site.visitor("processor"), page_of(site, deal)
    assert processor.post(f"{place}/receipt", verdict="refuse", reason=" ").status_code == 422
    assert (
        processor.sent_to(f"{place}/receipt", verdict="refuse", reason="wrong waste", differs="kind") == place
    )
    assert site.market.manifest(deal).state == "refused"
    assert site.market.manifest(deal).findings["kind"] == {"agrees": False, "note": ""}
    assert "wrong waste" in processor.get(place)


def test_only_the_receiver_decides(site: Site, deal: UUID) -> None:
    """Another processor could take or refuse somebody else's load."""
    place = page_of(site, deal)
    assert site.visitor("distant").post(f"{place}/receipt", verdict="refuse", reason="x").status_code == 404
    assert site.visitor("carrier").post(f"{place}/receipt", verdict="refuse", reason="x").status_code == 403


def test_a_need_says_who_pays(site: Site) -> None:
    """A sign typed wrongly would make the processor pay for what it is paid for (P1)."""
    processor = site.visitor("processor")
    mine = str(site.market.parties["processor"].site_id)
    form = {"site_id": mine, "code": OIL, "mode": "use", "kg": "12.5", "valid_to": "2027-01-31"}
    assert processor.sent_to("/needs", **form, payer="producer", price="800") == "/needs"
    processor.sent_to("/needs", **form, payer="receiver", price="100.50")
    prices = {row.price for row in site.market.rows(select(Need).where(Need.left_kg == 12_500))}
    assert prices == {Decimal("-800.00"), Decimal("100.50")}
    page = processor.get("/needs")
    assert "producer pays 800.00 CNY/t" in page
    assert "receiver pays 100.50 CNY/t" in page


def test_a_need_outside_the_licence_is_refused_beside_its_field(site: Site) -> None:
    """A processor would learn only at the deal that its licence does not carry the waste (L1)."""
    processor = site.visitor("processor")
    mine = str(site.market.parties["processor"].site_id)
    form = {"site_id": mine, "mode": "store", "kg": "12.5", "valid_to": "2027-01-31", "payer": "producer"}
    refused = processor.post("/needs", **form, code=OIL, price="800")
    assert refused.status_code == 422
    assert "L1.mode_not_covered" in refused.text
    assert 'value="12.5"' in refused.text
    signed = processor.post("/needs", **form, code=OIL, price="-800")
    assert 'id="price-error"' in signed.text


def test_a_need_is_closed_by_its_owner(site: Site) -> None:
    """A rival could take a processor's offers off the market."""
    need = site.market.needs["processor"]
    assert site.visitor("distant").post(f"/needs/{need}/close").status_code == 404
    assert site.visitor("processor").sent_to(f"/needs/{need}/close") == "/needs"
    assert site.market.get(Need, need).open is False


@given(st.integers(min_value=0, max_value=10**9))
def test_every_mass_to_the_kilogram_is_read_exactly(kg: int) -> None:
    """A receipt would be a kilogram off what was typed."""
    assert kilograms(f"{kg // 1000}.{kg % 1000:03d}", "kg") == kg
    assert kilograms(f" {kg // 1000:,}.{kg % 1000:03d} ", "kg") == kg


@pytest.mark.parametrize("text", ["", "abc", "1.2345", "NaN", "inf", "1e99"])
def test_what_is_no_mass_is_refused(text: str) -> None:
    """A typing error would become a mass."""
    with pytest.raises(Invalid):
        kilograms(text, "kg")


@pytest.mark.parametrize("who", ["producer", "carrier", "inspector", "operator"])
def test_receiving_hours_are_the_processors(site: Site, who: str) -> None:
    """Somebody else would close a plant's gate."""
    site.visitor(who).get("/needs/receiving", status=403)


def test_a_receiver_states_its_hours_and_docks(site: Site) -> None:
    """Carriers would go on sending vehicles to a closed gate."""
    visitor = site.visitor("processor")
    assert "/needs/receiving" in visitor.get("/needs")
    text = visitor.get("/needs/receiving")
    (place,) = re.findall(r'action="(/needs/receiving/[^"]+)"', text)
    wrong = visitor.post(place, opens="18:00", closes="08:00", docks="0")
    assert wrong.status_code == 422
    assert 'value="18:00"' in wrong.text
    assert wrong.text.count('aria-invalid="true"') == 2
    assert visitor.post(place, opens="", closes="", docks="many").status_code == 422
    assert visitor.sent_to(place, opens="08:00", closes="18:00", docks="2") == "/needs/receiving"
    text = visitor.get("/needs/receiving")
    assert all(f'value="{one}"' in text for one in ("08:00", "18:00", "2"))
    site.visitor("distant").post(place, opens="", closes="", docks="")
    assert 'value="18:00"' in visitor.get("/needs/receiving"), "another receiver has no say here"
