"""What needs this person now, and how do things stand?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select

from compliance.deadlines import queries as deadlines
from compliance.deadlines.rules import State as DeadlineState
from compliance.manifests import exceptions
from compliance.manifests import queries as manifests
from compliance.manifests.rules import State as ManifestState
from compliance.manifests.tables import Manifest
from compliance.record.errors import N_
from compliance.record.who import Role
from compliance.record.work import Work
from marketplace.deals import queries as deals
from marketplace.lots import queries as lots
from marketplace.lots.rules import State as LotState
from marketplace.lots.tables import Lot
from marketplace.matches.tables import Outlook
from marketplace.settlements import queries as settlements
from marketplace.settlements.rules import State as SettlementState
from marketplace.settlements.tables import Settlement
from marketplace.web.deal_views import owed_fen
from tracking.kept_acts import queries as kept_acts
from tracking.kept_acts.decisions import may_decide
from tracking.kept_acts.rules import State as Kept

TRADERS = (Role.PRODUCER, Role.PROCESSOR, Role.DISPATCHER)


@dataclass(frozen=True, slots=True)
class Task:
    """Something that waits for this person: how many, in which words, where to do it."""

    count: int
    words: str
    href: str


@dataclass(frozen=True, slots=True)
class Count:
    """How many things there are of a kind, by state."""

    words: str
    href: str
    states: Mapping[str, int]

    @property
    def total(self) -> int:
        """Return how many there are in all."""
        return sum(self.states.values())


@dataclass(frozen=True, slots=True)
class HomeView:
    """The first page of a person."""

    tasks: tuple[Task, ...]
    counts: tuple[Count, ...]


def home_of(work: Work) -> HomeView:
    """Return what a person sees first."""
    by_role = {
        Role.PRODUCER: _producer,
        Role.PROCESSOR: _processor,
        Role.DRIVER: _driver,
        Role.DISPATCHER: _dispatcher,
        Role.INSPECTOR: _inspector,
    }
    tasks: list[Task] = []
    for role, ask in by_role.items():
        if work.who.has(role):
            tasks += ask(work)
    tasks.append(_undecided(work))
    if work.who.has(*TRADERS, Role.INSPECTOR, Role.OPERATOR):
        tasks.append(_exceptions(work))
    if work.who.has(*TRADERS):
        tasks += _money(work)
    if work.who.has(*TRADERS, Role.INSPECTOR, Role.OPERATOR):
        tasks += _deadlines(work)
    return HomeView(tuple(task for task in tasks if task.count), _counts(work))


def _producer(work: Work) -> list[Task]:
    own = select(func.count()).select_from(Lot).join(Outlook, Outlook.lot_id == Lot.id)
    own = own.where(Lot.organisation_id == work.who.organisation_id, Lot.state == LotState.LISTED.value)
    drafts = manifests.counts(work.session, work.who).get(ManifestState.DRAFT.value, 0)
    matched = work.session.scalar(own.where(Outlook.found > 0)) or 0
    without = work.session.scalar(own.where(Outlook.found == 0)) or 0
    return [
        Task(drafts, N_("manifests wait for your signature"), "/deals"),
        Task(matched, N_("lots have matches to choose from"), "/lots"),
        Task(without, N_("lots have no match: see what would help"), "/lots"),
    ]


def _processor(work: Work) -> list[Task]:
    states = manifests.counts(work.session, work.who)
    coming = sum(states.get(state.value, 0) for state in (ManifestState.LOADED, ManifestState.IN_TRANSIT))
    return [
        Task(states.get(ManifestState.ARRIVED.value, 0), N_("loads stand at your gate"), "/incoming"),
        Task(states.get(ManifestState.CONFIRMED.value, 0), N_("loads wait to be treated"), "/incoming"),
        Task(coming, N_("loads are on their way to you"), "/incoming"),
    ]


def _driver(work: Work) -> list[Task]:
    states = manifests.counts(work.session, work.who)
    open_ones = (ManifestState.ISSUED, ManifestState.LOADED, ManifestState.IN_TRANSIT)
    return [
        Task(sum(states.get(state.value, 0) for state in open_ones), N_("trips are yours today"), "/drive")
    ]


def _dispatcher(work: Work) -> list[Task]:
    states = manifests.counts(work.session, work.who)
    return [
        Task(states.get(ManifestState.ISSUED.value, 0), N_("loads wait to be fetched"), "/dispatch"),
        Task(states.get(ManifestState.IN_TRANSIT.value, 0), N_("loads are on the road"), "/manifests"),
    ]


def _undecided(work: Work) -> Task:
    rows = kept_acts.kept_acts(work.session, work.who, open_only=True)
    mine = sum(row.state == Kept.CONFLICT and may_decide(work.who, row) for row in rows)
    return Task(mine, N_("acts signed without signal wait for your decision"), "/kept-acts")


def _inspector(work: Work) -> list[Task]:
    states = manifests.counts(work.session, work.who)
    return [
        Task(states.get(ManifestState.REFUSED.value, 0), N_("loads were refused"), "/manifests"),
        Task(states.get(ManifestState.IN_TRANSIT.value, 0), N_("loads are on the road"), "/map"),
    ]


def _exceptions(work: Work) -> Task:
    rows = work.session.scalars(exceptions.waiting(work.who).limit(100)).all()
    mine = sum(
        exceptions.may_decide(work.who, work.session.get_one(Manifest, row.manifest_id), row) for row in rows
    )
    return Task(mine, N_("loads stand until you give or deny leave"), "/exceptions")


def _money(work: Work) -> list[Task]:
    due = settlements.visible_to(work.who).where(Settlement.state == SettlementState.DUE.value)
    rows = work.session.scalars(due).all()
    mine = sum(owed_fen(settlements.lines_seen(row, work.who), work.who) > 0 for row in rows)
    return [Task(mine, N_("settlements are yours to pay"), "/settlements")]


def _deadlines(work: Work) -> list[Task]:
    open_ones = deadlines.counts(work.session, work.who)
    return [
        Task(open_ones.get(DeadlineState.OVERDUE.value, 0), N_("deadlines are overdue"), "/deadlines"),
        Task(open_ones.get(DeadlineState.AHEAD.value, 0), N_("deadlines are ahead"), "/deadlines"),
    ]


def _counts(work: Work) -> tuple[Count, ...]:
    session, who = work.session, work.who
    found: list[tuple[str, str, Callable[..., dict[str, int]], tuple[Role, ...]]] = [
        (N_("Lots"), "/lots", lots.counts, (Role.PRODUCER,)),
        (N_("Lots in the market"), "/market", lots.counts, (Role.OPERATOR,)),
        (
            N_("Deals"),
            "/deals",
            deals.counts,
            (Role.PRODUCER, Role.PROCESSOR, Role.DISPATCHER, Role.OPERATOR),
        ),
        (N_("Manifests"), "/manifests", manifests.counts, tuple(Role)),
    ]
    return tuple(
        Count(words, href, count(session, who)) for words, href, count, roles in found if who.has(*roles)
    )
