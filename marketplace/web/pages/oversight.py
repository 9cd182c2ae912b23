"""What is on the road right now, and on which paper does it travel?"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from uuid import UUID

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from compliance.manifests import queries as manifests
from compliance.manifests.tables import Manifest
from compliance.record.errors import NotFound
from compliance.record.who import Role
from compliance.record.work import Work
from compliance.registry import queries as registry
from compliance.registry.tables import Organisation, Site
from marketplace.edge.door import Door
from marketplace.edge.guards import requires, signed_in
from marketplace.edge.identity import Visit
from marketplace.edge.pages import page, reader
from marketplace.oversight.filters import matching, with_such_alerts
from marketplace.web.pages import custody, manifest_list, market
from marketplace.web.pages.custody import Custody
from marketplace.web.pages.manifest_list import ALL, OPEN, Asked, Listing
from marketplace.web.pages.network import network
from tracking import live
from tracking.alerts import queries as alerts
from tracking.fleet import queries as fleet
from tracking.fleet.rules import plate_key
from tracking.fleet.tables import Vehicle
from tracking.live import LiveRow

VEHICLES = "vehicles"
GEOJSON = "application/geo+json"


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside the map: manifests by state, or every vehicle; `seen` names this very content."""

    shows: str
    listing: Listing
    vehicles: tuple[LiveRow, ...]
    by_vehicle: dict[UUID, LiveRow]
    selected: str
    seen: str
    shown: tuple[UUID, ...] | None = None
    """Which vehicles the map keeps while the list is narrowed; None: all."""

    @property
    def vehicle_count(self) -> int:
        """Return how many vehicles the map shows."""
        return len(self.by_vehicle) if self.shown is None else len(self.shown)


class Oversight(Controller):
    """The inspector's map and table."""

    path = "/map"
    include_in_schema = False
    guards = (requires(Role.INSPECTOR, Role.OPERATOR),)

    @get("/", sync_to_thread=True)
    def shown(self, request: Visit, door: NamedDependency[Door]) -> Response[str]:
        """Show the live map, the table beside it and, when one is chosen, a manifest's chain of custody."""
        with door.reading(request) as work:
            found = beside(work, request)
            return page(
                request,
                "oversight/map.html",
                beside=found,
                custody=chosen(work, found.selected),
            )

    @get("/table", sync_to_thread=True)
    def table(self, request: Visit, door: NamedDependency[Door]) -> Response[str]:
        """Return the table as it now stands; 204 when it is what the reader has already."""
        with door.reading(request) as work:
            found = beside(work, request)
            if request.query_params.get("seen") == found.seen:
                return Response("", status_code=204)
            return page(request, "oversight/table.html", beside=found)

    @get("/vehicles/{vehicle_id:uuid}", sync_to_thread=True)
    def vehicle(
        self, request: Visit, door: NamedDependency[Door], vehicle_id: FromPath[UUID]
    ) -> Response[str]:
        """Show one vehicle: where it is, whose it is, and the load it carries if any."""
        with door.reading(request) as work:
            row = fleet.vehicle(work.session, vehicle_id, work.who)
            carrier = registry.organisation(work.session, row.carrier_id)
            last = next((one for one in live.snapshot(work.session, work.who) if _is(one, row)), None)
            template = "vehicle.html" if "hx-request" in request.headers else "vehicle_page.html"
            return page(request, f"oversight/{template}", row=row, carrier=carrier, last=last)


@get("/map/network.json", guards=[signed_in], sync_to_thread=False, include_in_schema=False)
def network_json(request: Visit) -> Response[dict[str, object]]:
    """Return the schematic roads, rivers and towns under every map."""
    return Response(
        network(reader(request)), media_type=GEOJSON, headers={"Cache-Control": "private, max-age=600"}
    )


@get("/map/sites.json", guards=[signed_in], sync_to_thread=True, include_in_schema=False)
def sites_json(request: Visit, door: NamedDependency[Door]) -> Response[dict[str, object]]:
    """Return the sites a person may see as GeoJSON; with `manifest`, the two ends of that manifest."""
    with door.reading(request) as work:
        wanted = request.query_params.get("manifest", "")
        rows = (
            ends(work, wanted)
            if wanted
            else {row.id: row for row in registry.sites_visible_to(work.session, work.who)}
        )
        owners = registry.organisations(work.session, {row.organisation_id for row in rows.values()})
        features = [site_feature(row, owners[row.organisation_id]) for row in rows.values()]
    return Response({"type": "FeatureCollection", "features": features}, media_type=GEOJSON)


