import { setTimeout as sleep } from "node:timers/promises";
import type { RealtimeChannel } from "@supabase/supabase-js";
import { EVENTS } from "../../client/sdk/src/contract/events.ts";
import { dataOf } from "../support/clients.ts";
import type { Connection } from "../support/connection.ts";

/** The content of an event, or a change in the result of `sync`. */
export interface Change {
  event: string;
  room_id: number;
  version: number;
  // deno-lint-ignore no-explicit-any
  [field: string]: any;
}

interface Synced {
  topic: string;
  version: number;
  has_more: boolean;
  changes: Change[];
}

/** Whether an event is a counted change of the room; a test's barrier is not. */
const isCounted = (event: string) => (EVENTS.room as Record<string, { counted: boolean }>)[event]?.counted ?? false;

/** Follows a room as an app does: by events as they come, and by `sync` from its last version for missed ones. */
export class Follower {
  /** Every event received. */
  readonly heard: (Change & { on: string })[] = [];
  /** The changes applied, in order. */
  readonly changes: Change[] = [];
  version = 0;
  /** How many changes came by `sync`. */
  synced = 0;
  /** How often the channel was subscribed. */
  joins = 0;
  topic = "";
  #waiting: Change[] = [];
  #resuming: Promise<void> | undefined;
  #channel: RealtimeChannel | undefined;

  constructor(readonly connection: Connection, readonly roomId: number, readonly onChange: (change: Change) => void) {}

  /** Joins a topic of the room, besides those it has joined; resolves with the status. */
  async join(topic: string): Promise<string> {
    this.topic = topic;
    await this.connection.supabase.realtime.setAuth();
    const channel = this.connection.supabase.channel(topic, { config: { private: true } });
    this.#channel = channel;
    channel.on("broadcast", { event: "*" }, ({ event, payload }) => this.#hear({ ...payload as Change, event }, topic));
    return await new Promise((resolve) => {
      channel.subscribe((status) => {
        if (status !== "SUBSCRIBED" || this.#channel !== channel) return resolve(status);
        this.joins++;
        this.resume().then(() => resolve(status));
      });
    });
  }

  /** Applies the changes since the last version, and then the events received in the meantime. */
  resume(): Promise<void> {
    return this.#resuming ??= this.#catchUp();
  }

  #hear(change: Change, on: string): void {
    this.heard.push({ ...change, on });
    if (change.event === "room.moved") void this.join(change.topic);
    if (!isCounted(change.event)) this.onChange(change);
    else if (this.#resuming) this.#waiting.push(change);
    else this.#take(change);
  }

  #take(change: Change): void {
    if (change.version > this.version + 1) {
      this.#waiting.push(change);
      void this.resume();
    } else if (change.version > this.version) this.#hold(change);
  }

  #hold(change: Change): void {
    this.version = change.version;
    this.changes.push(change);
    this.onChange(change);
  }

  async #catchUp(): Promise<void> {
    for (let hasMore = true; hasMore;) {
      const page = await this.#page();
      for (const change of page.changes) this.#hold(change);
      this.synced += page.changes.length;
      this.version = page.version;
      hasMore = page.has_more;
    }
    this.#resuming = undefined;
    for (const change of this.#waiting.splice(0)) this.#hearAgain(change);
  }

  #hearAgain(change: Change): void {
    if (this.#resuming) this.#waiting.push(change);
    else this.#take(change);
  }

  async #page(): Promise<Synced> {
    for (let retries = 200;; retries--) {
      const page = { room_id: this.roomId, since_version: this.version };
      try {
        return await dataOf(this.connection.supabase.rpc("sync", page)) as unknown as Synced;
      } catch (error) {
        if (retries === 0) throw error;
        await sleep(100);
      }
    }
  }
}
