"""What goes wrong beside a vehicle: does the API always get the load to a lawful place?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

import httpx
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import Engine, insert, select

from compliance.catalogue import files
from compliance.catalogue.tables import CatalogueEntry
from compliance.deadlines import service as deadlines
from compliance.deadlines.rules import Kind
from compliance.deadlines.tables import Deadline
from compliance.manifests.rules import Act, State
from compliance.manifests.tables import Manifest, ManifestException
from compliance.record import ledger
from compliance.record.database import transaction
from compliance.record.who import Role, Who
from compliance.registry import service as registry
from compliance.registry.rules import LicenceKind, OrganisationKind
from compliance.registry.service import NewLicence, NewOrganisation
from compliance.registry.tables import Organisation
from marketplace.accounts import service as accounts
from marketplace.accounts.tables import Account
from marketplace.settings import Settings
from tests.compliance.qualification.papers import PNG
from tests.factories.parties import company_code
from tests.factories.rooms import application
from tests.factories.trade import TARE_KG, WUHAN, Market, kept_market, open_market
from tests.marketplace.edge.house import hashed
from tracking.alerts.tables import Alert
from tracking.fleet import service as fleet
from tracking.fleet.service import NewVehicle
from tracking.trips.tables import Trip

pytestmark = pytest.mark.sqlite_alone
SOLVENT = "900-404-06"
"""Waste organic solvent, for which nobody in the small market is licensed."""


@dataclass
class Gate:
    """One load of waste oil, and everybody around it with a token."""

    market: Market
    client: TestClient[Litestar]
    keys: Iterator[int] = field(default_factory=count)

    @property
    def row(self) -> Manifest:
        """Return the first manifest as it is stored."""
        (found,) = self.market.rows(select(Manifest).where(Manifest.parent_id.is_(None)))
        assert isinstance(found, Manifest)
        return found

    @property
    def driver(self) -> Who:
        """Return who drives the load."""
        return next(one for one in self.market.drivers if one.person_id == self.row.driver_id)

    def post(self, who: str | Who, path: str, status: int = 200, **said: Any) -> Any:
        """Do something as somebody; the answer must have this status."""
        headers = self.headers(who) | {"idempotency-key": f"k{next(self.keys)}"}
        answer: httpx.Response = self.client.post(f"/api/v1{path}", json=said, headers=headers)
        assert answer.status_code == status, answer.text
        self.market.idle()
        return answer.json()

    def by_leave(self, asks: str | Who, grants: str | Who, situation: str, act: Act, **more: Any) -> None:
        """Ask leave for an act and have it granted; the inspector sees it."""
        path = f"/manifests/{self.row.id}/exceptions"
        said = {"situation": situation, "act": act.value, "reason": "as it is", "missing": "phone_broken"}
        found = self.post(asks, path, 201, **said, **more)
        waiting = self.client.get("/api/v1/exceptions", headers=self.headers(grants)).json()["items"]
        assert [one["decidable"] for one in waiting if one["exception"]["id"] == found["id"]] == [True]
        asked = self.market.rows(select(Alert).where(Alert.kind == "exception_asked"))
        assert (act.value, found["asked_by"]) in {
            (one.evidence["act"], one.evidence["asked_by"]) for one in asked
        }
        self.post(grants, f"{path}/{found['id']}/decision", grant=True, reason="seen")
        decided = self.market.rows(select(Alert).where(Alert.kind == "exception_asked"))
        assert {(one.state, one.reason) for one in decided} == {("withdrawn", "decided")}
        headers = self.headers("inspector")
        told = self.client.get("/api/v1/alerts", headers=headers, params={"kind": "exception"})
        assert str(self.row.id) in {one["manifest_id"] for one in told.json()["items"]}

    def step(self, *steps: str, who: Who | None = None, status: int = 200, key: UUID | None = None) -> Any:
        """Let the driver take steps of the trip."""
        told = None
        for one in steps:
            self.market.forward(minutes=10)
            wanted = Trip.manifest_id == (key or self.row.id)
            (trip,) = self.market.rows(select(Trip).where(wanted))
            told = self.post(who or self.driver, f"/trips/{trip.id}/steps", status, step=one)
        return told

    def headers(self, who: str | Who) -> dict[str, str]:
        """Return what a program of a person sends along."""
        person = self.market.parties[who].who if isinstance(who, str) else who
        assert person.person_id is not None
        with transaction(self.market.engine) as session:
            if session.get(Account, person.person_id) is None:
                login = f"login-{person.person_id.hex[-8:]}"
                session.add(
                    Account(person_id=person.person_id, login=login, password_hash=hashed(), failures=0)
                )
                session.flush()
            _, token = accounts.issue_token(session, person.person_id, "test", self.market.now())
        return {"authorization": f"Bearer {token}", "accept-language": "en"}


def issued(engine: Engine) -> Market:
    """Return a market in which one load of 20 t of oil is agreed and its manifest issued."""

    def fill() -> Market:
        market = open_market(engine)
        market.sign(market.agree(), Act.ISSUE, "producer")
        return market

    return kept_market(engine, ("situations", "issued"), fill)


def arrived(engine: Engine) -> Market:
    """Return a market in which that load stands at the receiver's gate, weighed at both ends."""

    def fill() -> Market:
        market = open_market(engine)
        market.deliver(market.agree(), 20_000, 19_980)
        return market

    return kept_market(engine, ("situations", "arrived"), fill)


