"""May each role do over HTTP what it may and nothing else, with solves and with plans?"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import Any
from uuid import UUID

import httpx
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import Engine, select

from compliance.record.database import transaction
from compliance.record.who import Who
from compliance.registry.rules import OrganisationKind
from marketplace.accounts import service as accounts
from marketplace.accounts.tables import Account
from marketplace.plans import engine
from marketplace.solves import service as solves
from marketplace.solves.rules import Limits
from tests.factories import parties
from tests.factories.dispatch import open_day
from tests.factories.site import Site, hashed
from tracking.trips.tables import Trip

ROLES = ("producer", "processor", "carrier", "driver", "inspector", "operator", "rival")


@dataclass
class Door:
    """The API with a token for a person of every role, and for a dispatcher of another carrier."""

    site: Site
    loads: list[UUID]
    people: dict[str, Who] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    keys: Any = field(default_factory=count)

    def __post_init__(self) -> None:
        market = self.site.market
        named = {name: market.parties[name].who for name in ROLES if name in market.parties}
        with market.work() as work:
            other = parties.organisation(work, OrganisationKind.CARRIER).id
            rival = parties.as_who(parties.person(work, other, *market.parties["carrier"].who.roles))
        self.people = named | {"driver": market.drivers[0], "rival": rival}
        with transaction(market.engine) as session:
            for name, who in self.people.items():
                assert who.person_id is not None
                session.add(
                    Account(person_id=who.person_id, login=f"w-{name}", password_hash=hashed(), failures=0)
                )
                session.flush()
                self.tokens[name] = accounts.issue_token(session, who.person_id, "test", market.at)[1]
        self.client: TestClient[Litestar] = TestClient(self.site.app, raise_server_exceptions=True)

    def get(self, who: str, path: str) -> httpx.Response:
        """Read as somebody."""
        return self.client.get(f"/api/v1{path}", headers=self._token(who))

    def post(self, who: str, path: str, said: object = None) -> httpx.Response:
        """Do something as somebody, with a fresh key."""
        headers = self._token(who) | {"idempotency-key": f"k{next(self.keys)}"}
        return self.client.post(f"/api/v1{path}", json=said if said is not None else {}, headers=headers)

    def _token(self, who: str) -> dict[str, str]:
        return {"authorization": f"Bearer {self.tokens[who]}", "accept-language": "en"}

    def vehicle_of(self, load: UUID) -> UUID:
        """Return a load's vehicle as the record has it."""
        (found,) = self.site.market.rows(select(Trip.vehicle_id).where(Trip.manifest_id == load))
        assert isinstance(found, UUID)
        return found

    def move(self) -> str:
        """Return a move of a load to the vehicle that has hours for it."""
        near = self.site.market.vehicles[0]
        load = next(one for one in self.loads if self.vehicle_of(one) != near)
        return f"{load}:{near}"


@pytest.fixture
def door(sqlite_engine: Engine) -> Door:
    """The API with a day to plan; what it asks of the database is asked of both beneath it."""
    market, loads = open_day(sqlite_engine)
    return Door(Site(market), loads)


def statuses(door: Door, method: str, path: str, said: object = None) -> dict[str, int]:
    """Return what each role is answered."""
    if method == "get":
        return {who: door.get(who, path).status_code for who in ROLES}
    return {who: door.post(who, path, said).status_code for who in ROLES}


def only(status: int, *names: str) -> dict[str, int]:
    """Return that these roles get a status and all others are refused."""
    return {who: status if who in names else 403 for who in ROLES}


def test_a_days_board_is_for_dispatchers_of_that_carrier(door: Door) -> None:
    """A rival would read where the vehicles go and what that costs."""
    assert statuses(door, "get", "/plans/board") == only(200, "carrier", "rival")
    assert len(door.get("carrier", "/plans/board").json()["loads"]) == len(door.loads)
    assert door.get("rival", "/plans/board").json()["loads"] == []
    assert statuses(door, "get", f"/plans/proposal?move={door.move()}") == only(200, "carrier", "rival") | {
        "rival": 422
    }


def test_what_would_help_a_late_load_is_told(door: Door) -> None:
    """A program would show a refusal without its way out."""
    door.site.market.forward(hours=8, minutes=1)
    (out,) = door.get("carrier", "/plans/board").json()["plan"]["unserved"]
    assert (out["number"], out["load_id"]) == (402, str(door.loads[0]))
    asked = statuses(door, "get", f"/plans/way-out?load={out['load_id']}")
    assert asked == only(200, "carrier") | {"rival": 404}
    told = door.get("carrier", f"/plans/way-out?load={out['load_id']}").json()
    assert told["step"] == "widen_pickup"


