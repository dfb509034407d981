import { type ChatOptions, Connection } from "./connection/connection.ts";
import type { Supabase } from "./connection/supabase.ts";
import { Conversations } from "./conversations/conversations.ts";
import { Inbox } from "./inbox/inbox.ts";
import { Mentions } from "./inbox/mentions.ts";
import { Invites } from "./invites.ts";
import { Moderation } from "./moderation.ts";
import { JoinRequests } from "./join_requests.ts";
import { Outbox } from "./outbox/outbox.ts";
import { Account } from "./people/account.ts";
import { Blocks } from "./people/blocks.ts";
import { Friends } from "./people/friends.ts";
import { Profiles } from "./people/profiles.ts";
import { Statuses } from "./people/status.ts";
import type { OwnSuspension } from "./connection/suspension.ts";
import { Rooms } from "./rooms.ts";

/** The whole SDK: one property for each part of Parley. Create one with `createChat`. */
export class Chat {
  readonly rooms: Rooms;
  /** The messages that mention the caller. */
  readonly mentions: Mentions;
  /** Links by which people join groups, and invitations. */
  readonly invites: Invites;
  /** Reports, bans, and what moderators do. */
  readonly moderation: Moderation;
  /** Requests to join public groups that want to be asked. */
  readonly joinRequests: JoinRequests;
  readonly conversations: Conversations;
  /** The caller's own account. */
  readonly account: Account;
  readonly profiles: Profiles;
  readonly friends: Friends;
  readonly blocks: Blocks;
  readonly status: Statuses;
  /** Whether the caller may not use the chat, until when and why. */
  readonly suspension: OwnSuspension;
  /** Messages that have not been sent yet. */
  readonly outbox: Outbox;
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.outbox = new Outbox(connection);
    const inbox = new Inbox(connection);
    this.rooms = new Rooms(connection, this.outbox, inbox);
    this.mentions = new Mentions(connection, inbox);
    this.invites = new Invites(connection, inbox);
    this.moderation = new Moderation(connection);
    this.joinRequests = new JoinRequests(connection);
    this.conversations = new Conversations(connection);
    this.account = new Account(connection, this.outbox);
    this.profiles = new Profiles(connection);
    this.friends = new Friends(connection);
    this.blocks = new Blocks(connection);
    this.status = new Statuses(connection);
    this.suspension = connection.suspension;
  }

  /**
   * Returns the id of the signed-in user.
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
   * Closes every open room and conversation and stops listening. Unsent messages stay in storage.
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
 * Creates a chat for the user that this supabase-js client is signed in as, now or later.
 * @param supabase a client of supabase-js, for any schema
 * @param options storage, timeouts and intervals
 * @returns a chat that follows the session of the client
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
