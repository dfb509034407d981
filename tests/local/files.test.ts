import { createHash, randomBytes } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { client, database, dataOf } from "../support/clients.ts";
import { withDescendants } from "../support/processes.ts";
import { until } from "../support/until.ts";
import { newUser, type User } from "../support/users.ts";
import { isAlive, postmasterPid, type Stack, startStack, temporaryFolder } from "./run.ts";

/** What is killed, in turns, each time in the middle of uploads, sends, deletions and the removal of files. */
const VICTIMS = ["the whole stack", "Postgres", "its first process"] as const;
/** PARLEY_KILLS=200 takes a quarter of an hour. */
const KILLS = Number(process.env.PARLEY_KILLS ?? VICTIMS.length);
const WRITERS = 6;
const SENT_BEFORE_KILL = 20;
/** Writers that fail at once, again and again, would leave hundreds of files to send again while Postgres restarts. */
const PAUSE_AFTER_FAILURE_MS = 500;
/** A token lives an hour, which is less than a long run on a busy machine. */
const ROUNDS_OF_A_TOKEN = 20;

let folder: string;
let data: string;
let stack: Stack;
beforeAll(async () => {
  folder = await temporaryFolder();
  data = join(folder, "data");
  stack = await startStack({ data });
});
afterAll(async () => {
  await stack.stop();
  await rm(folder, { recursive: true, force: true });
});

/** How many files are on the disk. */
async function onDisk(): Promise<number> {
  const found = await readdir(join(data, "storage", "objects"), { recursive: true, withFileTypes: true }).catch(
    () => [],
  );
  return found.filter((entry) => entry.isFile()).length;
}

const removeFiles = async () => {
  const headers = { apikey: stack.status.secret_key };
  const response = await fetch(`${stack.status.functions_url}/jobs/api/files/`, { method: "POST", headers });
  await response.body?.cancel();
  return response.status;
};

async function newToken({ email, password }: User): Promise<string> {
  const { data, error } = await client({ stack: stack.status }).auth.signInWithPassword({ email, password });
  if (error) throw error;
  return data.session.access_token;
}

/** Uploads a file and sends it, repeating each step under the same ids until it has succeeded. */
async function sendFile(user: User, room: number, ids: { file: string; message: string }, content: Blob) {
  const announced = await dataOf(
    user.supabase.rpc("begin_upload", {
      room_id: room,
      name: "a.bin",
      mime_type: content.type,
      bytes: content.size,
      client_id: ids.file,
    }),
  );
  if (announced.message_id === null) {
    const { error } = await user.supabase.storage.from("chat-files").upload(announced.path, content);
    if (error && !/already exists/.test(error.message)) throw error;
  }
  return await dataOf(
    user.supabase.rpc("send_message", {
      room_id: room,
      content: "",
      client_id: ids.message,
      attachment_ids: [ids.file],
    }),
  );
}

/** Kills a part of the stack without a warning. Only Postgres is started again by the rest. */
async function kill(victim: typeof VICTIMS[number]): Promise<void> {
  if (victim === "Postgres") {
    const killed = await postmasterPid(data);
    process.kill(killed, "SIGKILL");
    // Its processes answer their clients until they next wait for one. Another Postgres starts when all have ended.
    await until(() => postmasterPid(data).catch(() => killed), (pid) => pid !== killed && isAlive(pid));
    return;
  }
  const first = stack.child.pid!;
  const pids = victim === "the whole stack" ? await withDescendants(first) : [first];
  for (const pid of pids.filter(isAlive)) process.kill(pid, "SIGKILL");
  await stack.exit;
}

const digestOf = (content: Buffer) => createHash("sha256").update(content).digest("hex");

/** Works on all items, a few at once. */
async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = items.values();
  await Promise.all(Array.from({ length: WRITERS }, async () => {
    for (const item of left) await work(item);
  }));
}

/** A day after the last upload. */
async function forgetUploads(): Promise<void> {
  const sql = database(stack.status);
  await sql`update chat.attachments set created_at = created_at - interval '25 hours' where message_id is null`;
  await sql`select chat_private.prune_uploads()`;
  await sql`update chat_private.files_to_remove set due_at = now()`;
  await sql.end();
}

