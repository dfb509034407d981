import type { Connection } from "../connection/connection.ts";
import { LARGE_ROOM, type UserStatus } from "../contract/events.ts";

/**
 * Members whom the database has seen recently, through any client. Changes arrive as events; polling repairs missed
 * ones.
 */
export class OnlineMembers {
  readonly #online = new Set<string>();
  /** Users whose status changed after the last read began. */
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

  /** Reads who is online. Also called when events begin to arrive. */
  refresh(): void {
    void this.#read().catch(() => {}); // the next poll repairs it
  }

  get ids(): readonly string[] {
    return [...this.#online];
  }

  /** A user has come online or gone offline. */
  receive({ user_id, is_online }: UserStatus): void {
    this.#changedSinceRead.add(user_id);
    this.#set(user_id, is_online);
    this.onChanged();
  }

  close(): void {
    this.#isClosed = true;
    for (const stop of this.#stops) stop();
  }

  async #read(): Promise<void> {
    const ids = this.members().map(({ user_id }) => user_id);
    if (ids.length === 0 || ids.length > LARGE_ROOM) return;
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
