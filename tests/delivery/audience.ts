import type { Sql } from "postgres";
import { expect } from "vitest";
import type { Announced, Row } from "./replica.ts";
import { type Name, names, type World } from "./world.ts";

/** The row that an event is about. */
function rowOf(
  { event, room_id, version, user_id, message, message_id, ...announced }: Announced,
): [table: string, key: Row] {
  const { conversation_id, reply_to_id } = announced;
  if (event === "reply.done") return ["replies", { conversation_id, question_id: reply_to_id }];
  if (conversation_id) return ["conversation_messages", { id: message.id }];
  if (message) return ["messages", { id: message.id }];
  if (event === "message.reactions") return ["messages", { id: message_id }];
  if (event === "member.read" || event === "user.status") return ["room_members", { room_id, user_id }];
  return ["room_changes", { room_id, version }];
}

/** Checks that exactly those users received an event who can read its row now; a deleted room has no rows to read. */
export async function expectReaders(world: World, moving: Set<Name>): Promise<void> {
  const announced = world.sessions.flatMap(({ heard }) => heard).filter(({ on }) => !on.startsWith("user:"));
  for (const one of new Map(announced.map((each) => [`${each.event} ${each.id}`, each])).values()) {
    if (one.event === "room.deleted") continue;
    const [table, key] = rowOf(one);
    await Promise.all(
      names.filter((name) => !moving.has(name)).map(async (name) => {
        const { data } = await world.table(name, table).select().match(key);
        const canRead = data.length === 1;
        const heard = world.of(name).map((session) => session.heard.some(({ id }) => id === one.id));
        expect([one.event, name, ...heard]).toEqual([one.event, name, ...heard.map(() => canRead)]);
      }),
    );
  }
}

/** Every function and table write by which signed-in users can change something, as actions name them. */
export async function allEntryPoints(sql: Sql): Promise<string[]> {
  const rows = await sql`
    select proname as entry_point from pg_proc
    where pronamespace = 'chat'::regnamespace and provolatile = 'v'
      and has_function_privilege('authenticated', oid, 'execute')
    union
    select format('insert %s', relname) from pg_class
    where relnamespace = 'chat'::regnamespace and relkind = 'r'
      and has_any_column_privilege('authenticated', oid, 'insert')
    union
    select format('delete %s', relname) from pg_class
    where relnamespace = 'chat'::regnamespace and relkind = 'r' and has_table_privilege('authenticated', oid, 'delete')
    union
    select format('update %s.%s', relname, attname)
    from pg_class join pg_attribute on attrelid = pg_class.oid and attnum > 0 and not attisdropped
    where relnamespace = 'chat'::regnamespace and relkind = 'r'
      and has_column_privilege('authenticated', pg_class.oid, attnum, 'update')`;
  return rows.map(({ entry_point }) => entry_point).sort();
}
