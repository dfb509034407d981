import type { Connection } from "../connection/connection.ts";
import { visible } from "../util/wake.ts";

/** When a person was last seen. */
export interface Status {
  user_id: string;
  last_seen_at: string;
  /** Seen in the last 60 seconds and not signed out since. */
  is_online: boolean;
}

/** Online means seen in the last 60 seconds. */
const HEARTBEAT_MS = 30_000;

/** Who is there: `chat.status`. */
export class Statuses {
  readonly #connection: Connection;
  #stops: (() => void)[] = [];

  constructor(connection: Connection) {
    this.#connection = connection;
    connection.onEnd(() => this.stop());
  }

  /**
   * Says that the caller is here, now and every 30 seconds, while the page is visible.
   * @returns a function that ends it
   *
   * @example
   * ```ts
   * const stop = chat.status.start();
   * ```
   */
  start(): () => void {
    this.stop();
    const beat = () => {
      // What fails in passing is said again with the next beat.
      if (visible()) void this.touch().catch(() => {});
    };
    const timer = setInterval(beat, HEARTBEAT_MS);
    this.#stops = [() => clearInterval(timer), this.#connection.onWake(beat)];
    beat();
    return () => this.stop();
  }

  /**
   * Ends the heartbeat; a minute later the caller counts as offline.
   *
   * @example
   * ```ts
   * chat.status.stop();
   * ```
   */
  stop(): void {
    for (const stop of this.#stops.splice(0)) stop();
  }

  /**
   * Says once that the caller is here.
   * @throws ChatError
   *
   * @example
   * ```ts
   * await chat.status.touch();
   * ```
   */
  async touch(): Promise<void> {
    await this.#connection.run("touch_status", {});
  }

  /**
   * Says that the caller has gone. Call it before `supabase.auth.signOut()`.
   * @throws ChatError
   *
   * @example
   * ```ts
   * await chat.status.signOut();
   * ```
   */
  async signOut(): Promise<void> {
    this.stop();
    await this.#connection.run("touch_status", { signed_out: true });
  }

  /**
   * When people were last seen; those who never were are left out.
   * @throws ChatError
   *
   * @example
   * ```ts
   * const [status] = await chat.status.of([friendId]);
   * ```
   */
  async of(userIds: readonly string[]): Promise<Status[]> {
    const call = this.#connection.db.from("user_status").select("user_id,last_seen_at,is_online").in("user_id", [
      ...userIds,
    ]);
    return await this.#connection.call(call) as unknown as Status[];
  }
}
