// How does a page hear of positions as they come in, and what does it do when the line is cut?

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30000;

/** Listens to one server-sent feed for ever; after each break it reads the snapshot again, so nothing is missed. */
export class Feed {
  /**
   * `onPositions(array, whole)` gets every batch (whole: it is the full snapshot);
   * `onState("live" | "lost")` every change of the line.
   */
  constructor(feedUrl, snapshotUrl, onPositions, onState) {
    Object.assign(this, { feedUrl, snapshotUrl, onPositions, onState, pause: FIRST_PAUSE_MS, closed: false });
    this.open();
  }

  open() {
    if (this.closed) return;
    if (!this.feedUrl) {
      this.readSnapshot();
      return;
    }
    this.source = new EventSource(this.feedUrl);
    this.source.addEventListener("open", () => this.opened());
    this.source.addEventListener("positions", (event) => this.onPositions(JSON.parse(event.data), false));
    this.source.addEventListener("error", () => this.broke());
  }

  async opened() {
    this.pause = FIRST_PAUSE_MS;
    if (await this.readSnapshot()) this.onState("live");
  }

  /** Read the present state once; return whether that went well. */
  async readSnapshot() {
    if (!this.snapshotUrl) return true;
    try {
      const answer = await fetch(this.snapshotUrl, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      const body = await answer.json();
      this.onPositions(Array.isArray(body) ? body : body.items || body.positions || [], true);
      return true;
    } catch {
      this.broke();
      return false;
    }
  }

  broke() {
    if (this.closed) return;
    this.onState("lost");
    this.source?.close();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.open(), this.pause * (0.75 + Math.random() / 2));
    this.pause = Math.min(this.pause * 2, LONGEST_PAUSE_MS);
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
    this.source?.close();
  }
}
