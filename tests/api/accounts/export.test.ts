import { expect, inject, test } from "vitest";
import { createChat } from "../../../client/sdk/src/index.ts";
import { appClient } from "../../support/clients.ts";
import { until } from "../../support/until.ts";
import { newUser, signUp } from "../../support/users.ts";

const { functions_url, secret_key } = inject("status");
const PATH = "/api/export/";

type Line = Record<string, unknown> & { type: string };

const get = (path: string, headers: Record<string, string>) => fetch(`${functions_url}/accounts${path}`, { headers });
const linesOf = (text: string) => text.trim().split("\n").map((line) => JSON.parse(line) as Line);

test(`GET ${PATH} → 401 to a visitor, and to a person about somebody else`, async () => {
  const ann = await newUser("ann");
  expect((await get(PATH, {})).status).toBe(401);
  expect((await get(`/api/users/${ann.id}/export/`, { Authorization: `Bearer ${ann.token}` })).status).toBe(401);
});

test(`GET ${PATH} → 200 with lines about the person over many pages, to the person, the SDK and a backend; then 429`, async () => {
  const supabase = appClient();
  const [ann, bob] = await Promise.all([signUp(supabase, "ann"), newUser("bob")]);
  const chat = createChat(supabase, { storage: null });
  const { id } = await chat.rooms.createGroup({ name: "Two", memberIds: [bob.id] });
  const room = await chat.rooms.open(id);
  room.send("With a file", { files: [{ body: new Blob(["content"], { type: "text/plain" }), name: "a.txt" }] });
  await until(() => room.getSnapshot().messages, ([message]) => message?.state === "sent");
  for (const number of Array(2).keys()) {
    const rows = Array.from({ length: 600 }, (_, place) => ({ room_id: id, content: `Message ${number} ${place}` }));
    await supabase.schema("chat").from("messages").insert(rows).throwOnError();
  }
  await bob.supabase.rpc("send_message", { room_id: id, content: "Of Bob" }).throwOnError();
  await chat.rooms.leave(id);

  const answer = await get(PATH, { Authorization: `Bearer ${ann.token}` });
  expect([answer.status, answer.headers.get("Content-Type")]).toEqual([200, "application/x-ndjson"]);
  const lines = linesOf(await answer.text());
  expect(lines[0]).toMatchObject({ type: "export", version: 1, user_id: ann.id });
  expect(lines.at(-1)).toEqual({ type: "end", lines: lines.length - 2 });
  const messages = lines.filter(({ type }) => type === "message");
  expect(messages).toHaveLength(1201);
  expect(lines.find(({ type }) => type === "account")).toMatchObject({ email: ann.email });
  expect(JSON.stringify(lines)).not.toContain("Of Bob");
  const [file] = messages[0]!.attachments as [{ url: string }];
  expect(await (await fetch(file.url)).text()).toBe("content");

  const saved = linesOf(await (await chat.account.export()).text());
  expect(saved.filter(({ type }) => type === "message")).toHaveLength(1201);
  const operator = await get(`/api/users/${ann.id}/export/`, { apikey: secret_key });
  expect(linesOf(await operator.text())).toHaveLength(lines.length);
  expect((await get(`/api/users/${crypto.randomUUID()}/export/`, { apikey: secret_key })).status).toBe(404);

  await chat.account.export();
  await expect(chat.account.export()).rejects.toMatchObject({ code: "rate_limited", retryAfter: expect.any(Number) });
  chat.close();
});
