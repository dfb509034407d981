import { cp, mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Stack, startStack, temporaryFolder } from "../../local/stack_process.ts";
import { appClient, database, dataOf } from "../support/clients.ts";
import { CONFIG, type Folder, folder, nextRelease, releaseMigrations, run } from "./folder.ts";
import { accounts, OWN_SQL, SNAPSHOT } from "./own_project.ts";

// The tests follow each other, as the days of one project: it gets Parley, upgrades it, and removes it.
const ACCOUNTS = 3000;
const root = fileURLToPath(new URL("../..", import.meta.url));
let project: Folder;
let data: string;
let stack: Stack;
let sql: postgres.Sql;
let before: unknown[];

const migrationPath = (name: string) => join(project.path, "supabase/migrations", name);

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
  // The stack exposes the schemas of config.toml and serves its functions, and the migrations are not pushed yet.
  expect(await project.parley("init", "--yes")).toMatchObject({ code: 0 });
  await mkdir(join(data, "migrations"));
  for (const name of await releaseMigrations()) await rename(migrationPath(name), join(data, "migrations", name));
  // Refusals are not delayed.
  const env = { REALTIME_JOIN_BACKOFF_MS: "50" };
  stack = await startStack({ data: join(data, "data"), project: project.path, env });
  for (const name of await releaseMigrations()) await rename(join(data, "migrations", name), migrationPath(name));
  sql = database(stack.status);
  await sql.unsafe(accounts(ACCOUNTS));
  before = await snapshot();
});
afterAll(async () => {
  await sql.end();
  await stack.stop();
  for (const path of [project.path, data]) await rm(path, { recursive: true, force: true });
});

/** What `doctor` finds: the status of each check, the worst where there are several. */
async function examined(): Promise<{ code: number; found: Record<string, string> }> {
  const { status } = stack;
  const keys = ["--url", status.api_url, "--key", status.publishable_key, "--secret-key", status.secret_key];
  const { code, output } = await project.parley("doctor", ...keys, "--db-url", status.db_url, "--json");
  const { findings } = JSON.parse(output) as { findings: { check: string; status: string }[] };
  return { code, found: Object.fromEntries(findings.map(({ check, status }) => [check, status])) };
}

test("doctor says that the migrations are missing", async () => {
  const { code, found } = await examined();
  expect(code).toBe(1);
  expect(found).toMatchObject({ schema: "failed", database: "failed", key: "ok", clock: "ok" });
});

test("a project with accounts and names of its own gets Parley", async () => {
  expect(await push()).toMatchObject({ code: 0 });
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
  for (
    const name of [
      "messenger",
      "mini-chat",
      "social",
      "conversations",
      "chat-sessions",
      "assistant",
      "accounts",
      "jobs",
    ]
  ) {
    const docs = await fetch(`${stack.status.functions_url}/${name}/api/docs/swagger-ui-bundle.js`);
    expect([name, docs.status]).toEqual([name, 200]);
    await docs.body?.cancel();
  }
  const api = `${stack.status.functions_url}/messenger/api`;
  const body = JSON.stringify({ username: "carl", password: "a long secret" });
  const headers = { "Content-Type": "application/json" };
  expect((await fetch(`${api}/auth/register/`, { method: "POST", headers, body })).status).toBe(201);
});

test("doctor finds it well, with the policies of the quick start", async () => {
  const { code, found } = await examined();
  expect(code).toBe(0);
  const { tokens, mail, platform, pooler, ...others } = found;
  // What `local/` does differently.
  expect({ tokens, mail, platform, pooler }).toEqual({
    tokens: "warning",
    mail: "warning",
    platform: "skipped",
    pooler: "warning",
  });
  expect(new Set(Object.values(others))).toEqual(new Set(["ok"]));
  expect(Object.keys(others)).toEqual(
    expect.arrayContaining(["release", "topics", "jobs", "cors", "address", "pages"]),
  );
});

test("an upgrade is pushed while it runs", async () => {
  const next = await nextRelease(async (release) => {
    await writeFile(
      join(release, "migrations/20980101000000_parley_notes.sql"),
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
  expect((await examined()).found).toMatchObject({ schema: "failed", database: "failed" });
  expect([...await sql`select from public.profiles`]).toHaveLength(ACCOUNTS + 3);
});
