"""What has the market done so far, as the rows that models learn from?

Cancelled and refused deals are no prices. Parties of the demonstration count only where there are no others,
and what is learned from them is marked as simulated.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID

import numpy as np
from sqlalchemy import ColumnElement, Row, func, select
from sqlalchemy.orm import Session

from compliance.record.clock import SHANGHAI, local_date
from compliance.registry.tables import Organisation, Site
from marketplace.deals.rules import State as DealState
from marketplace.deals.tables import Deal
from marketplace.lots.rules import State as LotState
from marketplace.lots.tables import Lot
from marketplace.matches.rules import State
from marketplace.matches.tables import Match
from matching.learning.acceptance import Offers
from matching.learning.anomalies import Driven, Weighed
from matching.learning.history import CONSTITUENTS, Deals, Floats, family
from matching.learning.recent import QUARTER, YEAR, Basis
from matching.learning.times import Times
from tracking.positions.rules import Fix, distance_m
from tracking.trips import queries as trips
from tracking.trips.tables import Trip
from tracking.weighings.rules import Part, Place
from tracking.weighings.tables import Weighing

PLANNED_KMH = 50.0
STAY_S = 1_800.0
"""What is planned with until plans say more: a lorry's speed over a whole way, and half an hour at a site."""
STANDS_M = 100.0
"""A vehicle that stays within this distance stands: satellites scatter, and one turns round in a yard."""

REACH = {
    Basis.QUARTER_OF_CODE: timedelta(days=QUARTER),
    Basis.YEAR_OF_CODE: timedelta(days=YEAR),
    Basis.YEAR_OF_FAMILY: timedelta(days=YEAR),
}

COUNTED = (DealState.AGREED.value, DealState.RECEIVED.value, DealState.SETTLED.value)
OVER = (LotState.EXPIRED.value, LotState.WITHDRAWN.value)


def is_simulated(session: Session) -> bool:
    """Tell whether every deal so far is between parties of the demonstration."""
    real = select(Deal.id).join(Organisation, Organisation.id == Deal.producer_id)
    return session.scalar(real.where(Organisation.simulated.is_(False)).limit(1)) is None


def count_deals(session: Session, simulated: bool) -> int:
    """Return how many deals count."""
    counted = select(func.count(Deal.id)).join(Organisation, Organisation.id == Deal.producer_id)
    return session.scalar(counted.where(_counts(simulated))) or 0


def count_producers(session: Session, simulated: bool, code: str, basis: Basis, on: date) -> int:
    """Return how many producers stand behind the deals that a band rests on: those before the day."""
    until = datetime.combine(on, time(), SHANGHAI)
    same = Deal.code.endswith("-" + family(code), autoescape=True)
    group = same if basis is Basis.YEAR_OF_FAMILY else Deal.code == code
    counted = (
        select(func.count(Deal.producer_id.distinct()))
        .join(Organisation, Organisation.id == Deal.producer_id)
        .where(_counts(simulated), group, Deal.agreed_at >= until - REACH[basis], Deal.agreed_at < until)
    )
    return session.scalar(counted) or 0


def deals(session: Session, simulated: bool) -> Deals:
    """Return the prices that were agreed, with what was stated of the waste, in the region it came from."""
    statement = (
        select(Deal.code, Site.division_code, Deal.agreed_at, Deal.kg, Deal.price, Lot.composition)
        .join(Organisation, Organisation.id == Deal.producer_id)
        .join(Site, Site.id == Deal.origin_site_id)
        .join(Lot, Lot.id == Deal.lot_id)
        .where(_counts(simulated))
        .order_by(Deal.agreed_at, Deal.id)
    )
    rows = session.execute(statement).all()
    return Deals(
        code=_texts(row.code for row in rows),
        region=_texts(region_of(row.division_code) for row in rows),
        day=_days(row.agreed_at for row in rows),
        kg=_floats(row.kg for row in rows),
        price=_floats(row.price for row in rows),
        composition={
            name: _floats(row.composition.get(name, "nan") for row in rows) for name in CONSTITUENTS
        },
    )


def region_of(division_code: str) -> str:
    """Return the prefecture of a division: 420106 lies in 420100."""
    return division_code[:4] + "00"


