import type { Change } from "./change.ts";

const KEPT = 500;

/** The latest changes of a room, for sockets that come back after a moment. */
export class Recent {
  #changes: Change[] = [];

  /** @param since it knows everything after this version. */
  constructor(public since: number) {}

  add(change: Change): void {
    this.#changes.push(change);
    if (this.#changes.length < KEPT * 2) return;
    this.since = this.#changes[KEPT - 1]!.version;
    this.#changes = this.#changes.slice(KEPT);
  }

  after(version: number): Change[] {
    return this.#changes.filter((change) => change.version > version);
  }
}
