import { Change } from "./change.ts";

const MAX_CHANGES = 500;
const MAX_LENGTH = 500_000;

/** The latest changes of a room, for sockets that come back after a moment. */
export class ReplayBuffer {
  #changes: Change[] = [];
  #length = 0;

  /** @param since it knows everything after this version. */
  constructor(public since: number) {}

  /** A socket that comes back gets a message as it is now, never what it said before an edit or a deletion. */
  add(change: Change): void {
    const id = change.message?.id;
    if (id === undefined || change.content.event === "message.created") return this.#push(change);
    const others = this.#changes.filter(({ message }) => message?.id !== id);
    this.#changes = others;
    this.#length = others.reduce((length, other) => length + other.length, 0);
    this.#push(new Change(change.content, true));
  }

  #push(change: Change): void {
    this.#changes.push(change);
    this.#length += change.length;
    if (this.#changes.length >= MAX_CHANGES * 2 || this.#length >= MAX_LENGTH * 2) this.#shed();
  }

  after(version: number): Change[] {
    return this.#changes.filter((change) => change.version > version);
  }

  #shed(): void {
    let count = 0;
    while (this.#changes.length - count > MAX_CHANGES || this.#length > MAX_LENGTH) {
      const { version, length } = this.#changes[count++]!;
      this.since = version;
      this.#length -= length;
    }
    this.#changes = this.#changes.slice(count);
  }
}
