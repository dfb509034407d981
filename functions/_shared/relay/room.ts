import { CLOSE, type Close } from "./close_codes.ts";
import { Change, isCounted, type Payload } from "./change.ts";
import type { Connection } from "./connection.ts";
import { contradict } from "./presence.ts";
import { ReadMarks } from "./read_marks.ts";
import { Recent } from "./recent.ts";
import { readPage } from "./sync.ts";
import { Upstream } from "./upstream.ts";

const PATIENCE = 1000;
const MAX_HELD = 5000;

/**
 * A room with its sockets in this worker. It hears the room's events once and hands them on, in order of version: one
 * that comes twice is dropped, and one that was missed is read from the database before those after it go out.
 */
export class Room {
  readonly connections = new Set<Connection>();
  readonly upstream = new Upstream({
    hear: (event, payload) => this.#hear(event, payload),
    joined: () => void this.catchUp(),
    cut: () => void this.catchUp(),
  });
  readonly #recent: Recent;
  readonly #marks = new ReadMarks(this);
  #held: Change[] = [];
  #isCatchingUp = false;
  #again = false;
  #failed = false;
  #expected = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly id: number, public topic: string, public version: number) {
    this.#recent = new Recent(version);
    this.upstream.listen(topic);
  }

  /** Sends a socket what it missed, and from then on what happens. */
  async join(connection: Connection): Promise<void> {
    this.expect(connection.admittedAt);
    while (connection.isOpen && connection.version < this.#recent.since) {
      const page = await readPage(connection.claims, this.id, connection.version);
      if (!page) return connection.close(CLOSE.notMember);
      for (const change of page.changes) connection.deliver(change);
      connection.version = Math.max(connection.version, page.version);
      await connection.drained();
    }
    for (const change of this.#recent.after(connection.version)) connection.deliver(change);
    connection.isLive = true;
  }

  /** Tells all sockets something that has no version, but for one. */
  tell(change: Change, but?: Connection): void {
    for (const connection of this.connections) {
      if (connection !== but && connection.isLive) connection.tell(change);
    }
  }

  /** Somebody knows that the room has got so far: if its event does not come soon, it was lost. */
  expect(version: number): void {
    this.#expected = Math.max(this.#expected, version);
    if (this.#expected <= this.version) return;
    this.#lookLater();
  }

  closeAll(close: Close): void {
    for (const connection of this.connections) connection.close(close);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.upstream.stop();
  }

  /** Reads from the database what has happened since the last change that was heard. */
  async catchUp(): Promise<void> {
    if (this.#isCatchingUp) return void (this.#again = true);
    this.#isCatchingUp = true;
    this.#failed = false;
    try {
      do {
        this.#again = false;
        await this.#readOn();
        const held = this.#held;
        this.#held = [];
        for (const change of held) this.#take(change);
      } while (this.#again);
    } catch (error) {
      console.error(`room ${this.id} cannot catch up:`, error);
      this.#failed = true;
      this.#lookLater();
    } finally {
      this.#isCatchingUp = false;
    }
  }

  #lookLater(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      if (this.#failed || this.version < this.#expected) void this.catchUp();
    }, PATIENCE);
  }

  async #readOn(): Promise<void> {
    for (let more = true; more && this.connections.size > 0;) {
      const [reader] = this.connections;
      const page = await readPage(reader!.claims, this.id, this.version);
      if (!page) {
        this.#cutOff(reader!.claims.sub);
        continue;
      }
      for (const change of page.changes) if (change.version > this.version) this.#apply(change);
      this.version = Math.max(this.version, page.version);
      this.#move(page.topic);
      more = page.has_more;
    }
  }

  #hear(event: string, payload: Payload): void {
    if (event === "room.moved") return this.#move(payload.topic);
    if (event === "room.deleted") return this.closeAll(CLOSE.roomDeleted);
    const change = new Change(event, payload);
    if (event === "user.status" && !payload.is_online) contradict(payload.user_id);
    if (event === "member.read") return this.#marks.tell(payload);
    if (isCounted(event)) this.#take(change);
    else this.tell(change);
  }

  #take(change: Change): void {
    if (change.version <= this.version) return;
    if (change.version === this.version + 1) return this.#apply(change);
    if (this.#held.length < MAX_HELD) this.#held.push(change);
    this.expect(change.version);
    void this.catchUp();
  }

  #apply(change: Change): void {
    this.version = change.version;
    this.#recent.add(change);
    this.#marks.notice(change);
    if (change.event === "member.left") this.#cutOff(change.payload.user_id, change.version);
    for (const connection of this.connections) if (connection.isLive) connection.deliver(change);
  }

  #cutOff(user: string, version = Infinity): void {
    for (const connection of this.connections) {
      if (connection.claims.sub === user && connection.admittedAt < version) connection.close(CLOSE.notMember);
    }
  }

  #move(topic: string): void {
    if (topic === this.topic) return;
    this.topic = topic;
    this.upstream.listen(topic);
  }
}
