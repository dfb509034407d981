import { cp, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Stack, startStack, temporaryFolder } from "../../local/stack_process.ts";
import { appClient, database, dataOf } from "../support/clients.ts";
import { CONFIG, type Folder, folder, nextRelease, run } from "./folder.ts";
import { accounts, OWN_SQL, SNAPSHOT } from "./own_project.ts";

// The tests follow each other, as the days of one project: it gets Parley, upgrades it, and removes it.
const ACCOUNTS = 3000;
const root = fileURLToPath(new URL("../..", import.meta.url));
let project: Folder;
let data: string;
let stack: Stack;
let sql: postgres.Sql;
let before: unknown[];

/** The stack with the project's `supabase/`: it applies its migrations, exposes its schemas and serves its functions. */
async function start(): Promise<void> {
  stack = await startStack({ data: join(data, "data"), project: project.path });
  sql = database(stack.status);
}

async function stop(): Promise<void> {
  await sql.end();
  await stack.stop();
}

const snapshot = async () => [...await sql.unsafe(SNAPSHOT)];

/** What the developer types, with the Supabase CLI of the repository. */
const push = () =>
  run(project.path, join(root, "node_modules/.bin/supabase"), [
    "db",
    "push",
    `--remote=${stack.status.db_url}`,
    "--yes",
  ]);

beforeAll(async () => {
  data = await temporaryFolder();
  project = await folder({
    "supabase/config.toml": CONFIG.replace(/\[functions[^]*/, ""),
    "supabase/migrations/20240101000000_ours.sql": OWN_SQL,
  });
  await cp(join(root, "local"), join(project.path, "local"), { recursive: true });
  for (const name of ["client", "deno.json", "functions", "node_modules", "package.json"]) {
    await symlink(join(root, name), join(project.path, name));
  }
  await start();
  await sql.unsafe(accounts(ACCOUNTS));
  before = await snapshot();
});
afterAll(async () => {
  await stop();
  for (const path of [project.path, data]) await rm(path, { recursive: true, force: true });
});

test("a project with accounts and names of its own gets Parley", async () => {
  await stop();
  expect(await project.parley("init", "--yes")).toMatchObject({ code: 0 });
  await start();
  const [counted] = await sql`
    select count(*)::integer as profiles, count(distinct username)::integer as names from chat.profiles`;
  expect(counted).toEqual({ profiles: ACCOUNTS, names: ACCOUNTS });
  expect(await push()).toMatchObject({ code: 0, output: expect.stringContaining("up to date") });

  const supabase = appClient({ stack: stack.status });
  const signUp = { email: "ann@example.com", password: "a long secret", options: { data: { username: "ann" } } };
  await dataOf(supabase.auth.signUp(signUp));
  await supabase.realtime.setAuth();
  const chat = supabase.schema("chat");
  const room = await dataOf(chat.rpc("create_group_room", { name: "Tea" }));
  const received = new Promise((resolve) => {
    supabase.channel(room.topic, { config: { private: true } })
      .on("broadcast", { event: "message.created" }, ({ payload }) => resolve(payload.message.content))
      .subscribe((status) => {
        if (status === "SUBSCRIBED") chat.from("messages").insert({ room_id: room.id, content: "Hello!" }).then();
      });
  });
  expect(await received).toBe("Hello!");
  expect(await dataOf(supabase.from("messages").select())).toEqual([]);
  await supabase.removeAllChannels();
});

test("its functions answer, with their pages", async () => {
  for (const name of ["messenger", "mini-chat", "social", "conversations", "chat-sessions", "assistant", "accounts"]) {
    const docs = await fetch(`${stack.status.functions_url}/${name}/api/docs/swagger-ui-bundle.js`);
    expect([name, docs.status]).toEqual([name, 200]);
    await docs.body?.cancel();
  }
  const api = `${stack.status.functions_url}/messenger/api`;
  const body = JSON.stringify({ username: "carl", password: "a long secret" });
  const headers = { "Content-Type": "application/json" };
  expect((await fetch(`${api}/auth/register/`, { method: "POST", headers, body })).status).toBe(201);
});

test("an upgrade is pushed while it runs", async () => {
  const next = await nextRelease(async (release) => {
    await writeFile(
      join(release, "migrations/20261201000000_parley_notes.sql"),
      "create table chat.notes (id bigint primary key);",
    );
  });
  expect(await next.parley(project, "upgrade", "--yes")).toMatchObject({ code: 0 });
  await next.remove();
  expect(await push()).toMatchObject({ code: 0 });
  expect(await sql`select to_regclass('chat.notes') is not null as is_there`).toEqual([{ is_there: true }]);
  expect(await sql`select content from chat.messages`).toEqual([{ content: "Hello!" }]);
});

test("the removal is refused while something of the project's uses Parley", async () => {
  await sql`create view public.talk as select id, content from chat.messages`;
  expect(await project.parley("remove", "--yes")).toMatchObject({ code: 0 });
  const { code, output } = await push();
  expect(code).not.toBe(0);
  expect(output).toMatch(/rule _RETURN on view (public\.)?talk/);
  expect(await sql`select content from chat.messages`).toEqual([{ content: "Hello!" }]);
  await sql`drop view public.talk`;
});

test("the removal leaves the project's own schema as it was", async () => {
  expect(await snapshot()).not.toEqual(before);
  expect(await push()).toMatchObject({ code: 0 });
  expect(await snapshot()).toEqual(before);
  const [{ people }] = await sql`select count(*)::integer as people from auth.users` as [postgres.Row];
  expect(people).toBe(ACCOUNTS + 2);
  const { error } = await appClient({ stack: stack.status }).auth.signUp({
    email: "new@example.com",
    password: "a long secret",
  });
  expect(error).toBeNull();
  expect([...await sql`select from public.profiles`]).toHaveLength(ACCOUNTS + 3);
});
