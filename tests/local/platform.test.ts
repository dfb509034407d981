import type postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { database } from "../support/clients.ts";
import { temporaryStack } from "./run.ts";

let stack: Awaited<ReturnType<typeof temporaryStack>>;
let sql: postgres.Sql;
let began: number;
beforeAll(async () => {
  began = Date.now();
  stack = await temporaryStack();
  sql = database(stack.status);
});
afterAll(async () => {
  await sql.end();
  await stack.stop();
});

test.each([
  "create table realtime.mine (id int)",
  "create function realtime.mine() returns int language sql as 'select 1'",
  "create table auth.mine (id int)",
  "alter table realtime.messages disable row level security",
  "alter table realtime.messages enable row level security",
  "create table storage.mine (id int)",
  "alter table auth.users add column mine int",
  "alter table storage.objects add column mine int",
  "alter table storage.objects disable row level security",
  "delete from storage.objects",
  "drop table storage.objects",
  "delete from realtime.messages",
  "truncate realtime.messages",
  "drop table realtime.messages",
  "create trigger mine after insert on realtime.messages for each row execute function suppress_redundant_updates_trigger()",
  "comment on table realtime.messages is 'mine'",
  "drop schema realtime cascade",
  "create or replace function auth.uid() returns uuid language sql as 'select null::uuid'",
  "create policy mine on pg_catalog.pg_class for select using (true)",
  "set role supabase_admin",
  "set role supabase_realtime_admin",
  "alter role supabase_admin password 'mine'",
  "grant supabase_realtime_admin to postgres",
  "create extension pageinspect",
  "copy (select 1) to program 'true'",
])("postgres may not: %s", async (statement) => {
  await expect(sql.unsafe(statement)).rejects.toMatchObject({ code: "42501" });
});

test.each([
  "create policy mine on realtime.messages for select to authenticated using (true)",
  "alter policy mine on realtime.messages using (false)",
  "drop policy mine on realtime.messages",
  "create policy mine on realtime.subscription for select to authenticated using (true)",
  "drop policy mine on realtime.subscription",
  "create policy mine on storage.objects for select to authenticated using ((storage.foldername(name))[1] = 'mine')",
  "drop policy mine on storage.objects",
  "insert into storage.buckets (id, name) values ('mine', 'mine')",
  "create trigger mine after insert on storage.objects for each row execute function suppress_redundant_updates_trigger()",
  "drop trigger mine on storage.objects",
  "create trigger mine after insert on auth.users for each row execute function suppress_redundant_updates_trigger()",
  "drop trigger mine on auth.users",
  "create table public.mine (user_id uuid references auth.users on delete cascade)",
  "alter publication supabase_realtime add table public.mine",
  "create extension if not exists pg_trgm with schema extensions",
  "create extension if not exists citext with schema extensions",
])("postgres may: %s", async (statement) => {
  await expect(sql.unsafe(statement)).resolves.toBeDefined();
});

test("managing a policy leaves no membership behind", async () => {
  await sql.unsafe(
    "create policy brief on realtime.messages for select using (true); drop policy brief on realtime.messages",
  );
  await expect(sql.unsafe("create policy brief on pg_catalog.pg_class using (true)")).rejects.toThrow();
  const roles = await sql`select roleid::regrole::text as role from pg_auth_members
    where member = 'postgres'::regrole and roleid::regrole::text like 'supabase%'`;
  expect(roles).toEqual([]);
});

test.each([
  ["a/b/c.tar.gz", ["a", "b"], "c.tar.gz", "gz"],
  ["c", [], "c", "c"],
  ["a/", ["a"], "", ""],
])("the parts of the path %s", async (path, folders, file, extension) => {
  const [row] = await sql`select storage.foldername(${path}) as folders, storage.filename(${path}) as file,
    storage.extension(${path}) as extension`;
  expect(row).toEqual({ folders, file, extension });
});

