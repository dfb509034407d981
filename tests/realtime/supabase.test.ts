import { setTimeout as sleep } from "node:timers/promises";
import type { RealtimeChannel, RealtimeChannelOptions } from "@supabase/supabase-js";
import type { Sql } from "postgres";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { client, database } from "../support/clients.ts";
import { newUser } from "../support/users.ts";
import { newRoom, token, topicName } from "./rooms.ts";
import { Wire } from "./wire.ts";

type Client = ReturnType<typeof client>;
const opened: Client[] = [];
let sql: Sql;
beforeAll(() => void (sql = database()));
afterAll(() => sql.end());
afterEach(async () => {
  await Promise.all(
    opened.splice(0).map(async (one) => {
      await one.removeAllChannels();
      await one.realtime.disconnect();
    }),
  );
});

/** A user whose channels are closed after the test. */
async function person(name: string) {
  const one = await newUser(name);
  opened.push(one.supabase);
  await one.supabase.realtime.setAuth();
  return one;
}

/** Subscribes; resolves with the status and the events received from then on. */
async function subscribe(
  supabase: Client,
  name: string,
  config: RealtimeChannelOptions["config"] = {},
  prepare: (channel: RealtimeChannel) => void = () => {},
) {
  // deno-lint-ignore no-explicit-any
  const heard: any[] = [];
  const statuses: string[] = [];
  const channel = supabase.channel(name, { config });
  channel.on("broadcast", { event: "*" }, (message) => heard.push(message));
  prepare(channel);
  const error = await new Promise<Error | undefined>((resolve) => {
    channel.subscribe((status, error) => {
      statuses.push(status);
      resolve(error);
    });
  });
  return { channel, heard, statuses, error };
}

