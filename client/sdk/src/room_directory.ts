import type { Tables } from "./connection/database.ts";
import type { Connection } from "./connection/connection.ts";
import { uuid } from "./util/ids.ts";
import { Inbox } from "./inbox/inbox.ts";
import { type InboxRoom, type ListOptions, listRooms, noRoom, requireRoom } from "./data/inbox_room.ts";
import type { Message } from "./data/messages.ts";
import { searchMessages, type SearchOptions } from "./data/room_queries.ts";

export interface NewGroup {
  name: string;
  /** The first members besides the caller, up to 1,000. */
  memberIds?: string[];
  /** Whether anyone may join. */
  isPublic?: boolean;
  description?: string;
  /** A name for addresses, of its own among all rooms. */
  slug?: string;
  /** A uuid of one's own, to make the same group again without making another one. */
  clientId?: string;
}

/** A room of the caller that was searched for by its name. */
export interface FoundRoom extends Pick<InboxRoom, "id" | "kind" | "description" | "member_count" | "other_member"> {
  /** The name of a group, the username of the other in a direct room. */
  title: string;
}

/** Finding rooms and making them: a part of `chat.rooms`. */
export class RoomDirectory {
  protected readonly inbox: Inbox;

  constructor(protected readonly connection: Connection) {
    this.inbox = new Inbox(connection);
  }

  /**
   * Rooms of the caller as they are now, the most recently active first.
   * @throws ChatError
   *
   * @example
   * ```ts
   * const archive = await chat.rooms.list({ archived: true });
   * ```
   */
  list(options?: ListOptions): Promise<InboxRoom[]> {
    return listRooms(this.connection, options);
  }

  /**
   * One room of the caller as it is now.
   * @throws ChatError room_not_found
   *
   * @example
   * ```ts
   * const { title, unread_count } = await chat.rooms.get(roomId);
   * ```
   */
  get(roomId: number): Promise<InboxRoom> {
    return requireRoom(this.connection, roomId);
  }

  /**
   * Public groups, the newest first, for joining.
   * @throws ChatError
   *
   * @example
   * ```ts
   * const [group] = await chat.rooms.listPublic({ limit: 20 });
   * ```
   */
  async listPublic({ before, limit = 100 }: { before?: number; limit?: number } = {}): Promise<Tables<"rooms">[]> {
    const call = this.connection.db.from("rooms").select().eq("is_public", true).order("id", { ascending: false });
    return await this.connection.call((before === undefined ? call : call.lt("id", before)).limit(limit));
  }

  /**
   * A public group, for who is not a member yet.
   * @throws ChatError room_not_found
   *
   * @example
   * ```ts
   * const { name, member_count } = await chat.rooms.getPublic(roomId);
   * ```
   */
  async getPublic(roomId: number): Promise<Tables<"rooms">> {
    const call = this.connection.db.from("rooms").select().eq("is_public", true).eq("id", roomId);
    const [room] = await this.connection.call(call);
    if (!room) throw noRoom();
    return room;
  }

  /**
   * Rooms of the caller whose name, or whose other member's name, holds a text: all of them, not only those that the
   * inbox has loaded. The most recently active first.
   * @param limit 1 to 100
   * @throws ChatError invalid_query
   *
   * @example
   * ```ts
   * for (const { id, title } of await chat.rooms.find("tea")) console.log(id, title);
   * ```
   */
  async find(query: string, limit = 20): Promise<FoundRoom[]> {
    return await this.connection.run("find_rooms", { query, max_rows: limit }) as FoundRoom[];
  }

  /**
   * Messages of all rooms of the caller that hold the words in any form, or the text as a part, newest first.
   * @throws ChatError invalid_query
   *
   * @example
   * ```ts
   * for (const { room_id, content } of await chat.rooms.search("tea")) console.log(room_id, content);
   * ```
   */
  search(query: string, options: SearchOptions = {}): Promise<Message[]> {
    return searchMessages(this.connection, query, options);
  }

  /**
   * The direct room of the caller and another person, made if there is none.
   * @throws ChatError invalid_members, user_not_found
   *
   * @example
   * ```ts
   * const { id } = await chat.rooms.createDirect(friendId);
   * ```
   */
  async createDirect(userId: string): Promise<InboxRoom> {
    const { id } = await this.connection.run("create_direct_room", { user_id: userId });
    return await this.entered(id);
  }

  /**
   * Makes a group that the caller owns. Repeated with the same `clientId`, it is made once.
   * @throws ChatError invalid_members, user_not_found, invalid_value, already_exists (the slug), client_id_reused
   *
   * @example
   * ```ts
   * const { id } = await chat.rooms.createGroup({ name: "Tea", memberIds: [friendId] });
   * ```
   */
  async createGroup(group: NewGroup): Promise<InboxRoom> {
    const { name, memberIds = [], isPublic = false, description = "", slug, clientId = uuid() } = group;
    const args = {
      name,
      member_ids: memberIds,
      is_public: isPublic,
      description,
      client_id: clientId,
      ...(slug && { slug }),
    };
    const { id } = await this.connection.run("create_group_room", args);
    return await this.entered(id);
  }

  /** A room that the caller is in from now on. */
  protected async entered(roomId: number): Promise<InboxRoom> {
    this.inbox.reread(roomId);
    return await this.get(roomId);
  }
}
