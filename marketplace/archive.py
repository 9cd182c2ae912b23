"""How is a closed year taken out, so that it can be checked in ten years without this product?"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.orm import Session

from compliance.anchors import offline, queries
from compliance.anchors.offline import Row
from compliance.anchors.service import event_row, moment, stated, statement_of
from compliance.anchors.tables import Anchor
from compliance.manifests import corrections, statements
from compliance.manifests import queries as manifests
from compliance.manifests import service as manifest_service
from compliance.manifests.tables import Manifest, ManifestRevision, ManifestSignature
from compliance.papers import verify_bundle
from compliance.pipelines import queries as pipelines
from compliance.qualification.scans import ScanStore, held
from compliance.qualification.tables import ScanRow
from compliance.receipts import queries as receipts
from compliance.record import ledger
from compliance.record.clock import SHANGHAI, local_date
from compliance.record.errors import N_, Invalid
from compliance.record.who import SYSTEM
from compliance.record.work import Work
from compliance.signing_keys.tables import SigningKey
from marketplace import loads
from tracking.kept_acts import queries as kept_acts
from tracking.kept_acts.tables import KeptAct
from tracking.trips import queries as trips
from tracking.weighings import queries as weighings

BATCH = 2_000
FILES = "files"
README = """\
Huanlian 环链: the record of {year}, exported {at}.

python verify.py            checks everything in this folder; it needs Python 3.8 or later and nothing else.
openssl ts -verify -data anchors/DAY.json -in stamps/DAY.tsr -CAfile stamps/authority.pem
                            checks one day's time stamp (RFC 3161).

events.jsonl     every event of the year, one a line, with its hash and that of the event before
hashes.jsonl     the hashes of all events that the anchors below cover
anchors.jsonl    the anchors that cover the year; anchors/ holds each as it was stamped
manifests.jsonl  the manifests of the year: fields, what they state, signatures, weighings, receipt
periods.jsonl    the manifests of pipelines' periods: what both ends signed, and both meters day by day
kept_acts.jsonl  what terminals signed without signal and handed in, to the letter, with the keys
files.jsonl      the photos and scans of the year and of its manifests; files/ holds each under its SHA-256
signatures.py    checks the signatures of terminals; verify.py uses it
index.json       what was exported, and the SHA-256 of every file

年度档案（{year}年），导出时间 {at}。运行 python verify.py 即可离线校验，无需数据库、网络或其他软件包。
时间戳若注明 simulated，则由本机模拟签发，不具有任何机构的证明力。
"""


def export(engine: Engine, year: int, folder: Path, now: datetime, store: ScanStore) -> Row:
    """Write a closed year into an empty folder and return its index; `Invalid` for one still running."""
    if year >= local_date(now).year:
        raise Invalid(
            N_("The year {year} is not over."),
            field="year",
            way_out=N_("Export it once it has ended."),
            values={"year": year},
        )
    if folder.exists() and any(folder.iterdir()):
        raise Invalid(N_("The folder {folder} is not empty."), field="dir", values={"folder": str(folder)})
    for name in ("anchors", "stamps", FILES):
        (folder / name).mkdir(parents=True)
    with ledger.snapshot(engine) as connection, Session(connection) as session:
        work = Work(session, now, SYSTEM)
        index = _written(work, connection, year, folder) | _behind(work, year, folder, store)
    (folder / "README.txt").write_text(README.format(year=year, at=moment(now)), encoding="utf-8")
    shutil.copy(Path(offline.__file__), folder / "verify.py")
    shutil.copy(Path(verify_bundle.__file__), folder / offline.SIGNATURES)
    index["files"] = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    (folder / "index.json").write_text(json.dumps(index, indent=1, sort_keys=True), encoding="utf-8")
    return index


def _written(work: Work, connection: Connection, year: int, folder: Path) -> Row:
    session = work.session
    first, last = span(connection, year)
    count = _lines(folder / "events.jsonl", _events(session, first, last))
    covering = _covering(session, first, last)
    low = min(first, covering[0].first_seq) if covering else first
    high = max(last, covering[-1].last_seq) if covering else last
    _lines(folder / "hashes.jsonl", _hashes(connection, low, high))
    _lines(folder / "anchors.jsonl", (stated(row) for row in covering))
    simulated = _stamps(session, covering, folder)
    found = _lines(folder / "manifests.jsonl", _manifests(work, year))
    metered = _lines(folder / "periods.jsonl", _periods(work, *_ends(year)))
    before = queries.one(session, first - 1)
    return {
        "year": year,
        "at": moment(work.now),
        "first_seq": first,
        "last_seq": last,
        "previous_hash": before.hash if before else offline.GENESIS,
        "previous_anchor": covering[0].previous if covering else offline.GENESIS,
        "events": count,
        "manifests": found,
        "periods": metered,
        "simulated_stamps": simulated,
    }


def span(connection: Connection, year: int) -> tuple[int, int]:
    """Return the first and the last event of a year by Shanghai's calendar; (n + 1, n) where it had none."""
    at, seq = ledger.events.c.at, ledger.events.c.seq
    start, end = _ends(year)
    first = connection.scalar(select(func.min(seq)).where(at >= start))
    last = connection.scalar(select(func.max(seq)).where(at < end)) or 0
    return (last + 1 if first is None else first), last


