// What does every map of ours stand on? The bundled base map, the palette from the page's CSS, local letters.
//
// No request leaves this server: land and borders are files beside the code, and without a `glyphs` address
// MapLibre draws letters with the machine's own fonts.

export const FONTS = ["PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "WenQuanYi Micro Hei", "sans-serif"];

export const CHINA = [[97, 20], [124, 43]];

const EMPTY = { type: "FeatureCollection", features: [] };

const IDLE_WITHIN_MS = 300;
let library = null;

/** Let an element draw its map once the page is painted: who came to read or to type does not wait for it. */
export function drawLater(host) {
  library ??= painted().then(() => import("../vendor/maplibre-gl.mjs"));
  library.then((found) => host.isConnected && !host.map && host.draw(found)).catch(() => sayNoMap(host));
}

function painted() {
  const idle = window.requestIdleCallback || setTimeout;
  return new Promise((go) => {
    requestAnimationFrame(() => setTimeout(() => idle(go, { timeout: IDLE_WITHIN_MS })));
  });
}

/** Return the colour a CSS variable of the page has now. */
export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Return the layers' paint as the page's theme has it now: {layer: {property: value}}. */
export function palette() {
  return {
    water: { "background-color": colour("--map-water") },
    land: { "fill-color": colour("--map-land") },
    coast: { "line-color": colour("--map-coast") },
    borders: { "line-color": colour("--map-border") },
    rivers: { "line-color": colour("--map-river") },
    roads: { "line-color": colour("--map-road") },
    towns: { "text-color": colour("--map-text"), "text-halo-color": colour("--map-land") },
  };
}

/** Return a MapLibre style of the base map, with rivers, roads and towns from `networkUrl` if there is one. */
export function baseStyle(basemapUrl, networkUrl) {
  const paint = palette();
  const files = { land: `${basemapUrl}/land.geojson`, borders: `${basemapUrl}/borders.geojson` };
  return {
    version: 8,
    sources: {
      land: { type: "geojson", data: files.land },
      borders: { type: "geojson", data: files.borders },
      network: { type: "geojson", data: networkUrl || EMPTY },
    },
    layers: [
      { id: "water", type: "background", paint: paint.water },
      { id: "land", type: "fill", source: "land", paint: paint.land },
      { id: "coast", type: "line", source: "land", paint: { ...paint.coast, "line-width": 0.8 } },
      { id: "borders", type: "line", source: "borders", paint: { ...paint.borders, "line-dasharray": [3, 2] } },
      networkLayer("rivers", "river", { ...paint.rivers, "line-width": zoomed(1, 5) }),
      networkLayer("roads", "road", { ...paint.roads, "line-width": zoomed(0.7, 4) }),
      townLayer(paint.towns),
    ],
  };
}

function networkLayer(id, kind, paint) {
  return {
    id,
    type: "line",
    source: "network",
    filter: ["==", ["get", "kind"], kind],
    layout: { "line-cap": "round", "line-join": "round" },
    paint,
  };
}

function townLayer(paint) {
  return {
    id: "towns",
    type: "symbol",
    source: "network",
    filter: ["==", ["get", "kind"], "town"],
    layout: { "text-field": ["get", "name"], "text-font": FONTS, "text-size": 12, "symbol-sort-key": ["coalesce", ["get", "rank"], 9] },
    paint: { ...paint, "text-halo-width": 1.2 },
  };
}

function zoomed(far, near) {
  return ["interpolate", ["linear"], ["zoom"], 4, far, 12, near];
}

/** Repaint the base map when the reader's light or dark preference changes; return how to stop that. */
export function followTheme(map, more = () => ({})) {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const repaint = () => {
    for (const [layer, paint] of Object.entries({ ...palette(), ...more() })) {
      if (!map.getLayer(layer)) continue;
      for (const [property, value] of Object.entries(paint)) map.setPaintProperty(layer, property, value);
    }
  };
  dark.addEventListener("change", repaint);
  return () => dark.removeEventListener("change", repaint);
}

/** Read "lon,lat" from an attribute; return a pair of numbers or null. */
export function pointFrom(text) {
  const parts = (text || "").split(",").map(Number);
  return parts.length === 2 && parts.every(Number.isFinite) ? parts : null;
}

/** Make an element with properties and children. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** Tell in the page that this browser can draw no map (no WebGL); the table beside it shows the same. */
export function sayNoMap(host) {
  host.replaceChildren(make("p", { className: "map-status map-status--lost", role: "status" },
    host.getAttribute("text-nomap") || "This browser cannot draw the map; the table shows the same."));
}
