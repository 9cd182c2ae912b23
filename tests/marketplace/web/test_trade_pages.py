"""Do the pages of deals, settlements and the account say what each party may know, and act for it alone?"""

from __future__ import annotations

from uuid import UUID

import pytest

from marketplace.deals.tables import Deal
from tests.factories.site import Site


@pytest.fixture
def deal(site: Site) -> UUID:
    """A deal whose manifest is drawn up."""
    return site.market.agree()


def test_a_deal_shows_its_terms_and_the_producers_next_step(site: Site, deal: UUID) -> None:
    """A producer would not know that the truck waits for a signature."""
    page = site.visitor("producer").get(f"/deals/{deal}")
    assert site.market.get(Deal, deal).terms_hash in page
    assert "Sign and issue the manifest" in page
    assert "producer pays 2,300.00 CNY/t" in page


def test_issuing_numbers_the_manifest_and_says_that_the_number_is_provisional(site: Site, deal: UUID) -> None:
    """A provisional number would be taken for one of the national system (M1)."""
    producer = site.visitor("producer")
    assert producer.sent_to(f"/deals/{deal}/issue") == f"/deals/{deal}"
    page = producer.get(f"/deals/{deal}")
    number = site.market.manifest(deal).number
    assert number is not None
    assert number in page
    assert "provisional number" in page
    again = producer.post(f"/deals/{deal}/issue")
    assert again.status_code == 409


def test_only_the_producer_issues_and_cancels(site: Site, deal: UUID) -> None:
    """A receiver could sign in the producer's name."""
    assert site.visitor("processor").post(f"/deals/{deal}/issue").status_code == 403
    assert site.visitor("neighbour").post(f"/deals/{deal}/cancel", reason="x").status_code == 404


def test_a_cancelled_deal_gives_its_mass_back(site: Site, deal: UUID) -> None:
    """Waste of a deal that came to nothing would never be offered again."""
    site.visitor("producer").sent_to(f"/deals/{deal}/cancel", reason="wrong drums")
    site.market.idle()
    state, lot, _ = site.market.standing(deal)
    assert (state, lot.left_kg) == ("cancelled", 20_000)
    assert "wrong drums" in site.visitor("producer").get(f"/deals/{deal}")


def test_a_carrier_does_not_read_the_price_between_the_others(site: Site, deal: UUID) -> None:
    """A carrier would learn what its customers pay each other."""
    carrier = site.visitor("carrier")
    for page in (carrier.get(f"/deals/{deal}"), carrier.get("/deals")):
        assert "2,300.00" not in page


def test_a_settlement_says_who_pays_whom_and_is_paid_once(site: Site, deal: UUID) -> None:
    """A producer would pay twice, or not know what for."""
    market = site.market
    market.deliver(deal, 20_000, 19_980)
    market.receive(deal, 19_980)
    producer = site.visitor("producer")
    path = f"/settlements/{market.settlement(deal).id}"
    assert "/pay" in producer.get(path)
    assert "simulated bank" in producer.get("/settlements")
    assert producer.sent_to(f"{path}/pay") == path
    assert producer.post(f"{path}/pay").status_code == 409
    statement = producer.get("/settlements/account")
    assert "arrived from the bank" in statement
    assert "¥45,954.00" in statement
    assert "Everything is done" in producer.get(f"/deals/{deal}")


def test_money_of_others_is_not_shown(site: Site, deal: UUID) -> None:
    """A receiver would read what the producer pays the carrier and the platform."""
    market = site.market
    market.deliver(deal, 20_000, 19_980)
    market.receive(deal, 19_980)
    path = f"/settlements/{market.settlement(deal).id}"
    assert "platform" not in site.visitor("processor").get(path).split("What it rests on")[0]
    site.visitor("neighbour").get(path, 404)
    site.visitor("inspector").get(path, 403)


def test_a_token_is_shown_once_and_can_be_taken_back(site: Site) -> None:
    """A token that stays readable, or that cannot be revoked, is a leak for a year."""
    producer = site.visitor("producer")
    made = producer.post("/account/tokens", name="my script")
    token = made.text.split('<code class="hash token">')[1].split("<")[0]
    assert token.startswith("hl_")
    page = producer.get("/account")
    assert token not in page
    assert token[-4:] in page
    revoke = page.split('action="/account/tokens/')[1].split('"')[0]
    producer.sent_to(f"/account/tokens/{revoke}")
    assert "revoked" in producer.get("/account")
    empty = producer.post("/account/tokens", name="  ")
    assert empty.status_code == 422
    assert 'id="name-error"' in empty.text


@pytest.mark.parametrize("name", ["producer", "processor", "carrier", "operator"])
def test_everybody_finds_a_home_that_links_to_pages_that_open(site: Site, deal: UUID, name: str) -> None:
    """A link in the navigation would lead to a refusal."""
    visitor = site.visitor(name)
    home = visitor.get("/")
    assert 'aria-current="page"' in home
    links = {part.split('"')[0] for part in home.split('<a href="')[1:]}
    for link in sorted(links - {"/"}):
        assert visitor.client.get(link).status_code == 200, link


def test_the_language_switch_keeps_the_page(site: Site, deal: UUID) -> None:
    """A reader who switches would be thrown back to the start."""
    producer = site.visitor("producer", "zh")
    page = producer.get(f"/deals/{deal}?x=1")
    assert f'name="next" value="/deals/{deal}?x=1"' in " ".join(page.split())
    assert producer.sent_to("/language", language="en", next=f"/deals/{deal}") == f"/deals/{deal}"
    assert "What is next" in producer.get(f"/deals/{deal}")