def _ends(year: int) -> tuple[datetime, datetime]:
    """Return when a year begins and when the next one does, by Shanghai's clock."""
    first, next_one = (datetime(one, 1, 1, tzinfo=SHANGHAI).astimezone(UTC) for one in (year, year + 1))
    return first, next_one


def _behind(work: Work, year: int, folder: Path, store: ScanStore) -> Row:
    """Write what terminals signed and the files that stand behind a year's record; return how many."""
    start, end = _ends(year)
    kept = _lines(folder / "kept_acts.jsonl", _kept_acts(work, start, end))
    files = _lines(folder / "files.jsonl", _files(work, year, folder, store))
    return {"kept_acts": kept, "files_kept": files}


def _kept_acts(work: Work, start: datetime, end: datetime) -> Iterator[Row]:
    wanted = kept_acts.visible_to(work.who).where(KeptAct.received_at >= start, KeptAct.received_at < end)
    for row in work.session.scalars(wanted.order_by(KeptAct.key_id, KeptAct.seq)):
        key = work.session.get_one(SigningKey, row.key_id)
        yield _plain(row) | {"algorithm": key.algorithm, "public_key": key.public_key}


def _files(work: Work, year: int, folder: Path, store: ScanStore) -> Iterator[Row]:
    """Copy the scans that were uploaded in a year, and those that its manifests name, and yield each."""
    start, end = _ends(year)
    wanted = select(ScanRow).where(ScanRow.uploaded_at >= start, ScanRow.uploaded_at < end)
    found = {row.sha256: row for row in work.session.scalars(wanted)}
    named: set[str] = set()
    for manifest in _lines_of(folder / "manifests.jsonl"):
        named.update(manifest["files"])
    for row in work.session.scalars(select(ScanRow).where(ScanRow.sha256.in_(named - found.keys()))):
        found.setdefault(row.sha256, row)
    for sha256 in sorted(named | found.keys()):
        about = _plain(found[sha256]) if sha256 in found else {"sha256": sha256}
        yield about | {"path": _copied(store, sha256, folder)}


def _copied(store: ScanStore, sha256: str, folder: Path) -> str | None:
    """Copy a kept file into an archive; None for one that is lost, which its script says."""
    for name, data in held(store, [sha256]).items():
        (folder / FILES / name).write_bytes(data)
        return f"{FILES}/{name}"
    return None


def _events(session: Session, first: int, last: int) -> Iterator[Row]:
    seq = first - 1
    while seq < last:
        batch = [one for one in ledger.read(session, seq, BATCH) if one.seq <= last]
        if not batch:
            return
        for one in batch:
            yield event_row(one)
        seq = batch[-1].seq


def _hashes(connection: Connection, low: int, high: int) -> Iterator[Row]:
    wanted = ledger.events.c.seq.between(low, high)
    rows = connection.execute(
        select(ledger.events.c.seq, ledger.events.c.hash).where(wanted).order_by(ledger.events.c.seq)
    )
    return ({"seq": row.seq, "hash": row.hash} for row in rows)