def ends(work: Work, manifest_id: str) -> dict[UUID, Site]:
    """Return the two sites of a manifest that the person may see."""
    row = manifests.manifest(work.session, _key(manifest_id), work.who)
    return registry.sites(work.session, [row.origin_site_id, row.destination_site_id])


def site_feature(site: Site, owner: Organisation) -> dict[str, object]:
    """Return one site as a point of GeoJSON, under its owner's name."""
    return {
        "type": "Feature",
        "properties": {"id": str(site.id), "name": owner.name, "simulated": owner.simulated},
        "geometry": {"type": "Point", "coordinates": [site.location.x, site.location.y]},
    }


def beside(work: Work, request: Visit) -> Beside:
    """Gather what stands beside the map, as the page's address asks."""
    query = request.query_params
    rows = sorted(live.snapshot(work.session, work.who), key=lambda row: row["plate"])
    listing = manifest_list.listing(work.session, work.who, Asked.read(query))
    shows = VEHICLES if query.get("show") == VEHICLES else "manifests"
    by_vehicle = {row["vehicle_id"]: row for row in rows}
    selected = query.get("manifest", "")
    shown = kept_on_the_map(work, listing.asked, rows)
    kept = rows if shown is None else [row for row in rows if row["vehicle_id"] in set(shown)]
    vehicles = tuple(kept) if shows == VEHICLES else ()
    return Beside(
        shows,
        listing,
        vehicles,
        by_vehicle,
        selected,
        seen(listing, vehicles, by_vehicle, selected, shown),
        shown,
    )


def kept_on_the_map(work: Work, asked: Asked, rows: list[LiveRow]) -> tuple[UUID, ...] | None:
    """Return the vehicles that the filter keeps, as it does in the table; None: all of them.

    One that carries a load stays with its load. Where the filter says nothing of loads, a vehicle's own
    plate and its own alerts speak for it too, loaded or not.
    """
    of_loads = asked.division or asked.code or asked.state not in {OPEN, ALL}
    if not (of_loads or asked.text or asked.alert):
        return None
    by_manifest = {row["manifest_id"]: row["vehicle_id"] for row in rows if row["manifest_id"]}
    wanted = matching(work.who, asked.wanted).where(Manifest.id.in_(by_manifest))
    kept = {by_manifest[key] for key in work.session.scalars(wanted.with_only_columns(Manifest.id))}
    if not of_loads:
        kept |= _themselves(work, asked, rows)
    return tuple(row["vehicle_id"] for row in rows if row["vehicle_id"] in kept)


def _themselves(work: Work, asked: Asked, rows: list[LiveRow]) -> set[UUID]:
    """Return the vehicles whose own plate holds the words, and that have such alerts themselves."""
    words = plate_key(asked.text)
    found = {row["vehicle_id"] for row in rows if words in plate_key(row["plate"])}
    if asked.alert:
        found &= set(alerts.standing_by_vehicle(work.session, work.who, with_such_alerts(asked.alert)))
    return found


def seen(
    listing: Listing,
    vehicles: tuple[LiveRow, ...],
    by_vehicle: dict[UUID, LiveRow],
    selected: str,
    shown: tuple[UUID, ...] | None,
) -> str:
    """Return a short name of what a table shows, which changes with it."""
    told: list[object] = [listing.asked, listing.tabs, listing.next, selected, len(by_vehicle), shown]
    for line in listing.lines:
        told += [
            line.manifest.id,
            line.manifest.version,
            line.alerts,
            by_vehicle.get(line.manifest.vehicle_id),
        ]
    told += vehicles
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


def chosen(work: Work, manifest_id: str) -> Custody | None:
    """Return the chain of custody of the manifest that the address names, if it may be seen."""
    try:
        row = manifests.manifest(work.session, _key(manifest_id), work.who)
    except NotFound:
        return None
    return custody.of(work.session, row)


def _key(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("manifest", text) from None


def _is(row: LiveRow, vehicle: Vehicle) -> bool:
    return row["vehicle_id"] == vehicle.id


ROUTES: list[ControllerRouterHandler] = [Oversight, network_json, sites_json, *market.ROUTES]
