"""What stands on the certificate of a road check: the verdict as it was given, and what it rests on?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from compliance.papers.sheet import Notice, Part, Sheet
from compliance.record.errors import N_
from marketplace.edge.problems import Reason
from marketplace.papers.reading import PROVISIONAL, SIMULATED, Reader
from marketplace.web.road_check_words import MEANS, REMARKS, VERDICTS
from tracking.road_checks.rules import Answer, Fault, Holder, Paper, Verdict
from tracking.road_checks.tables import RoadCheck

AS_GIVEN = N_("It says what the record answered at that moment, not what holds when it is read.")
BEYOND = N_("Manifests that run in the national system alone are not known here (M1).")
InWords = Callable[[Fault], Reason]


def sheet(reader: Reader, row: RoadCheck, answer: Answer, qr: str, at: datetime, in_words: InWords) -> Sheet:
    """Return the certificate of one road check."""
    papers = answer.papers
    holders = [one for paper in papers for one in (paper.mover, paper.carrier, paper.receiver)]
    notices = [Notice(f"{reader.say(VERDICTS[answer.verdict])}: {reader.say(MEANS[answer.verdict])}")]
    notices += [Notice(reader.say(REMARKS[one])) for one in answer.remarks]
    if answer.verdict is Verdict.NONE_FOUND:
        notices.append(Notice(reader.say(BEYOND)))
    if any(not paper.national_number for paper in papers):
        notices.append(Notice(reader.say(PROVISIONAL)))
    if any(one.simulated for one in holders):
        notices.append(Notice(reader.say(SIMULATED)))
    return Sheet(
        title=reader.say(N_("Certificate of a road check")),
        number=row.plate or row.asked[:40],
        language=reader.language.value,
        at=at,
        notices=tuple(notices),
        blocks=(_asked(reader, row), *(_paper(reader, one, in_words) for one in papers)),
        qr=qr,
        qr_words=reader.say(N_("address of this check")),
        foot=f"{reader.say(AS_GIVEN)} {reader.foot(at)}",
        page_words=reader.pages(),
    )


def _asked(reader: Reader, row: RoadCheck) -> Part:
    degrees = f"{row.lat:.5f}, {row.lon:.5f} (WGS-84)" if row.lat is not None and row.lon is not None else ""
    return Part(
        reader.say(N_("The check")),
        (
            reader.cell(N_("Asked for"), row.asked[:80], wide=True),
            reader.cell(N_("Plate"), row.plate),
            reader.cell(N_("When"), reader.moment(row.at)),
            reader.cell(N_("Place"), " · ".join(filter(None, (row.place, degrees))), wide=True),
            reader.cell(N_("Checked by"), row.person_name, wide=True),
        ),
    )


def _paper(reader: Reader, paper: Paper, in_words: InWords) -> Part:
    faults = "\n".join(f"{one.detail} ({one.rule} · {one.article})" for one in map(in_words, paper.faults))
    remarks = "\n".join(reader.say(REMARKS[one]) for one in paper.remarks)
    number = paper.national_number or paper.number
    verdict = reader.say(VERDICTS[paper.verdict])
    signed = f"{reader.word(paper.signed_act)} · {reader.moment(paper.signed_at)}" if paper.signed_act else ""
    permits = "\n".join(f"{one.number} – {reader.day(one.valid_to)}" for one in paper.licences)
    return Part(
        reader.say(N_("Manifest {number}: {verdict}"), number=number or "—", verdict=verdict),
        (
            reader.cell(N_("State"), reader.word(paper.state)),
            reader.cell(N_("Plate"), paper.plate),
            reader.cell(N_("Waste"), paper.waste_name),
            reader.cell(N_("Waste code"), paper.code),
            reader.cell(N_("Loaded mass") if paper.weighed else N_("Planned mass"), reader.kg(paper.kg)),
            reader.cell(N_("Newest signature"), signed),
            reader.cell(N_("Mover"), _holder(paper.mover), wide=True),
            reader.cell(N_("Carrier"), _holder(paper.carrier), wide=True),
            reader.cell(N_("Receiver"), _holder(paper.receiver), wide=True),
            reader.cell(N_("Start of the way"), paper.origin),
            reader.cell(N_("End of the way"), paper.destination),
            reader.cell(N_("Carrier's permits"), permits, wide=True),
            reader.cell(N_("Vehicle's certificate to"), reader.day(paper.vehicle_permit_to)),
            reader.cell(N_("Driver"), paper.driver),
            reader.cell(N_("What does not hold"), faults, wide=True),
            reader.cell(N_("To look at"), remarks, wide=True),
            reader.cell(N_("Hash of the document"), paper.document_hash, wide=True, exact=True),
        ),
    )


def _holder(one: Holder) -> str:
    return f"{one.name} · {one.uscc}"
