"""Does everybody see the file of a party as far as it is theirs to see, and how full a licence is?"""

from __future__ import annotations

import re
from uuid import UUID, uuid4

from compliance.anchors import service as anchors
from compliance.manifests.rules import Act
from compliance.record.who import Role
from tests.compliance.qualification.papers import PNG
from tests.factories.site import Site
from tests.marketplace.parties.knocking import OVERSEERS, PARTIES, Door, wrong_ways


def agreed(site: Site) -> UUID:
    """Agree on a load of 20 t and let it be loaded."""
    market = site.market
    deal = market.agree()
    market.sign(deal, Act.ISSUE, "producer")
    return deal


def test_a_file_shows_its_reader_what_is_theirs(door: Door) -> None:
    """A rival would read a competitor's trade, or an inspector miss half of it."""
    site = door.site
    deal = agreed(site)
    processor = site.market.parties["processor"]
    whole = door.get(site.market.parties["inspector"].who, f"/parties/{processor.id}").json()
    by_key = {one["key"]: one["entries"] for one in whole["sections"]}
    assert whole["reach"] == "whole"
    assert [one["href"] for one in by_key["deals"]] == [f"/deals/{deal}"]
    assert len(by_key["manifests"]) == 1
    assert [one["of"] for one in whole["checklists"]] == ["processor"]
    rival = door.get(site.market.parties["distant"].who, f"/parties/{processor.id}").json()
    assert (rival["reach"], rival["sections"], rival["checklists"]) == ("public", [], [])
    assert {one["number"] for one in rival["licences"]} == {"S42-001", "C42-001"}
    assert (
        door.get(site.market.parties["distant"].who, f"/parties/{processor.who.person_id}").status_code == 404
    )
    person = door.get(processor.who, f"/parties/{processor.who.person_id}").json()
    assert (person["organisation_id"], person["licences"]) == (str(processor.id), [])
    assert door.get(processor.who, f"/parties/{uuid4()}").status_code == 404


def test_a_persons_file_holds_what_it_drove_watched_over_and_signed(door: Door) -> None:
    """A signer of forged receipts would have an empty file, and so would an escort."""
    site = door.site
    deal = agreed(site)
    inspector = site.market.parties["inspector"].who
    row = site.market.manifest(deal)
    signer = site.market.parties["producer"].who.person_id
    for person in (signer, row.driver_id, row.escort_id):
        told = door.get(inspector, f"/parties/{person}").json()
        by_key = {one["key"]: one["entries"] for one in told["sections"]}
        assert [one["href"] for one in by_key["manifests"]] == [f"/manifests/{row.id}"], person
        assert [one["href"] for one in by_key["deals"]] == [f"/deals/{deal}"]
    assert told["escort_permit_to"] is not None
    assert "Escorts dangerous goods until" in site.visitor("inspector").get(f"/parties/{row.escort_id}")


def test_the_pages_show_the_file_and_the_bars(door: Door) -> None:
    """A person would have to ask the operator what is left of the year."""
    site = door.site
    agreed(site)
    processor = site.market.parties["processor"]
    mine = site.visitor("processor")
    text = mine.get(f"/parties/{processor.id}")
    for part in ("Yearly quantities", "Checklist", "Deals", "Manifests", "Timeline", "agreed 20.000 t"):
        assert part in text, part
    assert "Suspend" not in text
    assert "980.000 t left of 1,000.000 t" in mine.get("/quotas")
    public = site.visitor("distant").get(f"/parties/{processor.id}")
    assert "S42-001" in public
    assert "Timeline" not in public
    driver = site.visitor(site.market.drivers[0])
    assert "dangerous" in driver.get(f"/parties/{site.market.parties['carrier'].id}")


def test_a_part_of_a_file_is_read_to_its_end(door: Door) -> None:
    """An inspector would see twenty loads of a company and take them for all."""
    site = door.site
    deals = {agreed(site), site.market.agree("neighbour")}
    processor, inspector = site.market.parties["processor"], site.market.parties["inspector"].who
    path = f"/parties/{processor.id}"
    for act in ("suspend", "lift"):
        site.visitor("inspector").sent_to(f"{path}/{act}", reason="a long list")
    for key, least in (("deals", 2), ("manifests", 2), ("timeline", 3)):
        seen: list[str] = []
        cursor = ""
        while True:
            part = door.get(inspector, f"{path}/sections/{key}?limit=1&cursor={cursor}").json()
            seen += [f"{one['words']} {one['at']} {one['href']}" for one in part["entries"]]
            cursor = part["next"]
            if not cursor:
                break
        assert len(seen) >= least, key
        assert len(set(seen)) == len(seen) or key == "timeline"
    assert door.get(inspector, f"{path}/sections/nothing").status_code == 404
    assert door.get(site.market.parties["distant"].who, f"{path}/sections/deals").status_code == 404
    page = site.visitor("inspector").get(f"{path}/parts/deals")
    assert all(f"/deals/{deal}" in page for deal in deals)


