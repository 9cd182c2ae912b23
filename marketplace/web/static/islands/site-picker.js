// Where is this site? <site-picker> lets a person point at it; the form's own two fields stay the truth.
//
// <site-picker for-lat="id" for-lon="id" network-url basemap-url center="lon,lat" zoom
//   text-label text-use text-hint text-nomap>
// Click or tap the map; or move it with the arrow keys and press Enter (or the button) to take its middle;
// or type into the fields. Without JavaScript the fields alone do the job. Six decimals, WGS-84.

import { baseStyle, CHINA, colour, drawLater, followTheme, make, pointFrom } from "./basemap.js";

const DECIMALS = 6;
const NEAR_ZOOM = 11;

class SitePicker extends HTMLElement {
  connectedCallback() {
    this.lat = document.getElementById(this.getAttribute("for-lat"));
    this.lon = document.getElementById(this.getAttribute("for-lon"));
    this.canvas = make("div", { className: "map-canvas" });
    this.use = make("button", { type: "button", className: "button button--quiet", disabled: true },
      this.getAttribute("text-use") || "Take the middle of the map");
    this.use.addEventListener("click", () => this.takeMiddle());
    const hint = make("p", { className: "hint" }, this.getAttribute("text-hint") || "");
    const cross = make("span", { className: "map-cross", ariaHidden: "true" });
    this.replaceChildren(make("div", { className: "map-frame" }, this.canvas, cross), this.use, hint);
    drawLater(this);
  }

  disconnectedCallback() {
    this.stopTheme?.();
    this.listening?.abort();
    this.map?.remove();
    this.map = null;
  }

  draw(library) {
    const here = this.typed();
    const center = here || pointFrom(this.getAttribute("center"));
    const basemap = this.getAttribute("basemap-url") || new URL("../vendor/basemap", import.meta.url).pathname;
    const zoom = here ? NEAR_ZOOM : Number(this.getAttribute("zoom") || "7");
    this.map = new library.Map({
      container: this.canvas, style: baseStyle(basemap, this.getAttribute("network-url")),
      ...(center ? { center, zoom } : { bounds: CHINA }),
      minZoom: 3, maxZoom: 16, dragRotate: false, pitchWithRotate: false, attributionControl: false,
      locale: { "Map.Title": this.getAttribute("text-label") || "Map" },
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.addControl(new library.NavigationControl({ showCompass: false }), "top-right");
    this.marker = new library.Marker({ color: colour("--accent"), draggable: true });
    this.marker.on("dragend", () => this.take(this.marker.getLngLat()));
    this.map.on("click", (event) => this.take(event.lngLat));
    this.map.once("load", () => this.setAttribute("loaded", ""));
    this.stopTheme = followTheme(this.map);
    this.listen();
    this.showTyped();
    this.use.disabled = false;
  }

  listen() {
    this.listening = new AbortController();
    const { signal } = this.listening;
    this.map.getCanvas().addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      this.takeMiddle();
    }, { signal });
    for (const field of [this.lat, this.lon]) {
      field?.addEventListener("change", () => this.showTyped(), { signal });
    }
  }

  /** Return what the two fields say, as [lon, lat], or null. */
  typed() {
    if (!this.lat?.value || !this.lon?.value) return null;
    const [lon, lat] = [Number(this.lon.value), Number(this.lat.value)];
    return Number.isFinite(lon) && Math.abs(lat) <= 90 && Math.abs(lon) <= 180 ? [lon, lat] : null;
  }

  showTyped() {
    const here = this.typed();
    if (!here) {
      this.marker.remove();
      return;
    }
    this.marker.setLngLat(here).addTo(this.map);
    if (!this.map.getBounds().contains(here)) this.map.jumpTo({ center: here });
  }

  takeMiddle() {
    this.take(this.map.getCenter());
  }

  take(point) {
    this.marker.setLngLat(point).addTo(this.map);
    for (const [field, value] of [[this.lat, point.lat], [this.lon, point.lng]]) {
      if (!field) continue;
      field.value = value.toFixed(DECIMALS);
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    this.lon?.dispatchEvent(new Event("change", { bubbles: true }));
    this.dispatchEvent(new CustomEvent("site-picked", { bubbles: true, detail: { lat: point.lat, lon: point.lng } }));
  }
}

customElements.define("site-picker", SitePicker);
