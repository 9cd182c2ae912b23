"""Does what was signed without signal come on the record once, in order, and never over another's word?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, select

from compliance.manifests import queries as manifests
from compliance.manifests import reserved
from compliance.manifests.rules import Act as ManifestAct
from compliance.manifests.tables import Manifest, ManifestLeg, ManifestRevision, ManifestSignature
from compliance.record.credential import Credential, ProofWanted
from compliance.record.database import transaction
from compliance.record.errors import DomainError, Forbidden, Invalid, NotFound
from compliance.record.who import Who
from compliance.record.work import Work
from compliance.rulebook.workdays import PUBLISHED_YEARS
from compliance.signing_keys import queries as keys
from compliance.signing_keys import service as signing_keys
from compliance.signing_keys.rules import Algorithm, ChainBroken, NotItsSignature
from compliance.signing_keys.tables import ReservedNumber, SigningKey
from marketplace import worker
from marketplace.edge import terminals
from tests.factories.terminals import Terminal, enrolled
from tests.factories.trade import Market, kept_market, open_market
from tracking.kept_acts import decisions, queries, service
from tracking.kept_acts.rules import Outcome, shown
from tracking.kept_acts.service import Delivery, Item
from tracking.kept_acts.tables import KeptAct
from tracking.trips import service as trips
from tracking.trips.rules import Act as TripAct
from tracking.trips.tables import Trip


@dataclass
class Road:
    """A driver on the road with a terminal, and the manifest of the load."""

    market: Market
    deal: UUID
    driver: Who
    terminal: Terminal

    @property
    def manifest(self) -> Manifest:
        """Return the manifest as it is stored."""
        return self.market.manifest(self.deal)

    @property
    def trip(self) -> Trip:
        """Return the trip as it is stored."""
        (row,) = self.market.rows(select(Trip).where(Trip.deal_id == self.deal))
        assert isinstance(row, Trip)
        return row

    def keep(self, act: str, at: datetime | None = None, **more: Any) -> Item:
        """Sign a step on the terminal, on the manifest as it stands now."""
        return self.terminal.keep(act, self.trip.id, at or self.market.at, shown(self.manifest), **more)

    def hand_in(self, *items: Item, who: Who | None = None) -> list[KeptAct]:
        """Hand in what was kept, as the terminal does when the signal is back."""
        with self.market.work(who or self.driver) as work:
            key = keys.key(work.session, self.terminal.key_id, work.who)
            return service.receive(work, key, items, Delivery(self.market.at))

    def decide(self, who: str, decision: Outcome, reason: str = "与司机电话核实") -> None:
        """Decide upon the first act that is set aside."""
        with self.market.work(who) as work:
            row = next(
                one for one in queries.open_on(work.session, self.manifest.id) if one.state == "conflict"
            )
            decisions.decide(work, row, decision, reason)

    def states(self) -> list[str]:
        """Return where every kept act of the load stands, in order."""
        return [row.state for row in self.market.rows(select(KeptAct).order_by(KeptAct.seq))]


def at_the_gate(engine: Engine) -> Market:
    """Bring a load to the point at which its driver leaves the signal: issued, weighed, at the gate."""
    market = open_market(engine, 2)
    deal = market.agree()
    market.sign(deal, ManifestAct.ISSUE, "producer")
    market.step(deal, TripAct.ARRIVE)
    plate = market.manifest(deal).plate
    market.weigh("producer", plate, 12_000)
    market.weigh("producer", plate, 32_000)
    return market


@pytest.fixture
def valley(engine: Engine) -> Market:
    """A market in which nothing has been issued yet."""
    return kept_market(engine, ("open market", 2), lambda: open_market(engine, 2))


@pytest.fixture
def road(engine: Engine) -> Road:
    """A driver at the gate of the producer, about to leave the signal."""
    market = kept_market(engine, ("kept acts", 2), lambda: at_the_gate(engine))
    (trip,) = market.rows(select(Trip))
    driver = next(one for one in market.drivers if one.person_id == trip.driver_id)
    return Road(market, trip.deal_id, driver, enrolled(market, driver))


def test_steps_signed_without_signal_are_taken_as_of_their_own_time(road: Road) -> None:
    """The record would say that a load left hours after it did, or nothing at all of a valley."""
    begun = road.market.at
    items = [
        road.keep("loaded", begun + timedelta(minutes=5)),
        road.keep("departed", begun + timedelta(minutes=9)),
    ]
    road.market.forward(hours=2)
    assert [one.state for one in road.hand_in(*items)] == ["applied", "applied"]
    assert (road.trip.state, road.manifest.state) == ("under_way", "in_transit")
    assert road.trip.departed_at == begun + timedelta(minutes=9)
    given = road.market.rows(select(ManifestSignature).order_by(ManifestSignature.ordinal))
    assert [(one.act, one.credential, one.at) for one in given[1:]] == [
        ("load", "device", begun + timedelta(minutes=5)),
        ("depart", "device", begun + timedelta(minutes=9)),
    ]
    assert {one.person_name for one in given[1:]} == {road.driver.name}
    assert [one.state for one in road.hand_in(*items)] == ["applied", "applied"], "sent again: once"
    assert len(road.market.rows(select(ManifestSignature))) == 3


@pytest.mark.sqlite_alone
def test_a_chain_that_is_broken_or_forged_is_refused_whole(road: Road) -> None:
    """A stolen or tampered queue would move a load."""
    first, second = road.keep("loaded"), road.keep("departed")
    with pytest.raises(ChainBroken) as gap:
        road.hand_in(second)
    assert gap.value.values["next"] == 1
    with pytest.raises(NotItsSignature):
        road.hand_in(replace(first, statement=first.statement.replace("loaded", "departed")))
    other = next(one for one in road.market.drivers if one.person_id != road.driver.person_id)
    with pytest.raises(DomainError):
        road.hand_in(first, who=other)
    assert road.states() == []
    assert road.trip.state == "at_origin"


def test_a_manifest_that_moved_on_is_not_overwritten_but_decided(road: Road) -> None:
    """Whoever came last would win, and the other version of a dangerous load be gone."""
    items = [road.keep("loaded"), road.keep("departed")]
    with road.market.work() as work:
        work.session.get_one(Manifest, road.manifest.id).planned_kg = 26_000
    assert [one.state for one in road.hand_in(*items)] == ["conflict", "waiting"]
    assert road.trip.state == "at_origin"
    row = road.market.rows(select(KeptAct).order_by(KeptAct.seq))[0]
    assert [(one.field, one.seen, one.found) for one in service.changed(row)] == [
        ("planned_kg", 20_000, 26_000)
    ]
    for who in ("producer", "neighbour", "processor"):
        with pytest.raises(Forbidden), road.market.work(who) as work:
            decisions.decide(work, work.session.get_one(KeptAct, row.id), Outcome.KEEP_MINE, "x")
    with pytest.raises(Invalid):
        road.decide("carrier", Outcome.KEEP_MINE, " ")
    road.decide("carrier", Outcome.KEEP_MINE)
    assert road.states() == ["applied", "applied"], "what waited behind it goes on by itself"
    assert road.trip.state == "under_way"
    told = [one.data["outcome"] for one in road.market.events("KeptActMoved")]
    assert told == ["set_aside", "wait", "keep_mine", "apply"]


@pytest.mark.sqlite_alone
def test_the_other_version_may_be_kept(road: Road) -> None:
    """A dispatcher who has already signed in the driver's place would be overruled by a late terminal."""
    items = [road.keep("loaded"), road.keep("departed")]
    with road.market.work("carrier") as work:
        trips.advance(work, work.session.get_one(Trip, road.trip.id), TripAct.LOAD)
    assert [one.state for one in road.hand_in(*items)] == ["conflict", "waiting"]
    row = road.market.rows(select(KeptAct).order_by(KeptAct.seq))[0]
    assert [one["code"] for one in row.reasons] == ["trip_state"]
    with pytest.raises(DomainError):
        road.decide("carrier", Outcome.KEEP_MINE)
    road.decide("carrier", Outcome.KEEP_THEIRS)
    assert road.states() == ["dropped", "applied"]
    assert road.trip.state == "under_way"
    assert len(road.market.rows(select(ManifestSignature).where(ManifestSignature.act == "load"))) == 1


