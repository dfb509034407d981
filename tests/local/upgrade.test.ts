import { chmod, copyFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { RELEASE } from "../../client/sdk/src/contract/release.ts";
import { translate } from "../../client/sdk/src/util/errors.ts";
import { appClient, database, dataOf } from "../support/clients.ts";
import { newUser } from "../support/users.ts";
import { projectIn, run, type Stack, startStack, temporaryFolder } from "./run.ts";

async function newFolder(): Promise<string> {
  const folder = await temporaryFolder();
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A project with one more migration than this one, as the next release has. */
async function nextRelease(folder: string, statements: string): Promise<string> {
  const project = await projectIn(folder);
  await writeFile(join(project, "supabase", "migrations", "20990101000000_parley_next.sql"), statements);
  return project;
}

const NEXT = `
  set local lock_timeout = '5s';
  create or replace function chat.version() returns text language sql stable set search_path = '' as $$
    select '${RELEASE}-next';
  $$;
  alter table chat.posts add column mood text;`;

/** Works on the database of a stack. */
async function on<T>({ status }: Stack, work: (sql: ReturnType<typeof database>) => Promise<T>): Promise<T> {
  const sql = database(status);
  return await work(sql).finally(() => sql.end());
}

const release = (stack: Stack) => on(stack, async (sql) => (await sql`select chat.version() as release`)[0]!.release);
const words = (stack: Stack) => on(stack, async (sql) => [...await sql`select word from public.words`]);

/** What Storage has in the bucket of `makeData`. */
async function storedWord({ status }: Stack): Promise<string> {
  const { storage } = appClient({ stack: status, key: status.secret_key });
  return await (await dataOf(storage.from("words").download("one.txt"))).text();
}

/** Makes data of this release, with a table and a file of the project's own, and stops. */
async function makeData(data: string): Promise<void> {
  await using stack = await startStack({ data });
  await on(stack, (sql) => sql`create table public.words as select 'one' as word`);
  const { storage } = appClient({ stack: stack.status, key: stack.status.secret_key });
  await dataOf(storage.createBucket("words"));
  await dataOf(storage.from("words").upload("one.txt", "one"));
}

/** Starts on the data, and expects one sentence instead of a stack. */
async function refused(data: string, sentence: string, project?: string): Promise<void> {
  const { exit, output } = run("start", ["--port", "0", "--db-port", "0", "--data", data], {}, project);
  expect([await exit, output()]).toEqual([1, `${sentence}\n`]);
}

test("data of an older release is upgraded after a copy, which that release opens; it refuses the upgraded data", async () => {
  const folder = await newFolder();
  const data = join(folder, "data");
  await makeData(data);
  const project = await nextRelease(folder, NEXT);
  // And one more step of the set-up.
  await writeFile(join(project, "local", "postgres", "bootstrap", "99_next.sql"), "create schema next;");

  const upgraded = await startStack({ data, project });
  const [name] = await readdir(join(data, "copies"));
  const copy = join(data, "copies", name!);
  expect(upgraded.output().split("\n").slice(0, 3)).toEqual([
    `The data in ${data} is of release ${RELEASE}. It was copied to ${copy}, which that release can open.`,
    "Applied the migration parley_next.",
    `The data in ${data} is now of release ${RELEASE}-next.`,
  ]);
  expect([await release(upgraded), await words(upgraded)]).toEqual([`${RELEASE}-next`, [{ word: "one" }]]);
  expect(await storedWord(upgraded)).toBe("one");
  expect(await on(upgraded, (sql) => sql`select from pg_namespace where nspname = 'next'`)).toHaveLength(1);
  await upgraded.stop();

  await using again = await startStack({ data, project });
  expect(again.output()).not.toContain("copied");
  await again.stop();
  expect(await readdir(join(data, "copies"))).toEqual([name]);

  const newer = (what: string) =>
    `The data in ${data} was made by a newer release of Parley, with ${what}: update this checkout, or choose another ` +
    "folder with --data.";
  await refused(data, newer("the set-up 99_next"));
  await copyFile(join(copy, "setup.json"), join(data, "setup.json"));
  await refused(data, newer("the migration 20990101000000_parley_next"));
  await using older = await startStack({ data: copy });
  expect([await release(older), await words(older)]).toEqual([RELEASE, [{ word: "one" }]]);
  expect(await storedWord(older)).toBe("one");
});

test("a migration that fails leaves the data as it was, and a copy", async () => {
  const folder = await newFolder();
  // Where Parley runs as root, the cluster and its copy are elsewhere.
  await chmod(folder, 0o700);
  const data = join(folder, "data");
  await makeData(data);
  const project = await nextRelease(folder, `${NEXT} select 1 / 0;`);
  const failing = run("start", ["--port", "0", "--db-port", "0", "--data", data], {}, project);
  expect(await failing.exit).toBe(1);
  expect(failing.output().trim().split("\n").at(-1)).toBe(
    "The migration 20990101000000_parley_next.sql failed and was rolled back: division by zero.",
  );
  const copies = await readdir(join(data, "copies"));
  expect(copies).toHaveLength(1);
  for (const each of [data, join(data, "copies", copies[0]!)]) {
    await using stack = await startStack({ data: each });
    expect([await release(stack), await words(stack)]).toEqual([RELEASE, [{ word: "one" }]]);
  }
});

test("an index is made concurrently, outside of a transaction", async () => {
  const folder = await newFolder();
  const index = "create index concurrently posts_mood_idx on chat.posts (title)";
  const project = await nextRelease(folder, `-- For searches by title.\n${index};\n`);
  await using stack = await startStack({ data: join(folder, "data"), project });
  const [{ indisvalid }] = await on(stack, (sql) =>
    sql`
    select indisvalid from pg_index where indexrelid = 'chat.posts_mood_idx'::regclass`) as [{ indisvalid: boolean }];
  expect(indisvalid).toBe(true);
});

test("data of an unreleased text is refused, in a sentence that says how to save them", async () => {
  const data = join(await newFolder(), "data");
  const stack = await startStack({ data, args: ["--from-sql"] });
  expect(await release(stack)).toBe(RELEASE);
  await stack.stop();
  const sentence =
    `The data in ${data} was made by an unreleased text of Parley: start the checkout that made it and ` +
    "save what you need with pg_dump, then start over with --reset, or choose another folder with --data.";
  await refused(data, sentence);
  await writeFile(join(data, "setup.json"), '{"bootstrap": "0123456789abcdef"}');
  await refused(data, sentence);
  await writeFile(join(data, "setup.json"), '{"bootstrap": [["1_roles", "0123456789abcdef"]]}');
  await refused(data, sentence);
});

test("a call that waits while a migration adds a column to what it returns is repeated, by functions and the SDK", async () => {
  await using stack = await startStack();
  const { status } = stack;
  const user = await newUser("ann", status);
  const { data: room } = await user.supabase.rpc("create_group_room", { name: "Tea" });
  const send = () => user.supabase.rpc("send_message", { room_id: room!.id, content: "Over the Data API" });
  const headers = { Authorization: `Bearer ${user.token}`, "Content-Type": "application/json" };
  const body = JSON.stringify({ chat: room!.id, text: "Over the REST API" });
  const sendOverRest = () =>
    fetch(`${status.functions_url}/messenger/api/messages/`, { method: "POST", headers, body });
  expect([(await send()).status, (await sendOverRest()).status]).toEqual([200, 201]);

  const calls = await on(stack, async (sql) => {
    const waiting = () => sql`select from pg_stat_activity where wait_event_type = 'Lock'`;
    return await sql.begin(async (transaction) => {
      await transaction`alter table chat.messages add column mood text`;
      const [overData, overRest] = [send().then((answer) => answer), sendOverRest()];
      await expect.poll(async () => (await waiting()).length).toBe(2);
      return { overData, overRest };
    });
  });
  const { error, status: answered } = await calls.overData;
  expect([error?.code, error && translate(error, answered).passing]).toEqual(["42804", true]);
  expect((await calls.overRest).status).toBe(201);
});

test("a call that waits while a migration replaces a function that it calls may be repeated", async () => {
  await using stack = await startStack();
  const user = await newUser("ann", stack.status);
  const { data: room } = await user.supabase.rpc("create_group_room", { name: "Tea" });
  const send = () => user.supabase.rpc("send_message", { room_id: room!.id, content: "Tea?" });
  expect((await send()).status).toBe(200);
  await on(stack, async (sql) => {
    const call = await sql.begin(async (transaction) => {
      await transaction`lock table chat.rooms in access exclusive mode`;
      await transaction`alter function chat_private.message_payload(chat.messages) rename to replaced`;
      const call = send().then((answer) => answer);
      const waiting = () => sql`select from pg_stat_activity where wait_event_type = 'Lock'`;
      await expect.poll(async () => (await waiting()).length).toBe(1);
      return { call };
    });
    const { error, status } = await call.call;
    expect([error?.code, error && translate(error, status).passing]).toEqual(["42883", true]);
    await sql`alter function chat_private.replaced(chat.messages) rename to message_payload`;
  });
  expect((await send()).status).toBe(200);
});

test("data that Parley was removed from is refused, in a sentence that says how to begin again", async () => {
  const folder = await newFolder();
  const data = join(folder, "data");
  {
    await using stack = await startStack({ data });
    // The background jobs wait, instead of holding what is dropped.
    const drop = "lock table chat_private.jobs; drop schema chat cascade";
    await on(stack, (sql) => sql.begin((sql) => sql.unsafe(drop).simple()));
  }
  const project = await nextRelease(folder, NEXT);
  await refused(
    data,
    `The data in ${data} have no schema chat any more: start with --reset, or with --data and another folder.`,
    project,
  );
});
