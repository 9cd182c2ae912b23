"""The market at a glance over HTTP, and what needs the operator's eye."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency
from sqlalchemy import func, select

from compliance.manifests import queries as manifests
from compliance.record import ledger, subscribers
from compliance.record.subscribers import Parked
from compliance.record.who import Role
from marketplace.deals import queries as deals
from marketplace.edge import tally
from marketplace.edge.api.documents import LimitParameter, view
from marketplace.edge.door import Door
from marketplace.edge.guards import requires
from marketplace.edge.identity import Visit
from marketplace.edge.paging import DEFAULT_LIMIT
from marketplace.lots import queries as lots
from marketplace.settlements import queries as settlements
from marketplace.settlements.tables import Settlement
from tracking.fleet import queries as fleet
from tracking.intake import queries as intake

OVERSEERS = requires(Role.OPERATOR, Role.INSPECTOR)


class Market(msgspec.Struct, frozen=True, kw_only=True):
    """How many lots, deals, manifests and settlements stand in which state."""

    at: datetime
    lots: dict[str, int]
    deals: dict[str, int]
    manifests: dict[str, int]
    settlements: dict[str, int]
    events: int
    head: str


class LagView(msgspec.Struct, frozen=True, kw_only=True):
    """How far one reaction is behind the record."""

    name: str
    behind: int
    parked: int


class ParkedView(msgspec.Struct, frozen=True, kw_only=True):
    """An event that one reaction could not digest."""

    name: str
    seq: int
    kind: str
    subject: UUID
    reason: str
    at: datetime


class Reactions(msgspec.Struct, frozen=True, kw_only=True):
    """The reactions of the product and what they set aside."""

    subscribers: list[LagView]
    parked: list[ParkedView]


class DeadLetterView(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery that could not be taken in; the payload in Base64."""

    digest: str
    topic: str
    device_id: str | None
    reason: str
    detail: str
    at: datetime
    last_at: datetime
    times: int
    payload: bytes


class ConflictView(msgspec.Struct, frozen=True, kw_only=True):
    """A second delivery with other content under a number already taken: the first is kept."""

    device_id: str
    inc: int
    stream: str
    seq: int
    first_hash: str
    second_hash: str
    at: datetime


class Refusals(msgspec.Struct, frozen=True, kw_only=True):
    """What was refused: deliveries of devices (`counts`), requests at the front door, frames by devices.

    `conflicts` are numbers that a device gave out twice; like the letters they are for the operator.
    """

    counts: dict[str, int]
    door: dict[str, int]
    devices: dict[str, dict[str, int]]
    dead_letters: list[DeadLetterView]
    conflicts: list[ConflictView]


class Oversight(Controller):
    """For operator and inspector."""

    path = "/api/v1"
    tags = ("oversight",)
    guards = (OVERSEERS,)

    @get("/market", sync_to_thread=True, operation_id="get_market")
    def market(self, request: Visit, door: NamedDependency[Door]) -> Market:
        """Show the market at a glance."""
        with door.reading(request) as work:
            session, who = work.session, work.who
            due = settlements.visible_to(who).with_only_columns(Settlement.state, func.count())
            head = session.execute(select(ledger.head.c.seq, ledger.head.c.hash)).one()
            return Market(
                at=work.now,
                lots=lots.counts(session, who),
                deals=deals.counts(session, who),
                manifests=manifests.counts(session, who),
                settlements=dict(session.execute(due.group_by(Settlement.state)).all()),
                events=head.seq,
                head=head.hash,
            )

    @get("/reactions", sync_to_thread=True, operation_id="get_reactions")
    def reactions(self, request: Visit, door: NamedDependency[Door]) -> Reactions:
        """Show how far each reaction is behind the record, and what it set aside."""
        with door.reading(request) as work:
            parked = work.session.scalars(select(Parked).order_by(Parked.at.desc()).limit(100))
            return Reactions(
                subscribers=[view(lag, LagView) for lag in subscribers.lags(work.session)],
                parked=[view(row, ParkedView) for row in parked],
            )

    @get("/refusals", sync_to_thread=True, operation_id="get_refusals")
    def refusals(
        self, request: Visit, door: NamedDependency[Door], limit: LimitParameter = DEFAULT_LIMIT
    ) -> Refusals:
        """Show what was refused and counted; the letters themselves are for the operator."""
        with door.reading(request) as work:
            return Refusals(
                counts=intake.refusals(work.session, work.who),
                door={row.reason: row.count for row in tally.refusals(work.session, work.who)},
                devices=fleet.counted(work.session, work.who),
                dead_letters=[
                    view(row, DeadLetterView) for row in intake.dead_letters(work.session, work.who, limit)
                ],
                conflicts=[
                    view(row, ConflictView) for row in intake.conflicts(work.session, work.who, limit)
                ],
            )
