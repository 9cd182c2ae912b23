"""Does every deadline that runs out reach the inspectors, as that of whoever had to keep it?"""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, select

from compliance.approvals import service as approvals
from compliance.approvals.rules import Act, Paper
from compliance.approvals.service import Application
from compliance.approvals.tables import Approval
from compliance.deadlines import service as deadlines
from compliance.deadlines.rules import TERMS, Escalation, Kind
from compliance.deadlines.service import About
from compliance.deadlines.tables import Deadline
from compliance.registry import service as registry
from compliance.registry.rules import Mode
from compliance.rulebook.workdays import PUBLISHED_YEARS
from marketplace import worker
from tests.factories.trade import OIL, Market, open_market
from tracking.alerts import queries as alerts
from tracking.alerts.kinds import Kind as AlertKind
from tracking.alerts.queries import Wanted
from tracking.alerts.tables import Alert

CHANGSHA = "430102"
LONG_AGO = date(2025, 1, 2)
UNDONE = Wanted(kinds=frozenset({AlertKind.DEADLINE_OVERDUE}))


@pytest.fixture
def market(engine: Engine) -> Market:
    """A market with one truck, on each database."""
    return open_market(engine, vehicles=1)


def told(market: Market, party: str) -> list[Alert]:
    """Return the alerts of what was left undone that a party sees."""
    return market.rows(alerts.matching(market.parties[party].who, UNDONE))


def lines(rows: list[Alert]) -> list[str]:
    """Return what alerts say was left undone."""
    return sorted(line for row in rows for line in row.evidence["deadlines"])  # type: ignore[attr-defined]


def night(market: Market, **later: float) -> None:
    """Let days pass, and the night bring about what it must."""
    market.forward(**later)
    worker.sweep_deadlines(market.engine, market.now, PUBLISHED_YEARS)
    market.idle()


def test_whatever_runs_out_comes_to_the_inspectors_queue(market: Market) -> None:
    """A carrier's permit or insurance would end unseen: it has no site, and its deadline lapses (L3, A1)."""
    owner = market.parties["carrier"].id
    with market.work() as work:
        for kind in Kind:
            about = About(uuid4(), owner, kind.value)
            deadlines.start(work, kind, about, LONG_AGO, PUBLISHED_YEARS)
    night(market, days=365)
    mine = [row for row in told(market, "inspector") if row.organisation_id == owner]
    heard = (term for term in TERMS.values() if term.escalates is Escalation.INSPECTORS)
    assert lines(mine) == sorted(f"{term.rule} {term.kind.value}" for term in heard)
    assert {row.id for row in told(market, "carrier")} == {row.id for row in mine}
    before = len(market.rows(select(Alert)))
    night(market, days=1)
    assert len(market.rows(select(Alert))) == before


@pytest.mark.sqlite_alone
def test_the_authorities_deadlines_are_not_held_against_whoever_waits_for_them(market: Market) -> None:
    """A mover would be asked why a province was late, or a works why nobody came to look (X3, A1)."""
    authority = market.parties["inspector"].id
    key = submitted(market)
    with market.work() as work:
        processor = market.parties["processor"].id
        work.append("OrganisationApproved", processor, trade="processor")
    market.idle()
    running = market.rows(select(Deadline).where(Deadline.subject_id.in_({key, processor})))
    assert {row.kind: row.organisation_id for row in running} == {
        Kind.X_NOTICE.value: authority,
        Kind.RECHECK.value: authority,
    }
    night(market, days=30)
    assert market.get(Approval, key).state == "in_hand"
    (row,) = [one for one in told(market, "inspector") if "X3.notice" in str(one.evidence)]
    assert row.organisation_id == authority
    assert not [line for line in lines(told(market, "producer")) if line.startswith("X3")]


def submitted(market: Market) -> UUID:
    """Let the producer apply for a load across the border; return the application."""
    producer = market.parties["producer"]
    with market.work() as work:
        owner = market.parties["distant"].id
        beyond = registry.add_site(work, owner, "Beyond", 28.2, 113.0, CHANGSHA).id
    days = (market.at.date(), market.at.date() + timedelta(days=90))
    papers = dict.fromkeys(Paper, "folder")
    new = Application(producer.site_id, beyond, OIL, Mode.USE, 30_000, *days, papers)
    with market.work(producer.who) as work:
        row = approvals.draft(work, new)
        approvals.move(work, row, Act.SUBMIT)
        return row.id
