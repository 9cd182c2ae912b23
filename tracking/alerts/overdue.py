"""How do the inspectors hear of what was not done in time?"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from uuid import UUID

from compliance.deadlines import queries
from compliance.deadlines.rules import TERMS, Escalation, Kind
from compliance.deadlines.tables import Deadline
from compliance.record.clock import SHANGHAI
from compliance.record.ledger import Event
from compliance.record.work import Work
from tracking.alerts import service
from tracking.alerts.kinds import Kind as AlertKind
from tracking.alerts.rules import Subjects


def tell(work: Work, fact: Event) -> None:
    """Raise one alert for all that an organisation has left undone by the end of a day."""
    kind, owner = Kind(str(fact.data["deadline"])), UUID(str(fact.data["organisation"]))
    if TERMS[kind].escalates is not Escalation.INSPECTORS:
        return
    due = date.fromisoformat(str(fact.data["due_on"]))
    row = work.session.get_one(Deadline, fact.subject)
    since = row.due_at or datetime.combine(due + timedelta(days=1), time(), SHANGHAI)
    undone = queries.undone_on(work.session, owner, due)
    if not undone:
        return  # it was done meanwhile
    told = [f"{TERMS[Kind(row.kind)].rule} {row.label}" for row in undone]
    evidence = {"due_on": due.isoformat(), "deadlines": told}
    about = Subjects(organisation_id=owner)
    service.raise_alert(work, AlertKind.DEADLINE_OVERDUE, about, since, evidence=evidence)
