"""Can a device be registered, enrol, exchange its password and be revoked over HTTP, by the right people?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import Engine, select

from compliance.record.database import transaction
from devices.codecs.enrolment_json import make_request
from marketplace.accounts import service as accounts
from marketplace.accounts.tables import Account
from marketplace.broker_accounts import accounts as broker_accounts
from marketplace.edge.api.device_self import TRIES
from marketplace.edge.tables import IdempotencyKey
from marketplace.settings import Settings
from tests.factories.rooms import application
from tests.factories.site import PASSWORD, hashed
from tests.factories.trade import Market, open_market
from tracking.intake.tables import DeadLetter
from tracking.positions.tables import Position

KEY = "5a" * 32


@pytest.fixture
def engine(sqlite_engine: Engine) -> Engine:
    """A fresh migrated SQLite database: the rules behind these routes are tested on both."""
    return sqlite_engine


class Api:
    """The API of a small market, asked by its people and by devices."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self.market: Market = open_market(engine, vehicles=2)
        self.settings = settings
        app = application(settings, engine, self.market.now, wall=self.market.now)
        self.client: TestClient[Litestar] = TestClient(app)

    def ask(self, who: str, method: str, path: str, **more: Any) -> Any:
        """Send a request as one of the people of the market."""
        person = self.market.parties[who].who.person_id
        assert person is not None
        with transaction(self.market.engine) as session:
            if session.get(Account, person) is None:
                session.add(Account(person_id=person, login=who, password_hash=hashed(), failures=0))
                session.flush()
            token = accounts.issue_token(session, person, "test", self.market.at)[1]
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid4())}
        return self.client.request(method, path, headers=headers | more.pop("headers", {}), **more)

    def register(self, who: str = "carrier", **more: Any) -> Any:
        """Register a driver's phone."""
        body = {"id": "phone-1", "kind": "phone", "vehicle_id": str(self.market.vehicles[0])}
        return self.ask(who, "POST", "/api/v1/devices", json=body | more)

    def enrol(self, code: str, key: str = KEY) -> Any:
        """Present a code as a device does."""
        request = make_request(code, key, "agent 1")
        body = {
            "code": request.code,
            "public_key": request.public_key,
            "proof": request.proof,
            "fw": "agent 1",
        }
        return self.client.post("/api/v1/devices/enrol", json=body)

    def as_device(self, method: str, path: str, password: str, **more: Any) -> Any:
        """Send a request as a device."""
        return self.client.request(method, path, headers={"Authorization": f"Bearer {password}"}, **more)


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the one application that these tests use."""
    return tmp_path_factory.mktemp("var")


@pytest.fixture
def api(engine: Engine, var: Path) -> Api:
    """A market whose broker is outside."""
    return Api(engine, Settings(var=var, demo=False, mqtt_url="mqtts://server:word@hub.example"))


def test_a_device_is_registered_enrols_and_is_known_to_the_broker(engine: Engine, api: Api) -> None:
    """A fitter would go home with a terminal that speaks to nobody."""
    made = api.register()
    assert made.status_code == 201
    assert made.json()["device"]["status"] == "registered"
    enrolled = api.enrol(made.json()["code"])
    assert enrolled.status_code == 201, enrolled.text
    told = enrolled.json()
    assert (told["device"], told["inc"], told["mqtt"]) == ("phone-1", 1, "mqtts://hub.example:8883")
    assert len(told["command_keys"][0]) == 64
    with transaction(engine) as session:
        users = broker_accounts(session, api.settings, api.market.at)
    assert set(users) == {"server", "phone-1"}
    assert users["phone-1"].publish[0] == f"v1/{told['tenant']}/%u/pos"
    own = api.as_device("GET", "/api/v1/device", told["password"])
    assert own.json()["tenant"] == told["tenant"]
    assert api.as_device("GET", "/api/v1/device", "hd_wrong").status_code == 401
    shown = api.ask("inspector", "GET", "/api/v1/devices/phone-1").json()
    assert (shown["presence"], shown["firmware"]) == ("never", "agent 1")


def test_what_is_shown_once_is_kept_nowhere(engine: Engine, api: Api) -> None:
    """Whoever reads a backup could enrol as the device."""
    key = {"Idempotency-Key": "one"}
    body = {"id": "gw-1", "kind": "gateway"}
    first = api.ask("carrier", "POST", "/api/v1/devices", json=body, headers=key)
    again = api.ask("carrier", "POST", "/api/v1/devices", json=body, headers=key)
    assert first.json()["code"]
    assert "code" not in again.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    with transaction(engine) as session:
        kept = b"".join(session.scalars(select(IdempotencyKey.body)))
    assert first.json()["code"].encode() not in kept


def test_a_proof_that_does_not_fit_and_endless_guessing_are_refused(api: Api) -> None:
    """Somebody could enrol a device under a key it does not have, or try every code."""
    code = api.register().json()["code"]
    request = make_request(code, KEY)
    forged = {"code": request.code, "public_key": "00" * 32, "proof": request.proof}
    assert api.client.post("/api/v1/devices/enrol", json=forged).json()["field"] == "proof"
    for _ in range(TRIES):
        assert api.enrol("ABCD-EFGH-JKMN").json()["code"] == "enrolment_code"
    refused = api.enrol(code)
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_tries")


def test_a_device_exchanges_its_own_password_and_incarnation(api: Api) -> None:
    """A fleet's passwords would stay the same for ever, for nobody drives to every lorry."""
    old = api.enrol(api.register().json()["code"]).json()["password"]
    new = api.as_device("POST", "/api/v1/device/password", old).json()["password"]
    assert api.as_device("GET", "/api/v1/device", old).status_code == 200
    assert api.as_device("GET", "/api/v1/device", new).status_code == 200
    for _ in range(2):
        told = api.as_device("POST", "/api/v1/device/incarnation", new, json={"lost": 1})
        assert told.json()["inc"] == 2
    api.market.forward(days=1)
    assert api.as_device("GET", "/api/v1/device", old).status_code == 401


