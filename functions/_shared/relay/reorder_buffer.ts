import { settings } from "../settings/settings.ts";
import type { Change } from "./change.ts";
import type { Page } from "./sync.ts";

const GAP_TIMEOUT_MS = 1000;
const MAX_HELD = 5000;
const CHUNK_LENGTH = 64 * 1024;

/** Whose changes are brought into order. */
export interface OrderedRoom {
  /** Whether nobody waits for changes. */
  isEmpty(): boolean;
  /** Reads what changed after a version; undefined when there is nobody to read it as. */
  read(since: number): Promise<Page | undefined>;
  /** Takes a change: each once, in order. */
  apply(change: Change): void;
  /** Resolves when it is time for more. */
  pause(): Promise<void>;
  /** Nobody was there for what happened up to this version. */
  skipTo(version: number): void;
}

/**
 * Brings what is heard of a room into the order of its versions: what comes twice is dropped, and what was missed is
 * read from the database before what came after it goes out.
 */
export class ReorderBuffer {
  #held: Change[] = [];
  #isReading = false;
  #again = false;
  #failed = false;
  #expected = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #recheck: ReturnType<typeof setInterval>;

  constructor(readonly room: OrderedRoom, public version: number) {
    // The last event before a silence may have been lost, and nothing would tell.
    this.#recheck = setInterval(() => void this.catchUp(), settings.relayRecheckSeconds() * 1000);
  }

  /** Takes what was heard. */
  take(change: Change): void {
    if (change.version <= this.version) return;
    if (change.version === this.version + 1) return this.#apply(change);
    if (this.room.isEmpty()) return this.#skipTo(change.version);
    if (this.#held.length < MAX_HELD) this.#held.push(change);
    this.expect(change.version);
    void this.catchUp();
  }

  /** Somebody knows that the room has got so far: if its event does not come soon, it was lost. */
  expect(version: number): void {
    this.#expected = Math.max(this.#expected, version);
    if (this.#expected > this.version) this.#lookLater();
  }

  /** Reads from the database what has happened since the last change that was heard. */
  async catchUp(): Promise<void> {
    if (this.#isReading) return void (this.#again = true);
    this.#isReading = true;
    this.#failed = false;
    try {
      do {
        this.#again = false;
        await this.#readOn();
        this.#takeHeld();
      } while (this.#again);
    } catch (error) {
      console.error("a room cannot catch up:", error);
      this.#failed = true;
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
    for (let more = true; more;) {
      const page = await this.room.read(this.version);
      if (!page) return;
      await this.#applyAll(page.changes);
      this.version = Math.max(this.version, page.version);
      more = page.has_more;
    }
  }

  /** Much at once would look as if nobody could keep up. */
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

  /** What still cannot be told, because the database does not show what was before it, waits on. */
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
      if (this.#failed || this.version < this.#expected) void this.catchUp();
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
