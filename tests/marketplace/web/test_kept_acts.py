"""Can a terminal hand in what it signed over both doors, and does the right person decide on the page?"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from compliance.manifests.rules import Act as ManifestAct
from compliance.manifests.tables import Manifest
from compliance.record.database import transaction
from compliance.record.who import Who
from compliance.signing_keys.rules import Algorithm
from compliance.signing_keys.tables import SigningKey
from marketplace.accounts import service as accounts
from tests.factories.site import PASSWORD, Site
from tests.factories.terminals import Terminal
from tracking.kept_acts.rules import shown
from tracking.kept_acts.service import Item
from tracking.kept_acts.tables import KeptAct
from tracking.trips.tables import Trip

KEYS = count()


@dataclass
class Cab:
    """A driver with a terminal whose key is enrolled over the API, and the load."""

    site: Site
    trip: Trip
    driver: Who
    terminal: Terminal

    def api(self, who: Who | str, method: str, path: str, said: object = None) -> httpx.Response:
        """Ask the API as somebody."""
        visitor = self.site.visitor(who)
        person = self.site.market.parties[who].who if isinstance(who, str) else who
        assert person.person_id is not None
        with transaction(self.site.market.engine) as session:
            _, text = accounts.issue_token(session, person.person_id, "test", self.site.wall_at)
        headers = {"authorization": f"Bearer {text}", "idempotency-key": f"kept-{next(KEYS)}"}
        return visitor.client.request(method, f"/api/v1{path}", json=said, headers=headers)

    def keep(self, act: str) -> Item:
        """Sign a step as the manifest stands now."""
        market = self.site.market
        seen = shown(market.manifest(self.trip.deal_id))
        return self.terminal.keep(act, self.trip.id, market.at, seen)

    def said(self, *items: Item) -> dict[str, Any]:
        """Return what is handed in."""
        told = [{"statement": one.statement, "signature": one.signature} for one in items]
        return {"key_id": str(self.terminal.key_id), "items": told}

    def enrol(self, password: str = PASSWORD) -> httpx.Response:
        """Enrol the terminal over the API."""
        assert self.driver.person_id is not None
        new = self.terminal.new_key(self.driver.person_id)
        said = {
            "label": new.label,
            "algorithm": new.algorithm.value,
            "public_key": new.public_key,
            "signature": new.signature,
            "password": password,
        }
        return self.api(self.driver, "POST", "/signing-keys", said)


@pytest.fixture
def cab(site: Site) -> Cab:
    """A driver at the gate, the vehicle weighed, the terminal enrolled."""
    market = site.market
    deal = market.agree()
    market.sign(deal, ManifestAct.ISSUE, "producer")
    plate = market.manifest(deal).plate
    market.weigh("producer", plate, 12_000)
    market.weigh("producer", plate, 32_000)
    (trip,) = market.rows(select(Trip))
    driver = next(one for one in market.drivers if one.person_id == trip.driver_id)
    found = Cab(site, trip, driver, Terminal(Algorithm.P256))
    answer = found.enrol()
    assert answer.status_code == 201, answer.text
    found.terminal.key_id = UUID(answer.json()["id"])
    return found


def test_a_terminals_own_program_hands_in_and_a_dispatcher_decides(cab: Cab, tmp_path: Path) -> None:
    """A carrier's own terminals could not sign, or a conflict would be decided by whoever came first."""
    site, market = cab.site, cab.site.market
    assert cab.enrol("not the password").status_code == 401
    done = cab.api(cab.driver, "POST", "/kept-acts", cab.said(cab.keep("arrived"), cab.keep("loaded"))).json()
    assert [one["state"] for one in done["items"]] == ["applied", "applied"]
    assert done["head"]["seq"] == 2
    departed = cab.keep("departed")
    with market.work() as work:
        work.session.get_one(Manifest, cab.trip.manifest_id).planned_kg = 26_000
    driver = site.visitor(cab.driver)
    driver.get("/drive")
    headers = {"accept": "application/json", "x-csrftoken": driver.client.cookies["csrftoken"]}
    answer = driver.client.post("/kept-acts", json=cab.said(departed), headers=headers)
    assert answer.status_code == 200, answer.text
    (kept,) = answer.json()["items"]
    assert (kept["state"], kept["differences"][0]["field"]) == ("conflict", "planned_kg")
    path = f"/kept-acts/{kept['id']}"
    for who, status in (("producer", 404), ("neighbour", 404), ("carrier", 200), ("inspector", 200)):
        assert cab.api(who, "GET", path).status_code == status
        page = site.visitor(who).get(path, status=status)
        assert ("Which version is kept?" in page) == (who == "carrier")
    assert "Which version is kept?" not in driver.get(path)
    said = {"decision": "keep_mine", "reason": "x"}
    assert cab.api(cab.driver, "POST", f"{path}/decision", said).status_code == 403
    carrier = site.visitor("carrier")
    refused = carrier.post(f"{path}/decision", decision="keep_mine", reason=" ")
    assert (refused.status_code, "Give the reason" in refused.text) == (422, True)
    assert carrier.sent_to(f"{path}/decision", decision="keep_mine", reason="磅单为准") == path
    assert "磅单为准" in carrier.get(path)
    assert market.get(Trip, cab.trip.id).state == "under_way"
    assert cab.api("carrier", "GET", "/kept-acts?open=true").json() == []
    assert_bundle(cab, tmp_path)


