"""Does the dispatcher's desk show the day, what a change costs, and the way back, all without scripts?"""

from __future__ import annotations

import json
import re
import threading
from uuid import UUID

import pytest
from sqlalchemy import Engine, select

from marketplace.plans.tables import Plan
from marketplace.solves import engines
from marketplace.solves.process import Solver
from marketplace.solves.tables import Solve
from marketplace.web.dispatch_views import Asked
from tests.factories.dispatch import VEHICLES, open_day
from tests.factories.site import Site, Visitor, open_site
from tests.factories.trade import Market
from tracking.trips.tables import Trip


@pytest.fixture
def day(engine: Engine) -> tuple[Market, list[UUID]]:
    """The market of a carrier with three vehicles, and its three loads to carry."""
    return open_day(engine)


@pytest.fixture
def loads(day: tuple[Market, list[UUID]]) -> list[UUID]:
    """Three loads to carry."""
    return day[1]


@pytest.fixture
def site(request: pytest.FixtureRequest, engine: Engine) -> Site:
    """The pages on a market whose carrier has three vehicles; its loads are there if they are asked for."""
    if "loads" in request.fixturenames:
        return Site(request.getfixturevalue("day")[0])
    return open_site(engine, VEHICLES)


def vehicle_of(site: Site, load: UUID) -> UUID:
    """Return the vehicle of a load as the record has it."""
    (found,) = site.market.rows(select(Trip.vehicle_id).where(Trip.manifest_id == load))
    assert isinstance(found, UUID)
    return found


def mark_in(text: str) -> str:
    """Return the name of the day that a page was made for."""
    found = re.search(r'name="mark" value="([0-9a-f]+)"', text)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("who", ["producer", "processor", "inspector", "operator"])
@pytest.mark.parametrize(
    "path",
    [
        "/dispatch",
        "/dispatch/cost",
        "/dispatch/solve",
        "/dispatch/way-out",
        "/dispatch/costs",
        "/dispatch/cleaning",
    ],
)
def test_the_desk_is_the_dispatchers(site: Site, who: str, path: str) -> None:
    """A rival or a customer would read where a carrier's vehicles go."""
    site.visitor(who).get(path, status=403)


def test_a_driver_has_no_desk(site: Site) -> None:
    """A driver would move loads between colleagues."""
    site.visitor(site.market.drivers[0]).get("/dispatch", status=403)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_empty_day_says_how_it_fills(site: Site, language: str) -> None:
    """A new dispatcher would look at an empty page and wonder."""
    text = site.visitor("carrier", language).get("/dispatch")
    assert ("producer agrees a deal" in text) is (language == "en")
    assert "plan-gantt" in text


def test_every_stop_is_in_the_table(site: Site, loads: list[UUID]) -> None:
    """Who cannot see the drawing would know less than the others."""
    text = site.visitor("carrier").get("/dispatch")
    drawn = json.loads(text.split('id="plan-data">')[1].split("</script>")[0])
    assert sum(len(tour["stops"]) for tour in drawn["tours"]) == 6
    assert len(re.findall(r'<th scope="row">\s*pick-up', text)) == len(loads)
    for words in ("arrives", "waits", "on board", "slack", "at the wheel", "estimates"):
        assert words in text
    assert all(f"/manifests/{load}" in text for load in loads)


def test_a_move_shows_its_cost_is_accepted_and_taken_back(site: Site, loads: list[UUID]) -> None:
    """A dispatcher without a mouse could not do the day's work."""
    visitor, load = site.visitor("carrier"), loads[1]
    before, to = vehicle_of(site, load), vehicle_of(site, loads[0])
    path = f"/dispatch?load={load}&to={to}"
    text = visitor.get(path)
    assert "Who changes" in text
    assert vehicle_of(site, load) == before, "looking changes nothing"
    fields = {"mark": mark_in(text), "moves": f"{load}:{to}", "solve": ""}
    assert visitor.sent_to("/dispatch/accept", **fields) == "/dispatch"
    assert vehicle_of(site, load) == to
    plan_id = str(site.market.rows(select(Plan.id))[0])
    assert "You can take it back" in visitor.get("/dispatch")
    assert visitor.sent_to("/dispatch/undo", plan=plan_id) == "/dispatch"
    assert vehicle_of(site, load) == before


