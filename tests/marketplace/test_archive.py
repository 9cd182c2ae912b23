"""Can a record be proved back to what was published, and a year without the database?"""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from compliance.anchors import offline, service
from compliance.anchors.tables import Anchor, AnchorStamp
from compliance.manifests.tables import Manifest
from compliance.record import ledger
from compliance.record.database import reading
from compliance.record.errors import Invalid, NotFound
from marketplace import anchoring, archive, record_proofs
from marketplace.record_proofs import Standing
from marketplace.settings import Settings
from tests.factories.trade import Market


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An instance with a folder of its own."""
    return Settings(var=tmp_path / "var")


def loaded(market: Market) -> Manifest:
    """Let a load be moved and received."""
    deal = market.agree()
    market.deliver(deal, 20_000, 19_980)
    market.receive(deal, 19_980)
    return market.manifest(deal)


def publish(market: Market, settings: Settings, days: int = 1) -> None:
    """Publish the anchors of some days."""
    for _ in range(days):
        anchoring.publish(settings, market.engine, market.now)
        market.forward(days=1)


def test_a_record_is_proved_to_its_anchor(market: Market, settings: Settings) -> None:
    """Whoever runs the database could write its whole history anew."""
    row = loaded(market)
    publish(market, settings)
    authority = anchoring.authority_of(settings, market.at)
    with reading(market.engine) as session:
        found = [
            record_proofs.proved(session, one, authority)
            for one in record_proofs.look_up(session, str(row.number))
        ]
        assert len(found) > 5
        assert {one.standing for one in found} == {Standing.HOLDS}
        assert all(one.stamps[0].simulated and one.stamps[0].checked for one in found)
        assert record_proofs.look_up(session, f"#{found[0].recorded.seq}") == [found[0].recorded]
        assert record_proofs.look_up(session, str(found[0].recorded.event.id)) == [found[0].recorded]
        for wrong, refusal in (("nonsense", Invalid), ("99999999999999", NotFound), ("0", NotFound)):
            with pytest.raises(refusal):
                record_proofs.look_up(session, wrong)
    proof = json.loads(json.dumps(found[2].proof))
    assert offline.faults_of_proof(proof) == []
    proof["event"]["data"] = proof["event"]["data"].replace(str(row.deal_id), str(row.id))
    assert offline.faults_of_proof(proof) == ["the event is not what its hash says"]


def test_each_day_has_one_anchor_whoever_asks(market: Market, settings: Settings) -> None:
    """Two workers would publish two truths."""
    assert anchoring.publish(settings, market.engine, market.now) == 1
    assert anchoring.publish(settings, market.engine, market.now) == 1
    market.forward(days=1)
    assert anchoring.publish(settings, market.engine, market.now) == 2
    first, second = market.rows(select(Anchor).order_by(Anchor.last_seq))
    assert (second.first_seq, second.previous) == (first.last_seq + 1, first.digest)
    assert len(market.rows(select(AnchorStamp))) == 2
    assert anchoring.compare(market.engine, anchoring.folder_of(settings)) == []
    files = {path.name for path in anchoring.folder_of(settings).iterdir()}
    assert {"2026-11-20.json", "2026-11-20.tsr", "anchors.jsonl", "authority.pem"} <= files


def test_a_history_written_anew_is_noticed(market: Market, settings: Settings) -> None:
    """A chain that was forged from its beginning fits in itself: only the anchors tell."""
    publish(market, settings)
    with reading(market.engine) as session:
        assert service.faults(session) == []
    with market.engine.begin() as connection:
        for table in ("ledger", "anchor"):
            if market.engine.dialect.name == "sqlite":
                connection.execute(text(f"DROP TRIGGER {table}_no_update"))
            else:
                connection.execute(text(f"DROP TRIGGER {table}_no_change ON {table}"))
        connection.execute(text("UPDATE ledger SET hash = :fake WHERE seq = 2"), {"fake": "ab" * 32})
    with reading(market.engine) as session:
        assert service.faults(session) == [
            ("anchor 2026-11-20", "the chain was written anew after it was anchored")
        ]
    with market.engine.begin() as connection:
        connection.execute(text("UPDATE anchor SET digest = :fake"), {"fake": "cd" * 32})
    (fault,) = anchoring.compare(market.engine, anchoring.folder_of(settings))
    assert fault[0] == "anchor 2026-11-20"


def test_a_closed_year_is_checked_without_the_database(
    market: Market, settings: Settings, tmp_path: Path
) -> None:
    """In ten years nobody could tell whether the archive is what was signed."""
    row = loaded(market)
    publish(market, settings, days=2)
    folder = tmp_path / "2026"
    with pytest.raises(Invalid):
        archive.export(market.engine, 2026, folder, market.at)
    market.at += timedelta(days=60)
    market.list_lot()
    publish(market, settings)
    index = archive.export(market.engine, 2026, folder, market.at)
    anchoring.put_roots(settings, folder / "stamps")
    with reading(market.engine) as session:
        last = session.scalar(select(ledger.head.c.seq))
    assert index["manifests"] == 1
    assert index["last_seq"] < last

    def checked() -> tuple[int, str]:
        command = [sys.executable, "-I", str(folder / "verify.py")]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout

    code, said = checked()
    assert (code, '"complete": true' in said) == (0, True), said
    for name, old, new in (
        ("manifests.jsonl", '"accepted_kg": 19980', '"accepted_kg": 18980'),
        ("events.jsonl", str(row.number), "20264201999999"),
        ("anchors.jsonl", '"first_seq": 1,', '"first_seq": 2,'),
    ):
        kept = (folder / name).read_text(encoding="utf-8")
        assert old in kept
        (folder / name).write_text(kept.replace(old, new), encoding="utf-8")
        code, said = checked()
        assert (code, said.count("NOT HOLDING") > 1) == (1, True), said
        (folder / name).write_text(kept, encoding="utf-8")
    with pytest.raises(Invalid):
        archive.export(market.engine, 2026, folder, market.at)