def test_a_person_rotates_revokes_and_provisions_anew(api: Api) -> None:
    """An operator could not answer a stolen terminal."""
    old = api.enrol(api.register().json()["code"]).json()["password"]
    answer = api.ask("carrier", "POST", "/api/v1/devices/phone-1/password", json={"overlap_hours": 0})
    new = answer.json()["password"]
    assert api.as_device("GET", "/api/v1/device", old).status_code == 401
    assert api.as_device("GET", "/api/v1/device", new).status_code == 200
    assert api.ask("carrier", "POST", "/api/v1/devices/phone-1/revoke").json()["status"] == "revoked"
    assert api.as_device("GET", "/api/v1/device", new).status_code == 401
    refused = api.ask("carrier", "POST", "/api/v1/devices/phone-1/code", json={})
    assert refused.json()["code"] == "device_revoked"
    post = {"vehicle_id": str(api.market.vehicles[1])}
    again = api.ask("carrier", "POST", "/api/v1/devices/phone-1/reprovision", json=post)
    assert api.enrol(again.json()["code"]).json()["code"] == "key_revoked"
    assert api.enrol(again.json()["code"], "6b" * 32).json()["inc"] == 2


def test_only_the_right_people_see_and_provision(api: Api) -> None:
    """A rival would learn a carrier's devices, or take their voice."""
    api.register()
    listed = {who: api.ask(who, "GET", "/api/v1/devices") for who in api.market.parties}
    names = {who: [one["id"] for one in answer.json()["items"]] for who, answer in listed.items()}
    assert {who for who, seen in names.items() if "phone-1" in seen} == {"carrier", "inspector", "operator"}
    assert names["producer"] == ["scale-producer"]
    assert api.register("inspector", id="x").status_code == 403
    assert api.register("producer", id="x").status_code == 403
    assert api.ask("producer", "POST", "/api/v1/devices/phone-1/revoke").status_code == 404
    assert api.ask("carrier", "POST", "/api/v1/devices/scale-producer/revoke").status_code == 404
    site = str(api.market.parties["producer"].site_id)
    scale = api.ask(
        "producer", "POST", "/api/v1/devices", json={"id": "s-2", "kind": "scale", "site_id": site}
    )
    assert scale.status_code == 201
    foreign = str(api.market.parties["processor"].site_id)
    body = {"id": "s-3", "kind": "scale", "site_id": foreign}
    assert api.ask("producer", "POST", "/api/v1/devices", json=body).status_code == 422


