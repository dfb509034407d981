import { afterAll, expect, test } from "vitest";
import { newPrivate, send, threePeople } from "../api/people.ts";
import { database } from "../support/clients.ts";
import { open, openChat } from "./socket.ts";

const sql = database();
afterAll(() => sql.end());

test("a reaction is a frame of messenger, and shows no message in any other socket, live or replayed", async () => {
  const { ann, bob } = await threePeople();
  const chat = await newPrivate(ann, bob);
  const slug = `${ann.username}_${bob.username}`;
  await sql`update chat.rooms set slug = ${slug} where id = ${chat}`;
  const [message] = await send(ann, chat, "Tea?");
  const others = [`/mini-chat/ws/chat/${chat}/`, `/social/messenger/ws/ws/chat/${slug}/`];
  const openAll = (query: string) =>
    Promise.all([
      openChat(bob, chat, query),
      ...others.map((path) => open(`${path}?token=${bob.access}${query}`)),
    ]);
  const textsOf = (frames: { text?: string; message?: string; content?: string }[]) =>
    frames.flatMap(({ text, message, content }) => text ?? message ?? content ?? []);
  const anns = await openChat(ann, chat);
  const live = await openAll("");

  anns.send({ type: "react", message_id: message.id, emoji: "👍" });
  const frame = await live[0]!.next({ type: "reaction" });
  expect(frame).toEqual({
    type: "reaction",
    message_id: message.id,
    seq: message.seq,
    version: message.version + 1,
    reactions: [{ emoji: "👍", count: 1 }],
  });
  expect(await anns.next({ type: "reaction" })).toEqual(frame);
  anns.send({ type: "react", message_id: message.id, emoji: "ok" });
  expect(await anns.next({ type: "error" })).toMatchObject({ code: "invalid_emoji" });
  anns.send({ type: "unreact", message_id: message.id, emoji: "👍" });
  expect(await live[0]!.next({ type: "reaction" })).toMatchObject({ version: frame.version + 1, reactions: [] });
  await bob.api.post(`/api/messages/${message.id}/reactions/`, { emoji: "🎉" });

  const replayed = await openAll(`&since=${message.version}`);
  await expect.poll(() => replayed[0]!.of("reaction").at(-1)).toMatchObject({ reactions: [{ emoji: "🎉", count: 1 }] });
  await send(ann, chat, "Coffee?");
  for (const socket of [...live, ...replayed]) {
    await expect.poll(() => textsOf(socket.frames)).toEqual(["Coffee?"]);
  }
  for (const socket of [anns, ...live, ...replayed]) await socket.close();
});
