"""Which small market do the tests of the trade play in, and how does a load go through it?

Two producers in Wuhan, two processors that take their waste oil (Ezhou pays better and is nearer than
Yichang), one carrier with as many trucks as asked for, a scale at every site, somebody who oversees.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Engine, Select, select

from compliance.manifests import service as manifests
from compliance.manifests.rules import Act as ManifestAct
from compliance.manifests.tables import Manifest
from compliance.receipts import service as receipts
from compliance.receipts.rules import Aspect, Looked
from compliance.record import ledger
from compliance.record.database import reading, transaction
from compliance.record.errors import DomainError, Several
from compliance.record.who import SYSTEM, Who
from compliance.record.work import Work
from compliance.registry.rules import Mode
from devices.codecs.telemetry_json import sign_weighing
from devices.readings import Stability, WeighingReading
from marketplace import worker
from marketplace.deals import service as deals
from marketplace.deals.tables import Deal
from marketplace.lots import service as lots
from marketplace.lots.rules import LotDraft
from marketplace.lots.tables import Lot
from marketplace.matches import queries as match_queries
from marketplace.matches.tables import Match
from marketplace.needs import service as needs
from marketplace.needs.service import NeedDraft
from marketplace.needs.tables import Need
from marketplace.settlements import service as settlements
from marketplace.settlements.tables import Settlement
from tests.factories.snapshots import filled
from tests.factories.traders import CODES, OIL, PAPER, WUHAN, Party, gather, key_of, scale_of
from tracking.fleet.tables import Device
from tracking.trips import service as trips
from tracking.trips.rules import Act as TripAct
from tracking.trips.tables import Trip
from tracking.weighings import service as weighings

__all__ = [
    "CODES",
    "OIL",
    "PAPER",
    "START",
    "WUHAN",
    "Market",
    "fields_of",
    "kept_market",
    "open_market",
    "rules_of",
]

START = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)

TARE_KG = 12_000
FUNDS_FEN = 10_000_000


@dataclass
class Market:
    """The market with its clock, and the ways to act in it."""

    engine: Engine
    at: datetime = START
    parties: dict[str, Party] = field(default_factory=dict)
    drivers: list[Who] = field(default_factory=list)
    vehicles: list[UUID] = field(default_factory=list)
    needs: dict[str, UUID] = field(default_factory=dict)
    tickets: dict[str, WeighingReading] = field(default_factory=dict)

    def now(self) -> datetime:
        """Return the market's present moment."""
        return self.at

    def forward(self, **by: float) -> None:
        """Turn the clock on."""
        self.at += timedelta(**by)

    @contextmanager
    def work(self, who: Who | str = SYSTEM) -> Iterator[Work]:
        """Yield a unit of work that is committed at its end."""
        person = self.parties[who].who if isinstance(who, str) else who
        with transaction(self.engine) as session:
            yield Work(session, self.at, person)

    def idle(self) -> None:
        """Let every reaction happen, and insist that none was set aside or is still waiting."""
        worker.run_until_idle(self.engine, self.now)
        with reading(self.engine) as session:
            behind = [lag for lag in worker.record.lags(session) if lag.behind or lag.parked]
        assert behind == []

    def rows(self, statement: Select[Any]) -> list[Any]:
        """Return rows as they are stored."""
        with reading(self.engine) as session:
            found = list(session.scalars(statement))
            session.expunge_all()
            return found

    def get(self, model: type, key: object) -> Any:
        """Return one row as it is stored."""
        with reading(self.engine) as session:
            found = session.get_one(model, key)
            session.expunge_all()
            return found

    def events(self, *kinds: str) -> list[ledger.Event]:
        """Return the events of these kinds on the record, in order."""
        with reading(self.engine) as session:
            return [one.event for one in ledger.read(session, 0, 10_000) if one.event.kind in kinds]

    # -- trading ---------------------------------------------------------------------------------

    def draft(self, producer: str = "producer", **more: Any) -> LotDraft:
        """Return a sound draft of a lot of waste oil: 20 t, ready for ten days."""
        sound = LotDraft(
            site_id=self.parties[producer].site_id,
            code=OIL,
            kg=20_000,
            ready_from=self.at,
            ready_to=self.at + timedelta(days=10),
            price=Decimal(-2500),
        )
        return replace(sound, **more)

    def list_lot(self, producer: str = "producer", **more: Any) -> UUID:
        """List a lot."""
        with self.work(producer) as work:
            return lots.list_lot(work, self.draft(producer, **more)).id

    def open_need(self, processor: str, **more: Any) -> UUID:
        """Open a need for waste oil: 300 t at -2300 CNY/t, the producer pays."""
        with self.work(processor) as work:
            return needs.open_need(work, self.need(processor, **more)).id

    def need(self, processor: str = "processor", **more: Any) -> NeedDraft:
        """Return a sound draft of a need."""
        sound = NeedDraft(
            site_id=self.parties[processor].site_id,
            code=OIL,
            mode=Mode.USE,
            price=Decimal(-2300),
            kg=300_000,
            valid_to=self.at.date() + timedelta(days=100),
        )
        return replace(sound, **more)

    def matches(self, lot_id: UUID) -> Sequence[Match]:
        """Return what is proposed for a lot, best first."""
        with reading(self.engine) as session:
            found = match_queries.of_lot(session, lot_id)
            session.expunge_all()
            return found

    def accept(self, match_id: UUID, producer: str = "producer") -> UUID:
        """Accept a match and return the deal."""
        with self.work(producer) as work:
            return deals.accept(work, match_id).id

    def agree(self, producer: str = "producer", **more: Any) -> UUID:
        """List a lot, let it be matched, accept the best match, let the manifest be drawn up."""
        lot_id = self.list_lot(producer, **more)
        self.idle()
        deal_id = self.accept(self.matches(lot_id)[0].id, producer)
        self.idle()
        return deal_id

    def standing(self, deal_id: UUID) -> tuple[str, Lot, Need]:
        """Return a deal's state, its lot and its need as they are stored."""
        deal = self.get(Deal, deal_id)
        return deal.state, self.get(Lot, deal.lot_id), self.get(Need, deal.need_id)

    # -- moving ----------------------------------------------------------------------------------

    def manifest(self, deal_id: UUID) -> Manifest:
        """Return the manifest of a deal as it is stored."""
        (row,) = self.rows(select(Manifest).where(Manifest.deal_id == deal_id))
        assert isinstance(row, Manifest)
        return row

    def sign(self, deal_id: UUID, act: ManifestAct, who: str) -> None:
        """Sign an act on a deal's manifest."""
        with self.work(who) as work:
            manifests.act(work, work.session.get_one(Manifest, self.manifest(deal_id).id), act)

    def step(self, deal_id: UUID, act: TripAct) -> None:
        """Let the driver do a step of the trip."""
        self.forward(minutes=10)
        driver = next(one for one in self.drivers if one.person_id == self.manifest(deal_id).driver_id)
        with self.work(driver) as work:
            trip = work.session.scalars(select(Trip).where(Trip.deal_id == deal_id)).one()
            trips.advance(work, trip, act)

    def weigh(self, party: str, plate: str, kg: int) -> None:
        """Let a site's scale write a signed ticket, on the chain of its own, that belongs to a trip."""
        taken = self.put_on_scale(party, plate, kg)
        assert getattr(taken, "trip_id", None) is not None, taken

    def put_on_scale(self, party: str, plate: str, kg: int, extra: dict[str, object] | None = None) -> object:
        """Do so whatever becomes of the ticket; return it as it was taken in, or why it was not.

        `extra` are keys that it holds besides; without a plate it is a shadow weighing.
        """
        self.forward(minutes=5)
        name = scale_of(party)
        last = self.tickets.get(name)
        number = last.ticket_number + 1 if last else 1
        told = sign_weighing(
            name,
            1,
            WeighingReading(
                seq=number,
                device_time=self.at,
                ticket_number=number,
                plate=plate,
                weight_kg=kg,
                division_kg=10,
                stability=Stability.DERIVED,
                frames_hex=("022b303132333430303103",),
                previous_hash=last.ticket_hash if last else "",
                ticket_hash="",
                signature="",
                shadow=not plate,
                extra=extra or {},
            ),
            key_of(name),
        )
        self.tickets[name] = told
        with self.work() as work:
            return weighings.receive(work, work.session.get_one(Device, name), 1, told, self.at)

    def deliver(self, deal_id: UUID, sender_kg: int, receiver_kg: int) -> None:
        """Move a load from the producer's gate to the processor's, weighed at both."""
        deal = self.get(Deal, deal_id)
        source, target = self.name_of(deal.producer_id), self.name_of(deal.processor_id)
        plate = self.manifest(deal_id).plate
        self.sign(deal_id, ManifestAct.ISSUE, source)
        self.step(deal_id, TripAct.ARRIVE)
        self.weigh(source, plate, TARE_KG)
        self.weigh(source, plate, TARE_KG + sender_kg)
        self.step(deal_id, TripAct.LOAD)
        self.step(deal_id, TripAct.DEPART)
        self.weigh(target, plate, TARE_KG + receiver_kg)
        self.weigh(target, plate, TARE_KG)
        self.step(deal_id, TripAct.DELIVER)
        self.idle()

    def receive(self, deal_id: UUID, accepted_kg: int, reason: str = "") -> None:
        """Sign the receipt of a load and let it be settled."""
        with self.work(self.name_of(self.get(Deal, deal_id).processor_id)) as work:
            row = work.session.get_one(Manifest, self.manifest(deal_id).id)
            looked = Looked({Aspect.QUANTITY: ""}) if reason else None
            receipts.sign(work, row, accepted_kg, reason, looked)
        self.idle()

    def refuse(self, deal_id: UUID) -> None:
        """Refuse a load at the gate."""
        with self.work(self.name_of(self.get(Deal, deal_id).processor_id)) as work:
            row = work.session.get_one(Manifest, self.manifest(deal_id).id)
            receipts.refuse(work, row, "the drums leak", Looked({Aspect.PACKAGING: "leaks"}))
        self.idle()

    def settlement(self, deal_id: UUID) -> Settlement:
        """Return the settlement of a deal as it is stored."""
        (row,) = self.rows(select(Settlement).where(Settlement.deal_id == deal_id))
        assert isinstance(row, Settlement)
        return row

    def pay(self, deal_id: UUID, who: str) -> None:
        """Pay what a party owes on a deal."""
        settlement_id = self.settlement(deal_id).id
        with self.work(who) as work:
            settlements.pay(work, settlement_id)

    def fund(self, who: str, fen: int = FUNDS_FEN) -> None:
        """Let money arrive for a party."""
        with self.work() as work:
            settlements.fund(work, self.parties[who].id, fen, uuid4())

    def name_of(self, organisation_id: UUID) -> str:
        """Return under which name a party stands here."""
        return next(name for name, party in self.parties.items() if party.id == organisation_id)