def _covering(session: Session, first: int, last: int) -> list[Anchor]:
    wanted = queries.anchors().where(Anchor.last_seq >= first, Anchor.first_seq <= last)
    return list(session.scalars(wanted.order_by(Anchor.last_seq)))


def _stamps(session: Session, covering: Iterable[Anchor], folder: Path) -> bool:
    rows = list(covering)
    stamps = queries.stamps(session, [row.id for row in rows])
    for row in rows:
        (folder / "anchors" / f"{row.day.isoformat()}.json").write_bytes(statement_of(row))
        for stamp in stamps.get(row.id, [])[:1]:
            (folder / "stamps" / f"{row.day.isoformat()}.tsr").write_bytes(stamp.token)
    return any(stamp.simulated for found in stamps.values() for stamp in found)


def _manifests(work: Work, year: int) -> Iterator[Row]:
    """Yield the manifests on which something was signed in the year, whole."""
    session = work.session
    start, end = _ends(year)
    wanted = manifests.visible_to(work.who).where(Manifest.created_at < end, Manifest.changed_at >= start)
    for key in session.scalars(wanted.with_only_columns(Manifest.id).order_by(Manifest.created_at)).all():
        row = session.get_one(Manifest, key)
        yield _manifest(work, row, start, end)
        session.expunge_all()


def _manifest(work: Work, row: Manifest, start: datetime, end: datetime) -> Row:
    session = work.session
    signed = manifests.signatures(session, row.id)
    trip = trips.by_manifest(session, row.id)
    receipt = receipts.of_manifest(session, row.id)
    document = manifest_service.as_signed(work, row, signed).content()
    statement = statements.row_of(work, row.id)
    revisions = corrections.listed(session, row.id)
    return _plain(row) | {
        "document": document,
        "statement": _plain(statement) if statement else None,
        "covered_hash": _covering_hash(row, signed, revisions),
        "revisions": [_plain(one) for one in revisions],
        "files": sorted(loads.files_of(work, row)),
        "signatures": [_plain(one) | {"in_year": start <= one.at < end} for one in signed],
        "weighings": [_plain(one) for one in weighings.of_trip(session, trip.id)] if trip else [],
        "receipt": _plain(receipt) if receipt else None,
    }


def _periods(work: Work, start: datetime, end: datetime) -> Iterator[Row]:
    """Yield the manifests of pipelines' periods on which something was signed in the year, whole."""
    for row, period in pipelines.signed_within(work.session, start, end):
        told = [one.event for one in ledger.about(work.session, [period.id])]
        signed = [one for one in told if one.data.get("document_hash")]
        yield _plain(period) | {
            "pipeline": _plain(row),
            "readings": [
                _plain(one) for one in pipelines.rows(work.session, row.id, period.first, period.last)
            ],
            "signatures": [
                {
                    "act": one.kind,
                    "at": moment(one.at),
                    "signed_by": one.data.get("signed_by"),
                    "document_hash": one.data["document_hash"],
                    "in_year": start <= one.at < end,
                }
                for one in signed
            ],
        }


def _covering_hash(
    row: Manifest, signed: Sequence[ManifestSignature], revisions: Sequence[ManifestRevision]
) -> str | None:
    """Return the hash under which a manifest stands: of its newest signature, or of a later correction.

    None where it has changed since, as a load does that was weighed and not signed for yet.
    """
    corrected = [one for one in revisions if one.hash_after is not None and one.ended_at is not None]
    last = max(corrected, key=lambda one: one.ended_at or row.created_at, default=None)
    if last is not None and last.ended_at == row.changed_at:
        return last.hash_after
    return signed[-1].document_hash if signed and row.changed_at <= signed[-1].at else None


def _lines_of(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _plain(row: Any) -> Row:
    """Return a row's columns as plain values."""
    columns = {column.key: getattr(row, column.key) for column in type(row).__mapper__.columns}
    plain: Row = msgspec.to_builtins(columns, str_keys=True)
    return plain


def _lines(path: Path, rows: Iterable[Row]) -> int:
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            count += 1
    return count
