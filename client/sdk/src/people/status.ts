import type { Connection } from "../connection/connection.ts";
import { visible } from "../util/wake.ts";

/** When a user was last seen. */
export interface Status {
  user_id: string;
  last_seen_at: string;
  /** Whether they were seen in the last 60 seconds and have not signed out since. */
  is_online: boolean;
}

/** Users count as online for 60 seconds. */
const HEARTBEAT_MS = 30_000;

/** Online status of users: `chat.status`. */
export class Statuses {
  readonly #connection: Connection;
  #stops: (() => void)[] = [];

  constructor(connection: Connection) {
    this.#connection = connection;
    connection.onEnd(() => this.stop());
  }

  /**
   * Reports the caller as online now and every 30 seconds, while the page is visible.
   * @returns a function that stops it
   *
   * @example
   * ```ts
   * const stop = chat.status.start();
   * ```
   */
  start(): () => void {
    this.stop();
    const beat = () => {
      // A temporary failure is repaired by the next heartbeat.
      if (visible()) void this.touch().catch(() => {});
    };
    const timer = setInterval(beat, HEARTBEAT_MS);
    this.#stops = [() => clearInterval(timer), this.#connection.onWake(beat)];
    beat();
    return () => this.stop();
  }

  /**
   * Stops the heartbeat; the caller counts as offline a minute later.
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
   * Reports the caller as online once.
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
   * Reports the caller as offline. Call it before `supabase.auth.signOut()`.
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
   * Returns when users were last seen; users who never were are left out.
   * @param userIds the users
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
