"""One load over HTTP: each party does its part, and sees its part only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

import httpx
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import Engine, update

from compliance.catalogue.tables import CatalogueEntry
from compliance.deadlines import service as deadlines
from compliance.deadlines.rules import Kind as Deadline
from compliance.deadlines.service import About
from compliance.record.database import transaction
from compliance.record.who import SYSTEM, Who
from compliance.record.work import Work
from compliance.registry.tables import Person
from compliance.rulebook.workdays import Workdays
from marketplace.accounts import service
from marketplace.accounts.tables import Account
from tests.marketplace.edge.house import House, hashed
from tests.tracking.world import CODE, START, World, build, drive, positions, ticket, weighed
from tracking.alerts import service as alerts
from tracking.alerts.kinds import Kind
from tracking.alerts.rules import Subjects

pytestmark = pytest.mark.sqlite_alone


@dataclass
class Market:
    """A world with a token for everybody in it."""

    world: World
    client: TestClient[Litestar]
    tokens: dict[str, str]
    keys: Iterator[int]

    def get(self, who: str, path: str, **query: Any) -> httpx.Response:
        """Read as somebody."""
        return self.client.get(f"/api/v1{path}", headers=self._token(who), params=query)

    def post(self, who: str, path: str, said: object = None) -> httpx.Response:
        """Do something as somebody, with a fresh key."""
        headers = self._token(who) | {"idempotency-key": f"k{next(self.keys)}"}
        return self.client.post(f"/api/v1{path}", json=said or {}, headers=headers)

    def patch(self, who: str, path: str, said: object, etag: str) -> httpx.Response:
        """Edit as somebody."""
        return self.client.patch(f"/api/v1{path}", json=said, headers=self._token(who) | {"if-match": etag})

    def _token(self, who: str) -> dict[str, str]:
        return {"authorization": f"Bearer {self.tokens[who]}", "accept-language": "en"}


@pytest.fixture
def market(engine: Engine, house: House) -> Iterator[Market]:
    """The tracking tests' world with everybody able to sign in, at nine in the morning."""
    world = build(engine)
    people = {
        name: getattr(world, name) for name in ("producer", "processor", "dispatcher", "driver", "stranger")
    }
    tokens = {name: _enrol(engine, name, who) for name, who in people.items()}
    tokens |= {
        role.value: house.token(role)["Authorization"][7:]
        for role in house.people
        if role.value not in tokens
    }
    with house.client() as client:
        yield Market(world, client, tokens, count())


def _enrol(engine: Engine, name: str, who: Who) -> str:
    with transaction(engine) as session:
        assert who.person_id is not None
        if session.get(Person, who.person_id) is None:
            roles = [role.value for role in who.roles]
            session.add(Person(id=who.person_id, organisation_id=who.organisation_id, name=name, roles=roles))
            session.flush()
        session.add(Account(person_id=who.person_id, login=f"w-{name}", password_hash=hashed(), failures=0))
        session.flush()
        return service.issue_token(session, who.person_id, "test", START)[1]


def _lot(world: World, **changed: object) -> dict[str, object]:
    said: dict[str, object] = {
        "site_id": str(world.origin_id),
        "code": CODE,
        "kg": 24_000,
        "ready_from": (START + timedelta(hours=2)).isoformat(),
        "ready_to": (START + timedelta(days=3)).isoformat(),
        "price": "-230.50",
    }
    return said | changed


def test_a_producer_lists_reads_changes_and_withdraws_a_lot(market: Market) -> None:
    """A producer's own programs could not replace the pages."""
    made = market.post("producer", "/lots", _lot(market.world))
    assert made.status_code == 201, made.text
    path = f"/lots/{made.json()['id']}"
    read = market.get("producer", path)
    assert (read.headers["etag"], read.json()["price"]) == ('W/"1"', "-230.50")
    changed = market.patch("producer", path, {"kg": 20_000}, read.headers["etag"])
    assert (changed.status_code, changed.json()["kg"], changed.json()["price"]) == (200, 20_000, "-230.50")
    assert market.patch("producer", path, {"kg": 1}, read.headers["etag"]).status_code == 412
    assert market.post("producer", f"{path}/withdraw").json()["state"] == "withdrawn"
    kinds = [
        one["kind"] for one in market.get("producer", "/events", subject=made.json()["id"]).json()["items"]
    ]
    assert kinds == ["LotListed", "LotChanged", "LotWithdrawn"]