def test_a_command_that_moves_something_needs_the_own_password_again(api: Api) -> None:
    """Somebody at an unlocked screen, or with a stolen token, could cut a lorry's fuel."""
    api.enrol(api.register(id="veh-1", kind="vehicle").json()["code"])
    path = "/api/v1/devices/veh-1/commands"
    cut: dict[str, Any] = {"kind": "fuel", "args": {"cut": True}}
    assert api.ask("carrier", "POST", path, json=cut).json()["code"] == "password_again"
    wrong = api.ask("carrier", "POST", path, json=cut | {"password": "guess"})
    assert (wrong.status_code, wrong.json()["code"]) == (401, "wrong_login")
    right = api.ask("carrier", "POST", path, json=cut | {"password": PASSWORD})
    assert right.json()["state"] == "queued"
    shown = api.ask("inspector", "GET", f"/api/v1/commands/{right.json()['id']}").json()
    assert (shown["kind"], shown["args"]) == ("fuel", {"cut": True})
    assert len(api.ask("carrier", "GET", path).json()["items"]) == 1
    assert api.ask("producer", "GET", f"/api/v1/commands/{right.json()['id']}").status_code == 404
    assert api.ask("inspector", "POST", path, json=cut).status_code == 403


def test_a_scale_is_configured_by_its_owner(api: Api) -> None:
    """A site's scale would be set by somebody else, or nobody know how it is set."""
    path = "/api/v1/devices/scale-producer/config"
    wanted = {"settings": {"threshold_kg": 300}}
    assert api.ask("producer", "POST", path, json=wanted).json()["version"] == 1
    assert api.ask("carrier", "POST", path, json=wanted).status_code == 404
    shown = api.ask("operator", "GET", path).json()
    assert (shown["reported"], shown["items"][0]["settings"]) == (0, {"threshold_kg": 300})


def test_a_phone_uploads_positions_once(engine: Engine, api: Api) -> None:
    """A driver without a terminal would leave no trace, or every lost answer make its way twice as long."""
    told = api.enrol(api.register().json()["code"]).json()
    password, path = told["password"], "/api/v1/telemetry/positions"
    at = int(api.market.at.timestamp() * 1000)
    records = [{"s": seq, "t": at, "lat": 30.6, "lon": 114.3} for seq in (1, 2, 4)]
    for _ in range(2):
        answer = api.as_device("POST", path, password, json={"inc": 1, "r": records})
        assert (answer.status_code, answer.json()) == (200, {"inc": 1, "pos": [2, [[4, 4]]]})
    with transaction(engine) as session:
        assert len(session.scalars(select(Position.seq)).all()) == 3
    assert api.ask("inspector", "GET", "/api/v1/devices/phone-1").json()["presence"] == "online"
    geojson = {
        "type": "FeatureCollection",
        "inc": 1,
        "features": [
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [114.31, 30.61]},
                "properties": {"seq": 3, "time": api.market.at.isoformat(), "speed": 10},
            },
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [114.31, 95]},
                "properties": {"seq": 5, "time": api.market.at.isoformat()},
            },
        ],
    }
    headers = {"Authorization": f"Bearer {password}", "Content-Type": "application/geo+json"}
    answer = api.client.post(path, content=json.dumps(geojson), headers=headers)
    assert answer.json() == {"inc": 1, "pos": [5, []]}, "a bad record counts as received"
    with transaction(engine) as session:
        assert set(session.scalars(select(Position.seq))) == {1, 2, 3, 4}
        assert session.scalars(select(DeadLetter)).one().device_id == "phone-1"
    assert api.as_device("POST", path, password, content=b"{").json()["code"] == "upload_unreadable"
    unissued = api.as_device("POST", path, password, json={"inc": 9, "r": records})
    assert unissued.json()["code"] == "upload_refused"
    assert api.client.post(path, json={}).status_code == 401


def test_an_upload_that_is_longer_in_json_than_a_message_may_be_is_taken(api: Api) -> None:
    """A packed upload would be refused with a fault of ours, and sent again for ever."""
    told = api.enrol(api.register().json()["code"]).json()
    at = int(api.market.at.timestamp() * 1000)
    odd = {"type": "Feature", "geometry": None, "properties": {"seq": 1, "x": "\1" * 40_000}}
    wide = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [114.31, 30.61]},
            "properties": {"seq": seq, "t": at, "x": "\1" * 30_000},
        }
        for seq in (2, 3)
    ]
    packed = msgspec.msgpack.encode({"type": "FeatureCollection", "inc": 1, "features": [odd, *wide]})
    headers = {"Authorization": f"Bearer {told['password']}", "Content-Type": "application/geo+json"}
    answer = api.client.post("/api/v1/telemetry/positions", content=packed, headers=headers)
    assert answer.json() == {"inc": 1, "pos": [3, []]}
