"""What does a party see of a deal: its terms, how far it has come, who is to act next, who owes what?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from msgspec import structs
from sqlalchemy import select

from compliance.catalogue import queries as catalogue
from compliance.manifests import queries as manifests
from compliance.manifests.rules import SIGNER, Act, Party
from compliance.manifests.rules import State as ManifestState
from compliance.manifests.tables import Manifest, ManifestSignature
from compliance.receipts import queries as receipts
from compliance.receipts.tables import Receipt
from compliance.record.errors import N_
from compliance.record.who import Role, Who
from compliance.record.work import Work
from compliance.registry import queries as registry
from compliance.registry.tables import Organisation, Site
from marketplace.deals import queries as deals
from marketplace.deals.rules import State
from marketplace.deals.tables import Deal
from marketplace.edge.problems import Reason
from marketplace.edge.problems import Standing as Asked
from marketplace.settlements import queries as settlements
from marketplace.settlements.tables import Settlement, SettlementLine
from marketplace.web import standings
from marketplace.web.translation import Language
from tracking.fleet.tables import Vehicle

MOST = 200
CANCELLABLE = frozenset({ManifestState.DRAFT, ManifestState.ISSUED})

AWAITED = frozenset({"M4.not_weighed", "M10.weight_missing"})
"""What stands against an act until its own scale has spoken: no fault of anybody."""

PATH: Sequence[tuple[Act, str, str]] = (
    (Act.ISSUE, N_("Manifest issued"), N_("The producer signs and issues the manifest.")),
    (Act.LOAD, N_("Loaded and weighed"), N_("The driver comes, the load is weighed, the carrier signs.")),
    (Act.DEPART, N_("On the road"), N_("The driver departs; the vehicle is tracked.")),
    (Act.ARRIVE, N_("Arrived"), N_("The driver hands the load over at the receiver's gate.")),
    (Act.CONFIRM, N_("Received"), N_("The receiver weighs, checks and signs the receipt.")),
)
"""The way of a load by its signatures: the act, the step when done, what is waited for before."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way: `state` is done, now, next or bad."""

    title: str
    state: str
    waits_for: str = ""
    at: datetime | None = None
    by: str = ""


@dataclass(frozen=True, slots=True)
class DealView:
    """One deal with everything that hangs on it, as far as this person may see it."""

    deal: Deal
    producer: Organisation
    processor: Organisation
    carrier: Organisation
    origin: Site
    destination: Site
    destination_place: str
    plate: str
    manifest: Manifest | None
    receipt: Receipt | None
    settlement: Settlement | None
    lines: tuple[SettlementLine, ...]
    steps: tuple[Step, ...]
    sees_price: bool
    may_issue: bool
    may_cancel: bool
    owes_fen: int
    asked: Asked
    """What stands against the next act, but for what it waits for anyway."""
    awaited: tuple[Reason, ...]

    @property
    def moving(self) -> bool:
        """Tell whether something will still happen: the page looks again by itself."""
        return State(self.deal.state) in {State.AGREED, State.RECEIVED}

    @property
    def now(self) -> Step | None:
        """Return the step that is waited for, None when nothing is."""
        return next((step for step in self.steps if step.state == "now"), None)

    @property
    def parties(self) -> dict[UUID, Organisation]:
        """Return the parties by id."""
        return {row.id: row for row in (self.producer, self.processor, self.carrier)}


@dataclass(frozen=True, slots=True)
class DealLine:
    """One deal of the list, with its counterpart and what it waits for."""

    deal: Deal
    other: Organisation
    manifest: Manifest | None
    settlement: Settlement | None
    waits_for: str
    mine: bool
    sees_price: bool


def deal_of(work: Work, deal_id: UUID, language: Language) -> DealView:
    """Return one deal that the person may see, or raise `NotFound`."""
    session, who = work.session, work.who
    row = deals.deal(session, deal_id, who)
    parties = registry.organisations(session, [row.producer_id, row.processor_id, row.carrier_id])
    sites = registry.sites(session, [row.origin_site_id, row.destination_site_id])
    manifest = manifests.by_deal(session, row.id)
    signed = manifests.signatures(session, manifest.id) if manifest else ()
    settlement = settlements.by_deals(session, [row.id], who).get(row.id)
    lines = tuple(settlements.lines_seen(settlement, who)) if settlement else ()
    producing = who.has(Role.PRODUCER) and who.organisation_id == row.producer_id
    state = ManifestState(manifest.state) if manifest else None
    asked = standings.of_deal(work, row, language)
    return DealView(
        deal=row,
        producer=parties[row.producer_id],
        processor=parties[row.processor_id],
        carrier=parties[row.carrier_id],
        origin=sites[row.origin_site_id],
        destination=sites[row.destination_site_id],
        destination_place=catalogue.full_name(session, sites[row.destination_site_id].division_code),
        plate=session.scalar(select(Vehicle.plate).where(Vehicle.id == row.vehicle_id)) or "",
        manifest=manifest,
        receipt=receipts.of_manifest(session, manifest.id) if manifest else None,
        settlement=settlement,
        lines=lines,
        steps=tuple(_steps(row, manifest, signed, settlement)),
        sees_price=sees_price(row, who),
        may_issue=producing and state is ManifestState.DRAFT,
        may_cancel=producing and state in CANCELLABLE,
        owes_fen=owed_fen(lines, who),
        asked=structs.replace(asked, reasons=[one for one in asked.reasons if one.rule not in AWAITED]),
        awaited=tuple(one for one in asked.reasons if one.rule in AWAITED),
    )


