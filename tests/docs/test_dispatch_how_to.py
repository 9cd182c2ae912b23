"""Do the calls that the dispatch guide shows work as they stand?"""

from __future__ import annotations

import json
import os
import subprocess
import threading
from pathlib import Path

import pytest
from sqlalchemy import Engine

from compliance.record.database import transaction
from marketplace.accounts import service as accounts
from marketplace.solves.process import Solver
from tests.docs.pages import blocks, with_curl
from tests.factories.dispatch import open_day
from tests.factories.site import Site
from tests.support.serving import served


@pytest.fixture
def site(sqlite_engine: Engine) -> Site:
    """The API on a day with three loads and three vehicles."""
    return Site(open_day(sqlite_engine)[0])


@pytest.mark.timeout(300)
def test_a_program_plans_a_day_as_the_guide_says(site: Site, tmp_path: Path) -> None:
    """A reader would type what the guide says and be refused."""
    market = site.market
    person_id = market.parties["carrier"].who.person_id
    assert person_id is not None
    site.visitor("carrier")
    with transaction(market.engine) as session:
        token = accounts.issue_token(session, person_id, "guide", market.at)[1]
    helper, *calls = blocks("dispatch.md", "sh")[-1].strip().splitlines()
    with served(site.app) as address:
        known = {"TOKEN": token, "URL": address, "PATH": with_curl(tmp_path / "bin")}

        def call(line: str) -> dict[str, object]:
            environment = os.environ | known
            script = ["sh", "-c", f"{helper}\n{line}"]
            done = subprocess.run(script, env=environment, capture_output=True, text=True, check=True)
            told = json.loads(done.stdout)
            assert isinstance(told, dict)
            return told

        board, costs, cleaning, cleaned, urgency, proposal, ask, look, accept = (
            line for line in calls if line
        )
        assert call(costs)["per_km_fen"] == 450
        loads = call(board)["loads"]
        assert isinstance(loads, list)
        known["LOAD"] = next(one["id"] for one in loads if one["vehicle_id"] != str(market.vehicles[0]))
        known["VEHICLE"] = str(market.vehicles[0])
        assert call(urgency)["level"] == "urgent"
        assert call(cleaning)["rules"] == [{"after": "HW08", "before": ""}]
        assert call(cleaned)["note"] == "certificate 12"
        known["MARK"] = str(call(proposal)["mark"])
        known["SOLVE"] = str(call(ask)["id"])
        solver = Solver(market.engine, market.now)
        assert solver.step(threading.Event())
        solver.calculator.end()
        assert call(look)["result"]
        assert call(accept)["solve_id"] == known["SOLVE"]