def test_a_change_of_yesterdays_day_comes_back_with_its_reason(site: Site, loads: list[UUID]) -> None:
    """Two dispatchers would overwrite each other without a word."""
    visitor = site.visitor("carrier")
    load, to = loads[1], vehicle_of(site, loads[0])
    fields = {"mark": "0" * 16, "moves": f"{load}:{to}", "solve": ""}
    assert visitor.sent_to("/dispatch/accept", **fields) == "/dispatch"
    assert "The day has moved on" in visitor.get("/dispatch")


def test_a_strange_move_comes_back_with_its_reason(site: Site, loads: list[UUID]) -> None:
    """What somebody typed would become another address, or a header that no server can send."""
    visitor = site.visitor("carrier")
    mark = mark_in(visitor.get(f"/dispatch?move={loads[1]}:{vehicle_of(site, loads[0])}"))
    assert visitor.sent_to("/dispatch/accept", mark=mark, moves="装\r\nX: y&solve=1", solve="") == "/dispatch"
    assert Asked(("装\r\nX: y&solve=1",)).query() == "move=%E8%A3%85%0D%0AX:%20y%26solve%3D1"
    where = visitor.sent_to("/dispatch/locks", kind="load", id=str(loads[0]), locked="true", next="装")
    assert where == "/dispatch"


@pytest.mark.parametrize(
    "query", ["move=x", "move=a:b", "load={load}&to={load}", "solve=00000000-0000-7000-8000-000000000000"]
)
def test_an_address_that_names_nothing_is_told_so(site: Site, loads: list[UUID], query: str) -> None:
    """A stale bookmark would end in a fault."""
    visitor = site.visitor("carrier")
    text = visitor.get(f"/dispatch?{query.format(load=loads[0])}")
    assert 'role="alert"' in text
    assert "plan-gantt" in text


def test_the_cost_is_told_before_anything_stays(site: Site, loads: list[UUID]) -> None:
    """A dispatcher would have to drop a load to learn what that costs."""
    visitor, to = site.visitor("carrier"), vehicle_of(site, loads[0])
    told = json.loads(visitor.get(f"/dispatch/cost?move={loads[1]}:{to}"))
    assert told["fits"] is True
    assert told["fen"] < 0
    assert "saves ¥" in told["words"]
    visitor.get("/dispatch/cost", status=422)


def test_a_load_that_comes_too_late_says_why_and_what_would_help(site: Site, loads: list[UUID]) -> None:
    """A dispatcher would be told no, and left alone with it."""
    site.market.forward(hours=8, minutes=1)
    visitor = site.visitor("carrier")
    text = visitor.get("/dispatch")
    assert "(402)" in text
    assert f"/dispatch/way-out?load={loads[0]}" in text
    ask = f"/dispatch/way-out?load={loads[0]}"
    asked_by_itself = re.findall(r'hx-trigger="load[^"]*"', text)
    assert asked_by_itself == [], "it takes seconds: it is worked out for who asks"
    part = visitor.client.get(ask, headers={"hx-request": "true"})
    assert "15 minutes wider" in part.text
    assert visitor.client.get(ask, follow_redirects=False).headers["location"] == "/dispatch"
    assert "15 minutes wider" in visitor.get("/dispatch")
    visitor.get(f"/dispatch/way-out?load={loads[1]}", status=404)
    visitor.get("/dispatch/way-out", status=422)


def test_a_locked_load_cannot_be_moved_until_it_is_unlocked(site: Site, loads: list[UUID]) -> None:
    """A lock that does not hold is a broken promise."""
    visitor, load, to = site.visitor("carrier"), loads[1], vehicle_of(site, loads[0])
    lock = {"kind": "load", "id": str(load), "next": ""}
    visitor.sent_to("/dispatch/locks", locked="true", **lock)
    text = visitor.get(f"/dispatch?load={load}&to={to}")
    assert "This cannot be driven" in text
    assert 'action="/dispatch/accept"' not in text
    visitor.sent_to("/dispatch/locks", locked="false", **lock)
    assert 'action="/dispatch/accept"' in visitor.get(f"/dispatch?load={load}&to={to}")