def offers(session: Session, simulated: bool) -> Offers:
    """Return the proposals that were decided on: those beside an accepted one, the last of a lot given up."""
    statement = (
        select(Match, Lot)
        .join(Lot, Lot.id == Match.lot_id)
        .join(Organisation, Organisation.id == Lot.organisation_id)
        .where(Organisation.simulated.is_(simulated))
        .order_by(Match.created_at, Match.lot_id, Match.rank)
    )
    batches: dict[tuple[UUID, datetime], list[tuple[Match, Lot]]] = defaultdict(list)
    last: dict[UUID, datetime] = {}
    for match, lot in session.execute(statement):
        batches[lot.id, match.created_at].append((match, lot))
        last[lot.id] = match.created_at
    decided = [
        (number, match, lot)
        for number, ((lot_id, at), batch) in enumerate(batches.items())
        if _taken(batch) or (batch[0][1].state in OVER and last[lot_id] == at)
        for match, lot in batch
    ]
    return Offers(
        lot=np.array([number for number, _, _ in decided], dtype=np.int64),
        code=_texts(lot.code for _, _, lot in decided),
        day=_days(match.created_at for _, match, _ in decided),
        rank=np.array([match.rank for _, match, _ in decided], dtype=np.int64),
        price=_floats(match.price for _, match, _ in decided),
        expectation=_floats("nan" if lot.price is None else lot.price for _, _, lot in decided),
        km=_floats(match.metres / 1_000 for _, match, _ in decided),
        days_left=_floats(
            max(0.0, (lot.ready_to - match.created_at).total_seconds() / 86_400) for _, match, lot in decided
        ),
        accepted=np.array([match.state == State.ACCEPTED.value for _, match, _ in decided], dtype=np.bool_),
    )


def _taken(batch: Iterable[tuple[Match, Lot]]) -> bool:
    return any(match.state == State.ACCEPTED.value for match, _ in batch)


def ways(session: Session, simulated: bool) -> Times:
    """Return how long ways between sites took, beside their estimated length at `PLANNED_KMH`."""
    rows = [
        (row.Trip.started_at, row.Trip.arrived_at, row.Trip, row.metres)
        for row in _done(session, simulated)
        if row.Trip.started_at and row.Trip.arrived_at and row.Trip.arrived_at > row.Trip.started_at
    ]
    rows.sort(key=lambda row: (row[0], row[2].id))
    return Times(
        place=_texts(_lane(trip) for _, _, trip, _ in rows),
        party=_texts(str(trip.vehicle_id) for _, _, trip, _ in rows),
        day=_days(start for start, _, _, _ in rows),
        minute=_minutes([start for start, _, _, _ in rows]),
        amount=_floats(max(metres, 1) / 1_000 for _, _, _, metres in rows),
        planned_s=_floats(max(metres, 1) * 3.6 / PLANNED_KMH for _, _, _, metres in rows),
        actual_s=_floats((end - start).total_seconds() for start, end, _, _ in rows),
    )


def stays(session: Session, simulated: bool) -> Times:
    """Return how long loading and unloading took, from the arrival at a site to the way on."""
    rows = []
    for row in _done(session, simulated):
        trip = row.Trip
        ends = (
            (trip.origin_site_id, trip.at_origin_at, trip.departed_at or trip.loaded_at),
            (trip.destination_site_id, trip.arrived_at, trip.done_at),
        )
        rows += [(since, site, trip, until) for site, since, until in ends if since and until > since]
    rows.sort(key=lambda row: (row[0], row[2].id))
    return Times(
        place=_texts(str(site) for _, site, _, _ in rows),
        party=_texts(str(trip.vehicle_id) for _, _, trip, _ in rows),
        day=_days(since for since, _, _, _ in rows),
        minute=_minutes([since for since, _, _, _ in rows]),
        amount=_floats(trip.sender_kg or trip.planned_kg for _, _, trip, _ in rows),
        planned_s=_floats(STAY_S for _ in rows),
        actual_s=_floats((until - since).total_seconds() for since, _, _, until in rows),
    )


