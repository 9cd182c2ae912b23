// Who carries what at which hour, and what would it cost to move a load? <plan-gantt>
//
// Draws #plan-data (a script of type application/json) as an SVG: a row for each vehicle, the hours along the top.
// A movable load is dragged to another row with mouse or finger; or focused, moved with the arrow keys, dropped with
// Enter, left with Escape. Before it is dropped /dispatch/cost says what it costs; dropping asks the server for the
// change beside the present plan. Nothing is stored here.

import { make } from "./basemap.js";

const SVG = "http://www.w3.org/2000/svg";
const LABEL_PX = 132;
const AXIS_PX = 30;
const ROW_PX = 60;
const LEAST_HOUR_PX = 44;
const HOUR_MS = 3600000;
const SHOWN_MS = 8 * HOUR_MS;
const DRAG_PX = 5;
const PAUSE_MS = 120;
const LETTER_PX = 12;
export const COLOURS = 8;

const clock = new Intl.DateTimeFormat("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Shanghai" });

/** Return the plan that stands in the page, or null. */
export function planData() {
  const script = document.getElementById("plan-data");
  return script ? JSON.parse(script.textContent) : null;
}

function draw(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

const ms = (text) => Date.parse(text);

class PlanGantt extends HTMLElement {
  connectedCallback() {
    this.data = planData();
    if (!this.data) return;
    this.costs = new Map();
    this.loads = new Map(this.data.loads.map((load) => [load.id, load]));
    this.said = make("p", { className: "gantt__said", role: "status" });
    this.tip = make("p", { className: "gantt__tip", hidden: true });
    this.scroller = make("div", { className: "gantt__scroll" });
    this.replaceChildren(this.scroller, this.tip, this.legend(), this.said);
    this.watcher = new ResizeObserver(() => this.paint());
    this.watcher.observe(this.scroller);
  }

  disconnectedCallback() {
    this.watcher?.disconnect();
    clearTimeout(this.timer);
  }

  text(name) {
    return this.getAttribute(`text-${name}`) || "";
  }

  legend() {
    const list = make("ul", { className: "gantt__legend" });
    const cleaned = [...this.data.tours, ...this.data.before].some((tour) => tour.stops.some((stop) => stop.act === "cleaning"));
    for (const kind of ["drive", "service", "cleaning", "wait", "break", "locked", "before"]) {
      const words = this.getAttribute(`legend-${kind}`);
      if (!words || (kind === "cleaning" && !cleaned)) continue;
      list.append(make("li", {}, make("span", { className: `gantt__sign gantt__sign--${kind}`, ariaHidden: "true" }), words));
    }
    list.append(make("li", { className: "muted" }, this.text("hint")));
    return list;
  }

  paint() {
    if (this.dragged || this.painted === this.scroller.clientWidth) return;
    this.painted = this.scroller.clientWidth;
    const { at, tours, before } = this.data;
    const ends = [...tours, ...before].map((tour) => ms(tour.ends));
    this.from = Math.floor(ms(at) / HOUR_MS) * HOUR_MS;
    this.to = Math.ceil(Math.max(this.from + SHOWN_MS, ...ends) / HOUR_MS) * HOUR_MS;
    const hours = (this.to - this.from) / HOUR_MS;
    const width = Math.max(this.scroller.clientWidth, LABEL_PX + hours * LEAST_HOUR_PX);
    this.scale = (width - LABEL_PX - 26) / (this.to - this.from);
    const height = AXIS_PX + tours.length * ROW_PX;
    const before_ = new Map(before.map((tour) => [tour.vehicle_id, tour]));
    this.rows = tours.map((tour, number) => this.row(tour, before_.get(tour.vehicle_id), number, width));
    const svg = draw("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": this.text("label") },
      hatching(), ...this.axis(height, hours), ...this.rows, this.nowLine(height));
    this.scroller.replaceChildren(svg);
  }

  x(moment) {
    return LABEL_PX + (Math.min(Math.max(moment, this.from), this.to) - this.from) * this.scale;
  }

  axis(height, hours) {
    const every = this.scale * HOUR_MS < 60 ? 2 : 1;
    return Array.from({ length: Math.floor(hours / every) + 1 }, (_, number) => {
      const moment = this.from + number * every * HOUR_MS;
      const x = this.x(moment);
      return draw("g", { class: "gantt__hour", "aria-hidden": "true" },
        draw("line", { x1: x, x2: x, y1: AXIS_PX, y2: height }),
        draw("text", { x, y: AXIS_PX - 10, "text-anchor": "middle" }, clock.format(moment)));
    });
  }

  nowLine(height) {
    const x = this.x(ms(this.data.at));
    return draw("g", { class: "gantt__now", "aria-hidden": "true" }, draw("line", { x1: x, x2: x, y1: AXIS_PX - 6, y2: height }));
  }

  row(tour, before, number, width) {
    const vehicle = this.data.vehicles.find((one) => one.id === tour.vehicle_id);
    const y = AXIS_PX + number * ROW_PX;
    const group = draw("g", { class: `gantt__row plan-${number % COLOURS}`, transform: `translate(0 ${y})` });
    group.dataset.vehicle = tour.vehicle_id;
    group.append(
      draw("rect", { class: "gantt__ground", x: 0, y: 0, width, height: ROW_PX }),
      draw("text", { class: "gantt__plate", x: 8, y: ROW_PX / 2 - 3 }, (vehicle.locked ? "🔒 " : "") + vehicle.plate),
      draw("text", { class: "gantt__driver", x: 8, y: ROW_PX / 2 + 14 }, tour.stops.length ? vehicle.driver : this.text("free")));
    for (const load of loadsOf(before)) group.append(this.ghost(load));
    for (const stop of tour.stops) group.append(...this.way(ms(stop.arrival) - (stop.drive_s + stop.break_s) * 1000, ms(stop.arrival), stop.break_s));
    const last = tour.stops.at(-1);
    if (last) group.append(...this.way(ms(last.departure), ms(tour.ends), 0));
    for (const load of loadsOf(tour)) group.append(this.load(load, tour.vehicle_id));
    for (const stop of tour.stops) if (stop.act === "cleaning") group.append(this.cleaning(stop));
    return group;
  }

  /** Draw a way: a line, with its breaks as a light piece in the middle. */
  way(from, to, breakS) {
    const y = ROW_PX / 2;
    const drawn = [draw("line", { class: "gantt__drive", x1: this.x(from), x2: this.x(to), y1: y, y2: y })];
    if (breakS) {
      const middle = (from + to) / 2;
      const half = breakS * 500;
      drawn.push(draw("rect", { class: "gantt__break", x: this.x(middle - half), y: y - 7, height: 14,
        width: Math.max(this.x(middle + half) - this.x(middle - half), 3) }, draw("title", {}, this.text("break"))));
    }
    return drawn;
  }

  cleaning(stop) {
    const [begin, departure] = [this.x(ms(stop.begin)), this.x(ms(stop.departure))];
    const words = `${this.text("cleaning")}: ${stop.place.name}, ${clock.format(ms(stop.begin))}–${clock.format(ms(stop.departure))}`;
    return draw("rect", { class: "gantt__cleaning", role: "img", "aria-label": words, x: begin, y: 14, height: ROW_PX - 28, rx: 3,
      width: Math.max(departure - begin, 3) }, draw("title", {}, words));
  }

  ghost({ from, to }) {
    return draw("rect", { class: "gantt__before", x: this.x(from), y: 3, width: Math.max(this.x(to) - this.x(from), 2), height: 5, rx: 2 });
  }

  load(part, vehicleId) {
    const load = this.loads.get(part.id);
    const free = load.movable && !load.locked;
    const [left, right] = [this.x(part.from), this.x(part.to)];
    const wide = Math.max(right - left, 8);
    const urgent = this.text(load.urgency);
    const words = `${urgent ? `${urgent}: ` : ""}${load.waste_name} ${(load.kg / 1000).toFixed(1)} t, ${load.origin.name} → ${load.destination.name}`;
    const hours = `${clock.format(part.from)}–${clock.format(part.to)}`;
    const group = draw("g", {
      class: `gantt__load${free ? " gantt__load--free" : ""}${load.urgency === "urgent" ? " gantt__load--urgent" : ""}`, tabindex: 0, role: free ? "button" : "img",
      "aria-label": `${words}, ${hours}`,
    }, draw("title", {}, `${words}\n${hours}`), draw("rect", { class: "gantt__box", x: left, y: 9, width: wide, height: ROW_PX - 16, rx: 5 }));
    for (const stop of part.stops) group.append(...this.stop(stop));
    const item = draw("g", {}, group);
    const room = Math.floor((wide - 8) / LETTER_PX);
    if (room > 1) {
      const told = `${urgent ? `${urgent} ` : ""}${(load.kg / 1000).toFixed(1)} t ${load.destination.name}`;
      item.append(draw("text", { class: "gantt__words", "aria-hidden": "true", x: left + 5, y: ROW_PX - 13 }, told.length > room * 1.4 ? `${told.slice(0, room)}…` : told));
    }
    group.addEventListener("focus", () => this.showWindow(group, load));
    group.addEventListener("pointerenter", () => this.showWindow(group, load));
    if (free) this.makeMovable(group, load, vehicleId);
    return item;
  }

  stop(stop) {
    const [arrival, begin, departure] = [ms(stop.arrival), ms(stop.begin), ms(stop.departure)].map((one) => this.x(one));
    const drawn = [draw("rect", { class: "gantt__service", x: begin, y: 14, width: Math.max(departure - begin, 2), height: 16 })];
    if (begin - arrival > 1) drawn.push(draw("rect", { class: "gantt__wait", x: arrival, y: 14, width: begin - arrival, height: 16 }, draw("title", {}, this.text("wait"))));
    return drawn;
  }

  /** Show under its row when a load is ready. */
  showWindow(group, load) {
    this.bracket?.remove();
    const [left, right] = [this.x(ms(load.ready_from)), this.x(ms(load.ready_to))];
    this.bracket = draw("path", { class: "gantt__window", d: `M${left} ${ROW_PX - 6}v4H${right}v-4` });
    group.closest(".gantt__row").append(this.bracket);
  }

  makeMovable(group, load, home) {
    group.addEventListener("pointerdown", (event) => this.grasp(event, group, load, home));
    group.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false }); // or the page scrolls
    group.addEventListener("keydown", (event) => this.key(event, group, load, home));
    group.addEventListener("blur", () => this.dragged || this.leave());
  }

  grasp(event, group, load, home) {
    if (event.button !== 0) return;
    const start = { x: event.clientX, y: event.clientY };
    group.setPointerCapture(event.pointerId);
    const move = (moved) => {
      const [dx, dy] = [moved.clientX - start.x, moved.clientY - start.y];
      if (!this.dragged && Math.hypot(dx, dy) < DRAG_PX) return;
      this.dragged = true;
      this.setAttribute("data-busy", "");
      group.classList.add("gantt__load--held");
      group.parentNode.setAttribute("transform", `translate(${dx} ${dy})`);
      this.aim(this.rowAt(moved.clientY), load, home);
      this.placeTip(moved.clientX, moved.clientY);
    };
    const end = (up) => {
      group.removeEventListener("pointermove", move);
      group.removeEventListener("pointerup", end);
      group.removeEventListener("pointercancel", end);
      const target = this.dragged && up.type === "pointerup" ? this.target : "";
      group.classList.remove("gantt__load--held");
      group.parentNode.removeAttribute("transform");
      this.leave();
      if (target) this.drop(load, target);
    };
    group.addEventListener("pointermove", move);
    group.addEventListener("pointerup", end);
    group.addEventListener("pointercancel", end);
  }

  key(event, group, load, home) {
    const places = this.data.tours.map((tour) => tour.vehicle_id);
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const step = event.key === "ArrowDown" ? 1 : -1;
      const now = places.indexOf(this.target || home);
      this.setAttribute("data-busy", "");
      this.aim(places[(now + step + places.length) % places.length], load, home);
      const box = group.getBoundingClientRect();
      this.placeTip(box.left, box.top);
    } else if (event.key === "Enter" || event.key === " ") {
      if (this.target) this.drop(load, this.target);
      else document.getElementById(`to-${load.id}`)?.focus();
    } else if (event.key === "Escape") this.leave();
    else return;
    event.preventDefault();
  }

  rowAt(clientY) {
    const row = this.rows.find((one) => {
      const box = one.querySelector(".gantt__ground").getBoundingClientRect();
      return clientY >= box.top && clientY < box.bottom;
    });
    return row?.dataset.vehicle || "";
  }

  /** Aim at a vehicle's row and say what the load would cost there; its own row is no target. */
  aim(vehicleId, load, home) {
    const target = vehicleId === home ? "" : vehicleId;
    for (const row of this.rows) row.classList.toggle("gantt__row--aim", Boolean(target) && row.dataset.vehicle === target);
    if (vehicleId === this.aimed) return;
    this.aimed = vehicleId;
    this.target = target;
    clearTimeout(this.timer);
    if (!target) return void this.say(vehicleId ? this.text("here") : "", true);
    const plate = this.data.vehicles.find((one) => one.id === target).plate;
    this.say(`${plate}: ${this.text("asking")}`, true);
    this.timer = setTimeout(async () => {
      const told = await this.cost(load, target);
      if (this.aimed === target) this.say(`${plate}: ${told.words}`, told.fits);
    }, PAUSE_MS);
  }

  async cost(load, target) {
    const key = `${load.id}:${target}`;
    if (!this.costs.has(key)) {
      try {
        const answer = await fetch(`/dispatch/cost?${this.address(key)}`, { headers: { Accept: "application/json" } });
        const told = await answer.json();
        this.costs.set(key, answer.ok ? told : { words: told.detail || told.title || "", fits: false });
      } catch {
        return { words: this.text("lost"), fits: false };
      }
    }
    return this.costs.get(key);
  }

  address(move) {
    return [this.dataset.query, `move=${move}`].filter(Boolean).join("&");
  }

  say(words, fits) {
    this.said.textContent = words;
    this.tip.textContent = words;
    this.tip.hidden = !words;
    this.tip.classList.toggle("gantt__tip--bad", !fits);
  }

  placeTip(clientX, clientY) {
    const box = this.getBoundingClientRect();
    const left = Math.min(clientX - box.left + 14, Math.max(box.width - 260, 0));
    this.tip.style.transform = `translate(${left}px, ${clientY - box.top + 16}px)`;
  }

  leave() {
    clearTimeout(this.timer);
    this.aimed = this.target = "";
    this.dragged = false;
    this.removeAttribute("data-busy");
    for (const row of this.rows) row.classList.remove("gantt__row--aim");
    this.say("", true);
  }

  drop(load, target) {
    window.location.assign(`/dispatch?${this.address(`${load.id}:${target}`)}`);
  }
}

/** Return the loads of a tour in order: from the arrival at its pick-up (or the start) to leaving its delivery. */
function loadsOf(tour) {
  const found = new Map();
  for (const stop of tour?.stops || []) {
    if (stop.act === "cleaning") continue;
    const known = found.get(stop.load_id) || { id: stop.load_id, from: ms(stop.act === "pickup" ? stop.arrival : tour.leaves), stops: [] };
    known.to = ms(stop.departure);
    known.stops.push(stop);
    found.set(stop.load_id, known);
  }
  return [...found.values()];
}

function hatching() {
  return draw("defs", {}, draw("pattern", { id: "gantt-hatch", width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
    draw("rect", { class: "gantt__hatch", width: 2.5, height: 6 })));
}

customElements.define("plan-gantt", PlanGantt);
