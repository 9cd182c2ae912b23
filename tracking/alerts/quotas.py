"""How do the inspectors hear of a licence that has taken more than it may without a new application?"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from compliance.manifests import queries as manifests
from compliance.manifests.tables import Manifest
from compliance.pipelines.tables import PeriodManifest, Pipeline
from compliance.record.clock import SHANGHAI, local_date
from compliance.record.ledger import Event
from compliance.record.work import Work
from compliance.registry.tables import LicenceRow
from tracking.alerts import queries, service
from tracking.alerts.kinds import Kind
from tracking.alerts.rules import Subjects


def alarm(work: Work, fact: Event) -> None:
    """Raise the alarm of a licence line's year, once; a further load brings its figures up to date (L4)."""
    licence = work.session.get_one(LicenceRow, fact.subject)
    booking = UUID(str(fact.data["deal"]))
    load = _load(work.session, booking)
    site_id = load.destination_site_id if load is not None else _piped_to(work.session, booking)
    if site_id is None:
        return
    evidence = {"licence": licence.number, "code": fact.data["code"], "percent": fact.data["percent"]}
    since = _begun(work.session, site_id, evidence, fact.at)
    about = Subjects(site_id=site_id, manifest_id=load.id if load is not None else None)
    service.raise_alert(work, Kind.QUOTA_EXCEEDED, about, since, evidence=evidence)


def _load(session: Session, booking_id: UUID) -> Manifest | None:
    """Return the load under whose deal, or own id where it was sent onward, a mass is booked."""
    return manifests.by_deal(session, booking_id) or session.get(Manifest, booking_id)


def _piped_to(session: Session, period_id: UUID) -> UUID | None:
    """Return where a pipeline brought what a period's manifest books (M13)."""
    period = session.get(PeriodManifest, period_id)
    return session.get_one(Pipeline, period.pipeline_id).destination_site_id if period is not None else None


def _begun(session: Session, site_id: UUID, evidence: dict[str, object], at: datetime) -> datetime:
    """Return since when this line of this licence is over in this year: now, where it was not before."""
    new_year = datetime(local_date(at).year, 1, 1, tzinfo=SHANGHAI)
    earlier = queries.of_subject(session, [Kind.QUOTA_EXCEEDED], str(site_id), new_year)
    same = ("licence", "code")
    return next(
        (one.since for one in earlier if all(one.evidence.get(name) == evidence[name] for name in same)), at
    )
