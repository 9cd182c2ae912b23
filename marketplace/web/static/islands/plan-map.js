// Where do the vehicles go by the plan that stands in the page? <plan-map>
//
// <plan-map network-url center="lon,lat" zoom text-label text-nomap text-attribution legend-pickup legend-delivery
//   legend-vehicle>: lines from stop to stop in the colours of the rows above, pick-ups as rings, deliveries as discs.
// It stays while the rest of the page is renewed, and then draws the new #plan-data.

import * as maplibregl from "../vendor/maplibre-gl.mjs";
import { baseStyle, colour, FONTS, followTheme, make, pointFrom, sayNoMap } from "./basemap.js";
import { COLOURS, planData } from "./plan-gantt.js";

const EMPTY = { type: "FeatureCollection", features: [] };

class PlanMap extends HTMLElement {
  connectedCallback() {
    if (this.map) return;
    this.canvas = make("div", { className: "map-canvas" });
    this.replaceChildren(this.canvas, this.legend());
    document.addEventListener("htmx:afterSettle", this.renew = () => this.show(false));
    try {
      this.draw();
    } catch {
      sayNoMap(this);
    }
  }

  // A page that renews itself takes this element out and puts it back: only a real farewell ends the map.
  disconnectedCallback() {
    setTimeout(() => {
      if (this.isConnected) return;
      document.removeEventListener("htmx:afterSettle", this.renew);
      this.stopTheme?.();
      this.map?.remove();
      this.map = undefined;
    });
  }

  legend() {
    const list = make("ul", { className: "map-legend" });
    for (const kind of ["pickup", "delivery", "vehicle"]) {
      const sign = make("span", { className: `map-sign plan-sign--${kind}`, ariaHidden: "true" });
      list.append(make("li", {}, sign, this.getAttribute(`legend-${kind}`) || kind));
    }
    return list;
  }

  draw() {
    this.map = new maplibregl.Map({
      container: this.canvas,
      style: baseStyle(new URL("../vendor/basemap", import.meta.url).pathname, this.getAttribute("network-url")),
      center: pointFrom(this.getAttribute("center")), zoom: Number(this.getAttribute("zoom") || "7"),
      minZoom: 3, maxZoom: 16, dragRotate: false, pitchWithRotate: false, attributionControl: false,
      locale: { "Map.Title": this.getAttribute("text-label") || "Map" },
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.addControl(new maplibregl.NavigationControl({ showCompass: false }), "top-right");
    this.map.addControl(new maplibregl.AttributionControl({ customAttribution: this.getAttribute("text-attribution"), compact: true }));
    this.map.once("load", () => {
      for (const name of ["ways", "stops", "fleet"]) this.map.addSource(name, { type: "geojson", data: EMPTY });
      layers().forEach((layer) => this.map.addLayer(layer));
      this.stopTheme = followTheme(this.map, paints);
      this.ready = true;
      this.show(true);
      this.setAttribute("loaded", "");
    });
  }

  /** Draw the plan that stands in the page now; `fit` moves the map to it. */
  show(fit) {
    const data = planData();
    if (!this.ready || !data) return;
    const vehicles = new Map(data.vehicles.map((one) => [one.id, one]));
    const ways = [];
    const stops = [];
    const fleet = [];
    const bounds = new maplibregl.LngLatBounds();
    data.tours.forEach((tour, number) => {
      const vehicle = vehicles.get(tour.vehicle_id);
      const here = [vehicle.lon, vehicle.lat];
      const places = tour.stops.map((stop) => [stop.place.lon, stop.place.lat]);
      const look = number % COLOURS;
      fleet.push(point(here, { plate: vehicle.plate, look }));
      if (places.length) ways.push({ type: "Feature", properties: { look }, geometry: { type: "LineString", coordinates: [here, ...places] } });
      tour.stops.forEach((stop, order) => stops.push(point(places[order], { act: stop.act, name: stop.place.name, look })));
      [...(places.length ? [here] : []), ...places].forEach((place) => bounds.extend(place));
    });
    const put = (name, features) => this.map.getSource(name).setData({ type: "FeatureCollection", features });
    put("ways", ways);
    put("stops", stops);
    put("fleet", fleet);
    if (fit && !bounds.isEmpty()) this.map.fitBounds(bounds, { padding: 48, maxZoom: 11, duration: 0 });
  }
}

function point(coordinates, properties) {
  return { type: "Feature", properties, geometry: { type: "Point", coordinates } };
}

function look() {
  const cases = Array.from({ length: COLOURS }, (_, number) => [number, colour(`--plan-${number}`)]).flat();
  return ["match", ["get", "look"], ...cases, colour("--ink")];
}

function paints() {
  const halo = colour("--map-land");
  return {
    ways: { "line-color": look() },
    stops: { "circle-color": ["match", ["get", "act"], "pickup", halo, look()], "circle-stroke-color": look() },
    "stop-names": { "text-color": colour("--map-text"), "text-halo-color": halo },
    fleet: { "circle-color": look(), "circle-stroke-color": halo },
    plates: { "text-color": colour("--map-text"), "text-halo-color": halo },
  };
}

function layers() {
  const paint = paints();
  const words = (field, size) => ({ "text-field": ["get", field], "text-font": FONTS, "text-size": size, "text-anchor": "top", "text-offset": [0, 0.8], "text-optional": true });
  return [
    { id: "ways", type: "line", source: "ways", layout: { "line-cap": "round", "line-join": "round" }, paint: { ...paint.ways, "line-width": 3, "line-opacity": 0.85 } },
    { id: "stops", type: "circle", source: "stops", paint: { ...paint.stops, "circle-radius": 5, "circle-stroke-width": 3 } },
    { id: "stop-names", type: "symbol", source: "stops", minzoom: 8, layout: words("name", 11), paint: { ...paint["stop-names"], "text-halo-width": 1.2 } },
    { id: "fleet", type: "circle", source: "fleet", paint: { ...paint.fleet, "circle-radius": 8, "circle-stroke-width": 2 } },
    { id: "plates", type: "symbol", source: "fleet", layout: words("plate", 12), paint: { ...paint.plates, "text-halo-width": 1.4 } },
  ];
}

customElements.define("plan-map", PlanMap);
