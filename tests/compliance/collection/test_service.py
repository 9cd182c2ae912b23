"""Is every gram that was handed in waiting, held by one lot, or void with a reason?"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine

from compliance.collection import queries, service
from compliance.collection.rules import Giver, HandInDraft, PointKind
from compliance.record.database import reading
from compliance.record.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from compliance.record.work import Work
from tests.factories.parties import MORNING, OIL, SCRAP, Cast, cast, committed
from tests.factories.snapshots import filled


@pytest.fixture
def parties(engine: Engine) -> Cast:
    """Everyone around one load, on each database."""
    return filled(engine, ("cast",), lambda: committed(engine, cast))


@pytest.fixture
def point(engine: Engine, parties: Cast) -> UUID:
    """The producer's collection station."""
    return committed(engine, lambda work: opened(work, parties), parties.producer)


def opened(work: Work, parties: Cast) -> UUID:
    """Open a station whose goods go on to the producer's site."""
    return service.open_point(work, "North gate", PointKind.STATION, parties.origin_id, "1 Ring Road").id


def handed(point: UUID, grams: int = 2_450, code: str = SCRAP, giver: Giver = Giver.HOUSEHOLD) -> HandInDraft:
    """Describe a hand-in of the morning."""
    name = "" if giver is Giver.HOUSEHOLD else "Corner shop"
    return HandInDraft(point, code, grams, MORNING, giver, name)


def refused(engine: Engine, make: Callable[[Work], object], who: object) -> DomainError:
    """Do something that must be refused, and return the refusal."""
    with pytest.raises(DomainError) as found:
        committed(engine, make, who)  # type: ignore[arg-type]
    return found.value


def test_what_waits_becomes_part_of_one_lot_and_waits_again_when_it_is_let_go(
    engine: Engine, parties: Cast, point: UUID
) -> None:
    """The same cans would be sold twice, or vanish with a lot that was withdrawn."""
    who, lot, other = parties.producer, uuid4(), uuid4()
    for grams in (4_000, 3_000, 5_000):
        committed(engine, lambda work, grams=grams: service.take_in(work, handed(point, grams)), who)

    def make_up(key: UUID) -> int:
        return committed(engine, lambda work: service.make_up(work, key, parties.origin_id, SCRAP, 10), who)

    assert make_up(lot) == 2
    assert make_up(other) == 1
    with reading(engine) as session:
        assert queries.stock(session, who) == []
        assert [one.grams for one in queries.of_lot(session, lot)] == [4_000, 3_000]
        assert queries.held(session, other).grams == 5_000
    assert committed(engine, lambda work: service.release(work, lot), who) == 2
    assert committed(engine, lambda work: service.release(work, lot), who) == 0
    with reading(engine) as session:
        (waits,) = queries.stock(session, who)
        assert (waits.count, waits.grams) == (2, 7_000)
        assert queries.stock(session, parties.processor) == []


def test_a_hand_in_is_voided_with_a_reason_and_only_while_no_lot_holds_it(
    engine: Engine, parties: Cast, point: UUID
) -> None:
    """A mistyped mass would stay, or mass under way be struck out afterwards."""
    who, lot = parties.producer, uuid4()
    key = committed(engine, lambda work: service.take_in(work, handed(point)).id, who)
    assert isinstance(refused(engine, lambda work: service.void(work, key, " "), who), Invalid)
    committed(engine, lambda work: service.make_up(work, lot, parties.origin_id, SCRAP, 100), who)
    assert isinstance(refused(engine, lambda work: service.void(work, key, "typed twice"), who), Conflict)
    committed(engine, lambda work: service.release(work, lot), who)
    committed(engine, lambda work: service.void(work, key, "typed twice"), who)
    assert committed(engine, lambda work: service.make_up(work, lot, parties.origin_id, SCRAP, 100), who) == 0
    with reading(engine) as session:
        assert queries.hand_in(session, key, who).void_reason == "typed twice"
        with pytest.raises(NotFound):
            queries.hand_in(session, key, parties.processor)


def test_only_who_collects_does_so_at_an_open_point_of_the_own_house(
    engine: Engine, parties: Cast, point: UUID
) -> None:
    """A rival would enter grams at another's station, or a closed one go on taking."""
    who, take = parties.producer, handed(point)
    assert isinstance(refused(engine, lambda work: service.take_in(work, take), parties.processor), NotFound)
    assert isinstance(refused(engine, lambda work: opened(work, parties), parties.processor), Forbidden)
    shop = handed(point, code=OIL, giver=Giver.SHOP)
    assert refused(engine, lambda work: service.take_in(work, shop), who).code == "R1"
    committed(engine, lambda work: service.take_in(work, handed(point, code=OIL)), who)
    committed(engine, lambda work: service.close_point(work, point), who)
    assert refused(engine, lambda work: service.take_in(work, take), who).code == "point_closed"
