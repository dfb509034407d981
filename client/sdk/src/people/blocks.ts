import type { Connection } from "../connection/connection.ts";
import { OwnEvents } from "./own_events.ts";
import { type Profile, PROFILE_COLUMNS } from "./profiles.ts";

/** A person whom the caller has blocked, or no longer blocks. */
export interface BlockChange {
  user_id: string;
  blocked: boolean;
}

/** Whom the caller has blocked: `chat.blocks`. Neither of the two reaches the other, and nobody learns that they are blocked. */
export class Blocks {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Lists the people whom the caller has blocked, the latest first; at most 1,000.
   * @throws ChatError
   *
   * @example
   * ```ts
   * for (const { username } of await chat.blocks.list()) console.log(username);
   * ```
   */
  async list(): Promise<Profile[]> {
    const call = this.#connection.db.from("blocks").select(
      `blocked:profiles!blocks_blocked_id_fkey(${PROFILE_COLUMNS})`,
    )
      .order("created_at", { ascending: false }).limit(1_000);
    const rows = await this.#connection.call(call) as unknown as { blocked: Profile }[];
    return rows.map(({ blocked }) => blocked);
  }

  /**
   * Returns whether the caller has blocked a user.
   * @param userId the user
   * @throws ChatError
   *
   * @example
   * ```ts
   * if (await chat.blocks.has(friendId)) console.log("Blocked");
   * ```
   */
  async has(userId: string): Promise<boolean> {
    const call = this.#connection.db.from("blocks").select("blocked_id").eq("blocked_id", userId);
    return (await this.#connection.call(call)).length > 0;
  }

  /**
   * Blocks a user, and ends the friendships of the two. Does nothing if the user is blocked already.
   * @param userId the user to block
   * @throws ChatError user_not_found, invalid_members (yourself)
   *
   * @example
   * ```ts
   * await chat.blocks.block(friendId);
   * ```
   */
  async block(userId: string): Promise<void> {
    await this.#connection.run("block_user", { user_id: userId });
  }

  /**
   * Unblocks a user. Does nothing if the user is not blocked.
   * @param userId the user to unblock
   * @throws ChatError
   *
   * @example
   * ```ts
   * await chat.blocks.unblock(friendId);
   * ```
   */
  async unblock(userId: string): Promise<void> {
    await this.#connection.run("unblock_user", { user_id: userId });
  }

  /**
   * Calls the listener when the caller blocks or unblocks someone, on this or another device.
   * @param listener receives the user, and whether they are blocked now
   * @returns a function that unsubscribes
   *
   * @example
   * ```ts
   * const stop = chat.blocks.onChanged(({ user_id, blocked }) => console.log(user_id, blocked));
   * ```
   */
  onChanged(listener: (change: BlockChange) => void): () => void {
    const events = new OwnEvents(this.#connection, (event) => {
      if (event.event !== "block.added" && event.event !== "block.removed") return;
      listener({ user_id: event.user_id, blocked: event.event === "block.added" });
    });
    return () => events.stop();
  }
}
