// Where may no vehicle with dangerous goods be? <area-editor> draws one polygon into a form's text field.
//
// <area-editor for="id of the textarea" areas-url network-url center="lon,lat" zoom text-label text-corner
//   text-undo text-clear text-import text-bad text-nomap text-attribution>
// Click or tap the map for a corner; or move the map by its arrow keys and press Enter (or the button) to take its
// middle. A GeoJSON file can be read in. The text field stays the truth and can be typed into.

import * as maplibregl from "../vendor/maplibre-gl.mjs";
import { baseStyle, CHINA, colour, followTheme, make, pointFrom, sayNoMap } from "./basemap.js";

const EMPTY = { type: "FeatureCollection", features: [] };
const DIGITS = 1e6;

class AreaEditor extends HTMLElement {
  connectedCallback() {
    this.field = document.getElementById(this.getAttribute("for"));
    this.corners = [];
    this.build();
    try {
      this.draw();
    } catch {
      sayNoMap(this.frame);
    }
  }

  disconnectedCallback() {
    this.listening?.abort();
    this.stopTheme?.();
    this.map?.remove();
  }

  build() {
    this.canvas = make("div", { className: "map-canvas" });
    this.frame = make("div", { className: "areas__map" }, this.canvas, make("span", { className: "map-cross", ariaHidden: "true" }));
    this.listening = new AbortController();
    const { signal } = this.listening;
    const tool = (name, act) => {
      const button = make("button", { type: "button", className: "button button--quiet button--small" }, this.getAttribute(name));
      button.addEventListener("click", act, { signal });
      return button;
    };
    const file = make("input", { type: "file", accept: ".geojson,.json,application/geo+json" });
    file.addEventListener("change", () => this.read(file.files[0]), { signal });
    this.status = make("p", { role: "status", className: "hint" });
    this.replaceChildren(this.frame, make("div", { className: "areas__tools" },
      tool("text-corner", () => this.add(this.map.getCenter())),
      tool("text-undo", () => this.put(this.corners.slice(0, -1))),
      tool("text-clear", () => this.put([])),
      make("label", {}, this.getAttribute("text-import"), " ", file)), this.status);
    this.field?.addEventListener("change", () => this.showField(), { signal });
  }

  draw() {
    const center = pointFrom(this.getAttribute("center"));
    this.map = new maplibregl.Map({
      container: this.canvas,
      style: baseStyle(new URL("../vendor/basemap", import.meta.url).pathname, this.getAttribute("network-url")),
      ...(center ? { center, zoom: Number(this.getAttribute("zoom") || "9") } : { bounds: CHINA }),
      minZoom: 3, maxZoom: 16, dragRotate: false, pitchWithRotate: false, attributionControl: false,
      locale: { "Map.Title": this.getAttribute("text-label") },
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.addControl(new maplibregl.NavigationControl({ showCompass: false }), "top-right");
    this.map.addControl(new maplibregl.AttributionControl({ customAttribution: this.getAttribute("text-attribution"), compact: true }));
    this.map.on("click", (event) => this.add(event.lngLat));
    this.map.getCanvas().addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      this.add(this.map.getCenter());
    }, { signal: this.listening.signal });
    this.map.once("load", () => {
      this.map.addSource("areas", { type: "geojson", data: this.getAttribute("areas-url") || EMPTY });
      this.map.addSource("drawn", { type: "geojson", data: EMPTY });
      layers().forEach((layer) => this.map.addLayer(layer));
      this.stopTheme = followTheme(this.map, paints);
      this.ready = true;
      this.showField(true);
      this.setAttribute("loaded", "");
    });
  }

  add(point) {
    this.put([...this.corners, [Math.round(point.lng * DIGITS) / DIGITS, Math.round(point.lat * DIGITS) / DIGITS]]);
  }

  /** Take these corners as the area, into the field and onto the map. */
  put(corners) {
    this.corners = corners;
    const shape = corners.length > 2 ? { type: "Polygon", coordinates: [[...corners, corners[0]]] } : null;
    if (this.field) this.field.value = shape ? JSON.stringify(shape) : "";
    this.show(shape);
  }

  /** Show what the text field says; a shape that was not drawn here is kept as it is. */
  showField(fit = false) {
    let shape = null;
    try {
      shape = this.field?.value ? JSON.parse(this.field.value) : null;
      this.status.textContent = "";
    } catch {
      this.status.textContent = this.getAttribute("text-bad");
    }
    const simple = shape?.type === "Polygon" && shape.coordinates.length === 1 ? shape.coordinates[0].slice(0, -1) : null;
    this.corners = simple || [];
    this.show(shape);
    if (fit && shape && this.ready) {
      const bounds = new maplibregl.LngLatBounds();
      pairs(shape).forEach((pair) => bounds.extend(pair));
      if (!bounds.isEmpty()) this.map.fitBounds(bounds, { padding: 48, maxZoom: 13, duration: 0 });
    }
  }

  show(shape) {
    if (!this.ready) return;
    const features = this.corners.map((coordinates) => ({ type: "Feature", properties: {}, geometry: { type: "Point", coordinates } }));
    if (shape?.type === "FeatureCollection") features.push(...shape.features);
    else if (shape) features.push(shape.type === "Feature" ? shape : { type: "Feature", properties: {}, geometry: shape });
    this.map.getSource("drawn").setData({ type: "FeatureCollection", features });
  }

  async read(file) {
    if (!file || !this.field) return;
    this.field.value = await file.text();
    this.showField(true);
  }
}

function pairs(shape) {
  if (shape.features) return shape.features.flatMap(pairs);
  if (shape.geometry) return pairs(shape.geometry);
  const numbers = (shape.coordinates || []).flat(Infinity);
  return Array.from({ length: Math.floor(numbers.length / 2) }, (_, place) => [numbers[2 * place], numbers[2 * place + 1]]);
}

function paints() {
  const alarm = colour("--state-alarm");
  return {
    areas: { "fill-color": alarm }, edges: { "line-color": alarm },
    drawn: { "fill-color": colour("--map-track") }, outline: { "line-color": colour("--map-track") },
    corners: { "circle-color": colour("--map-track"), "circle-stroke-color": colour("--map-land") },
  };
}

function layers() {
  const paint = paints();
  return [
    { id: "areas", type: "fill", source: "areas", paint: { ...paint.areas, "fill-opacity": 0.15 } },
    { id: "edges", type: "line", source: "areas", paint: { ...paint.edges, "line-width": 2 } },
    { id: "drawn", type: "fill", source: "drawn", filter: ["!=", ["geometry-type"], "Point"], paint: { ...paint.drawn, "fill-opacity": 0.25 } },
    { id: "outline", type: "line", source: "drawn", filter: ["!=", ["geometry-type"], "Point"], paint: { ...paint.outline, "line-width": 3 } },
    { id: "corners", type: "circle", source: "drawn", filter: ["==", ["geometry-type"], "Point"], paint: { ...paint.corners, "circle-radius": 5, "circle-stroke-width": 2 } },
  ];
}

customElements.define("area-editor", AreaEditor);
