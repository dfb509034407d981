import { afterAll, expect, inject, test } from "vitest";
import { newGroup, threePeople } from "../api/people.ts";
import { database } from "../support/clients.ts";
import { connect } from "../support/connection.ts";
import { openChat } from "./socket.ts";

const sql = database();
afterAll(() => sql.end());

test("nothing that a member forges on the live topic takes effect", async () => {
  const { ann, bob, eve } = await threePeople();
  const [chat, secret] = await Promise.all([newGroup(ann, bob), newGroup(eve)]);
  const topics = new Map((await sql`select id, topic from chat.rooms`).map(({ id, topic }) => [Number(id), topic]));
  const [anns, eves] = await Promise.all([openChat(ann, chat), openChat(eve, secret)]);
  const forger = connect(inject("status"), bob.access);
  await forger.supabase.realtime.setAuth();
  const live = forger.supabase.channel(`${topics.get(chat)}:live`, { config: { private: true } });
  expect(await new Promise((resolve) => live.subscribe(resolve))).toBe("SUBSCRIBED");

  const [{ version }] = await sql`select version from chat.rooms where id = ${chat}` as unknown as [
    { version: number },
  ];
  const message = { id: 1, room_id: chat, seq: 1, content: "Forged", sender_username: "ann", created_at: "" };
  const [{ sub }] = [JSON.parse(atob(ann.access.split(".")[1]!))];
  const forged: [string, object][] = [
    ["message.created", { version: Number(version) + 1, message }],
    ["message.deleted", { version: Number(version) + 1, message }],
    ["member.left", { version: Number(version) + 1, user_id: sub }],
    ["member.read", { user_id: sub, last_read_seq: 1 }],
    ["user.status", { user_id: sub, user_number: ann.id, is_online: false }],
    ["room.updated", { version: Number(version) + 2, name: "Forged" }],
    ["nonsense", { text: "Forged" }],
    ["room.moved", { topic: topics.get(secret) }],
    ["room.moved", { topic: topics.get(secret)!.replace(/\d+$/, "9") }],
    ["room.deleted", {}],
    ["TYPING", { type: "message", text: "Forged" }],
  ];
  for (const [event, payload] of forged) await live.send({ type: "broadcast", event, payload });
  for (const payload of [null, undefined, "text", 1, [], new Uint8Array(3)]) {
    await live.send({ type: "broadcast", event: "typing", payload });
  }
  await live.send({
    type: "broadcast",
    event: "typing",
    payload: { number: bob.id, username: bob.username, is_typing: true },
  });
  await anns.next({ type: "typing" });
  eves.send({ type: "message", text: "Between us" });
  await eves.next({ text: "Between us" });
  anns.send({ type: "message", text: "All is well" });
  await anns.next({ text: "All is well" });
  expect(anns.isClosed).toBe(false);
  expect(anns.frames.filter(({ type }) => type !== "user_status").map(({ type, text }) => [type, text]))
    .toEqual([["typing", undefined], ["message", "All is well"]]);
  expect(anns.frames.filter(({ is_online }) => is_online === false)).toEqual([]);
  await forger.close();
});