test(`no message without its file, no file without a message, none twice, ${KILLS} times kill -9`, async () => {
  const ann = await newUser("ann", stack.status);
  const { id: room } = await dataOf(ann.supabase.rpc("create_group_room", { name: "Tea" }));
  const type = "application/octet-stream";
  const sent = new Map<string, { digest: string; isDeleted: boolean }>();
  let cutOff = 0;
  for (let round = 0; round < KILLS; round++) {
    // The whole stack at last: the start after it removes files whose rows were not written.
    const victim = VICTIMS[(KILLS - 1 - round) % VICTIMS.length]!;
    let isOver = false;
    if (round % ROUNDS_OF_A_TOKEN === ROUNDS_OF_A_TOKEN - 1) ann.token = await newToken(ann);
    // The tokens outlive the crash; the address may not.
    const user = { ...ann, supabase: client({ stack: stack.status, token: ann.token }) };
    const started = new Map<string, { ids: { file: string; message: string }; content: Buffer }>();
    const writer = async () => {
      while (!isOver) {
        const ids = { file: crypto.randomUUID(), message: crypto.randomUUID() };
        const content = randomBytes(20_000 + Math.floor(Math.random() * 200_000));
        started.set(ids.message, { ids, content });
        try {
          const { id } = await sendFile(user, room, ids, new Blob([new Uint8Array(content)], { type }));
          sent.set(ids.message, { digest: digestOf(content), isDeleted: false });
          started.delete(ids.message);
          if (Math.random() < 0.4) {
            sent.get(ids.message)!.isDeleted = true;
            await dataOf(user.supabase.rpc("delete_message", { message_id: id }));
          }
        } catch {
          // It is gone: what became of the file and the message is looked at below.
          await sleep(PAUSE_AFTER_FAILURE_MS);
        }
      }
    };
    const writers = Array.from({ length: WRITERS }, writer);
    const remover = (async () => {
      while (!isOver) await removeFiles().catch(() => sleep(50));
    })();
    const sendMore = async () => {
      const before = sent.size;
      await until(() => sent.size - before, (count) => count >= SENT_BEFORE_KILL);
    };
    await sendMore();
    await kill(victim);
    if (victim === "Postgres") await sendMore();
    isOver = true;
    await Promise.all([...writers, remover]);
    if (victim !== "Postgres") stack = await startStack({ data });

    // Half of what was cut off is sent again, as by a client that got no answer. The rest is given up.
    const again = { ...ann, supabase: client({ stack: stack.status, token: ann.token }) };
    cutOff += started.size;
    await inParallel([...started].filter((_, index) => index % 2 === 0), async ([key, { ids, content }]) => {
      await sendFile(again, room, ids, new Blob([new Uint8Array(content)], { type }));
      sent.set(key, { digest: digestOf(content), isDeleted: false });
    });
    await forgetUploads();
  }
  expect(cutOff).toBeGreaterThanOrEqual(KILLS);
  expect(await removeFiles()).toBe(200);

  const sql = database(stack.status);
  const messages = await sql<{ id: string; client_id: string; deleted: boolean; path: string | null; bytes: number }[]>`
    select messages.id, client_id, deleted_at is not null as deleted, attachments -> 0 ->> 'path' as path,
      (attachments -> 0 ->> 'bytes')::integer as bytes
    from chat.messages as messages where room_id = ${room}`;
  expect(new Set(messages.map(({ client_id }) => client_id)).size, "messages sent twice").toBe(messages.length);
  const known = new Map(messages.map((message) => [message.client_id, message]));
  const service = client({ stack: stack.status, key: stack.status.secret_key }).storage.from("chat-files");
  for (const [key, { isDeleted }] of sent) {
    const message = known.get(key);
    expect(message, "an answered message").toBeDefined();
    if (message!.deleted) expect(isDeleted).toBe(true);
  }
  const kept = messages.filter(({ deleted }) => !deleted);
  await inParallel(kept, async ({ client_id, path, bytes }) => {
    const file = await dataOf(service.download(path!));
    expect(file.size, "every message has its file").toBe(bytes);
    const digest = sent.get(client_id)?.digest;
    if (digest) expect(digestOf(Buffer.from(await file.arrayBuffer()))).toBe(digest);
  });
  const objects = await sql<{ name: string }[]>`select name from storage.objects where bucket_id = 'chat-files'`;
  expect(objects.map(({ name }) => name).sort()).toEqual(kept.map(({ path }) => path!).sort());
  expect(await onDisk()).toBe(kept.length);
  expect(kept.length).toBeGreaterThan(KILLS * SENT_BEFORE_KILL / 4);
  await sql.end();
}, 120_000 + KILLS * 30_000);

test("the timer removes the file of a deleted message by itself", async () => {
  const ann = await newUser("ann", stack.status);
  const { id: room } = await dataOf(ann.supabase.rpc("create_group_room", { name: "Tea" }));
  const content = new Blob(["tea"], { type: "text/plain" });
  const before = await onDisk();
  const { id } = await sendFile(ann, room, { file: crypto.randomUUID(), message: crypto.randomUUID() }, content);
  expect(await onDisk()).toBe(before + 1);
  await dataOf(ann.supabase.rpc("delete_message", { message_id: id }));
  await until(onDisk, (count) => count === before);
});