def test_everything_wrong_with_a_lot_is_told_at_once(market: Market) -> None:
    """A producer would mend one field only to meet the next."""
    told = market.post("producer", "/lots", _lot(market.world, code="999-999-49", kg=-1)).json()
    assert {(one["rule"], one["field"]) for one in told["errors"]} == {
        ("C1.unknown_code", "code"),
        ("P5.mass", "kg"),
    }
    assert all(one["way_out"] for one in told["errors"])


def test_a_list_is_read_in_parts_without_gap_or_double(market: Market) -> None:
    """A program would miss lots, or count some twice."""
    made = {market.post("producer", "/lots", _lot(market.world)).json()["id"] for _ in range(5)}
    seen, cursor = [], None
    while True:
        part = market.get("producer", "/lots", limit=2, **({"cursor": cursor} if cursor else {})).json()
        seen += [lot["id"] for lot in part["items"]]
        cursor = part["next"]
        if cursor is None:
            break
    assert (len(seen), set(seen)) == (5, made)
    assert market.get("producer", "/lots", cursor="nonsense").status_code == 422


def test_nobody_sees_anothers_things(market: Market) -> None:
    """One firm's trade would lie open to its rival."""
    lot = market.post("producer", "/lots", _lot(market.world)).json()["id"]
    world = market.world
    for path in (f"/lots/{lot}", f"/manifests/{world.manifest_id}", f"/trips/{world.trip_id}"):
        assert market.get("stranger", path).status_code == 404
        assert market.get("inspector", path).status_code == 200
    for path in ("/lots", "/deals", "/manifests", "/trips", "/weighings", "/settlements"):
        assert market.get("stranger", path).json()["items"] == []
    assert market.get("stranger", "/events", subject=lot).status_code == 404
    assert market.get("stranger", "/market").status_code == 403


def test_a_driver_drives_a_load_and_everybody_reads_its_custody(market: Market) -> None:
    """The loop could not be closed without a browser."""
    world, trip = market.world, f"/trips/{market.world.trip_id}"
    first = ticket("scale-a", 1, 14_000, 60)
    world.feed(weighed("scale-a", first))
    assert market.post("driver", f"{trip}/steps", {"step": "arrived"}).json()["next_step"] == "loaded"
    early = market.post("driver", f"{trip}/steps", {"step": "loaded"})
    assert (early.status_code, early.json()["rule"]) == (422, "M4.not_weighed")
    world.feed(weighed("scale-a", ticket("scale-a", 2, 26_000, 600, previous=first.ticket_hash)))
    for step in ("loaded", "departed"):
        done = market.post("driver", f"{trip}/steps", {"step": step, "lat": 30.6, "lon": 114.3})
        assert done.status_code == 200, done.text
    assert market.post("stranger", f"{trip}/steps", {"step": "delivered"}).status_code == 404
    custody = market.get("processor", f"/manifests/{world.manifest_id}").json()
    assert [one["act"] for one in custody["signatures"]] == ["load", "depart"]
    assert [one["kg"] for one in custody["weighings"]] == [14_000, 26_000]
    assert custody["trip"]["sender_kg"] == 12_000
    hashes = [one["hash"] for one in custody["events"]]
    assert len(hashes) == len(set(hashes)) >= 4


def test_the_live_map_shows_each_reader_what_is_theirs(market: Market) -> None:
    """A rival would watch the lorries."""
    market.world.feed(positions(*drive()[:3]))
    assert [one["plate"] for one in market.get("inspector", "/live/snapshot").json()["items"]] == [
        "鄂A·70012"
    ]
    assert market.get("stranger", "/live/snapshot").json()["items"] == []


