"""Does an organisation come in by itself, show its papers, and act only once they are accepted?"""

from __future__ import annotations

from uuid import UUID, uuid4

from litestar.testing import TestClient
from sqlalchemy import select

from compliance.deadlines.rules import Kind as Clock
from compliance.deadlines.tables import Deadline
from compliance.record.who import Role, Who
from compliance.registry.tables import Organisation, Person
from marketplace.parties import service
from tests.compliance.qualification.papers import PDF
from tests.factories.parties import company_code
from tests.factories.site import PASSWORD, Visitor
from tests.marketplace.parties.knocking import OVERSEERS, PARTIES, Door, wrong_ways
from tracking.fleet.tables import Vehicle

NEW = {
    "uscc": company_code(990_001),
    "name": "江城新料有限公司",
    "division_code": "420700",
    "wanted": ["carrier", "processor"],
    "person": "张三",
    "login": "newcomer",
    "password": PASSWORD,
}


def newcomer(door: Door) -> Who:
    """Register an organisation over the API and return who acts for it."""
    told = door.client.post("/api/v1/registrations", json=NEW)
    assert told.status_code == 201, told.text
    (row,) = door.site.market.rows(select(Person).where(Person.organisation_id == UUID(told.json()["id"])))
    return Who(row.id, row.name, row.organisation_id, frozenset(Role(role) for role in row.roles))


def overseer(door: Door, role: Role) -> Who:
    """Enter another person who oversees the market."""
    owner = door.site.market.parties["operator"].id
    with door.site.market.work() as work:
        row = Person(id=uuid4(), organisation_id=owner, name="Second", roles=[role.value])
        work.session.add(row)
    return Who(row.id, row.name, owner, frozenset({role}))


def shown(door: Door, who: Who, kind: str, **more: object) -> str:
    """Upload a scan, show a paper over the API, and return its id."""
    scan = door.post(who, "/scans?name=a.pdf", content=PDF)
    assert scan.status_code == 201, scan.text
    said = {"kind": kind, "number": "4207000001", "valid_from": "2026-01-01", "valid_to": "2028-12-31"}
    told = door.post(who, "/documents", said | {"scan": scan.json()["sha256"]} | more)
    assert told.status_code == 201, told.text
    return str(told.json()["id"])


def accepted(door: Door, document: str, *reviewers: Who) -> None:
    """Let reviewers accept a paper."""
    for who in reviewers:
        told = door.post(who, f"/documents/{document}/accept")
        assert told.status_code == 200, told.text


def test_a_carrier_comes_in_and_its_vehicle_may_load_once_all_is_accepted(door: Door) -> None:
    """A carrier could only be entered by a program, or would drive before anybody had seen its permit."""
    who, operator = newcomer(door), door.site.market.parties["operator"].who
    assert who.roles == {Role.DISPATCHER, Role.PROCESSOR}
    made = {"plate": "鄂G12345", "capacity_kg": 20_000, "lat": 30.39, "lon": 114.89}
    vehicle = door.post(who, "/vehicles", made)
    assert (vehicle.status_code, vehicle.json()["permit_to"]) == (201, None)
    accepted(door, shown(door, who, "business_licence", valid_to=None), operator)
    permit = shown(door, who, "dangerous_goods_permit", classes=["3", "6"])
    door.site.market.idle()
    clock = select(Deadline.state).where(Deadline.subject_id == UUID(permit), Deadline.kind == Clock.REVIEW)
    assert door.site.market.rows(clock) == ["ahead"]
    accepted(door, permit, operator)
    door.site.market.idle()
    assert door.site.market.rows(clock) == ["kept"]
    papers = door.get(who, "/documents").json()["items"]
    assert {one["state"] for one in papers} == {"accepted"}
    insurance = shown(door, who, "liability_insurance")
    row = door.site.market.get(Organisation, who.organisation_id)
    assert (row.kinds, row.wanted) == ([], ["carrier", "processor"])
    accepted(door, insurance, operator)
    row = door.site.market.get(Organisation, who.organisation_id)
    assert (row.kinds, row.wanted) == (["carrier"], ["processor"])
    about = {"subject": "vehicle", "subject_id": vehicle.json()["id"], "classes": ["3"]}
    certificate = shown(door, who, "vehicle_certificate", **about)
    accepted(door, certificate, operator)
    door.site.market.idle()
    truck = door.site.market.get(Vehicle, UUID(vehicle.json()["id"]))
    assert (truck.permit_to.isoformat(), truck.dg_classes) == ("2028-12-31", ["3"])
    told = door.post(operator, f"/documents/{certificate}/revoke", {"reason": "scrapped"})
    assert told.json()["state"] == "revoked"
    door.site.market.idle()
    assert door.site.market.get(Vehicle, truck.id).permit_to is None


