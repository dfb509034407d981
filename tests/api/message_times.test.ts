import { afterAll, expect, test } from "vitest";
import { open } from "../relay/socket.ts";
import { database } from "../support/clients.ts";
import { Caller } from "./caller.ts";
import { newPrivate, send, threePeople } from "./people.ts";

const sql = database();
afterAll(() => sql.end());

test("times of messages have six decimals or none, in every API", async () => {
  const { ann, bob } = await threePeople();
  const chat = await newPrivate(ann, bob);
  const messages = await send(ann, chat, "One", "Two");
  const times = ["2026-11-28T17:53:40.956600Z", "2026-11-28T17:53:41Z"];
  for (const [index, { id }] of messages.entries()) {
    await sql`update chat.messages set created_at = ${times[index]!}::text::timestamptz where id = ${id}`;
  }
  const [{ slug }] = await sql`select slug from chat.rooms where id = ${chat}` as unknown as [{ slug: string }];
  const list = async (api: string, path: string, key: string) =>
    (await new Caller(bob.access, api).get(path)).body.map((message: Record<string, string>) => message[key]);
  expect(await list("messenger", `/api/messages/?chat=${chat}`, "created_at")).toEqual(times);
  expect(await list("mini-chat", `/api/chat/messages/?room=${chat}`, "timestamp")).toEqual(times);
  expect(await list("social", `/messenger/api/chatrooms/${slug}/messages/`, "timestamp")).toEqual(times);
  const socket = await open(`/social/ws/chat/${slug}/?token=${bob.access}`);
  const history = await socket.next({ type: "message_history" });
  expect(history.messages.map(({ timestamp }: { timestamp: string }) => timestamp)).toEqual(times);
  const since = await open(`/mini-chat/ws/chat/${chat}/?token=${bob.access}&since=0`);
  for (const timestamp of times) await since.next({ type: "chat_message", timestamp });
});