test("new objects are granted to no role", async () => {
  await sql.unsafe("create table public.fresh (id int)");
  const grants = await sql`select from information_schema.table_privileges
    where table_name = 'fresh' and grantee in ('anon', 'authenticated', 'service_role', 'PUBLIC')`;
  expect(grants).toHaveLength(0);
});

test("a broadcast is a row with its id in the payload, and the topic stays set", async () => {
  const [row] = await sql.begin(async (sql) => {
    await sql`select realtime.send('{"a": 1}', 'greeting', 'room:1')`;
    return await sql`select id, topic, extension, event, private, payload, realtime.topic() as current
      from realtime.messages where event = 'greeting'`;
  });
  expect(row).toEqual({
    id: expect.any(String),
    topic: "room:1",
    extension: "broadcast",
    event: "greeting",
    private: true,
    payload: { a: 1, id: row!.id },
    current: "room:1",
  });
  await sql`select realtime.send_binary('\\x01', 'bytes', 'room:1', false)`;
  const bytes = await sql`select private, payload from realtime.messages where event = 'bytes'`;
  expect(bytes).toEqual([{ private: false, payload: null }]);
});

test("a broadcast that fails is a warning, and the transaction continues", async () => {
  const notices: string[] = [];
  const listening = (await import("postgres")).default(stack.status.db_url, {
    max: 1,
    onnotice: ({ severity, message }) => notices.push(`${severity}: ${message}`),
  });
  const [row] = await listening.begin(async (sql) => {
    await sql`select realtime.send('[1]', 'lost', 'room:1')`;
    await sql`select realtime.send('1', 'lost', 'room:1')`;
    return await sql`select count(*)::int as lost from realtime.messages where event = 'lost'`;
  });
  await listening.end();
  expect(row).toEqual({ lost: 0 });
  expect(notices).toEqual([
    'WARNING: WarnSendingBroadcastMessage: path element at position 1 is not an integer: "id"',
    "WARNING: WarnSendingBroadcastMessage: cannot set path in scalar",
  ]);
});

test("broadcast_changes sends a row's change, and raises on anything else", async () => {
  await sql.unsafe("create table public.notes (id int); insert into public.notes values (7)");
  await sql`select realtime.broadcast_changes('notes', 'changed', 'INSERT', 'notes', 'public', n, null::public.notes)
    from public.notes n`;
  const [row] = await sql`select payload from realtime.messages where topic = 'notes'`;
  expect(row!.payload).toMatchObject({ operation: "INSERT", table: "notes", schema: "public", record: { id: 7 } });
  await expect(
    sql`select realtime.broadcast_changes('notes', 'changed', 'TRUNCATE', 'notes', 'public', n, n) from public.notes n`,
  ).rejects.toThrow("Failed to process the row: Unexpected operation type: TRUNCATE");
});

test("partitions reach from yesterday to three days ahead", async () => {
  const rows = await sql<{ name: string }[]>`
    select relid::regclass::text as name from pg_partition_tree('realtime.messages') where isleaf order by 1`;
  const names = rows.map(({ name }) => name);
  const partition = (now: number, ahead: number) => {
    const day = new Date(now + ahead * 86_400_000).toISOString().slice(0, 10);
    return `realtime.messages_${day.replaceAll("-", "_")}`;
  };
  const partitions = (now: number) => [-1, 0, 1, 2, 3].map((ahead) => partition(now, ahead));
  // A new day may have begun since they were created.
  expect([partitions(began), partitions(Date.now())]).toContainEqual(names.slice(-5));
  // A copy of a database of yesterday has an older one, for 72 hours.
  expect(names[0]! >= partition(began, -3)).toBe(true);
});

test("text is compared and lowercased as Unicode", async () => {
  const [row] = await sql`select lower('ПРИВЕТ') as lower, 'привет' ~ '^\\w+$' as word,
    to_tsvector('russian', 'Привет—Мир')::text as vector`;
  expect(row).toEqual({ lower: "привет", word: true, vector: "'мир':2 'привет':1" });
});
