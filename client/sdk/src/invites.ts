import type { Connection } from "./connection/connection.ts";
import type { Tables } from "./contract/database.ts";
import type { Role } from "./contract/events.ts";
import { type InboxRoom, requireRoom } from "./data/inbox_room.ts";
import type { Inbox } from "./inbox/inbox.ts";

/** A link by which people join a group, without its token. */
export type InviteLink = Tables<"invite_links">;

/** A new link. The token is shown once: put it into an address of your app. */
export interface NewInviteLink extends InviteLink {
  token: string;
}

export interface InviteLinkOptions {
  /** What they become who join by it; only the owner makes a link for admins. */
  role?: Exclude<Role, "owner">;
  /** Until when it admits people; without it there is no end. */
  expiresAt?: Date;
  /** How many people it admits, up to 100,000; without it there is no limit. */
  maxUses?: number;
}

/** What who has a link may know of its group before joining. */
export interface InvitePreview {
  name: string;
  avatar_url: string | null;
  member_count: number;
}

/** Where a page of a list begins, and how long it is. */
export interface PageOptions {
  /** Continues before the row with this id. */
  before?: number;
  /** Maximum number of rows; default 100. */
  limit?: number;
}

/** Links by which people join groups: `chat.invites`. */
export class Invites {
  readonly #connection: Connection;
  readonly #inbox: Inbox;

  constructor(connection: Connection, inbox: Inbox) {
    this.#connection = connection;
    this.#inbox = inbox;
  }

  /**
   * Makes a link by which people join a group, as somebody who may add people to it.
   * @param roomId the group
   * @param options what they become who join, until when, and how many they are
   * @returns the link with its token, which cannot be read again
   * @throws ChatError room_not_found, not_a_member, role_required, direct_room_fixed, invalid_value (a time that is over),
   * too_many_invite_links
   *
   * @example
   * ```ts
   * const { token } = await chat.invites.createLink(roomId, { maxUses: 10, expiresAt: new Date(Date.now() + 86_400_000) });
   * ```
   */
  async createLink(roomId: number, { role, expiresAt, maxUses }: InviteLinkOptions = {}): Promise<NewInviteLink> {
    const args = {
      room_id: roomId,
      ...(role && { role }),
      ...(expiresAt && { expires_at: expiresAt.toISOString() }),
      ...(maxUses !== undefined && { max_uses: maxUses }),
    };
    return await this.#connection.run("create_invite_link", args) as unknown as NewInviteLink;
  }

  /**
   * Lists the links of a group, newest first, for those who may add people to it; for others it is empty.
   * @param roomId the group
   * @param options where to continue, and how many links to return
   * @throws ChatError
   *
   * @example
   * ```ts
   * for (const { uses, max_uses, revoked_at } of await chat.invites.links(roomId)) console.log(uses, max_uses, revoked_at);
   * ```
   */
  async links(roomId: number, { before, limit = 100 }: PageOptions = {}): Promise<InviteLink[]> {
    const call = this.#connection.db.from("invite_links").select().eq("room_id", roomId).order("id", {
      ascending: false,
    });
    return await this.#connection.call((before === undefined ? call : call.lt("id", before)).limit(limit));
  }

  /**
   * Ends a link, as the person who made it or an admin of the group. Does nothing if it is revoked.
   * @param linkId the link
   * @throws ChatError invite_not_found, role_required
   *
   * @example
   * ```ts
   * await chat.invites.revokeLink(linkId);
   * ```
   */
  async revokeLink(linkId: number): Promise<void> {
    await this.#connection.run("revoke_invite_link", { link_id: linkId });
  }

  /**
   * Returns what a link says of its group before one joins.
   * @param token of the link
   * @throws ChatError invite_not_found (there is no such link, or it no longer works)
   *
   * @example
   * ```ts
   * const { name, member_count } = await chat.invites.preview(token);
   * ```
   */
  async preview(token: string): Promise<InvitePreview> {
    const [preview] = await this.#connection.run("invite_link_preview", { token }) as InvitePreview[];
    return preview!;
  }

  /**
   * Joins a group by a link. A member takes no use of it.
   * @param token of the link
   * @returns the room
   * @throws ChatError invite_not_found (there is no such link, or it no longer works), not_reachable, too_many_joins
   *
   * @example
   * ```ts
   * const { id } = await chat.invites.join(token);
   * ```
   */
  async join(token: string): Promise<InboxRoom> {
    const { room_id } = await this.#connection.run("join_by_link", { token });
    this.#inbox.reread(room_id);
    return await requireRoom(this.#connection, room_id);
  }
}