def test_the_operator_sees_what_was_refused_and_what_lags(market: Market) -> None:
    """Faults would grow unseen."""
    glance = market.get("operator", "/market").json()
    assert glance["manifests"] == {"issued": 1}
    market.get("operator", "/lots/nowhere")
    market.client.app.state.door.tally.flush()
    refusals = market.get("operator", "/refusals").json()
    empty: dict[str, object] = {"counts": {}, "devices": {}, "dead_letters": [], "conflicts": []}
    assert refusals == empty | {"door": {"not_found": 1}}
    assert market.get("operator", "/reactions").json() == {"subscribers": [], "parked": []}


def test_waste_is_found_by_its_code(market: Market) -> None:
    """A program would have to know the catalogue by heart."""
    assert market.get("producer", "/catalogue", q=CODE).status_code == 200
    assert market.get("producer", "/catalogue").json()["errors"][0]["field"] == "q"


@pytest.mark.parametrize(
    "path", ["/sites", "/vehicles", "/balance", "/needs", "/tokens", f"/catalogue/{CODE}"]
)
def test_the_small_reads_answer(market: Market, path: str) -> None:
    """A program would have to ask a person."""
    assert market.get("producer", path).status_code == 200


@pytest.mark.parametrize(
    "path", ["/lots/{}", "/deals/{}", "/trips/{}", "/manifests/{}/receipt", "/organisations/{}"]
)
def test_what_is_not_there_is_not_found(market: Market, path: str) -> None:
    """It would look like a fault."""
    answer = market.get("operator", path.format(uuid4()))
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_a_rule_is_explained_as_of_a_day_in_both_languages(market: Market) -> None:
    """A program could not show why a load is stopped, or would cite a repealed act."""
    (before,) = market.get("producer", "/rules/M1", on="2026-08-14").json()["items"]
    (since,) = market.get("producer", "/rules/M1", on="2026-08-15").json()["items"]
    assert (before["article"][:3], since["article"][:6]) == ("固废法", "生态环境法典")
    assert (before["penalties"], since["penalties"][0]["most_yuan"]) == ([], 200_000)
    assert since["message_zh"] != since["message_en"]
    loading = market.get("driver", "/rules", gate="loading").json()["items"]
    assert {"M4.not_weighed", "M7.no_manifest"} <= {one["id"] for one in loading}
    assert market.get("producer", "/rules/M99").status_code == 404


def test_everything_that_stands_against_an_act_is_told_at_once(market: Market) -> None:
    """A driver would mend one paper, drive to the gate and meet the next reason."""
    path = f"/manifests/{market.world.manifest_id}/reasons"
    against = market.get("driver", path, act="load").json()
    assert not against["allowed"]
    assert "M4.not_weighed" in {one["rule"] for one in against["reasons"]}
    assert all(one["way_out"] for one in against["reasons"])
    assert market.get("producer", path, act="issue").json()["warnings"] == []
    early = market.get("processor", path, act="accept", kg=5).json()
    assert [one["code"] for one in early["reasons"]] == ["manifest_state"]
    assert market.get("driver", path, act="fly").status_code == 400
    assert market.get("stranger", path, act="load").status_code == 404
    with transaction(market.world.engine) as session:
        session.execute(update(CatalogueEntry).values(valid_to=date(2026, 1, 1)))
    assert market.get("driver", path, act="load").json() == against
    assert market.get("producer", path, act="issue").status_code == 200


def test_deadlines_are_their_owners_and_the_inspectors(market: Market) -> None:
    """A program would have to keep the law's calendar itself, or read a rival's papers."""
    world = market.world
    about = About(world.manifest_id, world.processor.organisation_id, "20264201000001")
    with transaction(world.engine) as session:
        work = Work(session, START, SYSTEM)
        deadlines.start(work, Deadline.CONFIRM, about, date(2026, 9, 30), Workdays())
    (own,) = market.get("processor", "/deadlines").json()["items"]
    assert (own["due_on"], own["rule"], own["state"]) == ("2026-10-13", "M11.confirm_in_time", "ahead")
    assert own["told"]["way_out"]
    assert "20264201000001 must be confirmed by 2026-10-13" in own["told"]["detail"]
    assert market.get("inspector", "/deadlines", every="true").json()["items"] == [own]
    assert market.get("producer", "/deadlines").json()["items"] == []


