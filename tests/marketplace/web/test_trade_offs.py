"""Are trade-offs worked out step by step, kept when stopped, and opened by the operator alone?"""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import pairwise
from uuid import UUID

import pytest
from sqlalchemy import select

from compliance.record.database import transaction
from compliance.record.errors import Invalid
from marketplace.solves import engines, service, trade_offs
from marketplace.solves.rules import Kind, Limits, Progress, State
from marketplace.solves.tables import Solve
from marketplace.solves.trade_offs import MOST_POINTS, Goal, Wish
from matching.session import TradeOff
from tests.factories.site import Site
from tests.factories.trade import Market

HOME = "/market/trade-offs"


def weighed(
    market: Market, stop_after: int = 10**6, **wish: object
) -> tuple[dict[str, object], list[Progress]]:
    """Return the trade-offs of a market whose best payer is far away, and what was told on the way."""
    market.open_need("distant", price=Decimal(-1000))
    market.list_lot(kg=20_000)
    market.list_lot("neighbour", kg=12_000)
    with market.work("operator") as work:
        problem = trade_offs.snapshot(work.session, work.now, Wish(**wish))  # type: ignore[arg-type]
    told: list[Progress] = []
    found = engines.answer(
        Kind.TRADE_OFFS, problem, Limits(60.0), told.append, lambda: len(told) >= stop_after
    )
    return found, told


def test_a_shorter_way_costs_welfare_and_every_point_says_who_sends_what(site: Site) -> None:
    """An operator would be shown figures that no plan stands behind."""
    found, told = weighed(site.market, goals=(Goal.TONNE_KM,), steps=7)
    points = found["points"]
    assert isinstance(points, list)
    assert len(points) >= 2
    assert [(one.iteration, one.of) for one in told] == [(n, 7) for n in range(1, 8)]
    for richer, leaner in pairwise(points):
        assert richer["welfare_cny"] > leaner["welfare_cny"]
        assert richer["tonne_km"] > leaner["tonne_km"]
    for point in points:
        assert point["tonne_km"] == pytest.approx(
            sum(kg * metres for _, _, kg, metres in point["shipments"]) / 1e6, abs=0.1
        )
    assert found["listed"] == 2


def test_a_stop_keeps_the_points_found_until_then(site: Site) -> None:
    """Who stops after a minute would have waited for nothing."""
    found, _ = weighed(site.market, stop_after=2, goals=(Goal.TONNE_KM, Goal.LOTS), steps=3)
    assert (found["cleared"], found["of"]) == (2, 9)
    assert found["points"]


def test_an_empty_market_has_no_points(site: Site) -> None:
    """The page of a new market would end in a fault."""
    with site.market.work("operator") as work:
        problem = trade_offs.snapshot(work.session, work.now, Wish())
    found = engines.answer(Kind.TRADE_OFFS, problem, Limits(5.0), lambda _: None, lambda: False)
    assert found["points"] == []
    show(site, found)
    assert "nothing to weigh" in site.visitor("operator").get(HOME)


def test_many_points_are_thinned_and_the_ends_kept() -> None:
    """A large market's answer would fill the database with points that nobody can tell apart."""
    many = [TradeOff(float(-n), 0.0, 0.0, 0.0) for n in range(500)]
    kept = trade_offs.thinned(many)
    assert len(kept) == MOST_POINTS
    assert (kept[0], kept[-1]) == (many[0], many[-1])
    assert trade_offs.thinned(many[:3]) == many[:3]


@pytest.mark.parametrize(
    ("wish", "field"), [(Wish(goals=()), "goals"), (Wish(steps=1), "steps"), (Wish(steps=8), "steps")]
)
def test_a_wish_that_says_nothing_is_refused(wish: Wish, field: str) -> None:
    """A solver would clear the market two million times."""
    with pytest.raises(Invalid) as refusal:
        trade_offs.checked(wish)
    assert refusal.value.field == field
    assert trade_offs.checked(replace_goals(wish)).goals == (Goal.LOTS,)


def replace_goals(wish: Wish) -> Wish:
    """Return a wish that can be worked out, which names its goal twice."""
    return Wish(goals=(Goal.LOTS, Goal.LOTS), steps=2 if wish.steps == 1 else 3)


def show(site: Site, answer: dict[str, object]) -> UUID:
    """Ask for trade-offs and give them this answer, as a solver would."""
    visitor = site.visitor("operator")
    assert visitor.sent_to(HOME, tonne_km="1", steps="4", seconds="20") == HOME
    (solve_id,) = site.market.rows(select(Solve.id).where(Solve.state == State.QUEUED.value))
    with transaction(site.market.engine) as session:
        assert service.take_up(session, "one", site.market.at, 1.0) is not None
        service.finish(session, solve_id, "one", answer, site.market.at)
    assert isinstance(solve_id, UUID)
    return solve_id


@pytest.mark.parametrize("who", ["producer", "processor", "carrier", "inspector"])
@pytest.mark.parametrize("path", [HOME, f"{HOME}/progress"])
def test_trade_offs_are_the_operators(site: Site, who: str, path: str) -> None:
    """A trader would read what everybody else has and asks for."""
    site.visitor(who).get(path, status=403)


def test_the_operator_asks_follows_stops_and_opens_a_point(site: Site) -> None:
    """The trade-offs of the engine would stay out of the operator's reach."""
    found, _ = weighed(site.market, goals=(Goal.TONNE_KM,), steps=7)
    visitor = site.visitor("operator")
    assert HOME in visitor.get("/market")
    assert "No trade-offs have been worked out yet" in visitor.get(HOME)
    visitor.sent_to(HOME, steps="4", seconds="20")
    assert "Choose at least one goal" in visitor.get(HOME)
    visitor.sent_to(HOME, lots="1", steps="4", seconds="20")
    assert "Waiting for a free solver" in visitor.get(f"{HOME}/progress")
    (waiting,) = site.market.rows(select(Solve.id))
    assert visitor.sent_to(f"{HOME}/{waiting}/cancel") == HOME
    assert "stopped before a point was found" in visitor.get(HOME)
    solve_id = show(site, found)
    over = visitor.client.get(f"{HOME}/progress", headers={"hx-request": "true"})
    assert over.headers["hx-redirect"] == HOME
    text = visitor.get(HOME)
    points = found["points"]
    assert isinstance(points, list)
    assert len(re.findall(r'class="trade__dot', text)) == 3 * len(points)
    assert len(re.findall(r">Open \d+</a>", text)) == len(points)
    opened = visitor.get(f"{HOME}?solve={solve_id}&point={len(points)}")
    assert "who sends what where" in opened
    assert "no longer on record" not in opened
    for odd in ("solve=x&point=y", "point=99999999999999", f"solve={solve_id}&point=99"):
        assert "Trade-offs" in visitor.get(f"{HOME}?{odd}")
