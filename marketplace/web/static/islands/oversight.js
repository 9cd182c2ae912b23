// Which load is chosen? Map, table and panel of the inspector's page agree on one, and the address keeps it.
//
// [data-oversight] holds a <live-map>, #beside (the table, renewed by htmx), #panel and the form #filter.
// A link with data-panel="address" opens there; data-manifest names its load; data-close-panel closes it.

const grid = document.querySelector("[data-oversight]");
const map = grid.querySelector("live-map");
const panel = grid.querySelector("#panel");
const filter = grid.querySelector("#filter");
const RESIZED_MS = 200;
let opener = null;

function field(name) {
  return filter.elements.namedItem(name);
}

/** Write the choice into the address, so that a reload or a colleague sees the same. */
function keepAddress() {
  const query = new URLSearchParams([...new FormData(filter)].filter(([, value]) => value));
  history.replaceState(null, "", `/map?${query}`);
}

function mark() {
  const chosen = field("manifest").value;
  for (const row of grid.querySelectorAll("#beside tbody tr")) {
    const link = row.querySelector("a[data-panel]");
    const is = Boolean(chosen) && link?.dataset.manifest === chosen;
    if (is) row.setAttribute("aria-selected", "true");
    else row.removeAttribute("aria-selected");
    if (is) link.setAttribute("aria-current", "true");
    else link?.removeAttribute("aria-current");
  }
}

function choose(address, manifest) {
  if (!address) return;
  field("manifest").value = manifest || "";
  keepAddress();
  mark();
  window.htmx.ajax("GET", address, { target: "#panel", swap: "innerHTML" });
}

function close() {
  panel.replaceChildren();
  delete grid.dataset.open;
  field("manifest").value = "";
  map.removeAttribute("selected");
  map.removeAttribute("track-url");
  keepAddress();
  mark();
  document.getElementById(opener)?.focus();
  window.dispatchEvent(new Event("resize"));
}

function showTrack(address) {
  if (address) map.setAttribute("track-url", address);
  else map.removeAttribute("track-url");
}

/** Let the map show what the table is narrowed to; a map that is not there yet asks for it once it is. */
function narrow() {
  const shown = grid.querySelector("#shown")?.dataset.shown;
  map.only?.(shown === undefined ? null : shown.split(" ").filter(Boolean));
}

function show(name, state) {
  field("cursor").value = "";
  field("show").value = name;
  field("state").value = state;
  keepAddress();
  window.htmx.trigger("#beside", "refresh");
}

grid.addEventListener("click", (event) => {
  if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.shiftKey) return;
  if (event.target.closest("[data-close-panel]")) return void close();
  const tab = event.target.closest("a[data-show]");
  if (tab) {
    event.preventDefault();
    return void show(tab.dataset.show, tab.dataset.state);
  }
  const link = event.target.closest("a[data-panel]") || event.target.closest("#beside tbody tr")?.querySelector("a[data-panel]");
  if (!link) return;
  event.preventDefault();
  opener = link.id;
  choose(link.dataset.panel, link.dataset.manifest);
});

grid.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && grid.dataset.open !== undefined && panel.contains(event.target)) close();
});

filter.addEventListener("input", () => {
  field("cursor").value = "";
});

filter.addEventListener("change", keepAddress);

filter.addEventListener("submit", (event) => {
  event.preventDefault();
  field("cursor").value = "";
  keepAddress();
  window.htmx.trigger("#beside", "refresh");
});

map.addEventListener("vehicle-selected", (event) => {
  const { vehicle_id: vehicle, manifest_id: manifest } = event.detail;
  if (panel.querySelector("article")?.dataset.vehicle === vehicle) return;
  choose(manifest ? `/manifests/${manifest}/panel` : `/map/vehicles/${vehicle}`, manifest);
});

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id === "beside") {
    mark();
    narrow();
  }
  if (event.detail.target.id !== "panel") return;
  const story = panel.querySelector("article");
  if (!story) return;
  grid.dataset.open = "";
  window.dispatchEvent(new Event("resize"));
  map.setAttribute("selected", story.dataset.vehicle);
  setTimeout(() => showTrack(story.dataset.track), RESIZED_MS); // the map has its new size by then
  panel.scrollTop = 0;
  story.querySelector("h2").focus({ preventScroll: window.matchMedia("(min-width: 64rem)").matches });
});

map.addEventListener("map-loaded", narrow);
