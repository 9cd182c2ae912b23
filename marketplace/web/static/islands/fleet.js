// Where is each vehicle on the screen at this moment? Between two updates it glides instead of jumping.

const GLIDE_MIN_MS = 200;
const GLIDE_MAX_MS = 8000;
const JUMP_DEG = 0.2; // farther than a lorry gets between updates: a new place, not a movement

const ROLLING_KMH = 3;
const SILENT_MS = 30 * 60 * 1000;
const BUSY = new Set(["at_origin", "loaded", "at_destination"]);

/** Return how a vehicle looks on the map; `newest` is the moment of the newest position of all. */
export function lookOf(position, newest) {
  if (position.state) return position.state;
  if (newest - Date.parse(position.at) > SILENT_MS) return "offline";
  if (position.speed_kmh > ROLLING_KMH) return "moving";
  return BUSY.has(position.trip_state) ? "loading" : "stopped";
}

/** The vehicles known, by id, with where each is drawn from and to. */
export class Fleet {
  constructor() {
    this.vehicles = new Map();
    this.still = window.matchMedia("(prefers-reduced-motion: reduce)");
  }

  /** Take a batch of positions; `whole` says that who is not in it is gone. Return whether the set changed. */
  take(positions, whole, now = performance.now()) {
    const before = [...this.vehicles.keys()].join();
    if (whole) {
      const present = new Set(positions.map((position) => position.vehicle_id));
      for (const id of this.vehicles.keys()) if (!present.has(id)) this.vehicles.delete(id);
    }
    for (const position of positions) this.move(position, now);
    return before !== [...this.vehicles.keys()].join();
  }

  move(position, now) {
    const known = this.vehicles.get(position.vehicle_id);
    if (known && known.position.at > position.at) return;
    const target = [position.lon, position.lat];
    const here = known ? this.at(known, now) : target;
    const far = Math.abs(here[0] - target[0]) + Math.abs(here[1] - target[1]) > JUMP_DEG;
    const glide = known ? Math.min(Math.max(now - known.since, GLIDE_MIN_MS), GLIDE_MAX_MS) : 0;
    const jump = far || this.still.matches || document.hidden;
    this.vehicles.set(position.vehicle_id, {
      position, from: jump ? target : here, to: target, since: now, glide: jump ? 0 : glide,
    });
  }

  at(vehicle, now) {
    const part = vehicle.glide ? Math.min((now - vehicle.since) / vehicle.glide, 1) : 1;
    return [0, 1].map((axis) => vehicle.from[axis] + (vehicle.to[axis] - vehicle.from[axis]) * part);
  }

  /** Tell whether anything still glides. */
  moving(now = performance.now()) {
    return [...this.vehicles.values()].some((vehicle) => now - vehicle.since < vehicle.glide);
  }

  /** Return all as GeoJSON points where they are now; `selected` is marked. */
  features(selected, now = performance.now()) {
    const newest = Math.max(...[...this.vehicles.values()].map((vehicle) => Date.parse(vehicle.position.at)));
    const features = [...this.vehicles.values()].map((vehicle) => ({
      type: "Feature",
      geometry: { type: "Point", coordinates: this.at(vehicle, now) },
      properties: {
        ...vehicle.position,
        state: lookOf(vehicle.position, newest),
        selected: vehicle.position.vehicle_id === selected,
      },
    }));
    return { type: "FeatureCollection", features };
  }

  get(id) {
    return this.vehicles.get(id)?.position;
  }

  /** Return the positions in the order of their plates. */
  sorted() {
    const all = [...this.vehicles.values()].map((vehicle) => vehicle.position);
    return all.sort((one, other) => one.plate.localeCompare(other.plate));
  }
}