@pytest.mark.sqlite_alone
def test_what_differs_may_be_signed_and_corrected(road: Road) -> None:
    """The weight the driver saw on the display would be lost under the one that was typed later."""
    seen = shown(road.manifest) | {"loaded_kg": 19_500}
    item = road.terminal.keep("loaded", road.trip.id, road.market.at, seen)
    assert [one.state for one in road.hand_in(item)] == ["conflict"]
    road.decide("carrier", Outcome.AS_CORRECTION)
    assert road.states() == ["corrected"]
    assert road.manifest.state == "loaded"
    (revision,) = road.market.rows(select(ManifestRevision))
    assert revision.changes == {"loaded_kg": [20_000, 19_500]}
    assert revision.state == "proposed", "those whose signatures cover the weight approve first"


@pytest.mark.sqlite_alone
def test_what_a_rule_forbids_is_set_aside_with_its_rule(engine: Engine, road: Road) -> None:
    """An act without signal would slip past a rule, or vanish with it."""
    market = road.market
    deal = market.agree()
    market.sign(deal, ManifestAct.ISSUE, "producer")
    market.step(deal, TripAct.ARRIVE)
    driver = next(one for one in market.drivers if one.person_id == market.manifest(deal).driver_id)
    other = Road(market, deal, driver, enrolled(market, driver))
    (kept,) = other.hand_in(other.keep("loaded"))
    assert kept.state == "conflict"
    assert [one["rule"] for one in kept.reasons] == ["M4.not_weighed"]
    assert market.events("ManifestSigned") == []


