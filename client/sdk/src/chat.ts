import { type ChatOptions, Connection } from "./connection/connection.ts";
import { Conversations } from "./conversations/conversations.ts";
import { Friends } from "./people/friends.ts";
import { Outbox } from "./outbox/outbox.ts";
import { Profiles } from "./people/profiles.ts";
import { Rooms } from "./rooms.ts";
import { Statuses } from "./people/status.ts";
import type { Supabase } from "./connection/supabase.ts";

/** Everything of Parley that a frontend needs. Made by `createChat`. */
export class Chat {
  readonly rooms: Rooms;
  readonly conversations: Conversations;
  readonly profiles: Profiles;
  readonly friends: Friends;
  readonly status: Statuses;
  /** What is not sent yet. */
  readonly outbox: Outbox;
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.outbox = new Outbox(connection);
    this.rooms = new Rooms(connection, this.outbox);
    this.conversations = new Conversations(connection);
    this.profiles = new Profiles(connection);
    this.friends = new Friends(connection);
    this.status = new Statuses(connection);
  }

  /**
   * The id of the signed-in user.
   * @throws ChatError not_signed_in
   *
   * @example
   * ```ts
   * const me = await chat.userId();
   * ```
   */
  userId(): Promise<string> {
    return this.#connection.userId();
  }

  /**
   * Closes every open room, and listens no more. Unsent messages stay where they are stored.
   *
   * @example
   * ```ts
   * chat.close();
   * ```
   */
  close(): void {
    this.#connection.close();
  }
}

/**
 * Chat for the user that a client of supabase-js is signed in as, or will be.
 *
 * @example
 * ```ts
 * import { createClient } from "@supabase/supabase-js";
 *
 * const chat = createChat(createClient(url, key));
 * ```
 */
export function createChat(supabase: Supabase, options?: ChatOptions): Chat {
  return new Chat(new Connection(supabase, options));
}
