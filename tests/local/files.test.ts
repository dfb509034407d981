import { randomBytes } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { client, database, dataOf } from "../support/clients.ts";
import { until } from "../support/until.ts";
import { newUser, type User } from "../support/users.ts";
import { type Stack, startStack, temporaryFolder } from "./run.ts";

/** Crashes, each in the middle of uploads, sends, deletions and the removal of files. */
const CRASHES = 3;
const WRITERS = 6;

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

test("no crash of the stack leaves a message without its file, or a file without a message, or any of them twice", async () => {
  const ann = await newUser("ann", stack.status);
  const { id: room } = await dataOf(ann.supabase.rpc("create_group_room", { name: "Tea" }));
  const type = "application/octet-stream";
  const sent = new Map<string, { content: Buffer; isDeleted: boolean }>();
  for (let crash = 0; crash < CRASHES; crash++) {
    let isOver = false;
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
          sent.set(ids.message, { content, isDeleted: false });
          started.delete(ids.message);
          if (Math.random() < 0.4) {
            sent.get(ids.message)!.isDeleted = true;
            await dataOf(user.supabase.rpc("delete_message", { message_id: id }));
          }
        } catch {
          // The stack is gone: what became of it is looked at below.
        }
      }
    };
    const before = sent.size;
    const writers = Array.from({ length: WRITERS }, writer);
    const remover = (async () => {
      while (!isOver) await removeFiles().catch(() => {});
    })();
    await until(() => sent.size - before, (count) => count >= 40);
    stack.child.kill("SIGKILL");
    await stack.exit;
    isOver = true;
    await Promise.all([...writers, remover]);
    stack = await startStack({ data });

    // Half of what was cut off is sent again, as by a client that got no answer. The rest is given up.
    const again = { ...ann, supabase: client({ stack: stack.status, token: ann.token }) };
    for (const [index, [key, { ids, content }]] of [...started].entries()) {
      if (index % 2) continue;
      await sendFile(again, room, ids, new Blob([new Uint8Array(content)], { type }));
      sent.set(key, { content, isDeleted: false });
    }
  }

  const sql = database(stack.status);
  // A day later.
  await sql`update chat.attachments set created_at = created_at - interval '25 hours' where message_id is null`;
  await sql`select chat_private.job_forget_uploads()`;
  await sql`update chat_private.files_to_remove set due_at = now()`;
  expect(await removeFiles()).toBe(200);

  const messages = await sql<{ id: string; client_id: string; deleted: boolean; path: string | null; bytes: number }[]>`
    select messages.id, client_id, deleted_at is not null as deleted, attachments -> 0 ->> 'path' as path,
      (attachments -> 0 ->> 'bytes')::integer as bytes
    from chat.messages as messages where room_id = ${room}`;
  expect(new Set(messages.map(({ client_id }) => client_id)).size, "messages sent twice").toBe(messages.length);
  const known = new Map(messages.map((message) => [message.client_id, message]));
  const service = client({ stack: stack.status, key: stack.status.secret_key }).storage.from("chat-files");
  for (const [key, { content, isDeleted }] of sent) {
    const message = known.get(key);
    expect(message, "an answered message").toBeDefined();
    if (message!.deleted) {
      expect(isDeleted).toBe(true);
      continue;
    }
    const file = await dataOf(service.download(message!.path!));
    expect(Buffer.from(await file.arrayBuffer()).equals(content)).toBe(true);
  }
  const kept = messages.filter(({ deleted }) => !deleted);
  for (const { path, bytes } of kept) {
    expect((await dataOf(service.download(path!))).size, "every message has its file").toBe(bytes);
  }
  const objects = await sql<{ name: string }[]>`select name from storage.objects where bucket_id = 'chat-files'`;
  expect(objects.map(({ name }) => name).sort()).toEqual(kept.map(({ path }) => path!).sort());
  expect(await onDisk()).toBe(kept.length);
  expect(kept.length).toBeGreaterThan(CRASHES * 10);
  await sql.end();
});

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
