import type { Connection } from "../connection/connection.ts";

/** In larger rooms nobody is sent who comes and goes. */
const SHOWN = 50;

/**
 * Which members of a room the database has seen lately, through whatever client: it is sent when that changes, and what
 * was not heard is asked for with the other polls.
 */
export class Attendance {
  readonly #seen = new Set<string>();
  /** Of whom events have come since the latest reading began. */
  #heard = new Set<string>();
  readonly #stops: (() => void)[];
  #closed = false;

  constructor(
    readonly connection: Connection,
    readonly members: () => readonly { user_id: string }[],
    readonly changed: () => void,
  ) {
    const poll = setInterval(() => this.refresh(), connection.pollMs);
    this.#stops = [() => clearInterval(poll), connection.onWake(() => this.refresh())];
  }

  /** Asks who is online; to be called when events begin to come, too. */
  refresh(): void {
    void this.#read().catch(() => {}); // with the next poll
  }

  get seen(): readonly string[] {
    return [...this.#seen];
  }

  /** Somebody has come or gone. */
  heard({ user_id, is_online }: { user_id?: string; is_online?: boolean }): void {
    if (!user_id) return;
    this.#heard.add(user_id);
    this.#set(user_id, is_online === true);
    this.changed();
  }

  close(): void {
    this.#closed = true;
    for (const stop of this.#stops) stop();
  }

  async #read(): Promise<void> {
    const ids = this.members().map(({ user_id }) => user_id);
    if (ids.length === 0 || ids.length > SHOWN) return;
    this.#heard = new Set();
    const call = this.connection.db.from("user_status").select("user_id,is_online").in("user_id", ids);
    const read = await this.connection.call(call) as unknown as { user_id: string; is_online: boolean }[];
    if (this.#closed) return;
    const online = new Set(read.filter(({ is_online }) => is_online).map(({ user_id }) => user_id));
    for (const id of new Set([...ids, ...this.#seen])) if (!this.#heard.has(id)) this.#set(id, online.has(id));
    this.changed();
  }

  #set(id: string, isOnline: boolean): void {
    if (isOnline) this.#seen.add(id);
    else this.#seen.delete(id);
  }
}