@pytest.mark.sqlite_alone
def test_who_has_handed_the_load_on_meanwhile_is_still_heard(road: Road) -> None:
    """A driver's late act would vanish because another carrier has the load, and a stranger's be let in."""
    item = road.keep("loaded")
    with road.market.work() as work:
        row = work.session.get_one(Manifest, road.manifest.id)
        work.session.add(
            ManifestLeg(
                id=work.new_id(),
                manifest_id=row.id,
                ordinal=1,
                state="taken",
                from_carrier_id=row.carrier_id,
                carrier_id=row.receiver_id,
                means="by_road",
                place="x",
                agreed_for=work.now,
                offered_at=work.now,
            )
        )
        row.carrier_id = work.session.get_one(Trip, road.trip.id).carrier_id = row.receiver_id
    (kept,) = road.hand_in(item)
    assert kept.state == "conflict"
    with road.market.work() as work:
        work.session.delete(work.session.scalars(select(ManifestLeg)).one())
    with pytest.raises(NotFound):
        road.hand_in(road.keep("departed"))


@pytest.mark.sqlite_alone
def test_a_lost_terminal_signs_nothing_more(road: Road) -> None:
    """Whoever found a telephone would sign as its driver."""
    item = road.keep("loaded")
    for who in ("producer", "processor"):
        with pytest.raises(DomainError), road.market.work(who) as work:
            signing_keys.revoke(work, road.terminal.key_id, "")
    with road.market.work("carrier") as work:
        signing_keys.revoke(work, road.terminal.key_id, "手机丢失")
    assert [one.state for one in road.hand_in(item)] == ["conflict"]
    (row,) = road.market.rows(select(KeptAct))
    assert [one["code"] for one in row.reasons] == ["key_revoked"]


@pytest.mark.sqlite_alone
def test_nothing_is_dated_back_before_its_key_or_another_signature(road: Road) -> None:
    """A driver would turn the telephone's clock back and have left before the load was weighed."""
    market, begun = road.market, road.market.at
    (kept,) = road.hand_in(road.keep("loaded", begun - timedelta(hours=3)))
    assert (kept.state, [one["code"] for one in kept.reasons]) == ("conflict", ["dated_back"])
    assert kept.acted_at == begun, "nobody who keeps it puts it before its key was bound"
    assert road.trip.state == "at_origin"
    road.decide("carrier", Outcome.KEEP_THEIRS)
    market.forward(hours=1)
    with market.work("carrier") as work:
        trips.advance(work, work.session.get_one(Trip, road.trip.id), TripAct.LOAD)
    (kept,) = road.hand_in(road.keep("departed", begun + timedelta(minutes=30)))
    assert (kept.state, [one["code"] for one in kept.reasons]) == ("conflict", ["dated_back"])
    assert road.trip.state == "loaded"
    road.decide("carrier", Outcome.KEEP_THEIRS)
    slow = market.at - timedelta(seconds=90)
    assert [one.state for one in road.hand_in(road.keep("departed", slow))] == ["applied"]
    loaded, departed = road.trip.loaded_at, road.trip.departed_at
    assert loaded is not None
    assert departed is not None
    assert departed >= loaded, "a telephone that is slow does not leave before it was loaded"


@pytest.mark.sqlite_alone
def test_a_key_is_bound_by_the_password_alone(road: Road) -> None:
    """A program, or a browser left open, would bind a key of its own to the driver."""
    terminal = Terminal(Algorithm.P256)
    assert road.driver.person_id is not None
    new = terminal.new_key(road.driver.person_id)
    for credential in (None, Credential.TOKEN, Credential.DEVICE):
        with pytest.raises(ProofWanted), transaction(road.market.engine) as session:
            signing_keys.enrol(Work(session, road.market.at, road.driver, credential=credential), new)
    other = road.market.parties["carrier"].who
    with pytest.raises(NotItsSignature), transaction(road.market.engine) as session:
        signing_keys.enrol(Work(session, road.market.at, other, credential=Credential.PASSWORD), new)
    road.terminal = enrolled(road.market, road.driver, Algorithm.P256)
    assert [one.state for one in road.hand_in(road.keep("loaded"))] == ["applied"]


