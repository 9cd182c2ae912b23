// How do vehicles, sites and a manifest's track look on the live map? State shows in shape as well as colour.

import { colour, FONTS } from "./basemap.js";

const SIZE = 48;

/** State of a vehicle → [shape, CSS variable]. Any other state is drawn as "stopped". */
export const LOOKS = {
  moving: ["arrow", "--state-moving"],
  loading: ["square", "--state-busy"],
  stopped: ["square", "--state-still"],
  offline: ["cross", "--state-off"],
  alarm: ["triangle", "--state-alarm"],
};

const SHAPES = {
  arrow: [[24, 4], [40, 44], [24, 35], [8, 44]],
  square: [[10, 10], [38, 10], [38, 38], [10, 38]],
  triangle: [[24, 4], [46, 42], [2, 42]],
  cross: [[16, 6], [24, 16], [32, 6], [42, 16], [32, 24], [42, 32], [32, 42], [24, 32], [16, 42], [6, 32], [16, 24], [6, 16]],
};

/** Return a white-edged shape in a colour as pixels for MapLibre and for the legend. */
export function drawShape(shape, fill) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIZE;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  pen.beginPath();
  SHAPES[shape].forEach(([x, y], number) => (number ? pen.lineTo(x, y) : pen.moveTo(x, y)));
  pen.closePath();
  pen.lineJoin = "round";
  pen.lineWidth = 4;
  pen.strokeStyle = "#fff";
  pen.fillStyle = fill;
  pen.stroke();
  pen.fill();
  return canvas;
}

function pixels(canvas) {
  return canvas.getContext("2d").getImageData(0, 0, SIZE, SIZE);
}

/** Put (or, after a change of theme, renew) one image per state. */
export function addImages(map) {
  for (const [state, [shape, variable]] of Object.entries(LOOKS)) {
    const image = pixels(drawShape(shape, colour(variable)));
    if (map.hasImage(state)) map.updateImage(state, image);
    else map.addImage(state, image, { pixelRatio: 2 });
  }
}

const STATE_IMAGE = ["match", ["get", "state"], Object.keys(LOOKS), ["get", "state"], "stopped"];

// Far out only vehicles that matter right now stand large and carry their plate.
const NOTABLE = ["any", ["get", "selected"], ["in", ["get", "state"], ["literal", ["moving", "loading", "alarm"]]]];

/** Return the paint that depends on the theme. */
export function livePaint() {
  return {
    track: { "line-color": colour("--map-track") },
    "site-dots": { "circle-color": colour("--map-site"), "circle-stroke-color": colour("--map-land") },
    "site-names": { "text-color": colour("--map-text"), "text-halo-color": colour("--map-land") },
    "vehicle-ring": { "circle-stroke-color": colour("--map-track") },
    vehicles: { "text-color": colour("--map-text"), "text-halo-color": colour("--map-land") },
    "crowd-ring": { "circle-stroke-color": colour("--map-track") },
    crowd: { "text-color": colour("--map-text"), "text-halo-color": colour("--map-land") },
    bunches: { "circle-color": colour("--state-moving"), "circle-stroke-color": colour("--map-land") },
    "bunch-sizes": { "text-color": colour("--map-land") },
  };
}

/** Return the layers above the base map, from the bottom up. */
export function liveLayers() {
  const paint = livePaint();
  const name = (field, size, offset) => ({
    "text-field": ["get", field], "text-font": FONTS, "text-size": size, "text-offset": [0, offset],
    "text-anchor": "top", "text-optional": true,
  });
  return [
    { id: "track", type: "line", source: "track", layout: { "line-cap": "round", "line-join": "round" },
      paint: { ...paint.track, "line-width": 4, "line-opacity": 0.85 } },
    { id: "site-dots", type: "circle", source: "sites",
      paint: { ...paint["site-dots"], "circle-radius": ["interpolate", ["linear"], ["zoom"], 6, 2.2, 10, 5],
        "circle-stroke-width": ["interpolate", ["linear"], ["zoom"], 6, 0.5, 10, 1.5], "circle-opacity": 0.85 } },
    { id: "site-names", type: "symbol", source: "sites", minzoom: 8, layout: name("name", 11, 0.6),
      paint: { ...paint["site-names"], "text-halo-width": 1.2 } },
    ...vehicleLayers("vehicles", "vehicle-ring", paint, name, []),
    ...vehicleLayers("crowd", "crowd-ring", paint, name, ["!", ["has", "point_count"]]),
    { id: "bunches", type: "circle", source: "crowd", filter: ["has", "point_count"],
      paint: { ...paint.bunches, "circle-radius": ["step", ["get", "point_count"], 13, 20, 17, 200, 23], "circle-opacity": 0.9, "circle-stroke-width": 2 } },
    { id: "bunch-sizes", type: "symbol", source: "crowd", filter: ["has", "point_count"],
      layout: { "text-field": ["get", "point_count_abbreviated"], "text-font": FONTS, "text-size": 12, "text-allow-overlap": true },
      paint: paint["bunch-sizes"] },
  ];
}

// Single vehicles of a source, and the ring around the chosen one; `only` leaves others out.
function vehicleLayers(id, ring, paint, name, only) {
  const chosen = only.length ? ["all", only, ["get", "selected"]] : ["get", "selected"];
  return [
    { id: ring, type: "circle", source: id, filter: chosen,
      paint: { ...paint[ring], "circle-radius": 18, "circle-opacity": 0, "circle-stroke-width": 3 } },
    { id, type: "symbol", source: id, ...(only.length ? { filter: only } : {}),
      layout: {
        ...name("plate", 11, 1.1), "icon-image": STATE_IMAGE, "icon-allow-overlap": true,
        "text-field": ["step", ["zoom"], ["case", NOTABLE, ["get", "plate"], ""], 8, ["get", "plate"]],
        "icon-size": ["interpolate", ["linear"], ["zoom"], 6, ["case", NOTABLE, 0.9, 0.5], 10, 1],
        "symbol-sort-key": ["case", NOTABLE, 1, 0],
        "icon-rotation-alignment": "map",
        "icon-rotate": ["match", ["get", "state"], "moving", ["coalesce", ["get", "course_deg"], 0], 0],
      },
      paint: { ...paint[id], "text-halo-width": 1.4 } },
  ];
}
