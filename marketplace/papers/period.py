"""What stands on the manifest of a pipeline's period, and what proves it (M13)?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from compliance.anchors.service import event_row
from compliance.manifests.statements import party_stated
from compliance.papers import bundle
from compliance.papers.sheet import Notice, Part, Sheet, Table
from compliance.papers.typesetting import sheet_pdf
from compliance.pipelines import queries
from compliance.pipelines.periods import stated
from compliance.pipelines.rules import Compared, Side
from compliance.pipelines.tables import MeterReading, PeriodManifest, Pipeline
from compliance.record import ledger
from compliance.record.errors import N_
from compliance.record.ledger import Recorded
from compliance.record.who import Who
from compliance.record.work import Work
from compliance.registry import queries as registry
from compliance.registry.tables import Organisation, Person, Site
from marketplace.papers.evidence import FORMAT, PROVISIONAL, columns
from marketplace.papers.manifest import party
from marketplace.papers.reading import PROVISIONAL as NOTICE
from marketplace.papers.reading import SIMULATED, Reader

SIGNED = {
    "PeriodIssued": N_("issued"),
    "PeriodConfirmed": N_("confirmed"),
    "PeriodReopened": N_("reopened"),
    "PeriodTreated": N_("treatment signed"),
}
README = """\
环链证据包（管道转移期间联单） Huanlian evidence bundle of a pipeline's period
{number}

manifest.pdf   期间联单 the manifest of the period
record.json    双方逐日计量、事件链 both meters day by day, and the events
hashes.json    各文件的 SHA-256 of every file
verify.py      离线核验脚本 checks all of this offline: python3 verify.py

它证明 It proves: 文件未被改动；每一事件与其哈希一致；期间合计与逐日计量及签署事件所载一致；
联单正文（record.json 中的 document）即双方所签署的内容。
No file was changed; each event is what its hash says; the period's sums are those of the days and of the
events that signed them; the document (`document` in record.json) is what both ends signed.
它不能证明 It does not prove: 整个证据包不是伪造的；请将事件的哈希与环链记录（/api/v1/events）比对。
That the whole bundle was not made up: compare the events' hashes with the record (/api/v1/events).

编号说明 The number: {provisional}
"""


@dataclass(frozen=True, slots=True)
class Story:
    """One period of a pipeline with everything that its papers say."""

    period: PeriodManifest
    pipeline: Pipeline
    houses: Mapping[UUID, Organisation]
    sites: Mapping[UUID, Site]
    days: Sequence[Compared]
    readings: Sequence[MeterReading]
    events: Sequence[Recorded]
    stated: Mapping[str, Any]
    """What was stated when it was issued; empty for one that was issued before that was written down."""
    people: Mapping[UUID, Person]


def story(work: Work, period_id: UUID, who: Who) -> Story:
    """Gather a period's facts; `NotFound` for one of a pipeline that the person may not see."""
    session = work.session
    period = queries.period(session, period_id, who)
    row = queries.pipeline(session, period.pipeline_id, who)
    events = [one for one in ledger.about(session, [period.id]) if one.event.kind in SIGNED]
    return Story(
        period=period,
        pipeline=row,
        houses=registry.organisations(session, [row.mover_id, row.receiver_id]),
        sites=registry.sites(session, [row.origin_site_id, row.destination_site_id]),
        days=queries.compared(session, row, period.first, period.last, work.today),
        readings=queries.rows(session, row.id, period.first, period.last),
        events=events,
        stated=stated([one.event for one in events]),
        people=registry.people(session, [one.event.person_id for one in events if one.event.person_id]),
    )


def sheet(reader: Reader, told: Story, qr: str, at: datetime) -> Sheet:
    """Return the printed manifest of a period."""
    simulated = any(house.simulated for house in told.houses.values())
    notices = [Notice(reader.say(NOTICE)), *([Notice(reader.say(SIMULATED))] if simulated else [])]
    return Sheet(
        title=reader.say(N_("Transfer manifest of a pipeline's period")),
        number=told.period.number,
        language=reader.language.value,
        at=at,
        notices=tuple(notices),
        blocks=(
            _head(reader, told),
            _end(reader, told, Side.MOVER),
            _end(reader, told, Side.RECEIVER),
            _days(reader, told),
            _signed(reader, told),
        ),
        qr=qr,
        qr_words=reader.say(N_("address, number and hash of what was signed")),
        foot=reader.foot(at),
        page_words=reader.pages(),
    )


