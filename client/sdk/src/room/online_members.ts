import type { Connection } from "../connection/connection.ts";

/** In larger rooms nobody is sent who comes and goes. */
const MAX_MEMBERS = 50;

/**
 * Which members of a room the database has seen lately, through whatever client: it is sent when that changes, and what
 * was not heard is asked for with the other polls.
 */
export class OnlineMembers {
  readonly #online = new Set<string>();
  /** Of whom events have come since the latest reading began. */
  #changedSinceRead = new Set<string>();
  readonly #stops: (() => void)[];
  #isClosed = false;

  constructor(
    readonly connection: Connection,
    readonly members: () => readonly { user_id: string }[],
    readonly onChanged: () => void,
  ) {
    const poll = setInterval(() => this.refresh(), connection.pollMs);
    this.#stops = [() => clearInterval(poll), connection.onWake(() => this.refresh())];
  }

  /** Asks who is online; to be called when events begin to come, too. */
  refresh(): void {
    void this.#read().catch(() => {}); // with the next poll
  }

  get ids(): readonly string[] {
    return [...this.#online];
  }

  /** Somebody has come or gone. */
  receive({ user_id, is_online }: { user_id?: string; is_online?: boolean }): void {
    if (!user_id) return;
    this.#changedSinceRead.add(user_id);
    this.#set(user_id, is_online === true);
    this.onChanged();
  }

  close(): void {
    this.#isClosed = true;
    for (const stop of this.#stops) stop();
  }

  async #read(): Promise<void> {
    const ids = this.members().map(({ user_id }) => user_id);
    if (ids.length === 0 || ids.length > MAX_MEMBERS) return;
    this.#changedSinceRead = new Set();
    const call = this.connection.db.from("user_status").select("user_id,is_online").in("user_id", ids);
    const read = await this.connection.call(call) as unknown as { user_id: string; is_online: boolean }[];
    if (this.#isClosed) return;
    const online = new Set(read.filter(({ is_online }) => is_online).map(({ user_id }) => user_id));
    for (const id of new Set([...ids, ...this.#online])) {
      if (!this.#changedSinceRead.has(id)) this.#set(id, online.has(id));
    }
    this.onChanged();
  }

  #set(id: string, isOnline: boolean): void {
    if (isOnline) this.#online.add(id);
    else this.#online.delete(id);
  }
}