def test_a_manifest_is_issued_without_signal_under_a_reserved_number(valley: Market) -> None:
    """A producer in a valley could send no load off, or a number would be missing from the series (M2)."""
    market, producer = valley, valley.parties["producer"]
    deal, later = market.agree(), market.agree()
    road = Road(market, deal, producer.who, enrolled(market, producer.who))
    with market.work(producer.who) as work:
        key = keys.key(work.session, road.terminal.key_id, work.who)
        held = [row.number for row in reserved.reserve(work, key, producer.site_id, 3)]
    assert [number[-6:] for number in held] == ["000001", "000002", "000003"]
    row = market.manifest(deal)
    foreign = road.terminal.keep("issue", row.id, market.at, shown(row), number="42070000000009")
    issued = road.terminal.keep("issue", market.manifest(later).id, market.at, {}, number=held[0])
    assert [one.state for one in road.hand_in(foreign, issued)] == ["conflict", "applied"]
    assert market.manifest(later).number == held[0]
    market.sign(deal, ManifestAct.ISSUE, "producer")
    assert str(market.manifest(deal).number)[-6:] == "000004"
    with market.work(producer.who) as work:
        rows = keys.numbers(work.session, road.terminal.key_id)
        reserved.end(work, rows, "终端停用")
    assert [one.state for one in market.rows(select(ReservedNumber).order_by(ReservedNumber.number))] == [
        "used",
        "voided",
        "voided",
    ], "000004 was given out after them: they are void on the record, with the reason"
    told = {one.data["number"]: one.data["reason"] for one in market.events("ReservedNumberEnded")}
    assert told[held[1]] == "终端停用"


def test_the_newest_unused_numbers_go_back_to_their_series(valley: Market) -> None:
    """A terminal that was switched off would leave a hole in every week."""
    market, producer = valley, valley.parties["producer"]
    terminal = enrolled(market, producer.who)
    for reason in ("第一次", "第二次"):
        with market.work(producer.who) as work:
            key = work.session.get_one(SigningKey, terminal.key_id)
            rows = reserved.reserve(work, key, producer.site_id, 2)
            assert [row.number[-6:] for row in rows] == ["000001", "000002"]
            reserved.end(work, rows, reason)
    deal = market.agree()
    market.sign(deal, ManifestAct.ISSUE, "producer")
    with market.work() as work:
        assert manifests.next_serial(work.session, market.at.year, "4201") == 2


@pytest.mark.sqlite_alone
def test_a_revoked_terminal_gives_no_number_back(valley: Market) -> None:
    """Two loads would be under way with one number: the terminal's without signal, and the next one's."""
    market, producer = valley, valley.parties["producer"]
    terminal = enrolled(market, producer.who)
    with market.work(producer.who) as work:
        key = work.session.get_one(SigningKey, terminal.key_id)
        (held,) = reserved.reserve(work, key, producer.site_id, 1)
    with market.work(producer.who) as work:
        terminals.revoke(work, terminal.key_id, "手机丢失")
    assert market.get(ReservedNumber, held.id).state == "voided"
    with market.work() as work:
        assert manifests.next_serial(work.session, market.at.year, "4201") == 2


@pytest.mark.sqlite_alone
def test_numbers_that_a_terminal_keeps_too_long_are_void_and_may_still_turn_up(valley: Market) -> None:
    """A telephone in a river would leave a hole; one in a long valley would lose its manifest."""
    market, producer = valley, valley.parties["producer"]
    deal = market.agree()
    road = Road(market, deal, producer.who, enrolled(market, producer.who))
    with market.work(producer.who) as work:
        key = work.session.get_one(SigningKey, road.terminal.key_id)
        (held,) = reserved.reserve(work, key, producer.site_id, 1)
    row = market.manifest(deal)
    issued = road.terminal.keep("issue", row.id, market.at, shown(row), number=held.number)
    worker.sweep_deadlines(market.engine, market.now, PUBLISHED_YEARS)
    assert market.get(ReservedNumber, held.id).state == "held"
    market.forward(days=8)
    worker.sweep_deadlines(market.engine, market.now, PUBLISHED_YEARS)
    assert market.get(ReservedNumber, held.id).state == "voided"
    assert [one.state for one in road.hand_in(issued)] == ["applied"]
    assert market.get(ReservedNumber, held.id).state == "used"
    assert market.manifest(deal).number == held.number