def _head(reader: Reader, told: Story) -> Part:
    row, period = told.pipeline, told.period
    span = f"{reader.day(period.first)} – {reader.day(period.last)}"
    return Part(
        reader.say(N_("The manifest")),
        (
            reader.cell(N_("Number of this platform"), period.number),
            reader.cell(N_("State"), reader.word(period.state)),
            reader.cell(N_("Catalogue"), period.edition),
            reader.cell(N_("Period"), span),
            reader.cell(N_("Asked for by"), row.asked_by),
            reader.cell(N_("Pipeline"), f"{row.name} · {reader.word(row.carrying)}"),
            reader.cell(N_("Purpose"), reader.word(row.mode)),
            reader.cell(N_("Waste"), told.stated.get("waste_name", row.waste_name)),
            reader.cell(N_("Waste code"), row.code),
            reader.cell(N_("Category"), told.stated.get("category")),
            reader.cell(N_("Hazards"), reader.hazards(told.stated.get("hazards", ""))),
            reader.cell(N_("Hash of the document"), period.document_hash, wide=True),
        ),
    )


def _end(reader: Reader, told: Story, side: Side) -> Part:
    row, period = told.pipeline, told.period
    if side is Side.MOVER:
        title, house, site = N_("1  Filled in by the mover"), row.mover_id, row.origin_site_id
        meter = told.stated.get("mover_meter", row.mover_meter)
        masses = [reader.cell(N_("Metered mass"), reader.kg(period.mover_kg))]
    else:
        title, house, site = N_("3  Filled in by the receiver"), row.receiver_id, row.destination_site_id
        meter = told.stated.get("receiver_meter", row.receiver_meter)
        masses = [
            reader.cell(N_("Licence"), told.stated.get("licence")),
            reader.cell(N_("Metered mass"), reader.kg(period.receiver_kg)),
            reader.cell(N_("Accepted mass"), reader.kg(period.accepted_kg)),
            reader.cell(N_("Date"), reader.moment(period.confirmed_at)),
            reader.cell(N_("Reason given"), period.reason, wide=True),
        ]
    one = told.houses[house]
    named = told.stated.get(side.value) or party_stated(one, told.sites[site])
    return Part(
        reader.say(title),
        (
            *party(reader, one, named),
            reader.cell(N_("Meter"), meter),
            *masses,
        ),
    )


def _days(reader: Reader, told: Story) -> Table:
    heads = (
        *(N_("Day"), N_("Metered by the mover (kg)"), N_("Metered by the receiver (kg)")),
        *(N_("Difference (kg)"), N_("Result")),
    )
    rows = tuple(
        (
            one.name,
            reader.count(one.mover_kg),
            reader.count(one.receiver_kg),
            reader.count(one.difference_kg),
            reader.word(one.verdict.value),
        )
        for one in told.days
    )
    title = reader.say(N_("Both meters day by day"))
    return Table(title, tuple(reader.say(one) for one in heads), rows, stretch=4, right=(1, 2, 3))


def _signed(reader: Reader, told: Story) -> Table:
    heads = (N_("Act"), N_("Person"), N_("When"), N_("By what"), N_("Hash of the event"))
    rows = tuple(_signature(reader, told, one) for one in told.events)
    title = reader.say(N_("Signatures"))
    return Table(title, tuple(reader.say(one) for one in heads), rows, stretch=1, exact=(4,))


def _signature(reader: Reader, told: Story, one: Recorded) -> tuple[str, ...]:
    fact = one.event
    person = told.people.get(fact.person_id) if fact.person_id else None
    credential = str(fact.data.get("credential") or "")
    return (
        reader.say(SIGNED[fact.kind]),
        str(fact.data.get("signed_by") or (person.name if person else "")),
        reader.moment(fact.at),
        reader.word(f"by_{credential}") if credential else "",
        f"{one.hash[:16]}…",
    )


def packed(work: Work, reader: Reader, told: Story, qr: str) -> bytes:
    """Pack a period's manifest with both meters' readings and the events behind it."""
    record = {
        "format": FORMAT,
        "at": work.now.astimezone(UTC).isoformat(),
        "period": columns(told.period),
        "document": told.period.document,
        "pipeline": columns(told.pipeline),
        "readings": [columns(one) for one in told.readings],
        "events": [event_row(one) for one in told.events],
        **{name: [] for name in ("signatures", "kept_acts", "tickets", "files")},
    }
    readme = README.format(number=told.period.number, provisional=PROVISIONAL)
    paper = sheet_pdf(sheet(reader, told, qr, work.now))
    return bundle.packed({"manifest.pdf": paper}, record, readme, work.now)