def test_everything_wrong_with_a_registration_is_told_at_once(door: Door) -> None:
    """A newcomer would mend one field only to meet the next, and give up."""
    wrong = NEW | {"uscc": "91", "division_code": "990000", "wanted": ["authority"], "person": ""}
    told = door.client.post("/api/v1/registrations", json=wrong).json()
    assert {one["field"] for one in told["errors"]} == {"uscc", "division_code", "wanted", "person"}
    newcomer(door)
    again = door.client.post("/api/v1/registrations", json=NEW)
    assert (again.status_code, again.json()["code"]) == (409, "organisation_known")
    taken = door.client.post("/api/v1/registrations", json=NEW | {"uscc": company_code(990_002)})
    assert (taken.status_code, taken.json()["field"]) == (409, "login")


def test_one_address_does_not_fill_the_register(door: Door) -> None:
    """A script would enter a million organisations overnight."""
    for _ in range(service.REGISTRATIONS):
        assert door.client.post("/api/v1/registrations", json=NEW | {"uscc": "91"}).status_code == 422
    stopped = door.client.post("/api/v1/registrations", json=NEW)
    assert stopped.status_code == 429
    assert "retry-after" in stopped.headers


def test_people_sites_and_licences_are_entered_by_the_party_itself(door: Door) -> None:
    """Every change of a driver would need the operator."""
    who = newcomer(door)
    driver = door.post(
        who, "/people", {"name": "李四", "roles": ["driver"], "login": "li4", "password": PASSWORD}
    )
    assert (driver.status_code, driver.json()["roles"]) == (201, ["driver"])
    escort = door.post(who, "/people", {"name": "王五"})
    assert escort.json()["roles"] == []
    assert [one["name"] for one in door.get(who, "/people").json()["items"]] == ["张三", "李四", "王五"]
    assert door.post(who, "/people", {"name": "赵六", "roles": ["inspector"]}).status_code == 422
    place = {"name": "鄂州厂区", "lat": 30.39, "lon": 114.89, "division_code": "420700"}
    assert door.post(who, "/sites", place).status_code == 201
    assert door.post(who, "/sites", place | {"lat": 114.89, "lon": 30.39}).status_code in {400, 422}
    stranger = door.site.market.parties["producer"].who
    about = {"subject": "person", "subject_id": driver.json()["id"]}
    scan = door.post(stranger, "/scans", content=PDF).json()["sha256"]
    said = {"kind": "driver_certificate", "number": "X-1", "valid_from": "2026-01-01", "scan": scan}
    assert door.post(stranger, "/documents", said | about).status_code == 404


def test_a_licence_takes_two_reviewers_and_a_scan_is_given_as_it_was(door: Door) -> None:
    """One reviewer alone would let a licence in, or a browser run what a party uploaded."""
    who, operator = newcomer(door), door.site.market.parties["operator"].who
    terms = {
        "modes": ["use"],
        "lines": [{"code": "900-214-08", "yearly_kg": 5_000_000}],
        "total_kg": 4_000_000,
    }
    document = shown(door, who, "comprehensive_licence", **terms)
    accepted(door, document, operator)
    assert door.get(who, f"/documents/{document}").json()["state"] == "checked"
    assert door.post(operator, f"/documents/{document}/accept").status_code == 403
    accepted(door, document, overseer(door, Role.OPERATOR))
    one = door.get(who, f"/documents/{document}").json()
    assert (one["state"], one["eyes"], len(one["decisions"])) == ("accepted", 2, 2)
    scan = door.get(who, f"/documents/{document}/scan")
    assert (scan.content, scan.headers["content-type"]) == (PDF, "application/pdf")
    assert scan.headers["content-disposition"].startswith("attachment")
    rival = door.site.market.parties["distant"].who
    assert door.get(rival, f"/documents/{document}/scan").status_code == 404
    bad = door.post(who, "/scans", content=b"MZ" + b"0" * 500)
    assert (bad.status_code, bad.json()["field"]) == (422, "scan")