def sees_price(row: Deal, who: Who) -> bool:
    """Tell whether the price of the waste is this person's business; a carrier's is the freight."""
    return who.has(Role.OPERATOR) or who.organisation_id in {row.producer_id, row.processor_id}


def owed_fen(lines: Sequence[SettlementLine], who: Who) -> int:
    """Return what a person's organisation has still to pay on some lines, in fen."""
    return sum(line.fen for line in lines if line.payer_id == who.organisation_id and line.paid_at is None)


def _steps(
    row: Deal,
    manifest: Manifest | None,
    signed: Sequence[ManifestSignature],
    settlement: Settlement | None,
) -> list[Step]:
    given = {Act(one.act): one for one in signed}
    steps = [Step(N_("Agreed"), "done", at=row.agreed_at)]
    stop = Act.CANCEL if Act.CANCEL in given else Act.REFUSE if Act.REFUSE in given else None
    for act, title, waits_for in PATH:
        one = given.get(act)
        if one is not None:
            steps.append(Step(title, "done", at=one.at, by=one.person_name))
        elif stop is None:
            steps.append(Step(title, "next", waits_for))
    if stop is not None:
        title = N_("Cancelled") if stop is Act.CANCEL else N_("Refused by the receiver")
        return [*steps, Step(title, "bad", at=given[stop].at, by=given[stop].person_name)]
    steps.append(_paid(row, settlement))
    first = next((place for place, step in enumerate(steps) if step.state == "next"), None)
    if first is not None:
        now = steps[first]
        waits_for = now.waits_for if manifest else N_("The manifest is being drawn up.")
        steps[first] = Step(now.title, "now", waits_for)
    return steps


def _paid(row: Deal, settlement: Settlement | None) -> Step:
    if settlement is not None and settlement.paid_at is not None:
        return Step(N_("Settled"), "done", at=settlement.paid_at)
    if State(row.state) is State.SETTLED:
        return Step(N_("Settled"), "done")
    return Step(N_("Settled"), "next", N_("Everybody who owes pays; the books are balanced by themselves."))


def deals_of(work: Work) -> list[DealLine]:
    """Return the deals a person may see, newest first."""
    session, who = work.session, work.who
    statement = deals.visible_to(who).order_by(Deal.agreed_at.desc(), Deal.id).limit(MOST)
    rows = session.scalars(statement).all()
    ids = [row.id for row in rows]
    drawn = {
        row.deal_id: row
        for row in session.scalars(
            select(Manifest).where(Manifest.deal_id.in_(ids), Manifest.parent_id.is_(None))
        )
    }
    settled = settlements.by_deals(session, ids, who)
    parties = registry.organisations(session, [_other(row, who) for row in rows])
    return [
        _line(row, parties[_other(row, who)], drawn.get(row.id), settled.get(row.id), who) for row in rows
    ]


def _other(row: Deal, who: Who) -> UUID:
    """Return whose name stands for the deal: the receiver's, to the receiver the producer's."""
    return row.producer_id if who.organisation_id == row.processor_id else row.processor_id


def _line(
    row: Deal, other: Organisation, manifest: Manifest | None, settlement: Settlement | None, who: Who
) -> DealLine:
    words, mine = _waits(row, manifest, settlement, who)
    return DealLine(row, other, manifest, settlement, words, mine, sees_price(row, who))


_WAITS: Mapping[ManifestState, tuple[str, Party]] = {
    ManifestState.DRAFT: (N_("issue the manifest"), SIGNER[Act.ISSUE]),
    ManifestState.ISSUED: (N_("load and weigh"), SIGNER[Act.LOAD]),
    ManifestState.LOADED: (N_("depart"), SIGNER[Act.DEPART]),
    ManifestState.IN_TRANSIT: (N_("arrive"), SIGNER[Act.ARRIVE]),
    ManifestState.ARRIVED: (N_("accept or refuse"), SIGNER[Act.ACCEPT]),
}


def _waits(row: Deal, manifest: Manifest | None, settlement: Settlement | None, who: Who) -> tuple[str, bool]:
    """Return what a deal waits for, and whether this person's organisation is to do it."""
    if settlement is not None and settlement.paid_at is None:
        lines = settlements.lines_seen(settlement, who)
        mine = owed_fen(lines, who) > 0
        return (N_("pay") if mine else N_("payment by others")), mine
    if State(row.state) is not State.AGREED or manifest is None:
        return "", False
    words, party = _WAITS.get(ManifestState(manifest.state), ("", Party.MOVER))
    holder = {Party.MOVER: row.producer_id, Party.CARRIER: row.carrier_id, Party.RECEIVER: row.processor_id}
    return words, bool(words) and who.organisation_id == holder[party]
