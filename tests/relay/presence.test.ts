import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { newGroup, newPrivate, type Person, send, threePeople } from "../api/people.ts";
import { database } from "../support/clients.ts";
import { openChat, type Socket } from "./socket.ts";
import { startWorker } from "./worker.ts";

let worker: Awaited<ReturnType<typeof startWorker>>;
beforeAll(async () => {
  worker = await startWorker({ RELAY_IDLE_SECONDS: "2" });
});
afterAll(() => worker.stop());
const sql = database();
afterAll(() => sql.end());

const statusesOf = (socket: Socket, { id }: Person) =>
  socket.of("user_status").filter(({ user_id }) => user_id === id).map(({ is_online }) => is_online);

test("user_status announces the first socket and the last, and REST agrees", async () => {
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

test("a user who leaves one worker but not the other is online", async () => {
  const { ann, bob } = await threePeople();
  const chat = await newPrivate(ann, bob);
  const anns = await openChat(ann, chat);
  await openChat(bob, chat);
  const there = await openChat(bob, chat, "", worker.url);
  await there.close();
  await sleep(2500);
  expect(statusesOf(anns, bob).at(-1)).toBe(true);
});

test("a new socket learns who is online, and a user's first socket is announced even if they were online", async () => {
  const { ann, bob, eve } = await threePeople();
  const chat = await newGroup(ann, bob, eve);
  await bob.api.get("/api/users/me/");
  const anns = await openChat(ann, chat);
  await anns.next({ type: "user_status", user_id: bob.id, is_online: true });
  const known = anns.frames.length;
  for (const [count, base] of [undefined, worker.url].entries()) {
    const bobs = await openChat(bob, chat, "", base);
    const status = { type: "user_status", user_id: ann.id, is_online: true };
    expect(await bobs.next({ type: "user_status", user_id: ann.id })).toEqual(status);
    if (count === 0) {
      await expect.poll(() => anns.frames.slice(known)).toEqual([{ ...status, user_id: bob.id }]);
    }
    expect(statusesOf(bobs, eve)).toEqual([]);
  }
});

/** Moves a user's status that many seconds into the past, without an event, while the job does not run. */
async function passTime(person: Person, seconds: number): Promise<void> {
  await sql.begin(async (sql) => {
    await sql`set local session_replication_role = replica`;
    await sql`select from chat_private.jobs where name = 'end_status' for update`;
    await sql`update chat.user_status set last_seen_at = last_seen_at - make_interval(secs => ${seconds})
      from chat.profiles where profiles.id = user_id and number = ${person.id}`;
  });
}

/** Notes when the job that announces absent users runs. */
function watchRuns(): { runs: Set<number>; stop: () => void } {
  const runs = new Set<number>();
  const watch = setInterval(async () => {
    const [job] = await sql<{ last_run_at: Date }[]>`
      select last_run_at from chat_private.jobs where name = 'end_status' and last_run_at is not null`;
    if (job) runs.add(job.last_run_at.getTime());
  }, 100);
  onTestFinished(() => clearInterval(watch));
  return { runs, stop: () => clearInterval(watch) };
}

test("a user of REST alone who just stops is offline with the first run of the job after the minute", async () => {
  const { ann, bob } = await threePeople();
  const chat = await newPrivate(ann, bob);
  const sockets = [await openChat(bob, chat), await openChat(bob, chat, "", worker.url)];
  await ann.api.get("/api/users/me/");
  for (const socket of sockets) await socket.next({ type: "user_status", user_id: ann.id, is_online: true });
  await passTime(ann, 60);
  const { runs, stop } = watchRuns();
  for (const socket of sockets) await socket.next({ type: "user_status", user_id: ann.id, is_online: false });
  stop();
  // The one before the minute, and the first after it.
  expect(runs.size).toBeLessThanOrEqual(2);
  for (const socket of sockets) expect(statusesOf(socket, ann)).toEqual([true, false]);
  // Bob, whose sockets are open, stays.
  expect(statusesOf(sockets[1]!, bob).filter((online) => !online)).toEqual([]);
});

test("users whose worker is killed are offline after the minute, and unannounced to new sockets until they return", async () => {
  const { ann, bob } = await threePeople();
  const chat = await newPrivate(ann, bob);
  const killed = await startWorker();
  await openChat(ann, chat, "", killed.url);
  const bobs = await openChat(bob, chat);
  await bobs.next({ type: "user_status", user_id: ann.id, is_online: true });
  await killed.stop();
  await passTime(ann, 60);
  await bobs.next({ type: "user_status", user_id: ann.id, is_online: false });
  const later = await openChat(bob, chat);
  await later.close();
  expect(statusesOf(later, ann)).toEqual([]);
  await openChat(ann, chat);
  await bobs.next({ type: "user_status", user_id: ann.id, is_online: true });
});

test("in a chat of more than 50 members, no one is notified who comes and leaves", async () => {
  const { ann, bob } = await threePeople();
  const chat = await newGroup(ann, bob);
  await sql`update chat.rooms set member_count = 51 where id = ${chat}`;
  const anns = await openChat(ann, chat);
  const bobs = await openChat(bob, chat);
  bobs.send({ type: "message", text: "Here" });
  await anns.next({ text: "Here" });
  await bobs.next({ text: "Here" });
  expect([...anns.of("user_status"), ...bobs.of("user_status")]).toEqual([]);
});

test("who hides their status is offline at once, also to new sockets, though a socket of theirs is open", async () => {
  const { ann, bob } = await threePeople();
  const chat = await newGroup(ann, bob);
  const bobs = await openChat(bob, chat);
  await openChat(ann, chat);
  await bobs.next({ type: "user_status", user_id: ann.id, is_online: true });
  await expect.poll(async () =>
    (await sql`select from chat.user_status as status join chat.profiles as people on people.id = status.user_id
      where people.number = ${ann.id} and status.announced_online`).length
  ).toBe(1);
  await sql`update chat.profiles set status_seen_by = 'nobody' where number = ${ann.id}`;
  await bobs.next({ type: "user_status", user_id: ann.id, is_online: false });
  const again = await openChat(ann, chat, "", worker.url);
  await again.next({ type: "user_status", user_id: bob.id, is_online: true });
  const later = await openChat(bob, chat);
  await send(bob, chat, "Is ann here?");
  await later.next({ type: "message" });
  for (const socket of [bobs, later]) {
    expect(statusesOf(socket, ann).filter((online) => online).length).toBe(socket === bobs ? 1 : 0);
  }
});
