import type { Connection } from "./connection/connection.ts";
import type { Tables } from "./contract/database.ts";
import type { PageOptions } from "./invites.ts";
import { OwnEvents } from "./people/own_events.ts";

/** A request to join a public group. */
export type JoinRequest = Tables<"join_requests">;

/** A request was made, or was answered or taken back: one of the caller, or one to a group whose admin they are. */
export interface JoinRequestChange {
  room_id: number;
  user_id: string;
  asking: boolean;
}

/** Requests to join public groups whose `joining` is `request`: `chat.joinRequests`. */
export class JoinRequests {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Asks the admins of a public group to let the caller in. Asking again returns the open request.
   * @param roomId the group
   * @param note what the admins read, in up to 500 characters
   * @throws ChatError room_not_found, request_not_needed, banned, too_many_requests, invalid_value (a long note)
   *
   * @example
   * ```ts
   * const [group] = await chat.rooms.listPublic();
   * if (group?.joining === "request") await chat.joinRequests.make(group.id, "I like tea");
   * ```
   */
  async make(roomId: number, note = ""): Promise<JoinRequest> {
    return await this.#connection.run("request_to_join", { room_id: roomId, note });
  }

  /**
   * Takes back a request of the caller. Does nothing where there is none.
   * @param roomId the group
   * @throws ChatError
   *
   * @example
   * ```ts
   * await chat.joinRequests.withdraw(roomId);
   * ```
   */
  async withdraw(roomId: number): Promise<void> {
    await this.#connection.run("withdraw_join_request", { room_id: roomId });
  }

  /**
   * Lists the open requests to a group, newest first: all for its owner and admins, and for others only their own.
   * @param roomId the group
   * @param options where to continue, and how many requests to return
   * @throws ChatError
   *
   * @example
   * ```ts
   * for (const { user_id, note } of await chat.joinRequests.list(roomId)) console.log(user_id, note);
   * ```
   */
  async list(roomId: number, { before, limit = 100 }: PageOptions = {}): Promise<JoinRequest[]> {
    const call = this.#connection.db.from("join_requests").select().eq("room_id", roomId)
      .order("id", { ascending: false });
    return await this.#connection.call((before === undefined ? call : call.lt("id", before)).limit(limit));
  }

  /**
   * Lets a user in who asks, as the owner or an admin. Does nothing for a member.
   * @param roomId the group
   * @param userId who asks
   * @throws ChatError room_not_found, not_a_member, role_required, request_not_found, banned
   *
   * @example
   * ```ts
   * for (const { user_id } of await chat.joinRequests.list(roomId)) await chat.joinRequests.accept(roomId, user_id);
   * ```
   */
  async accept(roomId: number, userId: string): Promise<void> {
    await this.#connection.run("accept_join_request", { room_id: roomId, user_id: userId });
  }

  /**
   * Declines a request, as the owner or an admin. The user may ask again.
   * @param roomId the group
   * @param userId who asks
   * @throws ChatError room_not_found, not_a_member, role_required
   *
   * @example
   * ```ts
   * for (const { user_id } of await chat.joinRequests.list(roomId)) await chat.joinRequests.decline(roomId, user_id);
   * ```
   */
  async decline(roomId: number, userId: string): Promise<void> {
    await this.#connection.run("decline_join_request", { room_id: roomId, user_id: userId });
  }

  /**
   * Calls the listener when a request of the caller, or to a group whose admin they are, is made or ends.
   * @param listener receives the room, the user, and whether they ask now
   * @returns a function that unsubscribes
   *
   * @example
   * ```ts
   * const stop = chat.joinRequests.onChanged(({ room_id, user_id, asking }) => console.log(room_id, user_id, asking));
   * ```
   */
  onChanged(listener: (change: JoinRequestChange) => void): () => void {
    const events = new OwnEvents(this.#connection, (event) => {
      if (event.event !== "join_request.added" && event.event !== "join_request.removed") return;
      listener({ room_id: event.room_id, user_id: event.user_id, asking: event.event === "join_request.added" });
    });
    return () => events.stop();
  }
}
