"""What goes into a load's evidence bundle, and what does it say of itself?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from uuid import UUID

import msgspec

from compliance.anchors.service import event_row
from compliance.manifests import queries as manifests
from compliance.manifests import service as manifest_service
from compliance.manifests import statements
from compliance.papers import bundle
from compliance.papers.typesetting import sheet_pdf
from compliance.qualification.scans import ScanStore, held
from compliance.record.work import Work
from compliance.signing_keys.tables import SigningKey
from devices.codecs.weighing_json import weighing_canonical
from marketplace import loads
from marketplace.papers import manifest, receipt, ticket
from marketplace.papers.manifest import Story
from marketplace.papers.reading import Reader
from marketplace.web.pages import weighings as weighing_pages
from tracking.fleet import queries as fleet
from tracking.kept_acts import queries as kept_acts
from tracking.weighings import photos, proof
from tracking.weighings.tables import Weighing

FILES = "files"
FORMAT = "huanlian-evidence-2"
README = """\
环链证据包 Huanlian evidence bundle
{number}

manifest.pdf   联单 the manifest
receipt.pdf    接收确认 the receipt, where both ends have weighed
ticket-*.pdf   磅单 the weigh tickets
record.json    事件链、签名、磅单原文 events, signatures, tickets as signed
files/         照片与扫描件，以其 SHA-256 命名 photos and scans, named by their SHA-256
hashes.json    各文件的 SHA-256 of every file
verify.py      离线核验脚本 checks all of this offline

核验 To check:  python3 verify.py
只需 Python 3.9 及以上，无需联网，无需安装任何软件。It needs Python 3.9, no network and nothing installed.

它证明 It proves: 文件未被改动；每一事件与其哈希一致并与包内的前一事件衔接；每张磅单由其衡器签名；
照片与扫描件即事件中所列的文件；联单所载与联单正文一致，最新签名是否涵盖见核验结果。
No file was changed; each event is what its hash says and fits the event before it where that one is in the
bundle; each ticket was signed by its scale; photos and scans are the files that the events name; what the
manifest states (`statement` in record.json) is what its document says, and the script tells whether the
newest signature covers it.
它不能证明 It does not prove: 整个证据包不是伪造的。
请将事件的哈希与环链记录（/api/v1/events，序号 {first}-{last}）比对；衡器公钥请向市场运营方核对。
That the whole bundle was not made up. Compare the events' hashes with the record
(/api/v1/events, {first}-{last}), and the scales' public keys with the operator's.

编号说明 The number: {provisional}
"""
PROVISIONAL = """\
平台暂编号，不是国家危险废物信息管理系统的联单编号 (M1)。
given by this platform; it is not one of the national hazardous-waste information system."""
NATIONAL = (
    "国家系统编号 {number} 由当事人录入，未经该系统核验。It was typed in and not verified with that system."
)


@dataclass(frozen=True, slots=True)
class Addresses:
    """What the QR codes of the papers say: the manifest's text, and each ticket's by its id."""

    manifest: str
    tickets: Mapping[str, str]


def of_load(work: Work, reader: Reader, told: Story, addresses: Addresses, store: ScanStore) -> bytes:
    """Pack a load's papers with the record and the files behind them."""
    papers = {
        "manifest.pdf": sheet_pdf(manifest.sheet(reader, told, addresses.manifest, work.now)),
        **_tickets(work, reader, told, addresses, store),
    }
    if told.custody.balance is not None:
        papers["receipt.pdf"] = sheet_pdf(receipt.sheet(reader, told, addresses.manifest, work.now))
    named = loads.files_of(work, told.manifest)
    kept = held(store, named)
    papers |= {f"{FILES}/{name}": data for name, data in kept.items()}
    record = _record(work, told) | {"files": sorted(named)}
    return bundle.packed(papers, record, _readme(told), work.now)


def _weighings(told: Story) -> list[Weighing]:
    return [row for end in told.custody.scales for row in end.tickets]


def _tickets(
    work: Work, reader: Reader, told: Story, addresses: Addresses, store: ScanStore
) -> dict[str, bytes]:
    found = {}
    for row in _weighings(told):
        gathered = weighing_pages.ticket(work, row, store)
        name = f"ticket-{row.place}-{row.role}-{row.ticket_number}.pdf"
        found[name] = sheet_pdf(ticket.sheet(reader, gathered, addresses.tickets[str(row.id)], work.now))
    return found


def _record(work: Work, told: Story) -> dict[str, object]:
    row = told.manifest
    signed = manifests.signatures(work.session, row.id)
    statement = statements.row_of(work, row.id)
    return {
        "format": FORMAT,
        "at": work.now.astimezone(UTC).isoformat(),
        "manifest": columns(row),
        "document": manifest_service.as_signed(work, row, signed).content(),
        "statement": columns(statement) if statement else None,
        "signatures": [columns(one) for one in signed],
        "events": [event_row(one) for one in told.events],
        "kept_acts": _kept(work, row.id),
        "tickets": [_ticket(work, one) for one in _weighings(told)],
    }


def _kept(work: Work, manifest_id: UUID) -> list[dict[str, object]]:
    """Return what terminals signed without signal, to the letter, each with its key."""
    found = kept_acts.of_manifest(work.session, manifest_id)
    keys = {one.key_id: work.session.get_one(SigningKey, one.key_id) for one in found}
    return [
        columns(one) | {"algorithm": keys[one.key_id].algorithm, "public_key": keys[one.key_id].public_key}
        for one in found
    ]


def columns(row: object) -> dict[str, object]:
    """Return a row as JSON-ready values by column."""
    names = [column.key for column in row.__mapper__.columns]  # type: ignore[attr-defined]
    found = msgspec.to_builtins({name: getattr(row, name) for name in names})
    assert isinstance(found, dict)
    return found


def _ticket(work: Work, row: Weighing) -> dict[str, object]:
    keys = fleet.signing_keys(work.session, row.device_id, row.at, row.received_at)
    named = photos.named(work.session, row)
    return {
        "device": row.device_id,
        "number": row.ticket_number,
        "place": row.place,
        "role": row.role,
        "kg": row.kg,
        "signed": weighing_canonical(row.device_id, row.inc, proof.reading(row)).decode(),
        "hash": row.ticket_hash,
        "previous_hash": row.previous_hash,
        "sig": row.signature,
        "keys": list(keys),
        "photos": {view: sha256 for view, sha256, _ in named},
        "photos_waiting": [view for view, _, one in named if one is None or one.received_at is None],
    }


def _readme(told: Story) -> str:
    row = told.manifest
    numbers = [one.seq for one in told.events]
    said = NATIONAL.format(number=row.national_number) if row.national_number else PROVISIONAL
    return README.format(
        number=row.national_number or row.number or "-",
        first=min(numbers, default=0),
        last=max(numbers, default=0),
        provisional=said,
    )
