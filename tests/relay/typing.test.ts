import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newPrivate, type Person, threePeople } from "../api/people.ts";
import { openChat, type Socket } from "./socket.ts";
import { startWorker } from "./worker.ts";

let worker: Awaited<ReturnType<typeof startWorker>>;
beforeAll(async () => {
  worker = await startWorker({ RELAY_IDLE_SECONDS: "60" });
});
afterAll(() => worker.stop());

/** Ann's socket, and Bob's in two workers. */
async function talk() {
  const { ann, bob } = await threePeople();
  const chat = await newPrivate(ann, bob);
  const anns = await openChat(ann, chat);
  return { ann, anns, bobs: [await openChat(bob, chat), await openChat(bob, chat, "", worker.url)] };
}

const saysOf = (socket: Socket, { id }: Person) =>
  socket.of("typing").filter(({ user_id }) => user_id === id).map(({ is_typing }) => is_typing);

test("typing ends after a while when the client sends nothing more", async () => {
  const { ann, anns, bobs } = await talk();
  anns.send({ type: "typing", is_typing: true });
  for (const socket of bobs) await socket.next({ type: "typing", is_typing: true });
  const stopped = { type: "typing", user_id: ann.id, username: ann.username, is_typing: false };
  const start = Date.now();
  for (const socket of bobs) expect(await socket.next({ type: "typing", is_typing: false })).toEqual(stopped);
  expect(Date.now() - start).toBeLessThan(10_000);
  expect(anns.of("typing")).toEqual([]);
});

test("typing without is_typing has begun, as in the old backend", async () => {
  const { anns, bobs } = await talk();
  anns.send({ type: "typing" });
  for (const socket of bobs) await socket.next({ type: "typing", is_typing: true });
});

test("typing goes on while the client repeats it", async () => {
  const { ann, anns, bobs } = await talk();
  for (let count = 0; count < 3; count++) {
    anns.send({ type: "typing", is_typing: true });
    await sleep(3000);
  }
  for (const socket of bobs) expect(saysOf(socket, ann)).toEqual([true, true, true]);
});

test("typing ends at once when the socket closes or the message arrives", async () => {
  const { ann, anns, bobs } = await talk();
  anns.send({ type: "typing", is_typing: true });
  anns.send({ type: "message", text: "There" });
  for (const socket of bobs) {
    await socket.next({ type: "message", text: "There" });
    await socket.next({ type: "typing", is_typing: false });
  }
  anns.send({ type: "typing", is_typing: true });
  for (const socket of bobs) await socket.next({ type: "typing", is_typing: true });
  anns.web.terminate();
  const start = Date.now();
  for (const socket of bobs) await socket.next({ type: "typing", is_typing: false });
  expect(Date.now() - start).toBeLessThan(3000);
  await sleep(6500);
  for (const socket of bobs) expect(saysOf(socket, ann)).toEqual([true, false, true, false]);
});

test("typing ends after a while when its worker is killed", async () => {
  const { ann, bob } = await threePeople();
  const chat = await newPrivate(ann, bob);
  const killed = await startWorker();
  const anns = await openChat(ann, chat, "", killed.url);
  const bobs = await openChat(bob, chat);
  anns.send({ type: "typing", is_typing: true });
  await bobs.next({ type: "typing", is_typing: true });
  await killed.stop();
  await bobs.next({ type: "typing", is_typing: false });
  expect(saysOf(bobs, ann)).toEqual([true, false]);
});