def test_the_pages_lead_from_the_registration_to_the_accepted_document(door: Door) -> None:
    """People without programs could not come in at all."""
    site, market = door.site, door.site.market
    stranger = Visitor(TestClient(site.app))
    stranger.client.cookies.set("lang", "en")
    assert "Register an organisation" in stranger.get("/register")
    typed = {name: str(value) for name, value in NEW.items() if name != "wanted"} | {"wanted": "producer"}
    bad = stranger.post("/register", **(typed | {"uscc": "91"}))
    assert bad.status_code == 422
    assert "check character" in bad.text
    assert PASSWORD not in bad.text
    assert stranger.sent_to("/register", **typed) == "/sign-in"
    (row,) = market.rows(select(Person).where(Person.name == "张三"))
    who = Who(row.id, row.name, row.organisation_id, frozenset({Role.PRODUCER}))
    mine = site.visitor(who)
    assert "applied for" in mine.get("/organisation")
    lot = mine.get("/documents/new?kind=business_licence")
    assert 'enctype="multipart/form-data"' in lot
    token = mine.client.cookies["csrftoken"]
    fields = {"kind": "business_licence", "number": "", "valid_from": "2026-01-01", "_csrf_token": token}
    scan = {"scan": ("licence.pdf", PDF, "application/pdf")}
    refused = mine.client.post("/documents", data=fields, files=scan)
    assert (refused.status_code, "2 to 40 characters" in refused.text) == (422, True)
    done = mine.client.post("/documents", data=fields | {"number": "B-1"}, files=scan, follow_redirects=False)
    path = done.headers["location"]
    assert "Take back" in mine.get(path)
    operator = site.visitor("operator")
    assert path in operator.get("/documents")
    unsaid = operator.post(f"{path}/return", reason="")
    assert (unsaid.status_code, "Say why" in unsaid.text) == (422, True)
    assert operator.sent_to(f"{path}/accept", reason="as scanned") == path
    assert "Revoke" in operator.get(path)
    assert "applied for" not in mine.get("/organisation")
    site.visitor("distant").get(path, 404)


WAYS = {
    ("GET", "/api/v1/documents"): PARTIES | OVERSEERS,
    ("POST", "/api/v1/documents"): PARTIES,
    ("GET", "/api/v1/documents/{id}"): PARTIES | OVERSEERS,
    ("GET", "/api/v1/documents/{id}/scan"): PARTIES | OVERSEERS,
    ("POST", "/api/v1/documents/{id}/accept"): {Role.OPERATOR},
    ("POST", "/api/v1/documents/{id}/return"): {Role.OPERATOR},
    ("POST", "/api/v1/documents/{id}/withdraw"): PARTIES,
    ("POST", "/api/v1/documents/{id}/revoke"): OVERSEERS,
    ("POST", "/api/v1/scans"): PARTIES | OVERSEERS | {Role.DRIVER},
    ("GET", "/api/v1/people"): PARTIES,
    ("POST", "/api/v1/people"): PARTIES,
    ("POST", "/api/v1/sites"): PARTIES,
    ("POST", "/api/v1/vehicles"): {Role.DISPATCHER},
    ("GET", "/organisation"): PARTIES,
    ("GET", "/documents"): OVERSEERS,
    ("GET", "/documents/new"): PARTIES,
    ("GET", "/documents/{id}"): PARTIES | OVERSEERS,
}
"""Which roles each way lets in; whoever is let in and finds nothing gets 404 or 422, never 403."""


def test_every_way_lets_in_its_roles_and_nobody_else(door: Door) -> None:
    """A driver would read the licences of the house, or an inspector decide on them."""
    assert wrong_ways(door, WAYS) == []
