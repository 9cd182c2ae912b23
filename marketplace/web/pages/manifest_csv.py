"""How does a person take a filtered list of manifests home as a file?"""

from __future__ import annotations

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.types import ControllerRouterHandler

from compliance.manifests.tables import Manifest
from compliance.record.errors import N_
from compliance.record.who import Role
from marketplace.edge.door import Door
from marketplace.edge.guards import requires
from marketplace.edge.identity import Visit
from marketplace.edge.pages import reader
from marketplace.web.formats import format_word
from marketplace.web.pages.manifest_list import Asked, Line, dressed
from marketplace.web.sheets import csv_file
from marketplace.web.translation import Language, translate

MOST = 20_000
HEAD = (
    N_("Number"),
    N_("National number"),
    N_("State"),
    N_("Waste code"),
    N_("Waste"),
    N_("Mover"),
    N_("Carrier"),
    N_("Receiver"),
    N_("Plate"),
    N_("Planned, kg"),
    N_("Loaded, kg"),
    N_("Accepted, kg"),
    N_("Drawn up"),
    N_("Changed"),
    N_("Alerts"),
)
READERS = (Role.PRODUCER, Role.PROCESSOR, Role.DISPATCHER, Role.INSPECTOR, Role.OPERATOR)


@get("/manifests.csv", guards=[requires(*READERS)], sync_to_thread=True, include_in_schema=False)
def manifests_csv(request: Visit, door: NamedDependency[Door]) -> Response[bytes]:
    """Return what the same filter shows on the page, up to 20,000 manifests, the last changed first."""
    asked, language = Asked.read(request.query_params), reader(request)
    with door.reading(request) as work:
        statement = dressed(work.who, asked.wanted).order_by(Manifest.changed_at.desc(), Manifest.id.desc())
        found = [_row(Line(*row), language) for row in work.session.execute(statement.limit(MOST))]
    return csv_file("manifests.csv", [translate(language, word) for word in HEAD], found)


def _row(line: Line, language: Language) -> list[object]:
    row = line.manifest
    return [
        row.number,
        row.national_number,
        format_word(row.state, language),
        row.code,
        row.waste_name,
        line.mover,
        line.carrier,
        line.receiver,
        row.plate,
        row.planned_kg,
        row.loaded_kg,
        row.accepted_kg,
        row.created_at.isoformat(timespec="seconds"),
        row.changed_at.isoformat(timespec="seconds"),
        line.alerts,
    ]


ROUTES: list[ControllerRouterHandler] = [manifests_csv]
