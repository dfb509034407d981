import { afterAll } from "vitest";
import { actingAs } from "../support/acting.ts";
import { database } from "../support/clients.ts";

// Past all policies, to inspect.
const sql = database();
afterAll(() => sql.end());

/** The database's state of a room, as a user's client should show it. */
export async function storedRoom(id: number, userId: string) {
  const [[room], messages, members, pins, [mine]] = await Promise.all([
    sql`select name, version::int, topic from chat.rooms where id = ${id}`,
    sql`select id::int, seq::int, version::int, sender_id, content, reply_to_id::int, client_id,
      deleted_at is not null as deleted, mentions_all, jsonb_path_query_array(mentions, '$[*].user_id') as mentions from chat.messages where room_id = ${id} order by seq`,
    sql`select user_id, role, last_read_seq::int from chat.room_members
      where room_id = ${id} order by joined_at, user_id`,
    sql`select message_id::int from chat.pins where room_id = ${id} order by id`,
    actingAs(sql, userId, (sql) =>
      sql`select
        (select mention_count::int from chat.room_list(only_room_id => ${id})) as mentions,
        jsonb_path_query_array(
          chat.mention_list(max_rows => 1000), '$.messages[*] ? (@.room_id == $id).id', jsonb_build_object('id', ${id}::bigint)
        ) as mentioned`),
  ]);
  const { name, version, topic } = room!;
  const { mentions, mentioned } = mine!;
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
    mentions: mentions as number,
    mentioned: mentioned as number[],
  };
}
