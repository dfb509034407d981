import type { RealtimeChannel } from "@supabase/supabase-js";
import type { Sql } from "postgres";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { database, dataOf } from "../support/clients.ts";
import { connect, type Connection } from "../support/connection.ts";
import { newUser, type User } from "../support/users.ts";
import type { Row } from "./replica.ts";

const place = inject("status");
let sql: Sql;
beforeAll(() => void (sql = database()));
afterAll(() => sql.end());

/** A user in a room, with everything received on each topic that they could join. */
interface Member extends User {
  connection: Connection;
  heard: { on: string; event: string; payload: Row }[];
  channels: Record<string, RealtimeChannel>;
}

async function newMember(name: string): Promise<Member> {
  const person = await newUser(name, place);
  const connection = connect(place, person.token);
  await connection.supabase.realtime.setAuth();
  return { ...person, connection, heard: [], channels: {} };
}

async function join(member: Member, topic: string): Promise<string> {
  const channel = member.connection.supabase.channel(topic, {
    config: { private: true, presence: { enabled: true, key: member.id } },
  });
  const hear = ({ event, ...payload }: Row) => void member.heard.push({ on: topic, event, payload });
  channel.on("broadcast", { event: "*" }, hear);
  for (const event of ["sync", "join", "leave"] as const) {
    channel.on("presence", { event: event as "sync" }, hear as never);
  }
  const status = await new Promise<string>((resolve) => channel.subscribe(resolve));
  if (status === "SUBSCRIBED") member.channels[topic] = channel;
  else await member.connection.supabase.removeChannel(channel);
  return status;
}

async function leave(member: Member, topic: string): Promise<void> {
  await member.connection.supabase.removeChannel(member.channels[topic]!);
  delete member.channels[topic];
}

/** Resolves when every member has received all events sent so far, on all their topics. */
async function settled(...members: Member[]): Promise<void> {
  const mark = crypto.randomUUID();
  const topics = new Set(members.flatMap(({ channels }) => Object.keys(channels)));
  for (const topic of topics) await sql`select realtime.send(${sql.json({ mark })}, 'mark', ${topic}, true)`;
  const marks = ({ heard }: Member) => heard.filter(({ payload }) => payload.payload?.mark === mark).length;
  await expect.poll(() => members.map(marks)).toEqual(members.map(({ channels }) => Object.keys(channels).length));
}

const heardBy = ({ heard }: Member) => heard.filter(({ event }) => event !== "mark");
const typing = (member: Member, topic: string) =>
  member.channels[topic]!.send({ type: "broadcast", event: "typing", payload: { user_id: member.id } });

test("a removed member receives nothing more, on an open channel with a valid token", async () => {
  const [ann, bob, eve] = await Promise.all([newMember("ann"), newMember("bob"), newMember("eve")]);
  const { supabase } = ann.connection;
  const call = (name: string, options: Row) => dataOf(supabase.rpc(name as never, options as never)) as Promise<Row>;
  const room = await call("create_group_room", { name: "Three", member_ids: [bob.id, eve.id] });
  const [old, oldLive] = [room.topic, `${room.topic}:live`];
  for (const member of [ann, bob, eve]) {
    for (const topic of [old, oldLive]) expect(await join(member, topic)).toBe("SUBSCRIBED");
    expect(await member.channels[oldLive]!.track({ name: member.username })).toBe("ok");
  }
  await typing(ann, oldLive);
  await expect.poll(() => heardBy(eve).map(({ event }) => event)).toContain("typing");

  await call("remove_member", { room_id: room.id, user_id: eve.id });
  await expect.poll(() => heardBy(eve).at(-1)?.event).toBe("room.moved");
  const [{ topic }] = await sql`select topic from chat.rooms where id = ${room.id}` as unknown as [{ topic: string }];
  const live = `${topic}:live`;
  for (const member of [ann, bob]) {
    for (const each of [topic, live]) expect(await join(member, each)).toBe("SUBSCRIBED");
    await leave(member, old);
    await leave(member, oldLive);
  }
  const elsewhere = { ...eve, connection: connect(place, eve.token) };
  for (const each of [topic, live, old, oldLive]) expect(await join(elsewhere, each)).toBe("CHANNEL_ERROR");
  await settled(ann, bob, eve);
  for (const member of [ann, bob, eve]) member.heard = [];

  const { id } = await call("send_message", { room_id: room.id, content: "among us" });
  await call("edit_message", { message_id: id, content: "among the two of us" });
  await call("pin_message", { message_id: id });
  await call("mark_delivered", { room_id: room.id });
  await call("touch_status", {});
  await call("update_room", { room_id: room.id, name: "Two" });
  await typing(ann, live);
  await ann.channels[live]!.track({ name: "ann", at: "desk" });
  await ann.channels[live]!.untrack();
  // What she sends on the topics left to her reaches no one, and the new ones refuse it.
  await typing(eve, oldLive);
  await eve.channels[oldLive]!.track({ name: "eve", at: "door" });
  const loud = elsewhere.connection.supabase.channel(live, { config: { private: true } });
  await expect(loud.httpSend("typing", { user_id: eve.id })).rejects.toThrow();
  await call("delete_message", { message_id: id });
  await settled(ann, bob, eve);

  const events = heardBy(bob).map(({ event }) => event);
  expect(events).toEqual(expect.arrayContaining(["message.created", "message.deleted", "room.updated", "typing"]));
  expect(JSON.stringify(bob.heard)).not.toContain(eve.id);
  const isOwn = ({ event, payload }: Member["heard"][number]) => event === "sync" || payload.key === eve.id;
  expect(heardBy(eve).filter((each) => !isOwn(each))).toEqual([]);
  await Promise.all([ann, bob, eve, elsewhere].map(({ connection }) => connection.close()));
});
