import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { newGroup, type Person, send, threePeople } from "../api/people.ts";
import { Proxy } from "../support/proxy.ts";
import { openChat } from "./socket.ts";
import { startWorker } from "./worker.ts";

let proxy: Proxy;
let worker: Awaited<ReturnType<typeof startWorker>>;
beforeAll(async () => {
  proxy = await Proxy.start(inject("status").api_url);
  worker = await startWorker({ SUPABASE_URL: proxy.url });
});
afterAll(async () => {
  await worker.stop();
  await proxy.close();
});

const remove = (owner: Person, group: number, ...staying: Person[]) =>
  owner.api.patch(`/api/chats/${group}/`, { members: staying.map(({ id }) => id) });

test("every socket of a removed member is closed, in each worker, and receives nothing more", async () => {
  const { ann, bob, eve } = await threePeople();
  const group = await newGroup(ann, bob, eve);
  const anns = await openChat(ann, group);
  const bobs = await Promise.all([undefined, undefined, worker.url].map((base) => openChat(bob, group, "", base)));
  await remove(ann, group, eve);
  for (const { closed } of bobs) expect((await closed).code).toBe(4403);
  const [secret] = await send(ann, group, "Bob is gone");
  anns.send({ type: "typing", is_typing: true });
  anns.send({ type: "edit", message_id: secret.id, text: "Bob is really gone" });
  await anns.next({ type: "message_edit" });
  for (const { frames } of bobs) expect(frames.filter(({ type }) => type !== "user_status")).toEqual([]);
  for (const query of ["", "&since=0"]) {
    for (const base of [undefined, worker.url]) {
      const refused = await openChat(bob, group, query, base);
      expect((await refused.closed).code).toBe(4403);
      expect(refused.frames).toEqual([]);
    }
  }
});

test("a member who is added again receives what they missed", async () => {
  const { ann, bob, eve } = await threePeople();
  const group = await newGroup(ann, bob, eve);
  const before = await openChat(bob, group);
  const { version } = (await ann.api.get(`/api/chats/${group}/`)).body;
  await remove(ann, group, eve);
  await before.closed;
  await send(ann, group, "Without Bob");
  await remove(ann, group, eve, bob);
  const after = await openChat(bob, group, `&since=${version}`);
  await after.next({ event: "member.left" });
  await after.next({ text: "Without Bob" });
  await after.next({ event: "member.joined" });
  await send(ann, group, "Welcome");
  await after.next({ text: "Welcome" });
});

test.each([
  { what: "a removed member", end: remove },
  {
    what: "a member of a deleted room",
    end: (owner: Person, group: number) => owner.api.delete(`/api/chats/${group}/`),
  },
])("$what is refused while the socket is opening", async ({ end }) => {
  const { ann, bob } = await threePeople();
  const group = await newGroup(ann, bob);
  // The socket waits until the worker has joined both topics of the room, so it learns of the removal first.
  const joins = proxy.hold(/:live".*"phx_join"/, "frames");
  const opening = openChat(bob, group, "", worker.url);
  await expect.poll(() => joins.held).toBe(1);
  await sleep(200);
  await end(ann, group);
  await sleep(200);
  joins.release();
  const socket = await opening;
  expect((await socket.closed).code).toBe(4403);
  expect(socket.of("message")).toEqual([]);
});

test("a room without sockets may miss events, and receive later ones", async () => {
  const { ann, bob } = await threePeople();
  const group = await newGroup(ann, bob);
  const socket = await openChat(bob, group, "", worker.url);
  // The worker joins the room's new topic late.
  const joins = proxy.hold(/"phx_join"/, "frames");
  await remove(ann, group);
  await socket.closed;
  await expect.poll(() => joins.held).toBeGreaterThan(0);
  await send(ann, group, "Missed");
  joins.release();
  await sleep(200);
  await send(ann, group, "Heard");
  const anns = await openChat(ann, group, "", worker.url);
  await send(ann, group, "Seen");
  await anns.next({ text: "Seen" });
  expect(anns.of("message").length).toBe(1);
});
