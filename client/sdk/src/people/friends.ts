import type { Connection } from "../connection/connection.ts";
import { ChatError } from "../util/errors.ts";
import { OwnEvents } from "./own_events.ts";
import { type Profile, PROFILE_COLUMNS } from "./profiles.ts";

/** The user who added a friend. */
export interface Person {
  user_id: string;
  username: string;
}

/** The caller's friends: `chat.friends`. Friendship is one-sided. */
export class Friends {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Lists the friends of the caller or of another user, most recently added first; at most 1,000.
   * @param userId whose friends; default the caller
   * @throws ChatError
   *
   * @example
   * ```ts
   * const friends = await chat.friends.list();
   * ```
   */
  async list(userId?: string): Promise<Profile[]> {
    const user = userId ?? await this.#connection.userId();
    const call = this.#connection.db.from("friendships")
      .select(`friend:profiles!friendships_friend_id_fkey(${PROFILE_COLUMNS})`)
      .eq("user_id", user).order("created_at", { ascending: false }).limit(1_000);
    const rows = await this.#connection.call(call) as unknown as { friend: Profile }[];
    return rows.map(({ friend }) => friend);
  }

  /**
   * Adds a friend, and notifies them. Does nothing if they already are one.
   * @param userId the user to add
   * @throws ChatError user_not_found, invalid_value (yourself), not_reachable
   *
   * @example
   * ```ts
   * await chat.friends.add(friendId);
   * ```
   */
  async add(userId: string): Promise<void> {
    try {
      await this.#connection.call(this.#connection.db.from("friendships").insert({ friend_id: userId }));
    } catch (error) {
      if (!(error instanceof ChatError) || error.code !== "already_exists") throw error;
    }
  }

  /**
   * Removes a friend. Does nothing if they are not one.
   * @param userId the user to remove
   * @throws ChatError
   *
   * @example
   * ```ts
   * await chat.friends.remove(friendId);
   * ```
   */
  async remove(userId: string): Promise<void> {
    const user = await this.#connection.userId();
    const call = this.#connection.db.from("friendships").delete().eq("user_id", user).eq("friend_id", userId);
    await this.#connection.call(call);
  }

  /**
   * Calls the listener when someone adds the signed-in user as a friend.
   * @param listener receives the user who added the caller
   * @returns a function that unsubscribes
   *
   * @example
   * ```ts
   * const stop = chat.friends.onAdded(({ username }) => console.log(`${username} calls you a friend`));
   * ```
   */
  onAdded(listener: (by: Person) => void): () => void {
    const events = new OwnEvents(this.#connection, (event) => {
      if (event.event === "friend.added") listener({ user_id: event.user_id, username: event.username });
    });
    return () => events.stop();
  }
}