def test_only_the_receiver_signs_for_a_load(market: Market) -> None:
    """Anybody could make money owed."""
    path = f"/manifests/{market.world.manifest_id}/receipt"
    assert market.post("producer", f"{path}/sign", {"accepted_kg": 1}).status_code == 403
    unweighed = market.post("processor", f"{path}/sign", {"accepted_kg": 1})
    assert (unweighed.status_code, unweighed.json()["rule"]) == (422, "M10.weight_missing")
    assert market.post("processor", f"{path}/refuse", {"reason": ""}).status_code == 400


def test_a_ticket_is_shown_with_what_proves_it_and_its_instrument(market: Market) -> None:
    """A receiver could not check what it pays for, and a scale's plate and verification be nowhere."""
    told = ticket("scale-a", 1, 9_000, 300)
    market.world.feed(weighed("scale-a", told))
    (listed,) = market.get("producer", "/weighings").json()["items"]
    path = f"/weighings/{listed['id']}"
    assert market.get("stranger", path).status_code == 404
    shown = market.get("producer", path).json()
    assert (shown["frames"], shown["curve"], shown["stability"]) == (list(told.frames_hex), [], "derived")
    assert shown["proof"] == {
        "holds": True,
        "content": True,
        "signature": True,
        "before": True,
        "after": None,
    }
    plate = {"division_kg": 20, "max_kg": 80_000}
    assert market.post("producer", "/scales/scale-a/instrument", plate).status_code == 403
    assert market.post("operator", "/scales/scale-a/instrument", plate | {"max_kg": 1}).status_code == 422
    assert market.post("operator", "/scales/nowhere/instrument", plate).status_code == 404
    assert market.post("operator", "/scales/scale-a/instrument", plate).json()["max_kg"] == 80_000
    paper = {"number": "J-1", "verified_on": "2026-01-01", "valid_to": "2026-12-31"}
    assert market.post("inspector", "/scales/scale-a/certificates", paper).json()["certified"] is True
    mine = market.get("producer", "/scales").json()
    assert [(one["device_id"], one["certified"]) for one in mine] == [("scale-a", True)]
    allowed = {"scope": "deal", "subject_id": listed["id"], "fixed_permille": "5"}
    assert market.post("operator", "/scales/allowances", allowed).status_code == 201


def test_an_inspector_takes_an_alert_and_closes_it(market: Market) -> None:
    """What was noticed would lie in the queue for ever, or be closed by whom it concerns."""
    with transaction(market.world.engine) as session:
        about = Subjects(trip_id=market.world.trip_id)
        found = {"metres": 900}
        row = alerts.raise_alert(Work(session, START, SYSTEM), Kind.OFF_ROUTE, about, START, evidence=found)
        path = f"/alerts/{row.id}"
    seen = market.get("dispatcher", path).json()
    assert (seen["name"], seen["severity"], seen["rule"]) == ("Off the planned route", "warning", "M8")
    assert market.get("stranger", path).status_code == 404
    assert market.post("dispatcher", f"{path}/assign").status_code == 403
    assert market.post("inspector", f"{path}/close", {"outcome": "false", "reason": "x"}).status_code == 409
    assert market.post("inspector", f"{path}/assign").json()["state"] == "assigned"
    assert market.post("operator", f"{path}/release").json()["assignee_id"] is None
    assert market.post("inspector", f"{path}/assign", {"person_id": str(row.id)}).status_code == 422
    market.post("inspector", f"{path}/assign")
    assert market.post("inspector", f"{path}/close", {"outcome": "false", "reason": ""}).status_code == 400
    done = market.post("inspector", f"{path}/close", {"outcome": "explained", "reason": "road works"}).json()
    assert (done["state"], done["outcome"], done["reason"]) == ("closed", "explained", "road works")
    assert market.get("inspector", "/alerts", state="open").json()["items"] == []
    listed = market.get("inspector", "/alerts", state="closed", kind="off_route").json()["items"]
    assert [one["id"] for one in listed] == [seen["id"]]
    assert market.get("inspector", "/alerts/counts").json()["states"] == {"closed": 1}
    found = market.get("operator", "/alerts/outcomes").json()
    assert found == [{"kind": "off_route", "outcomes": {"explained": 1}}]
    assert {one["kind"] for one in market.get("driver", "/alerts/kinds").json()} == set(Kind)