def rules_of(refusal: DomainError) -> set[str]:
    """Return the rule ids, or else the codes, that a refusal names."""
    several = refusal.errors if isinstance(refusal, Several) else (refusal,)
    return {getattr(one, "rule", one.code) for one in several}


def fields_of(refusal: DomainError) -> list[str]:
    """Return the fields that a refusal names, sorted."""
    several = refusal.errors if isinstance(refusal, Several) else (refusal,)
    return sorted(str(one.field) for one in several)


def open_market(engine: Engine, vehicles: int = 2, needs_too: bool = True) -> Market:
    """Register everybody, open both needs and put money on every account."""

    key = ("market", vehicles, needs_too)
    return kept_market(engine, key, lambda: _open_market(engine, vehicles, needs_too))


def kept_market(engine: Engine, key: tuple[object, ...], fill: Callable[[], Market]) -> Market:
    """Fill an empty database with a market, or copy one that was filled the same way."""

    def bare() -> Market:
        market = fill()
        market.engine = None  # type: ignore[assignment]
        return market

    market = filled(engine, key, bare)
    market.engine = engine
    return market


def _open_market(engine: Engine, vehicles: int, needs_too: bool) -> Market:
    market = Market(engine)
    with market.work() as work:
        cast = gather(work, vehicles)
        market.parties, market.drivers, market.vehicles = cast.parties, cast.drivers, cast.vehicles
        for name in ("producer", "neighbour", "processor", "distant"):
            settlements.fund(work, market.parties[name].id, FUNDS_FEN, uuid4())
    if needs_too:
        market.needs["processor"] = market.open_need("processor")
        market.needs["distant"] = market.open_need("distant", price=Decimal(-2400))
    return market