def weighed(session: Session, simulated: bool) -> tuple[Weighed, list[UUID]]:
    """Return loads that both scales have weighed, and their trips, row by row."""
    statement = select(Weighing.trip_id, Weighing.kg).where(
        Weighing.place == Place.SOURCE.value, Weighing.role == Part.TARE.value
    )
    tares = dict(session.execute(statement).all())
    rows = [
        row.Trip
        for row in _done(session, simulated)
        if row.Trip.id in tares and row.Trip.sender_kg and row.Trip.receiver_kg
    ]
    columns = Weighed(
        vehicle=_texts(str(trip.vehicle_id) for trip in rows),
        sender=_texts(str(trip.mover_id) for trip in rows),
        day=_days(trip.done_at for trip in rows),
        tare_kg=_floats(tares[trip.id] for trip in rows),
        sender_kg=_floats(trip.sender_kg for trip in rows),
        receiver_kg=_floats(trip.receiver_kg for trip in rows),
        declared_kg=_floats(trip.planned_kg for trip in rows),
    )
    return columns, [trip.id for trip in rows]


def driven(session: Session, simulated: bool) -> tuple[Driven, list[UUID]]:
    """Return ways that satellites followed, and their trips, row by row."""
    rows = [
        row for row in _done(session, simulated) if row.Trip.distance_m and row.metres and row.Trip.started_at
    ]
    columns = Driven(
        lane=_texts(_lane(row.Trip) for row in rows),
        vehicle=_texts(str(row.Trip.vehicle_id) for row in rows),
        day=_days(row.Trip.done_at for row in rows),
        planned_km=_floats(row.metres / 1_000 for row in rows),
        driven_km=_floats(row.Trip.distance_m / 1_000 for row in rows),
        stop_minutes=_floats(longest_stop_minutes(_under_way(session, row.Trip)) for row in rows),
    )
    return columns, [row.Trip.id for row in rows]


def longest_stop_minutes(fixes: Sequence[Fix]) -> float:
    """Return the longest time for which a vehicle stayed within `STANDS_M` of where it came to stand."""
    longest = 0.0
    stood = fixes[0] if fixes else None
    for fix in fixes:
        assert stood is not None
        if distance_m(stood.lat, stood.lon, fix.lat, fix.lon) > STANDS_M:
            stood = fix
        longest = max(longest, (fix.at - stood.at).total_seconds() / 60)
    return longest


def _under_way(session: Session, trip: Trip) -> list[Fix]:
    until = trip.arrived_at or trip.done_at
    return [
        fix
        for fix in trips.fixes_of(session, trip)
        if trip.started_at and until and trip.started_at <= fix.at <= until
    ]


def _done(session: Session, simulated: bool) -> Sequence[Row[Trip, int]]:
    """Return the trips that are over with their deal's estimated metres, in order of their end."""
    statement = (
        select(Trip, Match.metres.label("metres"))
        .join(Deal, Deal.id == Trip.deal_id)
        .join(Match, Match.id == Deal.match_id)
        .join(Organisation, Organisation.id == Deal.producer_id)
        .where(Trip.done_at.is_not(None), Organisation.simulated.is_(simulated))
        .order_by(Trip.done_at, Trip.id)
    )
    return session.execute(statement).all()


def _counts(simulated: bool) -> ColumnElement[bool]:
    return Deal.state.in_(COUNTED) & Organisation.simulated.is_(simulated)


def _lane(trip: Trip) -> str:
    return f"{trip.origin_site_id}>{trip.destination_site_id}"


def _texts(values: Iterable[str]) -> np.ndarray[tuple[int], np.dtype[np.str_]]:
    return np.array(list(values), dtype=np.str_)


def _floats(values: Iterable[object]) -> Floats:
    return np.array([float(str(value)) for value in values], dtype=np.float64)


def _days(moments: Iterable[datetime]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array([local_date(moment).toordinal() for moment in moments], dtype=np.int64)


def _minutes(moments: Iterable[datetime]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    local = [moment.astimezone(SHANGHAI) for moment in moments]
    return np.array([60 * moment.hour + moment.minute for moment in local], dtype=np.int64)


def before(made: Deals, on: date) -> Deals:
    """Return the deals agreed before a day."""
    return made.at(made.day < on.toordinal())