@pytest.fixture
def gate(engine: Engine, request: pytest.FixtureRequest) -> Iterator[Gate]:
    """The load where the test wants it, the API before it; its chain is whole afterwards."""
    market = request.param(engine)
    app = application(Settings(demo=False), engine, market.now, wall=market.now)
    with TestClient(app) as client:
        yield Gate(market, client)
    assert ledger.verify(engine) is None


at_origin = pytest.mark.parametrize("gate", [issued], indirect=True, ids=["issued"])
at_the_gate = pytest.mark.parametrize("gate", [arrived], indirect=True, ids=["arrived"])


@at_the_gate
def test_the_company_is_closed(gate: Gate) -> None:
    """The driver would stand before a locked gate with twenty tonnes and no paper for the way home."""
    path = f"/manifests/{gate.row.id}"
    gate.post(gate.driver, f"{path}/receipt/refuse", 403, reason="locked")
    gate.by_leave(gate.driver, "producer", "company_closed", Act.REFUSE)
    assert gate.post(gate.driver, f"{path}/receipt/refuse", reason="locked")["state"] == State.REFUSED
    back = gate.post("producer", f"{path}/returns", 201)
    home = UUID(back["id"])
    gate.post("producer", f"/manifests/{home}/acts", act="issue")
    gate.step("arrived", "loaded", "departed", key=home)
    for kg in (TARE_KG + 19_970, TARE_KG):
        gate.market.weigh("producer", back["plate"], kg)
    gate.step("delivered", key=home)
    gate.post("producer", f"/manifests/{home}/receipt/sign", accepted_kg=19_970)
    gate.post("producer", f"/manifests/{home}/acts", act="close")
    assert gate.post("producer", f"{path}/acts", act="end_return")["state"] == State.CLOSED


@at_the_gate
def test_whoever_signs_is_not_there(gate: Gate) -> None:
    """A load would wait for one person on leave, though the works is open and a colleague at the gate."""
    house = gate.market.parties["processor"].id
    with gate.market.work() as work:
        person = registry.add_person(work, house, "Colleague", [])
        work.session.flush()
        colleague = Who(person.id, person.name, house, frozenset())
    path = f"/manifests/{gate.row.id}/receipt/sign"
    gate.post(colleague, path, 403, accepted_kg=19_980)
    gate.by_leave(colleague, "operator", "signer_absent", Act.ACCEPT)
    assert gate.post(colleague, path, accepted_kg=19_980)["accepted_kg"] == 19_980
    for act in ("treat", "close"):
        gate.post("processor", f"/manifests/{gate.row.id}/acts", act=act)
    assert gate.row.state == State.CLOSED


@at_origin
def test_whoever_drives_is_not_there(gate: Gate) -> None:
    """A colleague of a driver who fell ill would hold leave to load, and find no step to sign with it."""
    house = gate.market.parties["carrier"].id
    with gate.market.work() as work:
        person = registry.add_person(work, house, "Yardman", [])
        work.session.flush()
        yardman = Who(person.id, person.name, house, frozenset())
    gate.step("arrived", who=yardman, status=403)
    gate.by_leave("carrier", "operator", "signer_absent", Act.LOAD)
    gate.step("arrived", who=yardman)
    for kg in (TARE_KG, TARE_KG + 20_000):
        gate.market.weigh("producer", gate.row.plate, kg)
    gate.step("loaded", who=yardman)
    gate.step("departed", who=yardman, status=403)
    gate.step("departed")
    assert gate.row.state == State.IN_TRANSIT


