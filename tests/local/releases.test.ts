import { execFile } from "node:child_process";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { Sql } from "postgres";
import { expect, onTestFinished, test } from "vitest";
import { readReleases, type Release } from "../../scripts/schema/releases.ts";
import { translate } from "../../client/sdk/src/util/errors.ts";
import { database } from "../support/clients.ts";
import { newUser, type User } from "../support/users.ts";
import { projectIn, startStack, temporaryFolder } from "./run.ts";

const releases = await readReleases();

/** Migrations as a later release may have, which no release has yet. */
const NEXT: [name: string, text: string][] = [
  [
    "20990101000000_parley_mood.sql",
    `set local lock_timeout = '5s';
    alter table chat.messages add column mood text default 'fine';
    alter table chat.messages add constraint messages_mood_check check (mood <> '') not valid;
    grant insert (mood) on chat.messages to authenticated;
    create or replace function chat.is_online(status chat.user_status) returns boolean
    language sql stable security invoker set search_path = '' as 'select false';`,
  ],
  ["20990101000001_parley_mood_2.sql", "create index concurrently messages_mood_idx on chat.messages (room_id, mood);"],
  [
    "20990101000002_parley_mood_3.sql",
    "set local lock_timeout = '5s'; alter table chat.messages validate constraint messages_mood_check;",
  ],
];

/** A project of a release: without the migrations that later ones have added, on the platform as it is now. */
async function projectOf(release: Release, folder: string): Promise<string> {
  const project = await projectIn(folder);
  const files = new Set(releases.slice(0, releases.indexOf(release) + 1).flatMap(({ files }) => Object.keys(files)));
  for (const name of await readdir(join(project, "supabase", "migrations"))) {
    const path = `supabase/migrations/${name}`;
    if (!files.has(path)) await rm(join(project, path));
  }
  return project;
}

/** The data that a release's own clients have made: the fixture of that release, or of the last before it. */
async function fixtureOf({ version }: Release): Promise<string> {
  const folder = "tests/fixtures/releases";
  const names = await readdir(folder);
  const versions = releases.slice(0, releases.findIndex((release) => release.version === version) + 1);
  const name = versions.map(({ version }) => `${version}.sql`).findLast((name) => names.includes(name));
  return await readFile(join(folder, name!), "utf8");
}

type Table = { name: string; columns: string };

/** The tables of Parley and of Auth that have rows, with their columns. */
function tablesOf(sql: Sql): Promise<Table[]> {
  return sql<Table[]>`
    select attrelid::regclass::text as name, string_agg(quote_ident(attname), ', ' order by attnum) as columns
    from pg_attribute join pg_class on pg_class.oid = attrelid
    where relnamespace in ('chat'::regnamespace, 'chat_private'::regnamespace, 'auth'::regnamespace) and relkind = 'r'
      and attnum > 0 and not attisdropped
    group by attrelid order by 1`;
}

/** A hash of each row, sorted, by table. */
async function rowsOf(sql: Sql, tables: Table[]): Promise<Map<string, string[]>> {
  const hashes = tables.map(async ({ name, columns }) => {
    const rows = await sql.unsafe(
      `select md5(rows::text) as hash from (select ${columns} from ${name}) as rows order by 1`,
    );
    return [name, rows.map(({ hash }) => hash as string)] as const;
  });
  return new Map(await Promise.all(hashes));
}

/** What is in the first list and, as often, not in the second. */
function lost(before: string[], after: string[]): string[] {
  const left = [...after];
  return before.filter((hash) => {
    const index = left.indexOf(hash);
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
}

/** Sends one message after the other, as a client of an older release does, until it is stopped. */
function keepSending({ supabase }: User, room_id: number) {
  const failures: unknown[] = [];
  let sent = 0;
  let isOver = false;
  const sending = (async () => {
    for (; !isOver; sent++) {
      const message = { room_id, content: `${sent}`, client_id: crypto.randomUUID() };
      let { error, status } = await supabase.rpc("send_message", message);
      // As the SDK repeats it, while one migration after the other replaces functions.
      for (let tries = 1; error && translate(error, status).passing && tries < 5; tries++) {
        await sleep(50);
        ({ error, status } = await supabase.rpc("send_message", message));
      }
      if (error) failures.push(error);
      await sleep(10);
    }
  })();
  return async () => {
    isOver = true;
    await sending;
    return { sent, failures };
  };
}

/** A stack and a connection to its database, for one test. */
async function openStack(folder: string, project?: string) {
  const stack = await startStack({ data: join(folder, "data"), ...(project && { project }) });
  const sql = database(stack.status);
  onTestFinished(async () => {
    await sql.end();
    await stack.stop();
  });
  return { stack, sql };
}

async function newFolder(): Promise<string> {
  const folder = await temporaryFolder();
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function upgrade(release: Release): Promise<void> {
  const folder = await newFolder();
  const { stack, sql } = await openStack(folder, await projectOf(release, join(folder, "old")));
  const fixture = await fixtureOf(release);
  await sql.begin((sql) => sql.unsafe(fixture).simple());
  const tables = await tablesOf(sql);
  const before = await rowsOf(sql, tables);
  // Prune has taken the place of this job.
  const [{ renamed }] = await sql<[{ renamed: number }]>`
    select count(*)::integer as renamed from chat_private.jobs where name = 'prune_changes'`;
  const empty = [...before].filter(([name, rows]) => name.startsWith("chat") && rows.length === 0);
  expect(empty.map(([name]) => name)).toEqual([]);
  const user = await newUser("old", stack.status);
  const { data: room } = await user.supabase.rpc("create_group_room", { name: "During the upgrade" });
  const stopSending = keepSending(user, room!.id);

  const project = await projectIn(join(folder, "new"));
  const migrations = join(project, "supabase", "migrations");
  for (const [name, text] of NEXT) await writeFile(join(migrations, name), text);
  const command = ["db", "push", `--remote=${stack.status.db_url}`, "--workdir", project, "--yes"];
  await promisify(execFile)("node_modules/.bin/supabase", command);
  await sleep(200);
  const { sent, failures } = await stopSending();

  const applied = await sql`select version from supabase_migrations.schema_migrations order by 1`;
  const wanted = (await readdir(migrations)).sort().map((name) => name.slice(0, 14));
  expect(applied.map(({ version }) => version)).toEqual(wanted);
  const after = await rowsOf(sql, tables);
  const missing = [...before].map(([name, rows]) => [name, lost(rows, after.get(name) ?? []).length]);
  expect(missing.filter(([, count]) => count !== 0)).toEqual(renamed ? [["chat_private.jobs", renamed]] : []);
  expect([failures, sent > 10]).toEqual([[], true]);
  const { data: messages } = await user.supabase.from("messages").select("content").eq("room_id", room!.id).order(
    "seq",
  );
  expect(messages!.map(({ content }) => content)).toEqual(Array.from({ length: sent }, (_, index) => `${index}`));
}

for (const release of releases) {
  test(
    `a database of ${release.version}, with data in every table, is upgraded by db push while a client sends`,
    () => upgrade(release),
  );
}
