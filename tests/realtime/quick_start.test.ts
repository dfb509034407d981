import type { RealtimeChannel } from "@supabase/supabase-js";
import type postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { temporaryStack } from "../local/run.ts";
import { appClient, database } from "../support/clients.ts";

// A project with the policies of Realtime's quick start, which open every private topic to all signed-in users.
let stack: Awaited<ReturnType<typeof temporaryStack>>;
let sql: postgres.Sql;
beforeAll(async () => {
  stack = await temporaryStack();
  sql = database(stack.status);
  await sql.unsafe(`
    create policy "authenticated can receive broadcasts" on realtime.messages for select to authenticated using (true);
    create policy "authenticated can send broadcasts" on realtime.messages for insert to authenticated with check (true);`)
    .simple();
});
afterAll(async () => {
  await sql.end();
  await stack.stop();
});

async function person(name: string) {
  const supabase = appClient({ stack: stack.status });
  const { data } = await supabase.auth.signUp({
    email: `${name}@example.com`,
    password: "a long secret",
    options: { data: { username: name } },
  });
  await supabase.realtime.setAuth();
  return { id: data.user!.id, supabase, chat: supabase.schema("chat") };
}

type Person = Awaited<ReturnType<typeof person>>;

/** Joins a private topic; returns the events received, and the result. */
async function join({ supabase }: Person, topic: string) {
  const heard: string[] = [];
  const channel: RealtimeChannel = supabase.channel(topic, { config: { private: true, broadcast: { ack: true } } });
  channel.on("broadcast", { event: "*" }, ({ event }) => heard.push(event));
  const status = await new Promise<string>((resolve) => channel.subscribe(resolve));
  return { channel, heard, status };
}

test("a stranger can neither receive nor send on Parley's topics; the project's own topics stay open", async () => {
  const [ann, bob, eve] = await Promise.all(["ann", "bob", "eve"].map(person)) as [Person, Person, Person];
  const { data: room } = await ann.chat.rpc("create_group_room", { name: "Tea", member_ids: [bob.id] });
  const { data: talk } = await ann.chat.from("conversations").insert({ title: "Mine" }).select().single();
  const next = room.topic.replace(/:(\d+)$/, (_: string, epoch: string) => `:${Number(epoch) + 1}`);
  const closed = [room.topic, `${room.topic}:live`, next, `${next}:live`, `user:${ann.id}`, `conversation:${talk.id}`];
  const refused = await Promise.all(closed.map(async (topic) => (await join(eve, topic)).status));
  expect(refused).toEqual(closed.map(() => "CHANNEL_ERROR"));

  const [members, live, own] = await Promise.all([
    join(bob, room.topic),
    join(bob, `${room.topic}:live`),
    join(bob, `user:${bob.id}`),
  ]);
  expect([members.status, live.status, own.status]).toEqual(["SUBSCRIBED", "SUBSCRIBED", "SUBSCRIBED"]);
  for (const topic of [room.topic, `${room.topic}:live`, `user:${bob.id}`]) {
    const sending = eve.supabase.channel(topic, { config: { private: true } }).httpSend("message.created", {});
    await expect(sending).rejects.toThrow("Unauthorized");
  }
  // Nor can a member send what only the server sends.
  const sending = ann.supabase.channel(room.topic, { config: { private: true } }).httpSend("message.created", {});
  await expect(sending).rejects.toThrow("Unauthorized");

  const [lobby, heard] = await Promise.all([join(eve, "room:lobby:messages"), join(ann, "room:lobby:messages")]);
  expect([lobby.status, heard.status]).toEqual(["SUBSCRIBED", "SUBSCRIBED"]);
  expect(await lobby.channel.send({ type: "broadcast", event: "hello", payload: {} })).toBe("ok");
  await expect.poll(() => heard.heard).toEqual(["hello"]);

  const annLive = await join(ann, `${room.topic}:live`);
  expect(await annLive.channel.send({ type: "broadcast", event: "typing", payload: {} })).toBe("ok");
  await ann.chat.rpc("send_message", { room_id: room.id, content: "Hello" });
  await expect.poll(() => members.heard).toContain("message.created");
  await expect.poll(() => live.heard).toEqual(["typing"]);
  for (const { supabase } of [ann, bob, eve]) await supabase.realtime.disconnect();
});
