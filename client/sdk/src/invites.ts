import type { Connection } from "./connection/connection.ts";
import type { Tables } from "./contract/database.ts";
import type { Role } from "./contract/events.ts";
import { type InboxRoom, requireRoom } from "./data/inbox_room.ts";
import type { Inbox } from "./inbox/inbox.ts";
import { OwnEvents } from "./people/own_events.ts";

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

/** An invitation of the caller that they have not answered, and what they may know of its group. */
export interface Invitation extends InvitePreview {
  id: number;
  room_id: number;
  description: string;
  /** `null`, as the username, when the account is deleted, or a backend invites. */
  invited_by: string | null;
  invited_by_username: string | null;
  created_at: string;
}

/** A person who is invited to a group and has not joined. */
export interface InvitedPerson {
  id: number;
  user_id: string;
  username: string;
  invited_by: string | null;
  created_at: string;
}

/** An invitation of the caller came, or ended on any device. */
export interface InvitationChange {
  room_id: number;
  invited: boolean;
}

/** Where a page of a list begins, and how long it is. */
export interface PageOptions {
  /** Continues before the row with this id. */
  before?: number;
  /** Maximum number of rows; default 100. */
  limit?: number;
}

/**
 * Links by which people join groups, and invitations of people who are not added at once: `chat.invites`. A person's setting
 * `added_by` says who adds them; `chat.rooms.addMembers` invites them for others.
 */
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

  /**
   * Lists the caller's invitations, newest first, without those that they ignore.
   * @param options where to continue, and how many invitations to return
   * @throws ChatError
   *
   * @example
   * ```ts
   * for (const { name, invited_by_username } of await chat.invites.list()) console.log(name, invited_by_username);
   * ```
   */
  async list({ before, limit = 100 }: PageOptions = {}): Promise<Invitation[]> {
    const args = { ...(before !== undefined && { before }), max_rows: limit };
    return await this.#connection.run("invitation_list", args) as Invitation[];
  }

  /**
   * Joins a group to which the caller is invited. Does nothing for a member.
   * @param roomId the group
   * @returns the room
   * @throws ChatError invite_not_found (it was withdrawn), banned, too_many_joins
   *
   * @example
   * ```ts
   * for (const { room_id } of await chat.invites.list()) await chat.invites.accept(room_id);
   * ```
   */
  async accept(roomId: number): Promise<InboxRoom> {
    await this.#connection.run("accept_invitation", { room_id: roomId });
    this.#inbox.reread(roomId);
    return await requireRoom(this.#connection, roomId);
  }

  /**
   * Declines an invitation: the caller may be invited again. Does nothing where there is none.
   * @param roomId the group
   * @throws ChatError
   *
   * @example
   * ```ts
   * await chat.invites.decline(roomId);
   * ```
   */
  async decline(roomId: number): Promise<void> {
    await this.#connection.run("decline_invitation", { room_id: roomId });
  }

  /**
   * Hides an invitation, and every further one of this group. Nobody else learns of it.
   * @param roomId the group
   * @throws ChatError
   *
   * @example
   * ```ts
   * await chat.invites.ignore(roomId);
   * ```
   */
  async ignore(roomId: number): Promise<void> {
    await this.#connection.run("ignore_invitation", { room_id: roomId });
  }

  /**
   * Lists who is invited to a group and has not joined, newest first, for those who may add people.
   * @param roomId the group
   * @param options where to continue, and how many people to return
   * @throws ChatError room_not_found, not_a_member, role_required
   *
   * @example
   * ```ts
   * for (const { username } of await chat.invites.people(roomId)) console.log(username);
   * ```
   */
  async people(roomId: number, { before, limit = 100 }: PageOptions = {}): Promise<InvitedPerson[]> {
    const args = { room_id: roomId, ...(before !== undefined && { before }), max_rows: limit };
    return await this.#connection.run("room_invitations", args) as InvitedPerson[];
  }

  /**
   * Withdraws an invitation, as an admin or as the member who made it.
   * @param roomId the group
   * @param userId who is invited
   * @throws ChatError room_not_found, not_a_member, role_required
   *
   * @example
   * ```ts
   * for (const { user_id } of await chat.invites.people(roomId)) await chat.invites.withdraw(roomId, user_id);
   * ```
   */
  async withdraw(roomId: number, userId: string): Promise<void> {
    await this.#connection.run("withdraw_invitation", { room_id: roomId, user_id: userId });
  }

  /**
   * Calls the listener when an invitation of the caller comes, or ends on any device.
   * @param listener receives the room, and whether the caller is invited to it now
   * @returns a function that unsubscribes
   *
   * @example
   * ```ts
   * const stop = chat.invites.onChanged(({ room_id, invited }) => console.log(room_id, invited));
   * ```
   */
  onChanged(listener: (change: InvitationChange) => void): () => void {
    const events = new OwnEvents(this.#connection, (event) => {
      if (event.event !== "invitation.added" && event.event !== "invitation.removed") return;
      listener({ room_id: event.room_id, invited: event.event === "invitation.added" });
    });
    return () => events.stop();
  }
}
