import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newPrivate, type Person, threePeople } from "../api/people.ts";
import { openChat, type Socket } from "./socket.ts";
import { startWorker } from "./worker.ts";

let worker: Awaited<ReturnType<typeof startWorker>>;
beforeAll(async () => {
  worker = await startWorker({ RELAY_IDLE_SECONDS: "2" });
});
afterAll(() => worker.stop());

const statusesOf = (socket: Socket, { id }: Person) =>
  socket.of("user_status").filter(({ user_id }) => user_id === id).map(({ is_online }) => is_online);

test("user_status tells the first socket and the last, and REST agrees", async () => {
  const { ann, bob } = await threePeople();
  const chat = await newPrivate(ann, bob);
  const anns = await openChat(ann, chat);
  const first = await openChat(bob, chat);
  expect(await anns.next({ type: "user_status", user_id: bob.id })).toEqual({
    type: "user_status",
    user_id: bob.id,
    is_online: true,
  });
  const second = await openChat(bob, chat);
  await first.close();
  await sleep(1500);
  expect(statusesOf(anns, bob)).toEqual([true]);
  await second.close();
  await anns.next({ type: "user_status", user_id: bob.id, is_online: false });
  expect(statusesOf(anns, bob)).toEqual([true, false]);
  const { body } = await ann.api.get("/api/users/");
  const shown = (body.results ?? body).find((user: { id: number }) => user.id === bob.id);
  if (shown) expect(shown.is_online).toBe(false);
});

test("a client that vanishes without closing goes offline", async () => {
  const { ann, bob } = await threePeople();
  const chat = await newPrivate(ann, bob);
  const anns = await openChat(ann, chat);
  const bobs = await openChat(bob, chat, "", worker.url);
  await anns.next({ type: "user_status", user_id: bob.id, is_online: true });
  // It stays connected, but neither reads nor answers a ping.
  (bobs.web as unknown as { _socket: { pause(): void } })._socket.pause();
  await anns.next({ type: "user_status", user_id: bob.id, is_online: false });
  bobs.web.terminate();
});

test("who leaves one worker but not the other is online", async () => {
  const { ann, bob } = await threePeople();
  const chat = await newPrivate(ann, bob);
  const anns = await openChat(ann, chat);
  await openChat(bob, chat);
  const there = await openChat(bob, chat, "", worker.url);
  await there.close();
  await sleep(2500);
  expect(statusesOf(anns, bob).at(-1)).toBe(true);
});
