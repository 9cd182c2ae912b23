// Where is each vehicle on the screen at this moment? Between two updates it glides instead of jumping.

const GLIDE_MIN_MS = 200;
const GLIDE_MAX_MS = 8000;
const JUMP_DEG = 0.2; // farther than a lorry gets between updates: a new place, not a movement

const ROLLING_KMH = 3;
const SILENT_MS = 30 * 60 * 1000;
const BY_PLATE = new Intl.Collator();
const BUSY = new Set(["at_origin", "loaded", "at_destination"]);

/** Return how a vehicle looks on the map; `newest` is the moment of the newest position of all. */
export function lookOf(position, newest) {
  if (position.state) return position.state;
  if (position.alert === "alarm" || position.alert === "warning") return "alarm";
  if (newest - Date.parse(position.at) > SILENT_MS) return "offline";
  if (position.speed_kmh > ROLLING_KMH) return "moving";
  return BUSY.has(position.trip_state) ? "loading" : "stopped";
}

/** The vehicles known, by id, with where each is drawn from and to. */
export class Fleet {
  constructor() {
    this.vehicles = new Map();
    this.moved = new Set(); // since the last look at the changes
    this.gone = new Set();
    this.newest = 0;
    this.only = null; // the ids that are shown, or all
    this.still = window.matchMedia("(prefers-reduced-motion: reduce)");
  }

  /** Take a batch of positions; `whole` says that who is not in it is gone. Return whether the set changed. */
  take(positions, whole, now = performance.now()) {
    let changed = false;
    if (whole) {
      const present = new Set(positions.map((position) => position.vehicle_id));
      for (const id of this.vehicles.keys()) {
        if (present.has(id)) continue;
        this.vehicles.delete(id);
        this.moved.delete(id);
        this.gone.add(id);
        changed = true;
      }
    }
    for (const position of positions) changed = this.move(position, now) || changed;
    return changed;
  }

  /** Take one position; return whether its vehicle was not known. */
  move(position, now) {
    const known = this.vehicles.get(position.vehicle_id);
    if (known && known.position.at > position.at) return false;
    this.newest = Math.max(this.newest, Date.parse(position.at));
    this.moved.add(position.vehicle_id);
    this.gone.delete(position.vehicle_id);
    const target = [position.lon, position.lat];
    const here = known ? this.at(known, now) : target;
    const far = Math.abs(here[0] - target[0]) + Math.abs(here[1] - target[1]) > JUMP_DEG;
    const glide = known ? Math.min(Math.max(now - known.since, GLIDE_MIN_MS), GLIDE_MAX_MS) : 0;
    const jump = far || this.still.matches || document.hidden;
    this.vehicles.set(position.vehicle_id, {
      position, from: jump ? target : here, to: target, since: now, glide: jump ? 0 : glide,
    });
    return !known;
  }

  at(vehicle, now) {
    const part = vehicle.glide ? Math.min((now - vehicle.since) / vehicle.glide, 1) : 1;
    return [0, 1].map((axis) => vehicle.from[axis] + (vehicle.to[axis] - vehicle.from[axis]) * part);
  }

  /** Tell whether anything still glides. */
  moving(now = performance.now()) {
    return [...this.vehicles.values()].some((vehicle) => now - vehicle.since < vehicle.glide);
  }

  shows(vehicle) {
    return !this.only || this.only.has(vehicle.position.vehicle_id);
  }

  /** Return all as GeoJSON points where they are now; `selected` is marked. */
  features(selected, now = performance.now()) {
    const features = [...this.vehicles.values()].filter((vehicle) => this.shows(vehicle)).map((vehicle) => this.feature(vehicle, selected, this.at(vehicle, now)));
    return { type: "FeatureCollection", features };
  }

  feature(vehicle, selected, coordinates) {
    const { position } = vehicle;
    return {
      type: "Feature",
      geometry: { type: "Point", coordinates },
      properties: { ...position, state: lookOf(position, this.newest), selected: position.vehicle_id === selected },
    };
  }

  /** Return what has changed since the last call, each vehicle at its newest place, as MapLibre takes it. */
  changes(selected) {
    const add = [...this.moved].map((id) => this.vehicles.get(id)).filter((vehicle) => this.shows(vehicle)).map((vehicle) => this.feature(vehicle, selected, vehicle.to));
    const remove = [...this.gone];
    this.moved.clear();
    this.gone.clear();
    return { add, remove };
  }

  get(id) {
    return this.vehicles.get(id)?.position;
  }

  /** Return the positions in the order of their plates. */
  sorted() {
    const all = [...this.vehicles.values()].filter((vehicle) => this.shows(vehicle)).map((vehicle) => vehicle.position);
    return all.sort((one, other) => BY_PLATE.compare(one.plate, other.plate));
  }
}