def test_a_road_check_is_made_and_read_over_the_api(market: Market) -> None:
    """A patrol's own terminal could not ask, or its question be lost."""
    plate = "鄂A·70012"
    assert market.post("dispatcher", "/road-checks", {"text": plate}).status_code == 403
    made = market.post("inspector", "/road-checks", {"text": plate, "lat": 30.6, "lon": 114.3})
    assert made.status_code == 201, made.text
    told = made.json()
    assert told["papers"][0]["manifest_id"] == str(market.world.manifest_id)
    assert [one["code"] for one in told["papers"][0]["remarks"]] == ["not_loaded"]
    assert market.get("operator", f"/road-checks/{told['id']}").json() == told
    assert [one["id"] for one in market.get("inspector", "/road-checks").json()["items"]] == [told["id"]]
    assert market.post("inspector", "/road-checks", {"text": "?"}).json()["field"] == "text"


def test_manifests_are_narrowed_over_the_api(market: Market) -> None:
    """A program would read a province's manifests to find the ones of one code."""

    def found(**query: str) -> list[str]:
        return [one["id"] for one in market.get("inspector", "/manifests", **query).json()["items"]]

    key = str(market.world.manifest_id)
    assert found(code="SW17") == found(q="70012") == found(division="42", state="issued") == [key]
    assert found(code="HW08") == found(alert="any") == found(q="nobody") == []
    assert market.get("inspector", "/manifests", division="4").status_code == 400


def test_a_load_takes_its_other_ways_over_http(market: Market) -> None:
    """A carrier's or producer's own programs could do only the plain way, and stop where it ends."""
    path = f"/manifests/{market.world.manifest_id}"
    number = market.post("producer", f"{path}/national-number", {"number": "20264301000001"})
    assert (number.status_code, number.json().get("rule")) == (422, "M2.number"), number.text
    number = market.post("producer", f"{path}/national-number", {"number": "20264201000099"})
    assert number.json()["national_number"] == "20264201000099"
    early = market.post("producer", f"{path}/returns", {})
    assert (early.status_code, early.json()["field"]) == (422, "kg")
    hand = {"carrier": "91420100000000001X", "means": "by_rail", "place": "yard", "at": START.isoformat()}
    assert market.post("driver", f"{path}/handover", hand).json()["field"] == "carrier"
    assert market.post("driver", f"{path}/takeover", {"plate": "X"}).status_code == 409
    assert market.post("stranger", f"{path}/paper", {"reason": "x"}).status_code == 404
    assert market.post("driver", f"{path}/paper", {"reason": "no power"}).json()["state"] == "paper_backfill"
    entry = {
        "number": "P-1",
        "loaded_at": (START - timedelta(hours=3)).isoformat(),
        "ended_at": (START - timedelta(hours=1)).isoformat(),
        "sender_kg": 24_000,
        "receiver_kg": 23_990,
        "evidence": "scan 1",
    }
    receipt = market.post("producer", f"{path}/paper-entry", entry)
    assert (receipt.status_code, receipt.json()["receiver_kg"]) == (200, 23_990), receipt.text
    refused = market.post(
        "processor", f"{path}/receipt/refuse", {"reason": "wet", "differs": {"property": "wet"}}
    )
    assert refused.json()["state"] == "refused"
    back = market.post("producer", f"{path}/returns", {"kg": 3_990, "reason": "wet"}).json()
    assert (back["purpose"], back["parent_id"]) == ("send_back", str(market.world.manifest_id))
    told = market.get("inspector", path).json()
    assert (told["manifest"]["refused_kg"], told["paper"]["paper_number"]) == (23_990, "P-1")
    assert [one["planned_kg"] for one in told["linked"]] == [3_990]
