"""Can a dispatcher state cleanings, see them on the board, and record one, all without scripts?"""

from __future__ import annotations

import json
import re
from uuid import UUID

import pytest
from sqlalchemy import Engine, select

from marketplace.plans.tables import CarrierCleaning, VehicleCleaning
from tests.factories.dispatch import open_day
from tests.factories.site import Site
from tracking.trips.tables import Trip

RULE = {"after": "HW08", "before": "HW08"}
PLACE = {"name": "Own yard", "lat": "", "lon": "", "minutes": "20", "fee_fen": "300"}


@pytest.fixture
def site(engine: Engine) -> Site:
    """The pages on a market whose carrier has three vehicles and three loads."""
    return Site(open_day(engine)[0])


def move(site: Site) -> str:
    """Return the move of a load to the vehicle that has hours for two."""
    near = site.market.vehicles[0]
    rows = site.market.rows(select(Trip).order_by(Trip.planned_at))
    return f"{next(row.manifest_id for row in rows if row.vehicle_id != near)}:{near}"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_rules_and_places_are_stated_and_dropped(site: Site, language: str) -> None:
    """A dispatcher could not say what a tank needs, or not take it back."""
    visitor = site.visitor("carrier", language)
    words = {"en": "No rule is stated", "zh": "未设规则"}[language]
    assert words in visitor.get("/dispatch/cleaning")
    assert visitor.sent_to("/dispatch/cleaning/rules", **RULE) == "/dispatch/cleaning"
    alone = visitor.get("/dispatch/cleaning")
    assert {"en": "No place is stated", "zh": "未设清洗点"}[language] in alone
    assert visitor.sent_to("/dispatch/cleaning/places", **PLACE) == "/dispatch/cleaning"
    both = visitor.get("/dispatch/cleaning")
    assert "Own yard" in both
    assert "¥300" in both
    visitor.sent_to("/dispatch/cleaning/rules/drop", **RULE)
    visitor.sent_to("/dispatch/cleaning/places/drop", name="Own yard")
    (row,) = site.market.rows(select(CarrierCleaning))
    assert (row.rules, row.places) == ([], [])


def test_what_was_typed_wrong_comes_back(site: Site) -> None:
    """A dispatcher would lose what was typed, and not learn which field is wrong."""
    visitor = site.visitor("carrier")
    answer = visitor.post("/dispatch/cleaning/rules", after="oil", before="HW08")
    assert answer.status_code == 422
    assert answer.text.count('aria-invalid="true"') == 1
    assert 'value="oil"' in answer.text
    assert "neither a waste code nor a category" in answer.text
    answer = visitor.post("/dispatch/cleaning/places", **(PLACE | {"minutes": "x", "fee_fen": "0.001"}))
    assert answer.text.count('aria-invalid="true"') == 2
    answer = visitor.post("/dispatch/cleaning/places", **(PLACE | {"lat": "30.6"}))
    assert 'id="lon-error"' in answer.text
    answer = visitor.post("/dispatch/cleaning/places", **(PLACE | {"lat": "114.3", "lon": "30.6"}))
    assert 'role="alert"' in answer.text
    assert site.market.rows(select(CarrierCleaning)) == []


def test_the_board_tells_a_moves_cleaning_and_shows_it(site: Site) -> None:
    """A dispatcher would drag a load to a dirty tank and learn of the wash from the bill."""
    visitor = site.visitor("carrier")
    visitor.sent_to("/dispatch/cleaning/rules", **RULE)
    visitor.sent_to("/dispatch/cleaning/places", **PLACE)
    told = json.loads(visitor.get(f"/dispatch/cost?move={move(site)}"))
    assert told["words"].endswith("; fees for cleaning ¥300.00 more")
    text = visitor.get(f"/dispatch?move={move(site)}")
    assert len(re.findall(r'<th scope="row">\s*cleaning', text)) == 1
    assert re.search(r"fees for cleaning</th>\s*<td[^>]*>¥0.00</td>\s*<td[^>]*>¥300.00</td>", text)
    drawn = json.loads(text.split('id="plan-data">')[1].split("</script>")[0])
    acts = [stop["act"] for tour in drawn["tours"] for stop in tour["stops"]]
    assert acts.count("cleaning") == 1


def test_a_cleaning_is_recorded_and_taken_back(site: Site) -> None:
    """A vehicle that was washed would be washed again in every plan."""
    visitor, vehicle = site.visitor("carrier"), site.market.vehicles[0]
    form = {"vehicle": str(vehicle), "note": "certificate 12"}
    assert visitor.sent_to("/dispatch/cleaning/done", **form) == "/dispatch/cleaning"
    text = visitor.get("/dispatch/cleaning")
    assert "certificate 12" in text
    (done,) = site.market.rows(select(VehicleCleaning.id))
    assert isinstance(done, UUID)
    assert visitor.sent_to(f"/dispatch/cleaning/done/{done}/undo") == "/dispatch/cleaning"
    assert site.market.rows(select(VehicleCleaning)) == []
    strange = {"vehicle": str(done), "note": ""}
    assert visitor.sent_to("/dispatch/cleaning/done", **strange) == "/dispatch/cleaning"
    assert "notice--warn" in visitor.get("/dispatch/cleaning")
    visitor.sent_to(f"/dispatch/cleaning/done/{done}/undo")
    assert "notice--warn" in visitor.get("/dispatch/cleaning")


@pytest.mark.parametrize("who", ["producer", "processor", "inspector", "operator"])
@pytest.mark.parametrize("path", ["rules", "rules/drop", "places", "places/drop", "done"])
def test_nobody_else_states_or_records(site: Site, who: str, path: str) -> None:
    """A customer would call a dirty tank clean."""
    vehicle = str(site.market.vehicles[0])
    answer = site.visitor(who).post(f"/dispatch/cleaning/{path}", vehicle=vehicle, **PLACE)
    assert answer.status_code == 403


def test_a_driver_has_no_page_of_rules(site: Site) -> None:
    """A driver would state what the carrier's tanks need."""
    site.visitor(site.market.drivers[0]).get("/dispatch/cleaning", status=403)
