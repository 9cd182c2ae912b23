// How did a trip go? <trip-replay> plays its fixes at 1 to 100 times their speed, with a timeline to scrub.
//
// <trip-replay data-url network-url text-label text-play text-pause text-speed text-time text-nomap text-failed
//   text-attribution>
// The timeline is a range input: arrow keys, Home, End, touch and mouse move it. A button in the page with
// data-seek="moment" jumps there. The table below the map tells the same without it.

import * as maplibregl from "../vendor/maplibre-gl.mjs";
import { baseStyle, CHINA, colour, followTheme, make, sayNoMap } from "./basemap.js";

const EMPTY = { type: "FeatureCollection", features: [] };
const SPEEDS = [1, 2, 5, 10, 20, 50, 100];
const FIRST_SPEED = 50;
const FRAME_MS = 33;
const ALARMS = new Set(["deviation", "restricted_area", "overspeed", "unplanned_stop", "silence", "opened_under_way"]);

class TripReplay extends HTMLElement {
  async connectedCallback() {
    this.build();
    try {
      const answer = await fetch(this.getAttribute("data-url"), { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      this.take(await answer.json());
    } catch {
      this.now.textContent = this.getAttribute("text-failed");
      return;
    }
    try {
      this.draw();
    } catch {
      sayNoMap(this.frame);
    }
    this.listen();
    this.show(this.first);
    this.setAttribute("loaded", "");
  }

  disconnectedCallback() {
    this.pause();
    this.listening?.abort();
    this.stopTheme?.();
    this.map?.remove();
  }

  build() {
    this.canvas = make("div", { className: "map-canvas" });
    this.frame = make("div", { className: "replay__map" }, this.canvas);
    this.button = make("button", { type: "button", className: "button" }, this.getAttribute("text-play"));
    this.line = make("input", { type: "range", ariaLabel: this.getAttribute("text-time") });
    this.marks = make("span", { className: "replay__marks", ariaHidden: "true" });
    this.speed = make("select", { ariaLabel: this.getAttribute("text-speed") },
      ...SPEEDS.map((one) => make("option", { value: String(one), selected: one === FIRST_SPEED }, `${one}×`)));
    this.now = make("p", { className: "replay__now" });
    this.replaceChildren(this.frame, make("div", { className: "replay__bar" },
      this.button, make("span", { className: "replay__track" }, this.line, this.marks), this.speed, this.now));
  }

  take(data) {
    this.data = data;
    this.fixes = data.fixes.map((fix) => ({ ...fix, ms: Date.parse(fix.at) }));
    this.first = this.fixes[0].ms;
    this.last = this.fixes[this.fixes.length - 1].ms;
    Object.assign(this.line, { min: "0", max: String(Math.max(1, Math.round((this.last - this.first) / 1000))), step: "1", value: "0" });
    const whole = Math.max(1, this.last - this.first);
    for (const one of data.episodes.filter((episode) => ALARMS.has(episode.kind))) {
      const place = make("i");
      place.style.left = `${Math.min(100, Math.max(0, ((Date.parse(one.since) - this.first) / whole) * 100))}%`;
      this.marks.append(place);
    }
  }

  draw() {
    const way = this.fixes.map((fix) => [fix.lon, fix.lat]);
    const bounds = way.reduce((box, point) => box.extend(point), new maplibregl.LngLatBounds(way[0], way[0]));
    this.map = new maplibregl.Map({
      container: this.canvas,
      style: baseStyle(new URL("../vendor/basemap", import.meta.url).pathname, this.getAttribute("network-url")),
      bounds: bounds.isEmpty() ? CHINA : bounds, fitBoundsOptions: { padding: 48, maxZoom: 12 },
      minZoom: 3, maxZoom: 16, dragRotate: false, pitchWithRotate: false, attributionControl: false,
      locale: { "Map.Title": this.getAttribute("text-label") },
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.addControl(new maplibregl.NavigationControl({ showCompass: false }), "top-right");
    this.map.addControl(new maplibregl.AttributionControl({ customAttribution: this.getAttribute("text-attribution"), compact: true }));
    this.map.once("load", () => {
      this.map.addSource("way", { type: "geojson", data: lineOf(way) });
      this.map.addSource("plan", { type: "geojson", data: this.data.route ? lineOf(this.data.route.line.map(([lat, lon]) => [lon, lat])) : EMPTY });
      this.map.addSource("found", { type: "geojson", data: points(this.data.episodes.filter((one) => ALARMS.has(one.kind))) });
      this.map.addSource("here", { type: "geojson", data: EMPTY });
      layers().forEach((layer) => this.map.addLayer(layer));
      this.stopTheme = followTheme(this.map, paints);
      this.ready = true;
      this.show(this.at);
    });
  }

  listen() {
    this.listening = new AbortController();
    const { signal } = this.listening;
    this.button.addEventListener("click", () => (this.playing ? this.pause() : this.play()), { signal });
    this.line.addEventListener("input", () => this.show(this.first + Number(this.line.value) * 1000), { signal });
    document.addEventListener("click", (event) => {
      const button = event.target.closest?.("[data-seek]");
      if (!button) return;
      this.show(Date.parse(button.dataset.seek));
      this.scrollIntoView({ block: "nearest" });
    }, { signal });
  }

  play() {
    if (this.at >= this.last) this.at = this.first;
    this.button.textContent = this.getAttribute("text-pause");
    let before = performance.now();
    const step = (now) => {
      if (now - before >= FRAME_MS) {
        this.show(this.at + (now - before) * Number(this.speed.value));
        before = now;
      }
      if (this.at >= this.last) this.pause();
      else this.playing = requestAnimationFrame(step);
    };
    this.playing = requestAnimationFrame(step);
  }

  pause() {
    cancelAnimationFrame(this.playing);
    this.playing = 0;
    this.button.textContent = this.getAttribute("text-play");
  }

  /** Show where the vehicle was at a moment. */
  show(moment) {
    this.at = Math.min(Math.max(moment, this.first), this.last);
    this.line.value = String(Math.round((this.at - this.first) / 1000));
    const place = this.placeOf(this.at);
    const fix = this.fixes[place];
    const next = this.fixes[Math.min(place + 1, this.fixes.length - 1)];
    const part = next.ms > fix.ms ? (this.at - fix.ms) / (next.ms - fix.ms) : 0;
    const here = [fix.lon + (next.lon - fix.lon) * part, fix.lat + (next.lat - fix.lat) * part];
    const said = `${new Date(this.at).toLocaleString(document.documentElement.lang || "zh", { timeZone: "Asia/Shanghai" })} · ${fix.speed_kmh === null ? "—" : Math.round(fix.speed_kmh)} km/h`;
    this.now.textContent = said;
    this.line.setAttribute("aria-valuetext", said);
    if (this.ready) this.map.getSource("here").setData({ type: "Feature", properties: {}, geometry: { type: "Point", coordinates: here } });
  }

  /** Return the number of the last fix at or before a moment. */
  placeOf(moment) {
    let [low, high] = [0, this.fixes.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.fixes[middle].ms <= moment) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

function lineOf(coordinates) {
  return { type: "Feature", properties: {}, geometry: { type: "LineString", coordinates } };
}

function points(episodes) {
  return { type: "FeatureCollection", features: episodes.map((one) => ({ type: "Feature", properties: { kind: one.kind }, geometry: { type: "Point", coordinates: [one.lon, one.lat] } })) };
}

function paints() {
  return {
    way: { "line-color": colour("--map-track") },
    plan: { "line-color": colour("--map-text") },
    found: { "circle-color": colour("--state-alarm"), "circle-stroke-color": colour("--map-land") },
    here: { "circle-color": colour("--state-moving"), "circle-stroke-color": colour("--map-land") },
  };
}

function layers() {
  const paint = paints();
  return [
    { id: "plan", type: "line", source: "plan", paint: { ...paint.plan, "line-width": 2, "line-dasharray": [2, 2], "line-opacity": 0.7 } },
    { id: "way", type: "line", source: "way", layout: { "line-cap": "round", "line-join": "round" }, paint: { ...paint.way, "line-width": 4, "line-opacity": 0.85 } },
    { id: "found", type: "circle", source: "found", paint: { ...paint.found, "circle-radius": 6, "circle-stroke-width": 2 } },
    { id: "here", type: "circle", source: "here", paint: { ...paint.here, "circle-radius": 9, "circle-stroke-width": 3 } },
  ];
}

customElements.define("trip-replay", TripReplay);
