import type { Sql } from "postgres";
import { copyAccounts } from "../world/accounts.ts";
import { silently } from "../world/fill.ts";
import { Random } from "../world/random.ts";
import type { Person } from "../world/world.ts";

const MESSAGES = 200;

/** Adds accounts until there are `count` people with those given. */
export async function morePeople(sql: Sql, people: readonly Person[], count: number): Promise<Person[]> {
  const random = new Random(people.length);
  const more = Array.from({ length: Math.max(count - people.length, 0) }, (_, at) => ({
    id: random.uuid(),
    username: `more${String(people.length + at + 1).padStart(5, "0")}`,
  }));
  if (more.length > 0) await copyAccounts(sql, more);
  return [...people, ...more];
}

/** Creates groups of these members, each with messages of the first one; returns their ids. */
export async function addGroups(sql: Sql, members: readonly Person[], count: number, messages = MESSAGES) {
  const ids = members.map(({ id }) => id);
  const rooms: number[] = [];
  await silently(sql, async (sql) => {
    const created = await sql<{ id: number }[]>`
      insert into chat.rooms (kind, name, created_by, member_count, members_version)
      select 'group', 'Grown ' || n, ${ids[
      0
    ]!}::uuid, ${ids.length}, ${ids.length} from generate_series(1, ${count}::integer) as n
      returning id::integer`;
    rooms.push(...created.map(({ id }) => id));
    await sql`
      insert into chat.room_members (room_id, user_id, role)
      select room, person, case when person = ${ids[0]!}::uuid then 'owner' else 'member' end::chat.member_role
      from unnest(${rooms}::bigint[]) as room, unnest(${ids}::uuid[]) as person`;
  });
  // One statement writes to the rooms in the order of their ids.
  await sql`
    insert into chat.messages (room_id, sender_id, content)
    select room, ${ids[0]!}::uuid, 'Grown message ' || n
    from unnest(${rooms}::bigint[]) as room, generate_series(1, ${messages}::integer) as n
    order by room, n`;
  // As the jobs and autovacuum do in time: searches would otherwise be planned for small tables.
  for (let next: string | null = "0"; next;) {
    [{ next }] = await sql<[{ next: string | null }]>`select chat_private.index_rooms(${next}, 1000000000, 1) as next`;
  }
  await sql`select gin_clean_pending_list('chat_private.search_entries_idx')`;
  await sql`vacuum (analyze) chat.messages, chat.rooms, chat.room_members, chat.profiles,
    chat_private.search_entries, chat_private.search_progress, chat_private.messages_to_index`;
  return rooms;
}
