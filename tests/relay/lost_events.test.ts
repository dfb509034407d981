import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { newPrivate, send, threePeople } from "../api/people.ts";
import { database } from "../support/clients.ts";
import { Proxy } from "../support/proxy.ts";
import { openChat } from "./socket.ts";
import { startWorker } from "./worker.ts";

const sql = database();
afterAll(() => sql.end());
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

test("a message sent and edited while events were lost arrives as a message, an edit of a known one as an edit", async () => {
  const { ann, bob } = await threePeople();
  const chat = await newPrivate(ann, bob);
  const [before] = await send(ann, chat, "Before");
  const bobs = await openChat(bob, chat, "", worker.url);
  const [known] = await send(ann, chat, "Known");
  await bobs.next({ type: "message", text: "Known" });
  proxy.goOffline();
  // Immediately, as the worker may look at any moment.
  const missed = await sql.begin(async (sql) => {
    const [message] = await sql<[{ id: number }]>`
      insert into chat.messages (room_id, sender_id, content)
      select ${chat}, id, 'Missed' from chat.profiles where number = ${ann.id}
      returning id::integer`;
    await sql`update chat.messages set content = 'Edited ' || id
      where id in ${sql([before.id, known.id, message.id])}`;
    return message;
  });
  await send(ann, chat, "After");
  proxy.goOnline();
  await expect.poll(() => bobs.frames.filter(({ text }) => text === "After")).toHaveLength(1);
  const heard = bobs.frames.filter(({ text }) => text?.startsWith("Edited"))
    .map(({ type, message_id }) => [type, message_id]);
  expect(heard).toHaveLength(3);
  expect(heard).toEqual(
    expect.arrayContaining([["message_edit", before.id], ["message_edit", known.id], ["message", missed.id]]),
  );
  await ann.api.put(`/api/messages/${missed.id}/`, { text: "Again" });
  await bobs.next({ type: "message_edit", message_id: missed.id, text: "Again" });
  const later = await openChat(bob, chat, "", worker.url);
  await ann.api.put(`/api/messages/${known.id}/`, { text: "Later" });
  expect(await later.next({ message_id: known.id })).toMatchObject({ type: "message_edit", text: "Later" });
});
