// What is on the road right now? <live-map>, and with it <site-picker>.
//
// <live-map feed-url snapshot-url network-url sites-url track-url basemap-url center="lon,lat" zoom selected
//   text-label text-choose text-live text-lost text-nomap text-attribution
//   legend-moving legend-loading legend-stopped legend-offline legend-alarm legend-site legend-track>
// Sends the bubbling event `vehicle-selected`, its detail the position. Setting `selected` or `track-url` acts.

import { baseStyle, CHINA, colour, drawLater, followTheme, make, pointFrom } from "./basemap.js";
import { Feed } from "./feed.js";
import { Fleet } from "./fleet.js";
import { addImages, drawShape, liveLayers, livePaint, LOOKS } from "./layers.js";
import "./site-picker.js";

const EMPTY = { type: "FeatureCollection", features: [] };
const FRAME_MS = 50;
const FEW = 500; // more vehicles than that stand in bunches and do not glide
const CROWD_MS = 1000;
const WHILE_MOVING_MS = 4000; // a hand that moves the map comes before the newest places
const CLOSE_ZOOM = 10;

class LiveMap extends HTMLElement {
  static observedAttributes = ["selected", "track-url"];

  connectedCallback() {
    this.fleet = new Fleet();
    this.build();
    drawLater(this);
  }

  disconnectedCallback() {
    this.feed?.close();
    this.stopTheme?.();
    cancelAnimationFrame(this.frame);
    clearTimeout(this.waiting);
    this.map?.remove();
    this.map = null;
  }

  attributeChangedCallback(name, old, value) {
    if (old === value || !this.ready) return;
    if (name === "track-url") this.showTrack(value);
    else this.showSelected(value);
  }

  text(name, fallback) {
    return this.getAttribute(name) || fallback;
  }

  build() {
    this.canvas = make("div", { className: "map-canvas" });
    this.status = make("p", { className: "map-status", role: "status" });
    this.choice = make("select", { className: "map-choice" }, make("option", { value: "" }, "—"));
    this.choice.addEventListener("change", () => this.select(this.choice.value, true));
    const label = make("label", { className: "map-choose" }, this.text("text-choose", "Vehicle"), " ", this.choice);
    this.replaceChildren(this.canvas, make("div", { className: "map-bar" }, label, this.status), this.legend());
    this.say("lost", this.text("text-connecting", "…"));
  }

  legend() {
    const list = make("ul", { className: "map-legend" });
    for (const [state, [shape, variable]] of Object.entries(LOOKS)) {
      if (!this.hasAttribute(`legend-${state}`)) continue;
      const sign = drawShape(shape, colour(variable));
      sign.className = "map-sign";
      sign.setAttribute("aria-hidden", "true");
      list.append(make("li", {}, sign, this.getAttribute(`legend-${state}`)));
    }
    for (const kind of ["site", "track"]) {
      if (!this.hasAttribute(`legend-${kind}`)) continue;
      const sign = make("span", { className: `map-sign map-sign--${kind}`, ariaHidden: "true" });
      list.append(make("li", {}, sign, this.getAttribute(`legend-${kind}`)));
    }
    return list;
  }