def test_a_load_is_marked_urgent_and_back(site: Site, loads: list[UUID]) -> None:
    """A dispatcher could not say which load must not wait, or not take it back."""
    visitor, load = site.visitor("carrier"), loads[1]
    query = f"move={load}:{vehicle_of(site, loads[0])}"
    for level in ("urgent", "soon", "ordinary"):
        answer = visitor.post("/dispatch/urgency", id=str(load), level=level, next=query)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/dispatch?{query}")
        text = visitor.get("/dispatch")
        pressed = re.findall(r'value="(\w+)"\s+aria-pressed="true">', text)
        assert sorted(pressed) == sorted(["ordinary", "ordinary", level])
    assert visitor.sent_to("/dispatch/urgency", id=str(load), level="soon", next="装") == "/dispatch"
    strange = visitor.sent_to("/dispatch/urgency", id=str(vehicle_of(site, load)), level="soon", next="")
    assert strange == "/dispatch"
    assert "notice--warn" in visitor.get("/dispatch")
    assert visitor.post("/dispatch/urgency", id=str(load), level="at once").status_code == 400


@pytest.mark.parametrize("who", ["producer", "processor", "inspector", "operator"])
def test_nobody_else_marks_on_the_desk(site: Site, loads: list[UUID], who: str) -> None:
    """A customer would put the own load first."""
    answer = site.visitor(who).post("/dispatch/urgency", id=str(loads[0]), level="urgent", next="")
    assert answer.status_code == 403


def test_a_carrier_states_its_costs_and_what_was_typed_wrong_comes_back(
    site: Site, loads: list[UUID]
) -> None:
    """A dispatcher would plan by figures that are somebody else's, or lose what was typed."""
    visitor = site.visitor("carrier")
    text = visitor.get("/dispatch/costs")
    assert 'value="3.2"' in text
    assert "Assumed until you state it: 600." in text
    figures = {"fixed_fen": "500", "per_km_fen": "x", "per_hour_fen": "0.001", "stop_minutes": "30"}
    answer = visitor.post("/dispatch/costs", **figures)
    assert answer.status_code == 422
    assert answer.text.count('aria-invalid="true"') == 2
    assert 'value="x"' in answer.text
    stated = figures | {"per_km_fen": "4.50", "per_hour_fen": "40"}
    assert visitor.sent_to("/dispatch/costs", **stated) == "/dispatch"
    assert 'value="4.5"' in visitor.get("/dispatch/costs")


def solved(site: Site, visitor: Visitor) -> UUID:
    """Ask for a plan and let a solver work it out."""
    visitor.sent_to("/dispatch/solves", seconds="2", change_fen="0")
    engines.warm_up()
    solver = Solver(site.market.engine, site.market.now)
    try:
        assert solver.step(threading.Event())
    finally:
        solver.calculator.end()
    (found,) = site.market.rows(select(Solve.id))
    assert isinstance(found, UUID)
    return found


@pytest.mark.timeout(300)
def test_a_new_plan_is_searched_shown_beside_the_old_and_accepted(site: Site, loads: list[UUID]) -> None:
    """The dispatcher's search would lead nowhere."""
    visitor = site.visitor("carrier")
    visitor.sent_to("/dispatch/solves", seconds="2", change_fen="0")
    going = visitor.get("/dispatch")
    assert "Waiting for a free solver" in going
    assert "/cancel" in visitor.get("/dispatch/solve")
    solve_id = str(site.market.rows(select(Solve.id))[0])
    assert visitor.sent_to(f"/dispatch/solves/{solve_id}/cancel") == "/dispatch"
    with site.market.work() as work:
        work.session.delete(work.session.get_one(Solve, UUID(solve_id)))
    found = solved(site, visitor)
    answer = visitor.client.get("/dispatch/solve", headers={"hx-request": "true"})
    assert answer.headers["hx-redirect"] == f"/dispatch?solve={found}"
    assert "Look at it" in visitor.get("/dispatch")
    text = visitor.get(f"/dispatch?solve={found}")
    assert "Who changes" in text
    visitor.sent_to("/dispatch/accept", mark=mark_in(text), moves="", solve=str(found))
    assert len({vehicle_of(site, load) for load in loads}) == 2, "two vehicles are enough"
    assert "Look at it" not in visitor.get("/dispatch")