def test_costs_are_stated_by_dispatchers_and_receiving_by_processors(door: Door) -> None:
    """A rival would read what a carrier's kilometre costs, or close a plant's gate."""
    figures = {"fixed_fen": 50_000, "per_km_fen": 450, "per_hour_fen": 4_000, "stop_minutes": 20}
    assert statuses(door, "post", "/plans/costs", figures) == only(200, "carrier", "rival")
    assert statuses(door, "get", "/plans/costs") == only(200, "carrier", "rival")
    assert door.get("carrier", "/plans/costs").json() == figures
    assert door.post("carrier", "/plans/costs", figures | {"per_km_fen": -1}).status_code == 400
    place = door.get("carrier", "/plans/board").json()["loads"][0]
    (site,) = door.get("processor", "/sites").json()["items"]
    path, hours = f"/sites/{site['id']}/receiving", {"opens": "08:00:00", "closes": "18:00:00", "docks": 2}
    assert statuses(door, "post", path, hours) == only(200, "processor")
    assert door.post("processor", path, hours | {"closes": "07:00:00"}).json()["field"] == "closes"
    told = door.get("carrier", "/plans/board").json()["loads"][0]
    assert place["destination"]["docks"] is None
    assert {name: told["destination"][name] for name in hours} == hours


def test_each_kind_of_solve_is_asked_for_by_its_role_alone(door: Door) -> None:
    """A producer would clear the market, or an operator plan a carrier's day."""
    assert statuses(door, "post", "/solves", {"kind": "plan_day"}) == only(201, "carrier", "rival")
    assert statuses(door, "post", "/solves", {"kind": "clear_market"}) == only(201, "operator")
    weighed = {"kind": "trade_offs", "goals": ["lots"], "steps": 3}
    assert statuses(door, "post", "/solves", weighed) == only(201, "operator")
    assert door.post("operator", "/solves", weighed | {"steps": 99}).status_code == 400


def test_a_solve_is_seen_and_stopped_by_its_own_side(door: Door) -> None:
    """A rival would read a carrier's plan, or stop it."""
    mine = door.post("carrier", "/solves", {"kind": "plan_day", "iterations": 100}).json()["id"]
    market = door.post("operator", "/solves", {"kind": "clear_market"}).json()["id"]
    seen = statuses(door, "get", f"/solves/{mine}")
    assert seen == only(200, "carrier", "inspector", "operator") | {"rival": 404}
    assert statuses(door, "get", f"/solves/{market}") == only(200, "inspector", "operator") | {
        "carrier": 404,
        "rival": 404,
    }
    listed = {who: len(door.get(who, "/solves").json()["items"]) for who in ("carrier", "rival", "operator")}
    assert listed == {"carrier": 1, "rival": 0, "operator": 2}
    stopped = statuses(door, "post", f"/solves/{mine}/cancel")
    assert stopped == only(200, "carrier") | {"rival": 404}
    assert door.get("carrier", f"/solves/{mine}").json()["solve"]["state"] == "cancelled"
    assert door.post("carrier", f"/solves/{mine}/cancel").json()["code"] == "solve_over"


