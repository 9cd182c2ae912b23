"""Can a record be proved back to what was published, and a year without the database?"""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from compliance.anchors import offline, service
from compliance.anchors.tables import Anchor, AnchorPublication, AnchorStamp
from compliance.manifests import incidents
from compliance.manifests.incidents import Incident
from compliance.manifests.rules import Act
from compliance.manifests.tables import Manifest
from compliance.pipelines import periods
from compliance.pipelines import queries as flows
from compliance.pipelines import service as pipelines
from compliance.pipelines.rules import Act as Flow
from compliance.pipelines.rules import Carrying, days_of
from compliance.pipelines.service import NewPipeline, NewReading
from compliance.qualification import service as qualification
from compliance.qualification.scans import ScanStore
from compliance.record import ledger
from compliance.record.database import reading
from compliance.record.errors import Invalid, NotFound
from compliance.registry.rules import Mode
from compliance.signing_keys import queries as keys
from marketplace import anchoring, archive, record_proofs
from marketplace.record_proofs import Standing
from marketplace.scans import store_of
from marketplace.settings import Settings
from tests.compliance.qualification.papers import PNG
from tests.factories.terminals import enrolled
from tests.factories.trade import OIL, Market
from tracking.kept_acts import service as service_of_kept_acts
from tracking.kept_acts.rules import shown
from tracking.kept_acts.service import Delivery
from tracking.trips.rules import Act as Step
from tracking.trips.tables import Trip

OCTOBER = days_of(date(2026, 10, 1), date(2026, 10, 31))


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


def loaded_without_signal(market: Market, store: ScanStore) -> None:
    """Let a load be loaded by a terminal without signal, have an incident with a photo, and be received."""
    deal = market.agree()
    market.sign(deal, Act.ISSUE, "producer")
    market.step(deal, Step.ARRIVE)
    row = market.manifest(deal)
    for kg in (12_000, 32_000):
        market.weigh("producer", row.plate, kg)
    driver = next(one for one in market.drivers if one.person_id == row.driver_id)
    terminal = enrolled(market, driver)
    (trip,) = market.rows(select(Trip).where(Trip.deal_id == deal))
    item = terminal.keep("loaded", trip.id, market.at, shown(market.manifest(deal)))
    with market.work(driver) as work:
        key = keys.key(work.session, terminal.key_id, work.who)
        (kept,) = service_of_kept_acts.receive(work, key, [item], Delivery(market.at))
        assert kept.state == "applied", kept.reasons
        photo = qualification.keep_scan(work, store, PNG, "drum.png").sha256
        incidents.report(
            work, work.session.get_one(Manifest, row.id), Incident("a drum leaks", place="G42", file=photo)
        )
    market.step(deal, Step.DEPART)
    for kg in (31_980, 12_000):
        market.weigh("processor", row.plate, kg)
    market.step(deal, Step.DELIVER)
    market.idle()
    market.receive(deal, 19_980)


def metered(market: Market) -> None:
    """Let waste flow through a pipeline for October, and both ends sign for it."""
    mover, receiver = market.parties["producer"], market.parties["processor"]
    ends = (mover.site_id, receiver.site_id)
    new = NewPipeline("P-101", Carrying.PIPE, *ends, OIL, Mode.USE, OCTOBER[0])
    read = [NewReading(day, 1_000) for day in OCTOBER]
    with market.work(mover.who) as work:
        row = pipelines.offer(work, new)
    with market.work(receiver.who) as work:
        row = flows.pipeline(work.session, row.id, work.who)
        pipelines.move(work, row, Flow.AGREE)
        pipelines.enter(work, row, read)
    with market.work(mover.who) as work:
        row = flows.pipeline(work.session, row.id, work.who)
        pipelines.enter(work, row, read)
        period = periods.issue(work, row, OCTOBER[0])
    with market.work(receiver.who) as work:
        row = flows.pipeline(work.session, row.id, work.who)
        periods.confirm(work, row, flows.period(work.session, period.id, work.who))


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
    assert len(market.rows(select(AnchorStamp))) == len(market.rows(select(AnchorPublication.at))) == 2
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


def checked(folder: Path) -> tuple[int, str]:
    """Run an archive's own script with nothing of the product on its path."""
    command = [sys.executable, "-I", str(folder / "verify.py")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


FORGED = (
    ("manifests.jsonl", '"accepted_kg": 19980', '"accepted_kg": 18980'),
    ("manifests.jsonl", '"permit": "', '"permit": "X'),
    ("periods.jsonl", '"accepted_kg": 31000', '"accepted_kg": 30000'),
    ("periods.jsonl", '"how": "meter", "counter_from_kg"', '"how": "level", "counter_from_kg"'),
    ("events.jsonl", r"\"act\":\"load\"", r"\"act\":\"lost\""),
    ("anchors.jsonl", '"first_seq": 1,', '"first_seq": 2,'),
    ("kept_acts.jsonl", '"public_key": "', '"public_key": "00'),
    ("files.jsonl", '"path": "files/', '"path": "nowhere/'),
)
"""What somebody could rewrite: in which file, what stands there, and what would."""


def test_a_closed_year_is_checked_without_the_database(
    market: Market, settings: Settings, tmp_path: Path
) -> None:
    """In ten years nobody could tell whether the archive is what was signed."""
    loaded_without_signal(market, store_of(settings))
    metered(market)
    publish(market, settings, days=2)
    folder = tmp_path / "2026"
    with pytest.raises(Invalid):
        archive.export(market.engine, 2026, folder, market.at, store_of(settings))
    market.at += timedelta(days=60)
    market.list_lot()
    publish(market, settings)
    index = archive.export(market.engine, 2026, folder, market.at, store_of(settings))
    anchoring.put_roots(settings, folder / "stamps")
    with reading(market.engine) as session:
        last = session.scalar(select(ledger.head.c.seq))
    assert (index["manifests"], index["kept_acts"], index["files_kept"], index["periods"]) == (1, 1, 1, 1)
    assert index["last_seq"] < last

    code, said = checked(folder)
    assert (code, '"complete": true' in said) == (0, True), said
    for name, old, new in FORGED:
        kept = (folder / name).read_text(encoding="utf-8")
        assert old in kept
        (folder / name).write_text(kept.replace(old, new), encoding="utf-8")
        code, said = checked(folder)
        assert (code, said.count("NOT HOLDING") > 1) == (1, True), said
        (folder / name).write_text(kept, encoding="utf-8")
    (photo,) = (folder / "files").iterdir()
    photo.write_bytes(PNG + b"x")
    code, said = checked(folder)
    assert (code, said.count("NOT HOLDING")) == (1, 2), said
    with pytest.raises(Invalid):
        archive.export(market.engine, 2026, folder, market.at, store_of(settings))