def test_a_part_of_a_file_is_narrowed_by_state_and_days(door: Door) -> None:
    """An inspector would leaf through a year of loads for the three that were refused in March."""
    agreed(door.site)
    inspector = door.site.market.parties["inspector"].who
    path = f"/parties/{door.site.market.parties['processor'].id}"

    def hrefs(query: str, part: str = "manifests") -> list[str]:
        answer = door.get(inspector, f"{path}/sections/{part}?{query}").json()
        return [one["href"] for one in answer["entries"]]

    (only,) = hrefs("")
    assert hrefs("state=issued&since=2026-11-20&until=2026-11-20") == [only]
    for none in ("state=closed", "since=2026-11-21", "until=2026-11-19"):
        assert hrefs(none) == [], none
    assert hrefs("since=0001-01-01&until=9999-12-31") == [only]
    assert hrefs("since=2026-11-21", "timeline") == []
    pages = door.site.visitor("inspector")
    assert only in pages.get(f"{path}/parts/manifests?state=issued&since=2026-11-20")
    assert only not in pages.get(f"{path}/parts/manifests?until=2026-11-01")
    assert only in pages.get(f"{path}/parts/manifests?until=yesterday")


def test_a_file_holds_road_checks_and_complaints_for_who_oversees_alone(door: Door) -> None:
    """An inspector would not see that a carrier was stopped twice, or a works read who complained of it."""
    site = door.site
    deal = agreed(site)
    carrier = site.market.parties["carrier"]
    inspector = site.visitor("inspector")
    check = inspector.sent_to("/road-check", text=site.market.manifest(deal).plate)
    name = site.market.name_of(carrier.id)
    told = {"kind": "spill", "text": "oil on the road behind it", "about": f"a lorry of {name}"}
    assert inspector.post("/complaint", **told).status_code == 201
    page = inspector.get(f"/parties/{carrier.id}")
    assert check in page
    assert "Spill, leak or smell on the way" in page
    own = site.visitor("carrier").get(f"/parties/{carrier.id}")
    assert check not in own
    assert "Spill" not in own
    keys = {one["key"] for one in door.get(carrier.who, f"/parties/{carrier.id}").json()["sections"]}
    assert not keys & {"road_checks", "complaints"}
    assert door.get(carrier.who, f"/parties/{carrier.id}/sections/complaints").status_code == 404


def test_who_oversees_suspends_and_lifts_and_every_gate_hears_of_it(door: Door) -> None:
    """A suspended works would get its next load all the same."""
    site, market = door.site, door.site.market
    processor = market.parties["processor"]
    inspector = site.visitor("inspector")
    path = f"/parties/{processor.id}"
    unsaid = inspector.post(f"{path}/suspend", reason="")
    assert (unsaid.status_code, "Say why" in unsaid.text) == (422, True)
    assert inspector.sent_to(f"{path}/suspend", reason="stores too much") == path
    assert "stores too much" in inspector.get(path)
    lot = market.list_lot()
    market.idle()
    assert all(one.need_id != market.needs["processor"] for one in market.matches(lot))
    told = door.post(market.parties["operator"].who, f"{path}/lift", {"reason": "emptied"})
    assert (told.status_code, told.json()["suspended"]) == (200, None)


