"""How do the inspectors hear of a site at which more lies than may?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from compliance.manifests.rules import Act
from compliance.manifests.tables import Manifest
from compliance.record.ledger import Event
from compliance.record.numbers import TONNE
from compliance.record.work import Work
from compliance.registry import queries as registry
from compliance.storage import service as storage
from compliance.storage.rules import Held
from tracking.alerts import queries, service
from tracking.alerts.kinds import Kind
from tracking.alerts.rules import STANDING, Finding, State, Subjects
from tracking.alerts.tables import Alert

QUIET = timedelta(days=30)
"""So long after somebody has looked into it, the same limits being over is nothing new."""
MOVES = frozenset({Act.DEPART.value, Act.ACCEPT.value, Act.ACCEPT_PART.value, Act.TREAT.value})


def look(work: Work, fact: Event) -> None:
    """Hold what lies at the sites of those whom an event concerns against what may lie there."""
    for unit in _units(work, fact):
        found = storage.held_by(work.session, unit)
        if not found and fact.kind != "StorageLimitSet":
            continue
        for site in registry.sites_of(work.session, unit):
            _judge(work, site.id, [one for one in found if one.limit.site == site.id and one.is_over])


def _units(work: Work, fact: Event) -> Iterable[UUID]:
    if "organisation" in fact.data:
        return [UUID(str(fact.data["organisation"]))]
    row = work.session.get(Manifest, fact.subject) if fact.data.get("act") in MOVES else None
    return [] if row is None else sorted({row.mover_id, row.receiver_id})


def _judge(work: Work, site_id: UUID, over: list[Held]) -> None:
    """Keep one alert for a site, as long as anything is over; its evidence is every limit that is."""
    before = queries.of_subject(work.session, [Kind.STORE_OVER_LIMIT], str(site_id))
    standing = next((row for row in before if State(row.state) in STANDING), None)
    if not over:
        if standing is not None:
            service.withdraw(work, standing)
        return
    evidence = {"limits": sorted(map(_said, over)), "which": sorted(map(_name, over))}
    if standing is None and any(_looked_into(row, evidence["which"], work.now) for row in before):
        return
    since = standing.since if standing is not None else work.now
    service.note(work, Finding(Kind.STORE_OVER_LIMIT, Subjects(site_id=site_id), since, None, evidence))


def _looked_into(row: Alert, which: list[str], now: datetime) -> bool:
    closed = State(row.state) is State.CLOSED and row.ended_at is not None and now - row.ended_at < QUIET
    return closed and row.evidence.get("which") == which


def _name(one: Held) -> str:
    return " ".join(part for part in (one.limit.facility, one.limit.code) if part) or "*"


def _said(one: Held) -> str:
    stock, limit = (Decimal(kg) / TONNE for kg in (one.stock_kg, one.limit.kg))
    return f"{_name(one)}: {stock:,.3f} t > {limit:,.3f} t ({one.limit.source})"
