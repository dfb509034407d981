import { afterAll } from "vitest";
import { database } from "../support/clients.ts";

// Past all policies, to inspect.
const sql = database();
afterAll(() => sql.end());

/** The database's state of a room, as a user's client should show it. */
export async function storedRoom(id: number, userId: string) {
  const [[room], messages, members, pins] = await Promise.all([
    sql`select name, version::int, topic from chat.rooms where id = ${id}`,
    sql`select id::int, seq::int, version::int, sender_id, content, reply_to_id::int, client_id,
      deleted_at is not null as deleted from chat.messages where room_id = ${id} order by seq`,
    sql`select user_id, role, last_read_seq::int from chat.room_members
      where room_id = ${id} order by joined_at, user_id`,
    sql`select message_id::int from chat.pins where room_id = ${id} order by id`,
  ]);
  const { name, version, topic } = room!;
  const marks = Object.fromEntries(members.map(({ user_id, ...member }) => [user_id, member]));
  return {
    name: name as string,
    version: version as number,
    topic: topic as string,
    messages: [...messages],
    members: marks,
    pins: pins.map(({ message_id }) => message_id),
    unread:
      messages.filter(({ seq, sender_id, deleted }) =>
        seq > (marks[userId]?.last_read_seq ?? 0) && sender_id !== userId && !deleted
      ).length,
  };
}
