import type { Sql } from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { catalog, compare, describe as asText } from "../../scripts/schema/catalog.ts";
import { type Databases, openDatabases } from "../../scripts/schema/databases.ts";
import { render } from "../../scripts/schema/render.ts";
import { statements } from "../../scripts/schema/statements.ts";

let databases: Databases;
let migrated: Sql;
let wanted: Sql;
let released: string[];
beforeAll(async () => {
  databases = await openDatabases();
  [migrated, wanted] = [databases.migrated.sql, databases.wanted.sql];
  released = await catalog(wanted);
});
afterAll(() => databases[Symbol.asyncDispose]());

/** How the catalog after a statement, which is undone, differs from the one before. */
async function after(statement: string): Promise<string> {
  const undo = new Error("undone");
  let difference = "";
  const trying = wanted.begin(async (sql) => {
    await sql.unsafe(statement).simple();
    difference = asText(compare(released, await catalog(sql as unknown as Sql)));
    throw undo;
  });
  await trying.catch((error) => {
    if (error !== undo) throw error;
  });
  return difference;
}

test("the migrations give exactly what sql/ gives, and pg-delta finds no difference either", async () => {
  expect(asText(compare(await catalog(migrated), released))).toBe("");
  expect(await statements(databases.migrated.url, databases.wanted.url)).toEqual([]);
  expect(released.length).toBeGreaterThan(1000);
});

describe("a difference is seen:", () => {
  test.each([
    "comment on table chat.rooms is 'Something else.'",
    "comment on column chat.rooms.name is 'Something else.'",
    "comment on function chat.version is null",
    "comment on schema chat is null",
    "grant select (id) on chat.rooms to anon",
    "grant execute on function chat.version to anon",
    "revoke execute on function chat.version from authenticated",
    "grant usage on schema chat_private to anon",
    "grant select on chat_private.jobs to service_role with grant option",
    "alter default privileges in schema chat grant select on tables to anon",
    `drop policy "members can read pins" on chat.pins`,
    `alter policy "members can read pins" on chat.pins using (true)`,
    `create policy "anyone" on realtime.messages for select to authenticated using (true)`,
    "alter table chat.rooms disable row level security",
    "alter table chat.rooms add column mood text",
    "alter table chat.rooms alter column name set default 'Room'",
    "alter table chat.rooms alter column id set statistics 500",
    "alter table chat.rooms set (fillfactor = 20)",
    "alter table chat_private.rosters set unlogged",
    "alter table chat.rooms add constraint named check (name <> 'x') not valid",
    "create index on chat.rooms (created_at, name)",
    "alter index chat.pins_pkey rename to pins_key",
    "alter table chat.pins disable trigger pin_adding",
    "create trigger parley_new after insert on auth.users for each row execute function chat_private.pin_adding()",
    "alter function chat.version volatile",
    "alter function chat.version set search_path = 'chat'",
    "alter type chat.room_kind rename value 'group' to 'groups'",
    "alter sequence chat.pins_id_seq increment by 2",
    "create domain chat.name as text check (value <> '')",
    "create view chat.everything as select 1",
    "create statistics chat.related on room_id, user_id from chat.room_members",
    "alter publication supabase_realtime add table chat.rooms",
    "update chat_private.jobs set every = '1 year' where name = (select min(name) from chat_private.jobs)",
    "delete from chat_private.login_limits",
    "create extension citext schema extensions",
  ])("%s", async (statement) => {
    expect(await after(statement)).not.toBe("");
  });

  test("nothing else is", async () => {
    expect(await after("analyze chat.rooms; create table public.theirs (id bigint)")).toBe("");
  });
});

test("a migration is written from the difference; live tables get only short locks", async () => {
  const change = `
    alter table chat.messages add column mood text check (mood <> '');
    comment on column chat.messages.mood is 'How the sender feels.';
    grant insert (mood) on chat.messages to authenticated;
    create index messages_mood_idx on chat.messages (mood);
    create table chat.stars (
      id bigint generated always as identity primary key,
      message_id bigint not null references chat.messages on delete cascade
    );
    create index stars_message_id_idx on chat.stars (message_id);
    alter table chat.stars enable row level security;
    grant select on chat.stars to authenticated;
    create policy "people can read stars" on chat.stars for select to authenticated using (true);
    create function chat_private.star_added() returns trigger language plpgsql set search_path = '' as $$
    begin
      return new; -- Nothing; yet.
    end $$;
    create trigger star_added after insert on chat.stars for each row execute function chat_private.star_added();
    create or replace function chat.version() returns text language sql stable set search_path = '' as $$ select '2.0.0' $$;
    drop function chat.running_reply;
    revoke execute on all functions in schema chat_private from public;
    grant execute on function chat_private.is_chat_topic, chat_private.is_my_topic, chat_private.is_chat_file,
      chat_private.is_my_upload, chat_private.may_read_file, chat_private.has_access, chat_private.shows_presence to public;
    grant select, insert, update, delete on chat.stars to service_role;`;
  await wanted.begin((sql) => sql.unsafe(change).simple());

  const segments = await statements(databases.migrated.url, databases.wanted.url);
  const texts = await render("stars", segments);
  expect(segments.map(({ isTransaction }) => isTransaction)).toEqual([true, false, true]);
  expect(texts[0]).toContain("set local lock_timeout");
  expect(texts[0]).toMatch(/add constraint "messages_mood_check" check \(.*\) not valid;/);
  expect(texts[0]).toMatch(/create index stars_message_id_idx/);
  expect(texts[1]).toMatch(/^-- .*\n\ncreate index concurrently messages_mood_idx [^;]*;\n$/i);
  expect(texts[2]).toContain('validate constraint "messages_mood_check";');

  // As in a project that grants everything that is made to everybody.
  await migrated.unsafe(
    "alter default privileges grant all on tables to anon; alter default privileges grant all on functions to anon",
  )
    .simple();
  for (const [index, text] of texts.entries()) {
    if (segments[index]!.isTransaction) await migrated.begin((sql) => sql.unsafe(text).simple());
    else await migrated.unsafe(text).simple();
  }
  await migrated.unsafe(
    "alter default privileges revoke all on tables from anon; alter default privileges revoke all on functions from anon",
  )
    .simple();
  expect(asText(compare(await catalog(migrated), await catalog(wanted)))).toBe("");
});