  draw(library) {
    this.library = library;
    const center = pointFrom(this.getAttribute("center"));
    const basemap = this.text("basemap-url", new URL("../vendor/basemap", import.meta.url).pathname);
    this.map = new library.Map({
      container: this.canvas,
      style: baseStyle(basemap, this.getAttribute("network-url")),
      ...(center ? { center, zoom: Number(this.text("zoom", "7")) } : { bounds: CHINA }),
      minZoom: 3, maxZoom: 16, dragRotate: false, pitchWithRotate: false, attributionControl: false,
      locale: { "Map.Title": this.text("text-label", "Map") },
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.addControl(new library.NavigationControl({ showCompass: false }), "top-right");
    this.map.addControl(new library.AttributionControl({
      customAttribution: this.text("text-attribution", "Natural Earth · MapLibre"), compact: false,
    }));
    this.map.once("load", () => this.loaded());
  }

  loaded() {
    addImages(this.map);
    for (const name of ["sites", "track", "vehicles"]) {
      const data = (name === "sites" && this.getAttribute("sites-url")) || EMPTY;
      this.map.addSource(name, { type: "geojson", data });
    }
    this.map.addSource("crowd", {
      type: "geojson", data: EMPTY, promoteId: "vehicle_id", cluster: true, clusterMaxZoom: 10, clusterRadius: 48,
    });
    liveLayers().forEach((layer) => this.map.addLayer(layer));
    this.stopTheme = followTheme(this.map, () => (addImages(this.map), livePaint()));
    for (const layer of ["vehicles", "crowd"]) {
      this.map.on("click", layer, (event) => this.select(event.features[0].properties.vehicle_id, false));
    }
    this.map.on("click", "bunches", (event) => this.open(event.features[0]));
    for (const layer of ["vehicles", "crowd", "bunches"]) {
      this.map.on("mouseenter", layer, () => this.canvas.classList.add("map-canvas--hit"));
      this.map.on("mouseleave", layer, () => this.canvas.classList.remove("map-canvas--hit"));
    }
    this.ready = true;
    this.feed = new Feed(this.getAttribute("feed-url"), this.getAttribute("snapshot-url"),
      (positions, whole) => this.take(positions, whole), (state) => this.say(state));
    if (this.getAttribute("track-url")) this.showTrack(this.getAttribute("track-url"));
    this.setAttribute("loaded", "");
    this.dispatchEvent(new CustomEvent("map-loaded", { bubbles: true }));
  }

  say(state, words) {
    const lost = state === "lost";
    const said = lost ? this.text("text-lost", "Connection lost, retrying …") : this.text("text-live", "Live");
    if (this.status.textContent !== (words || said)) this.status.textContent = words || said;
    this.status.classList.toggle("map-status--lost", lost);
    this.setAttribute("state", state);
  }

  take(positions, whole) {
    if (this.fleet.take(positions, whole)) this.listChoices();
    this.animate();
    if (this.getAttribute("selected") && !this.shownSelected) this.showSelected(this.getAttribute("selected"));
  }

  listChoices() {
    const chosen = this.getAttribute("selected") || "";
    const options = this.fleet.sorted().map((one) => make("option", { value: one.vehicle_id }, one.plate));
    this.choice.replaceChildren(make("option", { value: "" }, "—"), ...options);
    this.choice.value = chosen;
  }

  /** Show these vehicles alone; null: all. */
  only(ids) {
    const asked = ids ? ids.join(" ") : null;
    if (!this.ready || asked === this.asked) return;
    this.asked = asked;
    this.fleet.only = ids && new Set(ids);
    this.crowded = false;
    this.listChoices();
    this.animate();
  }

  animate() {
    if (this.fleet.vehicles.size > FEW) {
      this.gather();
      return;
    }
    if (this.crowded) this.disperse();
    if (this.frame) return;
    const step = (now) => {
      if (!this.last || now - this.last >= FRAME_MS || !this.fleet.moving(now)) this.paint(now);
      this.frame = this.fleet.moving(now) ? requestAnimationFrame(step) : 0;
    };
    this.frame = requestAnimationFrame(step);
  }

  paint(now) {
    this.last = now;
    this.map.getSource("vehicles").setData(this.fleet.features(this.getAttribute("selected"), now));
  }

  /** Bring the many up to date in place, at most once a second, and later while a hand moves the map. */
  gather() {
    if (this.waiting) return;
    const since = performance.now() - (this.gathered || 0);
    const pause = this.map.isMoving() && since < WHILE_MOVING_MS ? CROWD_MS : Math.max(0, CROWD_MS - since);
    this.waiting = setTimeout(() => {
      this.waiting = 0;
      if (!this.map.isMoving() || performance.now() - (this.gathered || 0) >= WHILE_MOVING_MS) this.putCrowd();
      else this.gather();
    }, pause);
  }

  putCrowd() {
    this.gathered = performance.now();
    const source = this.map.getSource("crowd");
    const selected = this.getAttribute("selected");
    for (const id of [selected, this.marked]) if (id && this.fleet.get(id)) this.fleet.moved.add(id);
    this.marked = selected;
    const changes = this.fleet.changes(selected);
    if (this.crowded) source.updateData(changes);
    else {
      this.map.getSource("vehicles").setData(EMPTY);
      source.setData({ type: "FeatureCollection", features: this.fleet.features(selected, Infinity).features });
    }
    this.crowded = true;
  }

  /** Go back to single vehicles that glide, once they are few. */
  disperse() {
    clearTimeout(this.waiting);
    this.waiting = 0;
    this.crowded = false;
    this.map.getSource("crowd").setData(EMPTY);
  }

  /** Zoom into a bunch of vehicles until it falls apart. */
  async open(bunch) {
    const zoom = await this.map.getSource("crowd").getClusterExpansionZoom(bunch.properties.cluster_id);
    this.map.easeTo({ center: bunch.geometry.coordinates, zoom });
  }

  /** Select a vehicle as if it had been clicked. */
  select(id, move) {
    if (id) this.setAttribute("selected", id);
    else this.removeAttribute("selected");
    const position = this.fleet.get(id);
    if (!position) return;
    if (move) this.goTo([position.lon, position.lat]);
    this.dispatchEvent(new CustomEvent("vehicle-selected", { bubbles: true, detail: position }));
  }

  showSelected(id) {
    this.shownSelected = Boolean(id && this.fleet.get(id));
    this.choice.value = id || "";
    this.animate();
  }

  goTo(center) {
    this.map.easeTo({ center, zoom: Math.max(this.map.getZoom(), CLOSE_ZOOM) });
  }

  async showTrack(url) {
    const source = this.map.getSource("track");
    if (!url) return void source.setData(EMPTY);
    const answer = await fetch(url, { headers: { Accept: "application/geo+json, application/json" } });
    if (!answer.ok || url !== this.getAttribute("track-url")) return undefined;
    const track = await answer.json();
    source.setData(track);
    const bounds = new this.library.LngLatBounds();
    extend(bounds, track);
    if (!bounds.isEmpty()) this.map.fitBounds(bounds, { padding: 48, maxZoom: 11 });
    return undefined;
  }
}

function extend(bounds, shape) {
  if (shape.features) shape.features.forEach((feature) => extend(bounds, feature));
  else if (shape.geometry) extend(bounds, shape.geometry);
  else if (shape.coordinates) {
    const numbers = shape.coordinates.flat(Infinity);
    for (let i = 0; i + 1 < numbers.length; i += 2) bounds.extend([numbers[i], numbers[i + 1]]);
  }
}

customElements.define("live-map", LiveMap);