def assert_bundle(cab: Cab, folder: Path) -> None:
    """Insist that a stranger can check what the terminal signed, and sees when it was changed."""
    content = cab.api("inspector", "GET", f"/manifests/{cab.trip.manifest_id}/bundle.zip").content
    zipfile.ZipFile(io.BytesIO(content)).extractall(folder)
    command = [sys.executable, "-I", "-S", str(folder / "verify.py")]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    record = json.loads((folder / "record.json").read_text(encoding="utf-8"))
    assert [one["act"] for one in record["kept_acts"]] == ["arrived", "loaded", "departed"]
    record["kept_acts"][1]["statement"] = record["kept_acts"][1]["statement"].replace("20000", "25000")
    (folder / "record.json").write_text(json.dumps(record), encoding="utf-8")
    told = subprocess.run(command, capture_output=True, check=False, text=True)
    assert told.returncode == 1
    assert "kept act" in told.stdout


def test_a_terminal_hears_where_its_chain_stands(cab: Cab) -> None:
    """A terminal that lost its place could never hand in again."""
    cab.keep("arrived")
    answer = cab.api(cab.driver, "POST", "/kept-acts", cab.said(cab.keep("loaded")))
    assert (answer.status_code, answer.json()["code"]) == (409, "chain_broken")
    (key,) = cab.api(cab.driver, "GET", "/signing-keys").json()
    assert (key["last_seq"], key["last_hash"]) == (0, "")
    cab.terminal.seq, cab.terminal.previous = key["last_seq"], key["last_hash"]
    done = cab.api(cab.driver, "POST", "/kept-acts", cab.said(cab.keep("arrived")))
    assert done.json()["items"][0]["state"] == "applied"


def test_a_press_that_was_set_aside_is_not_done_by_signing_it_again(cab: Cab) -> None:
    """The driver would read that the load is signed for, and nothing at all would stand on the manifest."""
    market, intent = cab.site.market, "a-press-of-a-button"
    cab.api(cab.driver, "POST", "/kept-acts", cab.said(cab.keep("arrived")))
    seen = shown(market.manifest(cab.trip.deal_id))
    for told in (seen | {"planned_kg": 1}, seen):
        item = cab.terminal.keep("loaded", cab.trip.id, market.at, told, intent=intent)
        (kept,) = cab.api(cab.driver, "POST", "/kept-acts", cab.said(item)).json()["items"]
        assert (kept["state"], kept["reasons"][0]["code"]) == ("conflict", "changed_meanwhile")
    assert market.get(Trip, cab.trip.id).state == "at_origin"


