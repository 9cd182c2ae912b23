"""Is a password asked for wherever something is signed, with nothing typed lost and no way around it?"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from compliance.manifests.rules import Act as ManifestAct
from marketplace.accounts.rules import ALLOWED_IN_WINDOW, Counted
from marketplace.accounts.tables import Account, ApiToken
from tests.factories.site import PASSWORD, Site, Visitor
from tracking.trips.tables import Trip


@pytest.fixture
def deal(site: Site) -> UUID:
    """A deal whose manifest waits for its mover."""
    return site.market.agree()


@pytest.fixture
def producer(site: Site, deal: UUID) -> Visitor:
    """The mover, who signed in eleven minutes ago."""
    visitor = site.visitor("producer")
    site.wall_at += timedelta(minutes=11)
    return visitor


def acts(site: Site, deal: UUID) -> str:
    """Return where the acts of a deal's manifest are posted."""
    return f"/manifests/{site.market.manifest(deal).id}/acts"


def test_an_old_password_is_asked_for_in_place_and_the_form_is_kept(
    site: Site, deal: UUID, producer: Visitor
) -> None:
    """Whoever finds a PC unlocked would sign in its owner's name; its owner would type everything twice."""
    path = acts(site, deal)
    asked = producer.post(path, act="issue", reason="廿四吨")
    assert asked.status_code == 403
    assert 'name="signing_password"' in asked.text
    assert f'action="{path}"' in asked.text
    assert '<input type="hidden" name="reason" value="廿四吨">' in asked.text
    assert site.market.manifest(deal).number is None
    wrong = producer.post(path, act="issue", reason="廿四吨", signing_password="not the password")
    assert wrong.status_code == 403
    assert "The password is wrong" in wrong.text
    assert 'value="廿四吨"' in wrong.text
    assert "not the password" not in wrong.text
    (account,) = site.market.rows(select(Account))
    assert account.failures == 1
    assert producer.post(path, act="issue", signing_password=PASSWORD).status_code == 303
    (event,) = site.market.events("ManifestIssued")
    assert event.data["credential"] == "password"
    assert "by password" in producer.get(path.removesuffix("/acts"))


def test_a_token_is_handed_out_by_a_password_that_was_just_given(site: Site, producer: Visitor) -> None:
    """Whoever finds a PC unlocked would make a token, and sign with it for a year."""
    asked = producer.post("/account/tokens", name="robot")
    assert (asked.status_code, 'name="signing_password"' in asked.text) == (403, True)
    assert site.market.rows(select(ApiToken)) == []
    made = producer.post("/account/tokens", name="robot", signing_password=PASSWORD)
    assert "hl_" in made.text
    assert len(site.market.rows(select(ApiToken))) == 1


def test_a_password_is_good_for_ten_minutes(site: Site, deal: UUID) -> None:
    """A producer who signs ten manifests in a row would type the password ten times."""
    visitor = site.visitor("producer")
    site.wall_at += timedelta(minutes=9)
    path = acts(site, deal)
    assert visitor.post(path, act="issue").status_code == 303
    site.wall_at += timedelta(minutes=2)
    assert visitor.post(path, act="cancel").status_code == 403
    assert visitor.post(path, act="cancel", signing_password=PASSWORD).status_code == 303


def test_guessing_at_a_signature_is_slowed_down_as_at_the_sign_in(
    site: Site, deal: UUID, producer: Visitor
) -> None:
    """A thief of a browser would try a million passwords where nobody counts."""
    path = acts(site, deal)
    for _ in range(ALLOWED_IN_WINDOW[Counted.LOGIN]):
        assert producer.post(path, act="issue", signing_password="wrong").status_code == 403
    last = producer.post(path, act="issue", signing_password=PASSWORD)
    assert last.status_code == 429
    assert int(last.headers["retry-after"]) > 0
    assert site.market.manifest(deal).number is None


def test_a_refusal_is_told_before_a_password_is_asked_for(site: Site, deal: UUID, producer: Visitor) -> None:
    """A person would type a password only to hear that the act is out of turn."""
    answer = producer.post(acts(site, deal), act="close")
    assert answer.status_code in {403, 409}
    assert "signing_password" not in answer.text


def test_what_signs_nothing_asks_for_nothing(site: Site, deal: UUID) -> None:
    """A driver who only says where the vehicle stands would be stopped for a password."""
    site.market.sign(deal, ManifestAct.ISSUE, "producer")
    (trip,) = site.market.rows(select(Trip).where(Trip.deal_id == deal))
    driver = site.visitor(next(one for one in site.market.drivers if one.person_id == trip.driver_id))
    site.wall_at += timedelta(hours=1)
    path = f"/drive/{trip.id}/steps"
    assert driver.post(path, step="arrived", intent=str(uuid4())).status_code == 303
    plate = site.market.manifest(deal).plate
    site.market.weigh("producer", plate, 12_000)
    site.market.weigh("producer", plate, 32_000)
    headers = {"accept": "application/json", "x-csrftoken": driver.client.cookies["csrftoken"]}
    sent = {"step": "loaded", "intent": str(uuid4())}
    told = driver.client.post(path, data=sent, headers=headers)
    assert (told.status_code, told.json()["code"]) == (403, "proof_wanted")
    wrong = driver.client.post(path, data=sent | {"signing_password": "x"}, headers=headers)
    assert (wrong.status_code, wrong.json()["code"]) == (403, "wrong_password")
    done = driver.client.post(path, data=sent | {"signing_password": PASSWORD}, headers=headers)
    assert done.json() == {"done": True}
