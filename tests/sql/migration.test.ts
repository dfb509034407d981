import type postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { temporaryStack } from "../local/run.ts";
import { database } from "../support/clients.ts";
import { briefMigrations } from "../support/migrations.ts";

// A stack of its own, which loses Parley and gets it again.
let stack: Awaited<ReturnType<typeof temporaryStack>>;
let sql: postgres.Sql;
let migration: string;
beforeAll(async () => {
  stack = await temporaryStack();
  sql = database(stack.status);
  migration = await briefMigrations();
});
afterAll(async () => {
  await sql.end();
  await stack.stop();
});

const migrate = () => sql.begin((sql) => sql.unsafe(migration).simple());

test("a project that has accounts gets Parley, and they get profiles", async () => {
  // The background jobs wait, instead of holding what is dropped.
  await sql.begin((sql) => sql.unsafe("lock table chat_private.jobs; drop schema chat, chat_private cascade").simple());
  await sql`
    insert into auth.users (id, email, raw_user_meta_data, created_at) values
      (gen_random_uuid(), 'ann@example.com', null, '2001-01-01'),
      (gen_random_uuid(), 'ann@example.org', '{}', '2002-01-01'),
      (gen_random_uuid(), 'bob@example.com', '{"first_name": ["x"], "username": {"a": 1}}', '2003-01-01'),
      (gen_random_uuid(), null, '[]', '2004-01-01'),
      (gen_random_uuid(), 'nobody@users.parley.invalid', '{}', '2005-01-01')`;
  await migrate();
  const profiles = await sql`select username, first_name from chat.profiles order by number`;
  expect([...profiles]).toEqual([
    { username: "ann", first_name: "" },
    { username: "ann2", first_name: "" },
    { username: "a1", first_name: '["x"]' },
    { username: "user", first_name: "" },
  ]);
});

test("a second time it is refused as a whole", async () => {
  const objects = () => sql`select count(*) from pg_depend`;
  const before = await objects();
  await expect(migrate()).rejects.toMatchObject({ code: "42P06", message: 'schema "chat" already exists' });
  expect(await objects()).toEqual(before);
});
