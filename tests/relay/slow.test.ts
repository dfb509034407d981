import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { newGroup, type Person, threePeople } from "../api/people.ts";
import { database } from "../support/clients.ts";
import { Proxy } from "../support/proxy.ts";
import { Talker } from "./talker.ts";
import { startWorker } from "./worker.ts";

const sql = database();
let proxy: Proxy;
let worker: Awaited<ReturnType<typeof startWorker>>;
beforeAll(async () => {
  proxy = await Proxy.start(inject("status").api_url);
  worker = await startWorker({ SUPABASE_URL: proxy.url, RELAY_MAX_BACKLOG: "1000000" });
});
afterAll(async () => {
  await Promise.all([worker.stop(), sql.end()]);
  await proxy.close();
});

/** Bytes of memory that the worker uses. */
async function memory(): Promise<number> {
  const { stdout } = await promisify(execFile)("ps", ["-o", "rss=", "-p", String(worker.pid)]);
  return Number(stdout) * 1024;
}

/** A group of two, and a function that opens sockets in the worker. */
async function newTalk() {
  const { ann, bob } = await threePeople();
  const chat = await newGroup(ann, bob);
  const { version } = (await ann.api.get(`/api/chats/${chat}/`)).body;
  const route = `${worker.url.replace("http", "ws")}/messenger/ws/chat/${chat}/`;
  return { ann, bob, chat, talker: ({ access }: Person) => new Talker(`${route}?token=${access}`, version) };
}

/** That many messages of 18 KB, all at once. */
const say = (chat: number, count: number) =>
  sql`
    insert into chat.messages (room_id, sender_id, content)
    select id, created_by, repeat('ж', 9000) from chat.rooms, generate_series(1, ${count}::int) where id = ${chat}`;

test("a client that does not read is closed with 1013 before memory grows, and receives the rest when it reconnects", async () => {
  const { ann, bob, chat, talker } = await newTalk();
  const steady = talker(ann);
  const slow = Array.from({ length: 20 }, () => talker(bob));
  for (const talker of [steady, ...slow]) await talker.open();
  await steady.say("Let us begin");
  for (const talker of slow) talker.pause();

  const before = await memory();
  let most = 0;
  const watch = setInterval(async () => most = Math.max(most, await memory()), 50);
  // 13 MB for each of them.
  for (let turn = 0; turn < 28; turn++) {
    await say(chat, 25);
    await sleep(20);
  }
  await expect.poll(() => steady.taken.length).toBe(701);
  await sleep(200);
  clearInterval(watch);
  // The backlog of all would be 250 MB.
  expect(most - before).toBeLessThan(150_000_000);

  const [one, other, ...lost] = slow;
  for (const talker of lost) talker.close();
  for (const talker of [one!, other!]) {
    talker.resume();
    await expect.poll(() => talker.taken.length).toBe(701);
    expect(talker.codes).toEqual([1013]);
    expect(talker.taken.map((frame) => frame.version)).toEqual(steady.taken.map((frame) => frame.version));
    expect(talker.again).toEqual([]);
  }
  for (const talker of [steady, one!, other!]) talker.close();
});

test("sockets stay open while the worker is cut off from Realtime, and receive the missed messages at their pace", async () => {
  const { ann, bob, chat, talker } = await newTalk();
  const talkers = [ann, ann, bob].map(talker);
  for (const each of talkers) await each.open();
  await talkers[0]!.say("Before");
  proxy.goOffline();
  await say(chat, 300);
  await talkers[2]!.say("Meanwhile");
  proxy.goOnline();
  await talkers[0]!.say("After");
  await say(chat, 1);
  for (const { taken, again, repeated, codes } of talkers) {
    await expect.poll(() => taken.length).toBe(304);
    expect(taken.map(({ version }) => version)).toEqual(taken.map((_, index) => taken[0].version + index));
    // A message comes twice only after it was sent twice.
    expect([again.filter(({ client_id }) => !repeated.has(client_id)), codes]).toEqual([[], []]);
  }
  for (const each of talkers) each.close();
});
