"""Can an inspector prove a record on the page, and anybody fetch what was published?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from litestar.testing import TestClient

from compliance.anchors import offline
from marketplace import anchoring
from marketplace.cli import main
from marketplace.settings import Settings
from tests.factories.site import Site


def test_a_record_is_proved_on_the_page_and_from_a_shell(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An auditor would need the database and a programmer."""
    monkeypatch.chdir(tmp_path)
    lot = site.market.list_lot()
    inspector = site.visitor("inspector")
    assert "waits for the day's anchor" in inspector.get(f"/proof?record={lot}")
    anchoring.publish(Settings(), site.market.engine, site.market.now)
    page = inspector.get(f"/proof?record={lot}")
    assert "holds to the anchor of 20 Nov 2026" in page
    assert "simulated" in page
    (told,) = json.loads(inspector.get(f"/api/v1/proofs?record={lot}"))
    assert (told["standing"], offline.faults_of_proof(told["proof"])) == ("holds", [])
    assert "names no record" in inspector.get("/proof?record=nonsense", status=422)
    site.visitor("producer").get("/proof", status=403)
    site.visitor("producer").get(f"/api/v1/proofs?record={lot}", status=403)
    with TestClient(site.app) as stranger:
        (anchor,) = stranger.get("/api/v1/anchors").json()["items"]
    assert anchor["digest"] == told["proof"]["anchor"]["digest"]
    environment = {"DATABASE_URL": str(site.market.engine.url), "HUANLIAN_VAR": "var"}
    proved = CliRunner().invoke(main, ["verify", "--record", str(lot)], env=environment)
    assert (proved.exit_code, "It holds." in proved.output) == (0, True), proved.output
    compared = CliRunner().invoke(main, ["anchors", "compare", "var/anchors"], env=environment)
    assert compared.exit_code == 0, compared.output
