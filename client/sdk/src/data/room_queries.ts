import { type FoundPage, readFound } from "./found_pages.ts";
import type { Connection } from "../connection/connection.ts";
import type { Pin } from "../contract/events.ts";
import { fromRow, type Message, MESSAGE_COLUMNS, type MessageRow } from "./messages.ts";
import type { Member } from "./room_changes.ts";
import type { NewestSystemMessages } from "./system_message.ts";

/** Members beyond this number are counted but not listed. */
const MAX_MEMBERS = 1_000;

const rows = (value: unknown) => (value as MessageRow[]).map(fromRow);

/** Reads the newest messages of a room before a seq, oldest first. */
export async function readPage(connection: Connection, roomId: number, before: number, limit: number) {
  const call = connection.db.from("messages").select(MESSAGE_COLUMNS).eq("room_id", roomId).lt("seq", before)
    .order("seq", { ascending: false }).limit(limit);
  return rows(await connection.call(call)).reverse();
}

/** Reads the seq of the first message at or after a time, or of the last one; `undefined` in an empty room. */
export async function readSeqAt(connection: Connection, roomId: number, time: Date): Promise<number | undefined> {
  const call = connection.db.rpc("messages_around", { room_id: roomId, at: time.toISOString(), max_rows: 1 }).select(
    "seq",
  );
  return (await connection.call(call))[0]?.seq;
}

/** Reads messages by id; missing ones are left out. */
export async function readMessages(connection: Connection, ids: readonly number[]): Promise<Message[]> {
  return rows(await connection.call(connection.db.from("messages").select(MESSAGE_COLUMNS).in("id", [...ids])));
}

const MEMBER_COLUMNS = "user_id,role,joined_at,last_read_seq,last_delivered_seq,profile:profiles(number,username)";

type MemberRow = Member & { profile: Pick<Member, "number" | "username"> };

const listed = (found: readonly MemberRow[]) =>
  found.map(({ profile, ...member }): Member => ({ ...member, ...profile }));

/** Reads the members of a room, in the order in which they joined. */
export async function readMembers(connection: Connection, roomId: number): Promise<Member[]> {
  const call = connection.db.from("room_members").select(MEMBER_COLUMNS).eq("room_id", roomId)
    .order("joined_at").order("user_id").limit(MAX_MEMBERS);
  return listed(await connection.call(call) as unknown as MemberRow[]);
}

/** What an open room shows. */
export interface RoomContents {
  /** In the order in which they joined. */
  members: Member[];
  /** Oldest first. */
  pins: Pin[];
  /** The newest page, oldest first. */
  messages: Message[];
  systemMessages: NewestSystemMessages;
}

// The foreign keys are named, as another table may lead from rooms to messages one day.
const CONTENTS = `newest_system_messages,members:room_members!room_members_room_id_fkey(${MEMBER_COLUMNS}),` +
  `pins!pins_room_id_fkey(*),messages!messages_room_id_fkey(${MESSAGE_COLUMNS})`;

/** Reads all that an open room shows with one request: nothing of a room that the caller is not in. */
export async function readContents(
  connection: Connection,
  roomId: number,
  lastSeq: number,
  limit: number,
): Promise<RoomContents> {
  const call = connection.db.from("rooms").select(CONTENTS).eq("id", roomId)
    .order("joined_at", { referencedTable: "members" }).order("user_id", { referencedTable: "members" })
    .limit(MAX_MEMBERS, { referencedTable: "members" })
    .order("id", { referencedTable: "pins" }).limit(1_000, { referencedTable: "pins" })
    .lte("messages.seq", lastSeq)
    .order("seq", { referencedTable: "messages", ascending: false }).limit(limit, { referencedTable: "messages" });
  const [found] = await connection.call(call) as unknown as [
    | { newest_system_messages: NewestSystemMessages | null; members: MemberRow[]; pins: Pin[]; messages: MessageRow[] }
    | undefined,
  ];
  const { newest_system_messages: system, members = [], pins = [], messages = [] } = found ?? {};
  return {
    members: listed(members),
    pins,
    messages: rows(messages).reverse(),
    systemMessages: system ?? { complete_from: Infinity, messages: [] },
  };
}

/** What a message said before an edit. */
export interface Edit {
  content: string;
  /** When it was sent, or edited, with this text. */
  written_at: string;
}

/** Reads what a message said before it was edited, oldest first. */
export async function readEdits(connection: Connection, messageId: number): Promise<Edit[]> {
  const call = connection.db.from("message_edits").select("content,written_at").eq("message_id", messageId).order(
    "version",
  );
  return await connection.call(call);
}

/** An emoji that a person has put on a message. */
export interface Reaction {
  user_id: string;
  /** `null` if the account was just deleted. */
  username: string | null;
  emoji: string;
  created_at: string;
}

export interface ReactionOptions {
  /** Only this emoji. */
  emoji?: string;
  /** Leaves out this many. */
  offset?: number;
  /** 1 to 1,000; default 50. */
  limit?: number;
}

/** Reads who has reacted to a message, the earliest first. */
export async function readReactions(
  connection: Connection,
  roomId: number,
  messageId: number,
  { emoji, offset = 0, limit = 50 }: ReactionOptions,
): Promise<Reaction[]> {
  const of = { room_id: roomId, message_id: messageId, ...(emoji !== undefined && { emoji }) };
  const found = await connection.call(
    connection.db.from("reactions").select("user_id,emoji,created_at").match(of).order("created_at").order("user_id")
      .order("emoji")
      .range(offset, offset + limit - 1),
  );
  if (found.length === 0) return [];
  const ids = [...new Set(found.map(({ user_id }) => user_id))];
  const people = await connection.call(connection.db.from("profiles").select("id,username").in("id", ids));
  const names = new Map(people.map(({ id, username }) => [id, username]));
  return found.map((each) => ({ ...each, username: names.get(each.user_id) ?? null }));
}

export interface SearchOptions {
  /** Only messages of the user with this id. */
  senderId?: string;
  /** Only messages sent at this time or later. */
  sentAfter?: Date;
  /** Only messages sent before this time. */
  sentBefore?: Date;
  /** Only messages with a link or a file, or with a file of this kind. */
  has?: "link" | "file" | "image" | "video" | "audio";
  /** Only messages that mention the caller. */
  mentionsMe?: boolean;
  /** Continues before the message with this id. */
  before?: number;
  /** 1 to 1,000; default 50. */
  limit?: number;
}

/** Reads a page of the messages that mention the caller, newest first. */
export async function readMentions(
  connection: Connection,
  limit: number,
  before?: number,
): Promise<FoundPage<Message>> {
  const args = { max_rows: limit, ...(before !== undefined && { before_id: before }) };
  return await connection.run("mention_list", args) as unknown as FoundPage<Message>;
}

/**
 * Searches for messages that contain the words in any form, or the text literally, and that pass the filters; newest first.
 * @param query may be empty if there is a filter
 */
export async function searchMessages(
  connection: Connection,
  query: string,
  { senderId, sentAfter, sentBefore, has, mentionsMe, before, limit }: SearchOptions,
  roomId?: number,
): Promise<Message[]> {
  const wanted = {
    ...(query !== "" && { query }),
    ...(roomId !== undefined && { room_id: roomId }),
    ...(senderId !== undefined && { sender_id: senderId }),
    ...(sentAfter && { sent_after: sentAfter.toISOString() }),
    ...(has !== undefined && { has }),
    ...(mentionsMe && { mentions_me: true }),
    ...(sentBefore && { sent_before: sentBefore.toISOString() }),
  };
  return await readFound(connection, "search_page", wanted, { before, limit });
}
