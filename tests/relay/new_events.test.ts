import { afterAll, expect, test } from "vitest";
import { newPrivate, send, threePeople } from "../api/people.ts";
import { database } from "../support/clients.ts";
import { openChat } from "./socket.ts";

const sql = database();
afterAll(() => sql.end());

test("an event of a newer database, which the relay does not know, comes once if it is counted", async () => {
  const { ann, bob } = await threePeople();
  const chat = await newPrivate(ann, bob);
  const bobs = await openChat(bob, chat);
  await sql`select chat_private.record_change(${chat}, 'reaction.added', '{"reaction": "+1"}')`;
  await send(ann, chat, "After");
  await bobs.next({ type: "message", text: "After" });
  await send(ann, chat, "Last");
  await bobs.next({ type: "message", text: "Last" });
  const frames = bobs.frames.filter(({ version }) => version !== undefined)
    .map(({ event, reaction, text, version }) => ({ what: event ?? text, reaction, version }));
  const version = frames[0]?.version;
  expect(frames).toEqual([
    { what: "reaction.added", reaction: "+1", version },
    { what: "After", reaction: undefined, version: version + 1 },
    { what: "Last", reaction: undefined, version: version + 2 },
  ]);
});

test("an event that the relay does not know does not come if it is not counted", async () => {
  const { ann, bob } = await threePeople();
  const chat = await newPrivate(ann, bob);
  const bobs = await openChat(bob, chat);
  await sql`select chat_private.announce(
    topic, 'room.shaken', jsonb_build_object('room_id', id, 'version', version)) from chat.rooms where id = ${chat}`;
  await send(ann, chat, "After");
  await bobs.next({ type: "message", text: "After" });
  expect(bobs.frames.filter(({ type }) => type !== "user_status").map(({ type }) => type)).toEqual(["message"]);
});