describe("supabase-js", () => {
  test("subscribes to public channels, broadcasts and receives its own events", async () => {
    const supabase = client();
    opened.push(supabase);
    const { channel, heard, statuses } = await subscribe(supabase, topicName(), {
      broadcast: { self: true, ack: true },
    });
    expect(statuses).toEqual(["SUBSCRIBED"]);
    expect(await channel.send({ type: "broadcast", event: "x", payload: { text: "é" } })).toBe("ok");
    await expect.poll(() => heard).toEqual([{ type: "broadcast", event: "x", payload: { text: "é" } }]);
    expect(await channel.httpSend("y", { n: 1 })).toEqual({ success: true });
    await expect.poll(() => heard.length).toBe(2);
  });

  test("receives what the Data API does in a room, and a stranger does not", async () => {
    const [ann, bob, eve] = await Promise.all(["ann", "bob", "eve"].map(person));
    const room = await newRoom(ann!, bob!);
    const { heard } = await subscribe(bob!.supabase, room.topic, { private: true });
    const denied = await subscribe(eve!.supabase, room.topic, { private: true });
    expect(denied.statuses).toEqual(["CHANNEL_ERROR"]);
    expect(denied.error?.message).toContain("You do not have permissions to read from this Channel topic");
    await ann!.supabase.rpc("send_message", { room_id: room.id, content: "hello" });
    // The event of their joining may arrive late.
    const messages = () => heard.filter(({ event }) => event !== "member.joined");
    await expect.poll(() => messages().map(({ event }) => event)).toEqual(["message.created"]);
    expect(messages()[0].payload.message.content).toBe("hello");
  });

  test("shows which of two users is present, on three sockets", async () => {
    const [ann, bob] = await Promise.all([person("ann"), person("bob")]);
    const topic = `${(await newRoom(ann, bob)).topic}:live`;
    const presence = (key: string) => ({ private: true, presence: { key, enabled: true } });
    const one = await subscribe(ann.supabase, topic, presence(ann.id));
    const two = await subscribe(bob.supabase, topic, presence(bob.id));
    expect(await one.channel.track({ at: "desk" })).toBe("ok");
    await expect.poll(() => Object.keys(two.channel.presenceState())).toEqual([ann.id]);
    await two.channel.track({ at: "phone" });
    await expect.poll(() => Object.keys(one.channel.presenceState()).sort()).toEqual([ann.id, bob.id].sort());
    // Ann's second socket keeps her present when the first one closes.
    const desk = client();
    opened.push(desk);
    await desk.realtime.setAuth(ann.token);
    const third = await subscribe(desk, topic, presence(ann.id));
    await third.channel.track({ at: "sofa" });
    const places = () => two.channel.presenceState<{ at: string }>()[ann.id]?.map(({ at }) => at).sort();
    await expect.poll(places).toEqual(["desk", "sofa"]);
    await one.channel.untrack();
    await expect.poll(places).toEqual(["sofa"]);
    await desk.removeAllChannels();
    await expect.poll(() => Object.keys(two.channel.presenceState())).toEqual([bob.id]);
  });

  test("renews its token before the old one expires", async () => {
    const ann = await newUser("ann");
    const supabase = client();
    opened.push(supabase);
    await supabase.realtime.setAuth(await token({ sub: ann.id }, 5));
    const { heard, statuses } = await subscribe(supabase, `user:${ann.id}`, { private: true });
    await supabase.realtime.setAuth(await token({ sub: ann.id }, 3600));
    await sleep(5_500);
    await sql`select realtime.send('{}', 'late', ${`user:${ann.id}`})`;
    await expect.poll(() => heard.length).toBe(1);
    expect(statuses).toEqual(["SUBSCRIBED"]);
  });

  test("is notified when its token has expired", async () => {
    const supabase = client();
    opened.push(supabase);
    await supabase.realtime.setAuth(await token({ sub: crypto.randomUUID() }, 4));
    const { statuses } = await subscribe(supabase, topicName());
    await expect.poll(() => statuses).toEqual(["SUBSCRIBED", "CLOSED"]);
  });

  test("sends bytes, and replays missed events", async () => {
    const ann = await person("ann");
    const topic = `user:${ann.id}`;
    await sql`select realtime.send('{"n": 1}', 'missed', ${topic})`;
    const replay = { since: Date.now() - 60_000, limit: 10 };
    const { heard } = await subscribe(ann.supabase, topic, { private: true, broadcast: { replay } });
    await expect.poll(() => heard.map(({ event, meta }) => [event, meta.replayed])).toEqual([["missed", true]]);
    await sql`select realtime.send_binary('\\x0102', 'bytes', ${topic})`;
    await expect.poll(() => heard.length).toBe(2);
    expect(new Uint8Array(heard[1].payload)).toEqual(new Uint8Array([1, 2]));
  });

  test("receives changes of a table", async () => {
    const name = `things_${crypto.randomUUID().slice(0, 8)}`;
    await sql.unsafe(`create table public.${name} (id int primary key, words text);
      grant select on public.${name} to anon, authenticated;
      alter publication supabase_realtime add table public.${name}`);
    try {
      const ann = await person("ann");
      // deno-lint-ignore no-explicit-any
      const changes: any[] = [];
      const ready = new Promise((resolve) =>
        subscribe(ann.supabase, topicName(), {}, (channel) =>
          channel
            .on("postgres_changes", { event: "*", schema: "public", table: name }, (change) => changes.push(change))
            .on("system", {}, (message) => message.extension === "postgres_changes" && resolve(message)))
      );
      await ready;
      await sql`insert into ${sql(name)} values (1, 'one')`;
      await expect.poll(() => changes).toMatchObject([{
        eventType: "INSERT",
        new: { id: 1, words: "one" },
        errors: null,
      }]);
    } finally {
      await sql.unsafe(`drop table public.${name}`);
    }
  });

  test("works with sockets of version 1.0.0", async () => {
    const supabase = client();
    opened.push(supabase);
    const topic = topicName("é");
    const { heard, channel } = await subscribe(supabase, topic);
    const wire = await Wire.open("1.0.0");
    const { joinRef } = await wire.join(topic);
    wire.broadcast(topic, "old", { n: 1 }, joinRef);
    await expect.poll(() => heard).toEqual([{ type: "broadcast", event: "old", payload: { n: 1 } }]);
    await channel.send({ type: "broadcast", event: "new", payload: {} });
    expect((await wire.next("broadcast")).payload.event).toBe("new");
    await wire.close();
  });
});