def test_two_presses_that_a_terminal_names_alike_are_both_done(cab: Cab) -> None:
    """The second act would be marked as done and nothing of it stand on the manifest."""
    market, intent = cab.site.market, "a-press-of-a-button"
    for act in ("arrived", "loaded"):
        seen = shown(market.manifest(cab.trip.deal_id))
        item = cab.terminal.keep(act, cab.trip.id, market.at, seen, intent=intent)
        (kept,) = cab.api(cab.driver, "POST", "/kept-acts", cab.said(item)).json()["items"]
        assert kept["state"] == "applied", kept
    assert market.get(Trip, cab.trip.id).state == "loaded"


def test_the_office_revokes_the_key_of_a_lost_telephone(cab: Cab) -> None:
    """A driver who lost the telephone could not stop it from signing."""
    site = cab.site
    path = f"/account/keys/{cab.terminal.key_id}/revoke"
    assert site.visitor("producer").post(path).status_code == 404
    carrier = site.visitor("carrier")
    assert "驾驶室平板" in carrier.get("/account")
    assert carrier.sent_to(path) == "/account"
    assert site.market.get(SigningKey, cab.terminal.key_id).revoked_at is not None
    done = cab.api(cab.driver, "POST", "/kept-acts", cab.said(cab.keep("arrived"))).json()
    assert done["items"][0]["reasons"][0]["code"] == "key_revoked"
    assert site.market.rows(select(KeptAct.state)) == ["conflict"]


def test_numbers_are_reserved_for_the_own_site_alone(cab: Cab) -> None:
    """A stranger could empty the series of a prefecture."""
    site = cab.site
    producer = site.market.parties["producer"]
    assert producer.who.person_id is not None
    cab.driver, cab.terminal = producer.who, Terminal()
    cab.terminal.key_id = UUID(cab.enrol().json()["id"])
    path = f"/signing-keys/{cab.terminal.key_id}/numbers"
    foreign = {"site_id": str(site.market.parties["neighbour"].site_id), "count": 2}
    assert cab.api(producer.who, "POST", path, foreign).status_code == 403
    own = foreign | {"site_id": str(producer.site_id)}
    assert cab.api("neighbour", "POST", path, own).status_code == 404
    held = cab.api(producer.who, "POST", path, own).json()["items"]
    assert [one["number"][-6:] for one in held] == ["000002", "000003"]
    back = cab.api(producer.who, "POST", f"{path}/return", {"reason": "下班"}).json()["items"]
    assert {one["state"] for one in back} == {"returned"}


def test_a_terminal_that_issues_is_given_a_few_numbers_once(cab: Cab) -> None:
    """Every look at the page would take numbers out of the series, or a press sent again issue twice."""
    site, market = cab.site, cab.site.market
    producer = market.parties["producer"]
    assert producer.who.person_id is not None
    deal = market.agree()
    row = market.manifest(deal)
    cab.driver, cab.terminal = producer.who, Terminal()
    key = cab.enrol().json()["id"]
    visitor = site.visitor("producer")
    page = visitor.get(f"/manifests/{row.id}")
    assert f'data-site="{producer.site_id}"' in page
    headers = {"accept": "application/json", "x-csrftoken": visitor.client.cookies["csrftoken"]}
    path, said = f"/account/keys/{key}/numbers", {"site": str(producer.site_id)}
    first = visitor.client.post(path, data=said, headers=headers).json()
    assert len(first["numbers"]) == 3
    assert visitor.client.post(path, data=said, headers=headers).json() == first
    press = {"act": "issue", "step": "issue", "intent": "a-press-of-a-button"}
    acts = f"/manifests/{row.id}/acts"
    for _ in range(2):
        assert visitor.client.post(acts, data=press, headers=headers).json() == {"done": True}
    assert len(market.events("ManifestIssued")) == 2, "the load of the cab, and this one once"
