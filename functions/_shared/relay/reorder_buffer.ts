import { settings } from "../settings/settings.ts";
import type { Change } from "./change.ts";
import type { Page } from "./sync.ts";

const GAP_TIMEOUT_MS = 1000;
const MAX_HELD = 5000;
const CHUNK_LENGTH = 64 * 1024;

/** The room whose changes are ordered. */
export interface OrderedRoom {
  /** Whether no socket is connected. */
  isEmpty(): boolean;
  /** Reads the changes after a version; undefined when there is no member to read as. */
  read(since: number): Promise<Page | undefined>;
  /** Applies a change. Called once for each, in order. */
  apply(change: Change): void;
  /** Resolves when the sockets can take more. */
  pause(): Promise<void>;
  /** Skips to a version that no socket has waited for. */
  skipTo(version: number): void;
}

/**
 * Puts the events of a room into the order of their versions. Duplicates are dropped, and missed changes are read from
 * the database before later ones are applied.
 */
export class ReorderBuffer {
  #held: Change[] = [];
  #isReading = false;
  #isDueAgain = false;
  #hasFailed = false;
  #expected = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #recheck: ReturnType<typeof setInterval>;

  constructor(readonly room: OrderedRoom, public version: number) {
    // The last event before a silence may have been lost.
    this.#recheck = setInterval(() => void this.catchUp(), settings.relayRecheckSeconds() * 1000);
  }

  /** Takes an event. */
  take(change: Change): void {
    if (change.version <= this.version) return;
    if (change.version === this.version + 1) return this.#apply(change);
    if (this.room.isEmpty()) return this.#skipTo(change.version);
    if (this.#held.length < MAX_HELD) this.#held.push(change);
    this.expect(change.version);
    void this.catchUp();
  }

  /** Notes that the room has reached a version. If its event does not arrive soon, it was lost. */
  expect(version: number): void {
    this.#expected = Math.max(this.#expected, version);
    if (this.#expected > this.version) this.#lookLater();
  }

  /** Reads the changes since the last applied one from the database. */
  async catchUp(): Promise<void> {
    if (this.#isReading) return void (this.#isDueAgain = true);
    this.#isReading = true;
    this.#hasFailed = false;
    try {
      do {
        this.#isDueAgain = false;
        await this.#readOn();
        this.#takeHeld();
      } while (this.#isDueAgain);
    } catch (error) {
      console.error("a room cannot catch up:", error);
      this.#hasFailed = true;
      this.#lookLater();
    } finally {
      this.#isReading = false;
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
    clearInterval(this.#recheck);
  }

  async #readOn(): Promise<void> {
    for (let hasMore = true; hasMore;) {
      const page = await this.room.read(this.version);
      if (!page) return;
      await this.#applyAll(page.changes);
      this.version = Math.max(this.version, page.version);
      hasMore = page.has_more;
    }
  }

  /** Applied in chunks, so that backpressure is not mistaken for slow readers. */
  async #applyAll(changes: Change[]): Promise<void> {
    let length = 0;
    for (const change of changes) {
      if (change.version > this.version) this.#apply(change);
      length += change.length;
      if (length < CHUNK_LENGTH) continue;
      length = 0;
      await this.room.pause();
    }
  }

  /** Applies held events; those that still have a gap before them wait on. */
  #takeHeld(): void {
    const held = this.#held.toSorted((one, other) => one.version - other.version);
    this.#held = [];
    for (const change of held) {
      if (change.version === this.version + 1) this.#apply(change);
      else if (change.version > this.version) this.#held.push(change);
    }
    if (this.#held.length > 0) this.#lookLater();
  }

  #lookLater(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      if (this.#hasFailed || this.version < this.#expected) void this.catchUp();
    }, GAP_TIMEOUT_MS);
  }

  #apply(change: Change): void {
    this.version = change.version;
    this.room.apply(change);
  }

  #skipTo(version: number): void {
    this.version = version;
    this.#held = [];
    this.room.skipTo(version);
  }
}
