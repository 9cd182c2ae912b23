"""Does a deal follow its load, and does nothing stay taken when it comes to nothing?"""

from __future__ import annotations

from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from compliance.manifests.rules import Act as ManifestAct
from compliance.registry.tables import LicenceDraw
from marketplace.deals import queries, service
from marketplace.deals.rules import NEXT, Act, State, Terms
from marketplace.lots import service as lots
from marketplace.lots.rules import State as LotState
from marketplace.needs import service as needs
from marketplace.verification import verify
from tests.factories.trade import Market
from tracking.trips.tables import Trip

TERMS = Terms("lot", "a", "b", "c", "鄂A70001", "900-214-08", "use", 20_000, "-2300.00", 100)


def drawn(market: Market) -> int:
    """Return what is booked against all licences, kilograms."""
    return sum(row.kg for row in market.rows(select(LicenceDraw)))


def busy(market: Market) -> set[object]:
    """Return the vehicles that a running deal holds."""
    with market.work() as work:
        return set(queries.busy_vehicles(work.session))


def test_a_cancelled_manifest_gives_everything_back(market: Market) -> None:
    """Lot, need, licence and truck would stay taken by a load that never moves."""
    deal_id = market.agree()
    assert drawn(market) == 20_000
    market.sign(deal_id, ManifestAct.CANCEL, "producer")
    market.idle()
    state, lot, need = market.standing(deal_id)
    assert (state, lot.state, lot.left_kg, need.left_kg) == (
        State.CANCELLED,
        LotState.LISTED,
        20_000,
        300_000,
    )
    assert (drawn(market), busy(market)) == (0, set())
    assert [trip.state for trip in market.rows(select(Trip))] == ["cancelled"]
    assert len(market.matches(lot.id)) == 2
    assert verify(market.engine).holds


def test_a_refused_load_gives_everything_back(market: Market) -> None:
    """The waste stands at the producer's again, but no page would offer it, nor the room for it."""
    deal_id = market.agree(kg=50_000)
    market.deliver(deal_id, 30_000, 30_000)
    market.refuse(deal_id)
    state, lot, need = market.standing(deal_id)
    assert (state, lot.state, lot.left_kg, need.left_kg) == (State.REFUSED, LotState.LISTED, 50_000, 300_000)
    assert (drawn(market), busy(market)) == (0, set())
    assert verify(market.engine).holds


def test_a_load_refused_after_its_lot_and_need_were_closed_is_still_accounted_for(market: Market) -> None:
    """The mass would vanish from the books, and `huanlian verify` call the database broken."""
    deal_id = market.agree(kg=50_000)
    _, lot, need = market.standing(deal_id)
    with market.work("producer") as work:
        lots.withdraw_lot(work, lot.id)
    with market.work("processor") as work:
        needs.close_need(work, need.id)
    market.sign(deal_id, ManifestAct.CANCEL, "producer")
    market.idle()
    _, lot, need = market.standing(deal_id)
    assert (lot.state, lot.left_kg) == (LotState.WITHDRAWN, 50_000)
    assert (need.open, need.left_kg) == (False, 300_000)
    assert market.matches(lot.id) == []
    assert verify(market.engine).holds


@pytest.mark.parametrize("act", [Act.SETTLE, Act.REFUSE])
def test_an_act_that_the_state_does_not_allow_changes_nothing(market: Market, act: Act) -> None:
    """An event told twice would give the same mass back twice."""
    deal_id = market.agree()
    with market.work() as work:
        assert service.move(work, deal_id, Act.CANCEL) is not None
        assert service.move(work, deal_id, act) is None
        assert service.move(work, deal_id, Act.CANCEL) is None
    state, lot, need = market.standing(deal_id)
    assert (state, lot.left_kg, need.left_kg) == (State.CANCELLED, 20_000, 300_000)


def test_a_deal_ends_settled_refused_or_cancelled() -> None:
    """A deal would stand open for ever, or begin again after its end."""
    ways = {state for state, _ in NEXT}
    assert set(State) - ways == {State.SETTLED, State.REFUSED, State.CANCELLED}


@given(st.sampled_from(sorted(asdict(TERMS))), st.integers(1, 10**9))
def test_every_term_counts_in_the_hash(name: str, other: int) -> None:
    """One side could change a term without the record showing it (W3)."""
    former = getattr(TERMS, name)
    changed = replace(TERMS, **{name: former + other if isinstance(former, int) else f"{former}{other}"})
    assert changed.hash() != TERMS.hash()
    assert replace(changed, **{name: former}).hash() == TERMS.hash()