@at_origin
def test_another_carrier_has_come(gate: Gate) -> None:
    """A truck that is fit for the load would be sent away, and the load stay in the yard."""
    market = gate.market
    with market.work() as work:
        last = work.today + timedelta(days=90)
        trade = (OrganisationKind.CARRIER,)
        new = NewOrganisation(company_code(777), "Other", "420100", trade, insured_to=last)
        other: Organisation = registry.register_organisation(work, new)
        permit = NewLicence("D42-777", LicenceKind.DANGEROUS_GOODS, work.today, last, classes=("6",))
        registry.add_licence(work, other.id, permit)
        registry.add_person(work, other.id, "Escort", [], None, last)
        drives = registry.add_person(work, other.id, "Wang", [Role.DRIVER], last)
        truck = NewVehicle(
            carrier_id=other.id,
            plate="鄂B70777",
            capacity_kg=30_000,
            home_lat=WUHAN[0],
            home_lon=WUHAN[1],
            driver_id=drives.id,
            dg_classes=("6",),
            permit_to=last,
        )
        fleet.add_vehicle(work, truck)
        driver = Who(drives.id, drives.name, other.id, frozenset({Role.DRIVER}))
        uscc = other.uscc
    gate.by_leave("producer", "operator", "wrong_carrier", Act.LOAD, carrier=uscc, plate="鄂B70777")
    assert (gate.row.carrier_id, gate.row.plate) == (driver.organisation_id, "鄂B70777")
    gate.step("arrived", who=driver)
    for kg in (TARE_KG, TARE_KG + 20_000):
        market.weigh("producer", "鄂B70777", kg)
    gate.step("loaded", "departed", who=driver)
    assert gate.row.state == State.IN_TRANSIT


@at_origin
def test_no_scale_tells_a_weight(gate: Gate) -> None:
    """A scale that reads wrongly or has no power would be believed, or hold every truck of the day."""
    gate.step("arrived")
    assert gate.step("loaded", status=422)["rule"] == "M4.not_weighed"
    for kg in (TARE_KG, TARE_KG + 27_000):
        gate.market.weigh("producer", gate.row.plate, kg)
    gate.by_leave(gate.driver, "producer", "wrong_weight", Act.LOAD, kg=19_900)
    gate.step("loaded", "departed", "delivered")
    path = f"/manifests/{gate.row.id}/receipt/sign"
    assert gate.post("processor", path, 422, accepted_kg=19_900)["rule"] == "M10.weight_missing"
    gate.by_leave("processor", "operator", "wrong_weight", Act.ACCEPT_PART, kg=19_900)
    assert gate.post("processor", path, accepted_kg=19_900)["receiver_typed"]
    assert gate.row.loaded_typed
    assert (gate.row.state, gate.row.loaded_kg, gate.row.accepted_kg) == (State.CONFIRMED, 19_900, 19_900)


@at_the_gate
def test_another_waste_is_found_at_the_gate(gate: Gate) -> None:
    """Solvent would be driven on under a paper for oil, because the works has no licence for solvent."""
    with gate.market.work() as work:
        found = [one for one in files.waste_types() if one.code == SOLVENT]
        rows = [asdict(one) | {"search_text": ""} for one in found]
        work.session.execute(insert(CatalogueEntry), rows)
    path = f"/manifests/{gate.row.id}/corrections"
    asked = {"changes": {"code": SOLVENT}, "reason": "it smells of solvent"}
    assert gate.post("processor", path, 422, **asked)["rule"] == "L1.code_not_covered"
    gate.by_leave("processor", "inspector", "wrong_code", Act.CORRECT)
    revision = gate.post("processor", path, 201, **asked)
    for who in ("producer", gate.driver):
        gate.post(who, f"{path}/{revision['id']}/answer", approve=True)
    assert gate.row.code == SOLVENT
    differs = {"kind": "solvent, not oil"}
    gate.post("processor", f"/manifests/{gate.row.id}/receipt/sign", accepted_kg=19_980, differs=differs)
    assert gate.row.state == State.CONFIRMED
    (told,) = gate.market.rows(select(Alert).where(Alert.kind == "mismatch_reported"))
    assert told.evidence["differs"] == differs


