"""Is what speaks against a company added up openly, and kept from a number where little is known?"""

from __future__ import annotations

from datetime import date

from compliance.deadlines.rules import Kind as Clock
from compliance.deadlines.rules import State
from compliance.deadlines.tables import Deadline
from compliance.record.who import SYSTEM
from marketplace.parties.risk import LEAST_LOADS, Part, Risk, weighed
from tests.factories.site import Site
from tests.marketplace.parties.knocking import Door
from tracking.alerts import service as alerts
from tracking.alerts.kinds import Kind
from tracking.alerts.rules import Subjects

SHEETS = {
    "taken": ("Taken without a licence", "L1"),
    "late": ("Late", "M11.confirm_in_time"),
    "scale": ("A jump", "telemetry 3.2"),
    "driver": ("No certificate", "L9"),
}
SINCE, BEFORE = date(2026, 8, 15), date(2026, 8, 14)


def test_each_sign_weighs_the_least_fine_of_its_rule() -> None:
    """A missing label would weigh as much as waste without a licence, or an unknown sum be made up."""
    parts = {one.key: one for one in weighed({"taken": 2, "late": 3, "scale": 5, "driver": 1}, SHEETS, SINCE)}
    assert {key: (one.least_yuan, one.points) for key, one in parts.items()} == {
        "taken": (200_000, 40),
        "late": (50_000, 15),
        "scale": (None, 0),
        "driver": (None, 0),
    }
    assert Risk(LEAST_LOADS, tuple(parts.values())).score == 55


def test_with_too_little_record_there_is_no_number() -> None:
    """A company with one load would stand before one with a thousand, for one sign."""
    part = Part("taken", "Taken without a licence", "L1", 1, 200_000)
    assert Risk(LEAST_LOADS - 1, (part,)).score is None
    assert Risk(LEAST_LOADS, ()).score == 0


def test_no_fine_of_the_code_weighs_on_a_day_before_it() -> None:
    """An act of 14 August would be measured by the Code of the 15th."""
    assert [one.points for one in weighed({"taken": 1}, SHEETS, BEFORE)] == [0]


def test_a_company_is_added_up_for_who_oversees_alone(door: Door) -> None:
    """A company would read which signs the inspectors follow, or an inspector a bare number."""
    site: Site = door.site
    market = site.market
    deal = market.agree()
    row, processor = market.manifest(deal), market.parties["processor"]
    with market.work(SYSTEM) as work:
        about = Subjects(site_id=row.destination_site_id, manifest_id=row.id)
        alerts.raise_alert(work, Kind.QUOTA_EXCEEDED, about, market.at, evidence={})
        late = {"due_on": work.today, "counted_from": work.today, "changed_at": work.now}
        for kind in (Clock.CONFIRM, Clock.X_NOTICE):
            work.session.add(
                Deadline(
                    id=work.new_id(),
                    kind=kind.value,
                    subject_id=row.id,
                    organisation_id=processor.id,
                    label="1",
                    provisional=False,
                    state=State.OVERDUE.value,
                    **late,
                )
            )
    path = f"/parties/{processor.id}/risk"
    told = door.get(market.parties["inspector"].who, path).json()
    assert (told["score"], told["loads"]) == (None, 1)
    parts = {one["key"]: (one["count"], one["points"]) for one in told["parts"]}
    assert parts == {"quota_exceeded": (1, 20), "confirm": (1, 5)}
    assert door.get(processor.who, path).status_code == 403
    page = site.visitor("inspector").get(path)
    assert "too little record" in page
    assert "Licence exceeded by more than a fifth" in page
    assert f'hx-get="{path}"' in site.visitor("inspector").get(f"/parties/{processor.id}")
    site.visitor("processor").get(path, status=403)
