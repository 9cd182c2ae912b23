"""How does a transfer run on paper where there is no system, and how does it come back in (M15)?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from compliance.manifests import queries, service
from compliance.manifests.gates import Signing
from compliance.manifests.rules import Act
from compliance.manifests.tables import Manifest, ManifestPaper
from compliance.record.clock import local_date
from compliance.record.errors import N_, DomainError, Invalid, raise_all
from compliance.record.work import Work
from compliance.rulebook.rules import broken


@dataclass(frozen=True, slots=True)
class Paper:
    """What stands on the paper: its number, when it was loaded and ended, both nets, where it is kept."""

    number: str
    loaded_at: datetime
    ended_at: datetime
    sender_kg: int
    receiver_kg: int
    evidence: str


def go_on_paper(work: Work, row: Manifest, reason: str, signing: Signing | None = None) -> ManifestPaper:
    """Let a transfer run on paper, with a reason; from now on its steps are signed there.

    Whoever has the load need not wait: mover, carrier or receiver may say so, also afterwards.
    """
    if not reason.strip():
        raise Invalid(
            N_("Say why this transfer runs on paper."),
            field="reason",
            way_out=N_("Name the outage: no signal, no power, the system not reached."),
        )
    service.act(work, row, Act.GO_ON_PAPER, signing or Signing(reason=reason.strip()))
    found = ManifestPaper(manifest_id=row.id, reason=reason.strip(), began_at=work.now)
    work.session.add(found)
    work.append(
        "TransferOnPaper", row.id, deal=str(row.deal_id), mover=str(row.mover_id), reason=found.reason
    )
    return found


def back_enter(work: Work, row: Manifest, paper: Paper) -> ManifestPaper:
    """Enter a paper manifest: the load stands at the receiver's gate then, and goes on as any other.

    A load without a number gets one; the paper's own number stands beside it.
    """
    raise_all(_faults(work, paper))
    service.act(work, row, Act.BACK_ENTER, Signing(kg=paper.sender_kg))
    found = queries.paper(work.session, row.id)
    assert found is not None
    found.paper_number, found.evidence = paper.number.strip(), paper.evidence.strip()
    found.loaded_at, found.ended_at = paper.loaded_at, paper.ended_at
    found.sender_kg, found.receiver_kg = paper.sender_kg, paper.receiver_kg
    found.entered_at, found.entered_by = work.now, work.who.name
    row.loaded_kg = paper.sender_kg
    work.append(
        "PaperEntered",
        row.id,
        deal=str(row.deal_id),
        paper=found.paper_number,
        loaded_at=paper.loaded_at.isoformat(),
        ended_at=paper.ended_at.isoformat(),
        ended_on=local_date(paper.ended_at).isoformat(),
        sender_kg=paper.sender_kg,
        receiver_kg=paper.receiver_kg,
        evidence=found.evidence,
    )
    return found


def _faults(work: Work, paper: Paper) -> list[DomainError]:
    faults: list[DomainError] = []
    if not paper.number.strip():
        faults.append(Invalid(N_("Enter the number that is printed on the paper manifest."), field="number"))
    if not paper.evidence.strip():
        faults.append(
            Invalid(
                N_("Say where the signed paper is kept."),
                field="evidence",
                way_out=N_("Name the file or the scan by which an inspector finds it."),
            )
        )
    if not paper.loaded_at <= paper.ended_at <= work.now:
        faults.append(
            Invalid(
                N_("The transfer was loaded before it ended, and both lie in the past."), field="ended_at"
            )
        )
    for field, kg in (("sender_kg", paper.sender_kg), ("receiver_kg", paper.receiver_kg)):
        if kg <= 0:
            faults.append(broken("M10.weight_missing", work.today, field=field))
    return faults