def test_a_visit_is_drawn_recorded_with_photos_and_read_by_the_visited(door: Door) -> None:
    """An inspector would need a second program for what was found, and the visited never read it."""
    site = door.site
    inspector = site.visitor("inspector")
    refused = inspector.post("/visits/draws", purpose="site_visit", kind="processor", count="1")
    assert (refused.status_code, "No anchor is published yet" in refused.text) == (409, True)
    with site.market.work() as work:
        anchors.anchor(work)
        anchors.published(work, 1)
    typed = {"purpose": "site_visit", "kind": "processor", "count": "9"}
    for wrong, why in (({"count": "x"}, "whole number"), ({"division": "4x"}, "This is no division")):
        bad = inspector.post("/visits/draws", **typed | wrong)
        assert (bad.status_code, why in bad.text) == (422, True)
    assert inspector.sent_to("/visits/draws", **typed) == "/visits"
    row = door.get(site.market.parties["inspector"].who, "/visits?open_only=true").json()["items"][0]
    path = f"/visits/{row['id']}"
    answers = {f"point-{one['key']}": "in_order" for one in row["points"]}
    token = {"_csrf_token": inspector.client.cookies["csrftoken"]}
    fields = answers | {"point-ledger_kept": "not_in_order"} | token
    photos = {"photos": ("store.png", PNG, "image/png")}
    unsaid = inspector.client.post(f"{path}/findings", data=fields, files=photos)
    assert (unsaid.status_code, "Say by which day" in unsaid.text) == (422, True)
    said = fields | {"order": "keep the ledger", "due_on": "2026-12-15"}
    done = inspector.client.post(f"{path}/findings", data=said, files=photos, follow_redirects=False)
    assert done.status_code == 303, done.text
    owner = next(one for one in site.market.parties.values() if str(one.id) == row["organisation_id"])
    mine = site.visitor(owner.who)
    text = mine.get(path)
    assert ("keep the ledger" in text, "Write it down" in text) == (True, False)
    photo = re.search(r"/photos/([0-9a-f]{64})", text)
    assert photo is not None
    got = mine.client.get(f"{path}/photos/{photo[1]}")
    assert (got.content, got.headers["content-type"]) == (PNG, "image/png")
    assert path in mine.get(f"/parties/{owner.id}")
    again = inspector.client.post(
        f"{path}/findings",
        data=answers | token,
        files={"photos": ("", b"", "image/png")},
        follow_redirects=False,
    )
    assert (again.status_code, "put right" in mine.get("/visits")) == (303, True)


def test_an_edition_is_looked_at_imported_and_taken_back_on_its_page(door: Door) -> None:
    """An operator without a shell could never bring the official list in."""
    operator = door.site.visitor("operator")
    assert "HW2025" in operator.get("/catalogue")
    said = {"edition": "HW2025", "kind": "hazardous", "valid_from": "2025-01-01", "part": "1"}
    said |= {"_csrf_token": operator.client.cookies["csrftoken"]}
    listed = "废物代码,废物类别,危险废物,危险特性\n900-249-08,HW08,其他废矿物油,T\n".encode()
    bad = {"file": ("list.csv", b"nothing", "text/csv")}
    refused = operator.client.post("/catalogue/preview", data=said, files=bad)
    assert (refused.status_code, "no heading" in refused.text) == (422, True)
    seen = operator.client.post(
        "/catalogue/preview", data=said, files={"file": ("list.csv", listed, "text/csv")}
    )
    held = re.search(r'name="held" value="([0-9a-f]{64})"', seen.text)
    assert held is not None
    assert "900-249-08" in seen.text
    token = {"held": held[1], "name": "list.csv"}
    nothing = {"file": ("", b"", "text/csv")}
    done = operator.client.post("/catalogue/import", data=said | token, files=nothing, follow_redirects=False)
    assert done.status_code == 303, done.text
    back = re.search(r"/catalogue/imports/[0-9a-f-]{36}/rollback", operator.get("/catalogue"))
    assert back is not None
    assert operator.sent_to(back[0]) == "/catalogue"
    assert "taken back" in operator.get("/catalogue")


def test_an_exemption_list_comes_in_on_the_same_page_and_over_the_api(door: Door) -> None:
    """A claim could only rest on the list of 2021, whatever the ministry has published since."""
    operator, mine = door.site.visitor("operator"), door.site.visitor("processor")
    listed = "序号,废物代码,危险废物,豁免环节,豁免条件,豁免内容\n33,HW08,废油,利用,按标准,不按\n".encode()
    said = {"edition": "HW2025", "kind": "hazardous", "listing": "exemptions", "valid_from": "2025-01-01"}
    assert "Exemption list" in operator.get("/catalogue")
    said |= {"_csrf_token": operator.client.cookies["csrftoken"]}
    file = {"file": ("list.csv", listed, "text/csv")}
    seen = operator.client.post("/catalogue/preview", data=said, files=file)
    assert "33 利用" in seen.text
    done = operator.client.post("/catalogue/import", data=said, files=file, follow_redirects=False)
    assert done.status_code == 303, done.text
    assert "按标准" in mine.get("/exemptions?code=900-214-08")
    headers = door.site.token("operator") | {"Content-Type": "text/csv"}
    place = "/api/v1/catalogue/imports/preview?edition=HW2025&from=2025-01-01&listing=exemptions"
    again = operator.client.post(place, content=listed, headers=headers | {"Idempotency-Key": "1"})
    assert (again.json()["listing"], again.json()["confirmed"]) == ("exemptions", 1)