@at_origin
def test_something_happens_on_the_road(gate: Gate) -> None:
    """A spill would be on the driver's phone and nowhere else (M18)."""
    path = f"/manifests/{gate.row.id}/incidents"
    gate.post(gate.driver, path, 422, what=" ", place="G70")
    gate.post("neighbour", path, 404, what="x", place="y")
    headers = gate.headers(gate.driver) | {"idempotency-key": "scan", "content-type": "image/png"}
    scan = gate.client.post("/api/v1/scans", content=PNG, headers=headers).json()["sha256"]
    said = {"what": "a drum fell off", "spilled": True, "lat": 30.5, "lon": 114.6}
    gate.post(gate.driver, path, 422, **said, file="0" * 64)
    told = gate.post(gate.driver, path, 201, **said, file=scan)
    seen = gate.headers("inspector")
    assert gate.client.get(f"/api/v1{path}", headers=seen).json() == [told]
    (alert,) = gate.market.rows(select(Alert).where(Alert.kind == "incident"))
    assert (alert.evidence["spilled"], alert.evidence["lat"]) == (True, 30.5)
    file = f"/api/v1/manifests/{gate.row.id}/files/{scan}"
    assert gate.client.get(file, headers=seen).content == PNG


@at_origin
def test_the_phone_has_no_signal(gate: Gate) -> None:
    """A quarry without signal would never ship again."""
    path = f"/manifests/{gate.row.id}"
    gate.post(gate.driver, f"{path}/paper", reason="no signal in the quarry")
    gate.step("arrived", "loaded", "departed", "delivered")
    day = gate.market.at
    told = {
        "number": "P-77",
        "loaded_at": (day - timedelta(hours=1)).isoformat(),
        "ended_at": day.isoformat(),
        "sender_kg": 20_000,
        "receiver_kg": 19_980,
        "evidence": "binder 7",
    }
    gate.post("producer", f"{path}/paper-entry", **told)
    gate.post("processor", f"{path}/receipt/sign", accepted_kg=19_980)
    assert gate.row.state == State.CONFIRMED


@at_the_gate
def test_leave_without_a_photo_goes_on_and_its_evidence_is_asked_for(gate: Gate) -> None:
    """A driver without signal would stand at the gate, or a bare sentence be evidence for ever (A1)."""
    path = f"/manifests/{gate.row.id}/exceptions"
    said = {"situation": "company_closed", "act": "refuse", "reason": "locked"}
    gate.post(gate.driver, path, 422, **said, evidence="I saw it")
    gate.post(gate.driver, path, 422, **said, missing="other_reason")
    gate.by_leave(gate.driver, "producer", "company_closed", Act.REFUSE, evidence="battery empty")
    (found,) = gate.market.rows(select(ManifestException))
    clock = select(Deadline).where(Deadline.kind == Kind.EVIDENCE.value)
    (running,) = gate.market.rows(clock)
    assert (running.due_at, running.organisation_id) == (
        found.asked_at + timedelta(hours=24),
        gate.driver.organisation_id,
    )
    asked = gate.market.rows(select(Alert).where(Alert.kind == "exception_asked"))
    assert {one.evidence["without_photo"] for one in asked} == {"phone_broken"}
    gate.post(gate.driver, f"/manifests/{gate.row.id}/receipt/refuse", reason="locked")
    for hours, state in ((23, "ahead"), (2, "overdue")):
        gate.market.forward(minutes=60 * hours)
        with gate.market.work() as work:
            deadlines.run_out(work)
        gate.market.idle()
        assert [one.state for one in gate.market.rows(clock)] == [state]
    late = gate.market.rows(select(Alert).where(Alert.kind == "deadline_overdue"))
    assert [one.since for one in late] == [running.due_at]
    assert "A1.evidence_in_time" in str(late[0].evidence["deadlines"])
    _hand_in(gate, path, found)
    assert [one.state for one in gate.market.rows(clock)] == ["kept_late"]


def _hand_in(gate: Gate, path: str, found: ManifestException) -> None:
    """Hand in the picture that was outstanding: its house, with a file of its own, once."""
    headers = gate.headers(gate.driver) | {"idempotency-key": "scan", "content-type": "image/png"}
    handed = {"file": gate.client.post("/api/v1/scans", content=PNG, headers=headers).json()["sha256"]}
    gate.post("processor", f"{path}/{found.id}/evidence", 422, **handed)
    gate.post(gate.driver, f"{path}/{found.id}/evidence", 422, file="0" * 64)
    shown = gate.post(gate.driver, f"{path}/{found.id}/evidence", **handed)
    assert (shown["file"], shown["handed_in_by"]) == (handed["file"], gate.driver.name)
    gate.post(gate.driver, f"{path}/{found.id}/evidence", 409, **handed)
    file = gate.client.get(f"/api/v1/manifests/{gate.row.id}/files/{handed['file']}", headers=headers)
    assert file.content == PNG
