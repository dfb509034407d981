import { afterAll, expect, test } from "vitest";
import { newPrivate, threePeople } from "../api/people.ts";
import { database } from "../support/clients.ts";
import { open, openChat } from "./socket.ts";

const sql = database();
afterAll(() => sql.end());

test("a message of a file alone is a frame of every socket, live and replayed, with a path of its API", async () => {
  const { ann, bob } = await threePeople();
  const chat = await newPrivate(ann, bob);
  const slug = `${ann.username}_${bob.username}`;
  await sql`update chat.rooms set slug = ${slug} where id = ${chat}`;
  const form = new FormData();
  form.append("chat", `${chat}`);
  form.append("file", new Blob(["tea"], { type: "text/plain" }), "tea.txt");
  const { body: file } = await ann.api.call("POST", "/api/uploads/", form);

  const anns = await openChat(ann, chat);
  const openAll = (query: string) =>
    Promise.all([
      openChat(bob, chat, query),
      open(`/mini-chat/ws/chat/${chat}/?token=${bob.access}${query}`),
      open(`/social/messenger/ws/ws/chat/${slug}/?token=${bob.access}${query}`),
    ]);
  const live = await openAll("");
  anns.send({ type: "message", text: " " });
  expect(await anns.next({ type: "error" })).toHaveProperty("code");
  const client_id = crypto.randomUUID();
  anns.send({ type: "message", attachment_ids: [file.id], client_id });
  for (const sockets of [live, await openAll("&since=0")]) {
    const [messenger, miniChat, social] = sockets;
    const shown = (path: string) => [{ ...file, url: `${path}${file.id}/` }];
    expect(await messenger!.next({ client_id })).toMatchObject({
      type: "message",
      text: "",
      attachments: shown("/api/attachments/"),
    });
    expect(await miniChat!.next({ client_id })).toMatchObject({
      type: "chat_message",
      message: "",
      attachments: shown("/api/chat/attachments/"),
    });
    expect(await social!.next({ client_id })).toMatchObject({
      content: "",
      attachments: shown("/messenger/api/attachments/"),
    });
  }
  // Sent again, it is the same message.
  anns.send({ type: "message", attachment_ids: [file.id], client_id });
  const [first, again] = [await anns.next({ client_id }), await anns.next({ client_id })];
  expect(again).toEqual(first);
  anns.send({ type: "message", attachment_ids: [file.id] });
  expect(await anns.next({ type: "error", code: "attachment_not_found" })).toBeDefined();
});