def test_an_exemption_is_claimed_and_decided_on_its_page(door: Door) -> None:
    """A works would have to write to the authority on paper."""
    site = door.site
    mine, inspector = site.visitor("processor"), site.visitor("inspector")
    assert "No exemption is claimed" in mine.get("/exemptions")
    said = {"code": "900-214-08", "line": "", "statement": "the plan of the province", "only_from": ""}
    token = {"_csrf_token": mine.client.cookies["csrftoken"]}
    file = {"evidence": ("plan.png", PNG, "image/png")}
    refused = mine.client.post("/exemptions", data=said | token, files=file)
    assert (refused.status_code, "Choose the line" in refused.text) == (422, True)
    assert "inspector decides" in inspector.get("/exemptions?code=900-214-08")


def test_the_quota_limits_are_the_operators_to_set(door: Door) -> None:
    """A processor would raise its own limit, or the warning come when it is too late."""
    site, market = door.site, door.site.market
    operator = site.visitor("operator")
    typed = {"warn_percent": "1", "block_percent": "100", "alarm_percent": "130"}
    refused = operator.post("/quotas/policy", **typed)
    assert (refused.status_code, "120 per cent" in refused.text) == (422, True)
    assert operator.sent_to("/quotas/policy", **(typed | {"alarm_percent": "120"})) == "/quotas"
    agreed(site)
    processor = market.parties["processor"]
    assert "S42-001" in operator.get("/quotas")
    (one,) = [
        line
        for line in door.get(processor.who, f"/parties/{processor.id}/quotas").json()["items"]
        if line["booked_kg"]
    ]
    assert (one["booked_kg"], one["percent"], one["level"]) == (20_000, 2, "quota_near")
    rival = market.parties["distant"].who
    assert door.get(rival, f"/parties/{processor.id}/quotas").status_code == 403


WAYS = {
    ("GET", "/api/v1/parties/{id}"): frozenset(Role),
    ("POST", "/api/v1/parties/{id}/suspend"): OVERSEERS,
    ("POST", "/api/v1/parties/{id}/lift"): OVERSEERS,
    ("GET", "/api/v1/quotas"): OVERSEERS,
    ("GET", "/api/v1/quotas/policy"): frozenset(Role),
    ("POST", "/api/v1/quotas/policy"): frozenset({Role.OPERATOR}),
    ("POST", "/api/v1/visits/draws"): OVERSEERS,
    ("GET", "/api/v1/visits/draws"): OVERSEERS,
    ("GET", "/api/v1/visits/draws/{id}"): OVERSEERS,
    ("GET", "/api/v1/visits"): PARTIES | OVERSEERS,
    ("GET", "/api/v1/visits/{id}"): PARTIES | OVERSEERS,
    ("GET", "/api/v1/visits/{id}/photos/0"): PARTIES | OVERSEERS,
    ("POST", "/api/v1/visits/{id}/findings"): OVERSEERS,
    ("POST", "/api/v1/visits/{id}/recheck"): OVERSEERS,
    ("POST", "/api/v1/visits/{id}/call-off"): OVERSEERS,
    ("GET", "/api/v1/exemptions/lines?code=900-214-08"): frozenset(Role),
    ("GET", "/api/v1/exemptions"): PARTIES | OVERSEERS,
    ("POST", "/api/v1/exemptions"): PARTIES,
    ("GET", "/api/v1/exemptions/{id}"): PARTIES | OVERSEERS,
    ("GET", "/api/v1/exemptions/{id}/evidence"): PARTIES | OVERSEERS,
    ("POST", "/api/v1/exemptions/{id}/decision"): frozenset({Role.INSPECTOR}),
    ("POST", "/api/v1/exemptions/{id}/withdraw"): PARTIES,
    ("POST", "/api/v1/exemptions/{id}/revoke"): frozenset({Role.INSPECTOR}),
    ("GET", "/api/v1/catalogue/imports"): OVERSEERS,
    ("POST", "/api/v1/catalogue/imports/preview"): frozenset({Role.OPERATOR}),
    ("POST", "/api/v1/catalogue/imports"): frozenset({Role.OPERATOR}),
    ("POST", "/api/v1/catalogue/imports/{id}/rollback"): frozenset({Role.OPERATOR}),
    ("GET", "/catalogue"): OVERSEERS,
    ("GET", "/exemptions"): PARTIES | OVERSEERS,
    ("GET", "/visits"): PARTIES | OVERSEERS,
    ("GET", "/visits/{id}"): PARTIES | OVERSEERS,
    ("GET", "/parties/{id}"): frozenset(Role),
    ("GET", "/quotas"): frozenset({Role.PROCESSOR, Role.INSPECTOR, Role.OPERATOR}),
}


def test_every_way_lets_in_its_roles_and_nobody_else(door: Door) -> None:
    """A driver would suspend a works."""
    assert wrong_ways(door, WAYS) == []