def test_the_same_question_asked_twice_is_one_solve(door: Door) -> None:
    """A retry over a bad line would fill the queue."""
    headers = door._token("carrier") | {"idempotency-key": "again"}
    answers = [
        door.client.post("/api/v1/solves", json={"kind": "plan_day"}, headers=headers) for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    assert answers[1].headers["idempotent-replayed"] == "true"


@pytest.mark.parametrize(
    "said", [{"kind": "plan_day", "seconds": 601}, {"kind": "plan_day", "seed": -1}, {"kind": "all"}]
)
def test_a_question_that_cannot_be_answered_is_refused(door: Door, said: dict[str, object]) -> None:
    """A search without an end would hold a solver for a day."""
    answer = door.post("carrier", "/solves", said)
    assert answer.status_code in {400, 422}
    assert answer.headers["content-type"].startswith("application/problem+json")


def test_a_plan_is_tried_accepted_listed_and_taken_back(door: Door) -> None:
    """A program could not do what the page does."""
    move = door.move()
    load = UUID(move.split(":")[0])
    before = door.vehicle_of(load)
    tried = door.get("carrier", f"/plans/proposal?move={move}").json()
    assert tried["saved_fen"] > 0
    assert [one["load_id"] for one in tried["changes"] if one["from_vehicle"] != one["to_vehicle"]] == [
        str(load)
    ]
    said = {"mark": tried["mark"], "moves": [move]}
    assert statuses(door, "post", "/plans", said) == only(201, "carrier") | {"rival": 422}
    assert str(door.vehicle_of(load)) == move.split(":")[1]
    (row,) = door.get("carrier", "/plans").json()["items"]
    assert row["figures"]["before"]["total"] - row["figures"]["after"]["total"] == tried["saved_fen"]
    assert door.get("rival", "/plans").json()["items"] == []
    undone = statuses(door, "post", f"/plans/{row['id']}/undo")
    assert undone == only(200, "carrier") | {"rival": 404}
    assert door.vehicle_of(load) == before


def test_a_stale_day_is_refused_over_http(door: Door) -> None:
    """Two programs would overwrite each other."""
    answer = door.post("carrier", "/plans", {"mark": "0" * 16, "moves": [door.move()]})
    assert (answer.status_code, answer.json()["code"]) == (409, "day_moved")


def test_locks_are_the_carriers_own(door: Door) -> None:
    """A rival would freeze a carrier's day."""
    said = {"kind": "load", "id": str(door.loads[0]), "locked": True}
    assert statuses(door, "post", "/plans/locks", said) == only(200, "carrier") | {"rival": 404}
    (locked,) = (one for one in door.get("carrier", "/plans/board").json()["loads"] if one["locked"])
    assert locked["id"] == str(door.loads[0])


def test_urgency_is_the_carriers_own(door: Door) -> None:
    """A rival would push a load aside, or a producer read how urgent the carrier takes it."""
    said = {"id": str(door.loads[0]), "level": "urgent"}
    stale = door.get("carrier", "/plans/board").json()["mark"]
    assert statuses(door, "post", "/plans/urgency", said) == only(200, "carrier") | {"rival": 404}
    levels = {one["id"]: one["urgency"] for one in door.get("carrier", "/plans/board").json()["loads"]}
    assert levels == {str(load): "ordinary" for load in door.loads} | {said["id"]: "urgent"}
    answer = door.post("carrier", "/plans", {"mark": stale, "moves": [door.move()]})
    assert (answer.status_code, answer.json()["code"]) == (409, "day_moved")
    assert door.post("carrier", "/plans/urgency", said | {"level": "at once"}).status_code == 400


def test_cleaning_is_the_carriers_own(door: Door) -> None:
    """A rival would read a carrier's rules, or a producer call a tank clean."""
    place = {"name": "yard", "lat": None, "lon": None, "minutes": 20, "fee_fen": 30_000}
    said = {"rules": [{"after": "hw08", "before": "HW08"}], "places": [place]}
    assert statuses(door, "post", "/plans/cleaning", said) == only(200, "carrier", "rival")
    assert statuses(door, "get", "/plans/cleaning") == only(200, "carrier", "rival")
    told = door.get("carrier", "/plans/cleaning").json()
    assert (told["rules"], told["places"]) == ([{"after": "HW08", "before": "HW08"}], [place])
    assert [(one["carried"], one["cleaned_at"]) for one in told["vehicles"]] == [([], None)] * 3
    assert door.get("rival", "/plans/cleaning").json()["vehicles"] == []
    proposal = door.get("carrier", f"/plans/proposal?move={door.move()}").json()["plan"]
    (washed,) = (stop for tour in proposal["tours"] for stop in tour["stops"] if stop["act"] == "cleaning")
    assert (washed["place"]["name"], washed["fee_fen"]) == ("yard", 30_000)
    assert proposal["fen"]["cleaning"] == 30_000
    wrong = door.post("carrier", "/plans/cleaning", said | {"rules": [{"after": "HW51"}]})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "after")
    assert (
        door.post("carrier", "/plans/cleaning", said | {"places": [place | {"minutes": -1}]}).status_code
        == 400
    )


def test_a_cleaning_is_recorded_by_the_crew_and_taken_back_by_the_dispatcher(door: Door) -> None:
    """A rival would call a tank clean, or a driver undo what the dispatcher recorded."""
    said = {"vehicle_id": str(door.site.market.vehicles[0]), "note": "certificate 12"}
    recorded = statuses(door, "post", "/plans/cleaning/done", said)
    assert recorded == only(201, "carrier", "driver") | {"rival": 404}
    (last,) = (one for one in door.get("carrier", "/plans/cleaning").json()["vehicles"] if one["cleaned_at"])
    assert (last["vehicle_id"], last["note"]) == (said["vehicle_id"], "certificate 12")
    path = f"/plans/cleaning/done/{last['cleaning_id']}/undo"
    assert door.post("rival", path).status_code == 404
    undone = statuses(door, "post", path)
    assert undone == only(200, "carrier") | {"rival": 404}


@pytest.mark.usefixtures("compiled")
def test_a_solves_answer_becomes_the_plan(door: Door) -> None:
    """What was searched for could be looked at and never be accepted."""
    market = door.site.market
    solve_id = UUID(door.post("carrier", "/solves", {"kind": "plan_day"}).json()["id"])
    assert door.get("carrier", f"/plans/proposal?solve={solve_id}").json()["code"] == "no_answer"
    with transaction(market.engine) as session:
        row = solves.take_up(session, "test", market.at, 0.0)
        assert row is not None
        found = engine.answer(row.problem, Limits(), lambda _: None, lambda: False)
        solves.finish(session, solve_id, "test", found, market.at)
    tried = door.get("carrier", f"/plans/proposal?solve={solve_id}").json()
    assert tried["vehicles_more"] == -1
    accepted = door.post("carrier", "/plans", {"mark": tried["mark"], "solve": str(solve_id)})
    assert (accepted.status_code, accepted.json()["solve_id"]) == (201, str(solve_id))
    assert len({door.vehicle_of(load) for load in door.loads}) == 2
