"""How does an authority take home what it makes public of a year?"""

from __future__ import annotations

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.types import ControllerRouterHandler

from compliance.oversight import queries
from compliance.oversight.disclosure import disclosed
from compliance.record.errors import N_
from compliance.record.who import Role
from compliance.registry import queries as registry
from marketplace.edge.api.documents import YearWanted
from marketplace.edge.door import Door
from marketplace.edge.guards import requires
from marketplace.edge.identity import Visit
from marketplace.edge.pages import reader
from marketplace.web.sheets import csv_file
from marketplace.web.translation import translate

HEAD = (
    N_("Year"),
    N_("Organisation"),
    N_("USCC"),
    N_("Division"),
    N_("Waste code"),
    N_("Hazardous"),
    N_("Handed over, kg"),
    N_("Taken in, kg"),
    N_("Treated, kg"),
    N_("Loads"),
    N_("Simulated"),
)


@get(
    "/disclosure.csv",
    guards=[requires(Role.INSPECTOR, Role.OPERATOR)],
    sync_to_thread=True,
    include_in_schema=False,
)
def disclosure_csv(request: Visit, door: NamedDependency[Door], year: YearWanted) -> Response[bytes]:
    """Return what every company handed over, took in and treated in a year, by waste code."""
    language = reader(request)
    with door.reading(request) as work:
        rows = disclosed(queries.loads(work.session, work.who, year), year)
        owners = registry.organisations(work.session, {one.organisation for one in rows})
    yes, no = translate(language, N_("yes")), translate(language, N_("no"))
    told = [
        [
            year,
            owners[one.organisation].name,
            owners[one.organisation].uscc,
            owners[one.organisation].division_code,
            one.code,
            yes if one.hazardous else no,
            one.handed_over_kg,
            one.taken_in_kg,
            one.treated_kg,
            one.loads,
            yes if owners[one.organisation].simulated else no,
        ]
        for one in rows
    ]
    return csv_file(f"disclosure-{year}.csv", [translate(language, word) for word in HEAD], told)


ROUTES: list[ControllerRouterHandler] = [disclosure_csv]
