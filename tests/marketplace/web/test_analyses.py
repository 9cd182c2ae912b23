"""Does a year of loads show an inspector where to look?"""

from __future__ import annotations

from sqlalchemy import update

from compliance.manifests.rules import Act as ManifestAct
from compliance.manifests.tables import Manifest
from compliance.oversight import queries as oversight
from compliance.registry.tables import LicenceLineRow
from tests.factories.site import Site


def test_balances_signs_and_disclosure_of_a_year(site: Site) -> None:
    """An inspector would add up a year's manifests by hand."""
    market = site.market
    deal = market.agree()
    market.deliver(deal, 20_000, 19_980)
    market.receive(deal, 19_980)
    inspector = site.visitor("inspector")
    page = inspector.get("/analyses")
    for words in ("processor", "19.980 t", "Mass balance by site", "balance__stock", "Waste that goes round"):
        assert words in page, words
    assert "balance__stock--over" not in page
    assert "各场所物料平衡" in site.visitor("inspector", "zh").get("/analyses")
    assert "More than the licence allows" in page
    site_id = market.parties["processor"].site_id
    wrong = inspector.post("/analyses/storage-limits", site=str(site_id), tonnes="ten", source="licence")
    assert wrong.status_code == 422
    assert (
        inspector.sent_to("/analyses/storage-limits", site=str(site_id), tonnes="10", source="S42-001")
        == "/analyses"
    )
    with market.work() as work:
        work.session.execute(update(LicenceLineRow).values(yearly_kg=10_000))
    again = inspector.get("/analyses")
    assert "balance__stock--over" in again
    assert "¥50,000–200,000 · 生态环境法典 第1175条第7项" in again.split('id="circular"')[1]
    assert "199" in again.split('id="beyond_licence"')[1]
    with market.work("inspector") as work:
        assert oversight.openings(work.session, work.who, 2026) == {}
        assert oversight.openings(work.session, work.who, 2027) == {site_id: 19_980}
    market.sign(deal, ManifestAct.TREAT, "processor")
    market.idle()
    with market.work("inspector") as work:
        assert oversight.openings(work.session, work.who, 2027) == {site_id: 0}
    assert "balance__stock--over" not in inspector.get("/analyses")
    file = inspector.client.get("/disclosure.csv?year=2026").content.decode("utf-8-sig").splitlines()
    assert len(file) == 3
    assert "20000" in file[1]
    for name in ("producer", "carrier"):
        site.visitor(name).get("/analyses", status=403)
        site.visitor(name).get("/disclosure.csv?year=2026", status=403)


def test_a_ring_is_shown_with_its_loads_in_the_order_of_time(site: Site) -> None:
    """An inspector would be told that waste goes round, and have to find the manifests."""
    market = site.market
    deals = [market.agree() for _ in range(2)]
    for deal in deals:
        market.deliver(deal, 20_000, 19_980)
        market.receive(deal, 19_980)
    there, back = (market.manifest(deal) for deal in deals)
    with market.work() as work:
        turned = {"mover_id": there.receiver_id, "receiver_id": there.mover_id}
        work.session.execute(update(Manifest).where(Manifest.id == back.id).values(**turned))
    for language, words in (
        ("zh", ("占第一程百分比", "按时间先后列出的各车")),
        ("en", ("per cent of the first leg",)),
    ):
        page = site.visitor("inspector", language).get("/analyses").split('id="circular"')[1]
        for text in (*words, str(there.number), f"/manifests/{back.id}", "processor"):
            assert text in page, text
    inspector = site.visitor("inspector").client
    found = inspector.get("/api/v1/analyses", headers=site.token("inspector")).json()
    (ring,) = [one for one in found["found"] if one["sign"] == "circular"]
    assert (ring["figures"]["round_kg"], ring["figures"]["round_percent"]) == (19_980, 100)
    assert [leg[0]["number"] for leg in ring["figures"]["legs"]] == [there.number, back.number]
    assert found["every_ring"] is True
