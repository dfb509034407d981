import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newGroup, newPrivate, send, threePeople } from "../api/people.ts";
import { database } from "../support/clients.ts";
import { openChat, type Socket } from "./socket.ts";
import { startWorker } from "./worker.ts";

let worker: Awaited<ReturnType<typeof startWorker>>;
beforeAll(async () => {
  worker = await startWorker();
});
afterAll(() => worker.stop());

const versions = (socket: Socket) => socket.frames.map(({ version }) => version).filter((version) => version);

test("?since= brings missed events in order, before new ones", async () => {
  const { ann, bob } = await threePeople();
  const chat = await newPrivate(ann, bob);
  const { version } = (await ann.api.get(`/api/chats/${chat}/`)).body;
  const [one, two, three] = await send(ann, chat, "One", "Two", "Three");
  await ann.api.put(`/api/messages/${one.id}/`, { text: "First" });
  await ann.api.delete(`/api/messages/${two.id}/`);
  const socket = await openChat(bob, chat, `&since=${version}`);
  await socket.next({ type: "message_delete" });
  await send(ann, chat, "Four");
  await socket.next({ text: "Four" });
  const heard = socket.frames.filter(({ type }) => type !== "user_status");
  expect(heard.map(({ type, message_id, text }) => [type, message_id, text])).toMatchObject([
    ["message", three.id, "Three"],
    ["message_edit", one.id, "First"],
    ["message_delete", two.id, undefined],
    ["message", expect.any(Number), "Four"],
  ]);
  const wrong = await openChat(bob, chat, "&since=yesterday");
  await wrong.next({ code: "invalid_since" });
});

test("a history of several pages arrives whole", async () => {
  const { ann } = await threePeople();
  const chat = await newGroup(ann);
  const sql = database();
  await sql`
    insert into chat.messages (room_id, sender_id, content)
    select id, created_by, n::text from chat.rooms, generate_series(1, 1200) as n where id = ${chat}`;
  await sql.end();
  const socket = await openChat(ann, chat, "&since=0", worker.url);
  await socket.next({ seq: 1200 });
  expect(socket.of("message").map(({ seq }) => seq)).toEqual(Array.from({ length: 1200 }, (_, index) => index + 1));
});

test("a client that is cut off again and again misses nothing and receives nothing twice", async () => {
  const { ann, bob, eve } = await threePeople();
  const chat = await newGroup(ann, bob, eve);
  let version = (await ann.api.get(`/api/chats/${chat}/`)).body.version;
  const start = version;
  const steady = await openChat(eve, chat);
  const sending = Promise.all([ann, eve].map(async (person, index) => {
    const socket = index === 0 ? await openChat(ann, chat, "", worker.url) : undefined;
    for (let turn = 0; turn < 100; turn++) {
      if (socket) socket.send({ type: "message", text: `${turn}` });
      else await send(person, chat, `${turn}`);
      await sleep(25);
    }
    return socket;
  }));
  const heard: number[] = [];
  let isOver = false;
  const done = sending.then(() => isOver = true);
  for (let turn = 0; !isOver || version < start + 200; turn++) {
    const socket = await openChat(bob, chat, `&since=${version}`, turn % 2 ? worker.url : undefined);
    // Sometimes in the middle of anything, sometimes as soon as something has arrived.
    const hasHeard = () => versions(socket).length > 0 || version === start + 200;
    if (turn % 4 > 1) await expect.poll(hasHeard, { interval: 5 }).toBe(true);
    else await sleep(150);
    socket.web.terminate();
    heard.push(...versions(socket));
    version = heard.at(-1) ?? version;
  }
  await done;
  const all = Array.from({ length: 200 }, (_, index) => start + index + 1);
  expect(heard).toEqual(all);
  await expect.poll(() => versions(steady).length).toBe(200);
  expect(versions(steady)).toEqual(all);
});

test("two workers that serve a room receive each other's events", async () => {
  const { ann, bob } = await threePeople();
  const chat = await newPrivate(ann, bob);
  const here = await openChat(ann, chat);
  const there = await openChat(bob, chat, "", worker.url);
  here.send({ type: "message", text: "From here" });
  await there.next({ text: "From here" });
  there.send({ type: "message", text: "From there" });
  await here.next({ text: "From there" });
  there.send({ type: "typing", is_typing: true });
  expect(await here.next({ type: "typing" })).toMatchObject({ user_id: bob.id });
});

test("a worker asks its clients to reconnect before it ends, resuming where they were", async () => {
  const { ann, bob } = await threePeople();
  const chat = await newPrivate(ann, bob);
  const ending = await startWorker({ WORKER_SECONDS: "4" });
  const socket = await openChat(ann, chat, "", ending.url);
  await send(bob, chat, "Heard");
  const { version } = await socket.next({ text: "Heard" });
  expect((await socket.closed).code).toBe(1012);
  await send(bob, chat, "Missed");
  const next = await openChat(ann, chat, `&since=${version}`);
  await next.next({ text: "Missed" });
  expect(next.of("message").length).toBe(1);
  await ending.stop();
});
