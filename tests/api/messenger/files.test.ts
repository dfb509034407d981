import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, inject, test } from "vitest";
import { client, database } from "../../support/clients.ts";
import { baseOf, Caller, MESSENGER } from "../caller.ts";
import { newGroup, newPrivate, type Person, threePeople } from "../people.ts";

const { secret_key, functions_url } = inject("status");

/** A form with a file, as a browser sends it. */
function form(fields: Record<string, string>, content: Uint8Array<ArrayBuffer>, type = "image/png", name = "a.png") {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append("file", new Blob([content], { type }), name);
  return form;
}

const bytes = (length: number) => new Uint8Array(randomBytes(length));

/** Where the API leads a caller who asks for a file. */
const leads = async ({ access }: Pick<Person, "access">, url: string, base = MESSENGER) =>
  await fetch(`${base}${url}`, { headers: { Authorization: `Bearer ${access}` }, redirect: "manual" });

const upload = async (person: Person, chat: number, content = bytes(100), more: Record<string, string> = {}) =>
  await person.api.post("/api/uploads/", form({ chat: `${chat}`, ...more }, content));

test("POST /api/uploads/ → 201, then a message with it, which members can read and nobody else", async () => {
  const { ann, bob, eve } = await threePeople();
  const chat = await newGroup(ann, bob);
  const content = bytes(100 * 1024);
  const { status, body: file } = await upload(ann, chat, content, { width: "20", height: "10" });
  expect([status, file]).toEqual([201, {
    id: expect.any(String),
    name: "a.png",
    mime_type: "image/png",
    bytes: content.length,
    width: 20,
    height: 10,
    duration_ms: null,
  }]);
  const url = `/api/attachments/${file.id}/`;
  expect((await leads(bob, url)).status, "before it is sent").toBe(404);

  const sent = await ann.api.post("/api/messages/", { chat, attachment_ids: [file.id] });
  expect([sent.status, sent.body.text, sent.body.attachments]).toEqual([201, "", [{ ...file, url }]]);
  const [listed] = (await bob.api.get(`/api/messages/?chat=${chat}`)).body;
  expect(listed.attachments).toEqual([{ ...file, url }]);

  const answer = await leads(bob, url);
  expect(answer.status).toBe(302);
  const location = answer.headers.get("location")!;
  expect(await (await fetch(location)).bytes()).toEqual(content);
  const part = await fetch(location, { headers: { range: "bytes=10-19" } });
  expect([part.status, await part.bytes()]).toEqual([206, content.slice(10, 20)]);
  const { exp, iat } = JSON.parse(atob(new URL(location).searchParams.get("token")!.split(".")[1]!));
  expect(exp - iat).toBe(60);

  expect((await leads(eve, url)).status, "a stranger").toBe(404);
  expect((await fetch(`${MESSENGER}${url}`)).status, "anon").toBe(401);
  await ann.api.patch(`/api/chats/${chat}/`, { members: [] });
  expect((await leads(bob, url)).status, "a removed member").toBe(404);
});

test("multipart POST /api/messages/ → 201 with the file; a repetition sends and stores nothing more", async () => {
  const { ann, bob } = await threePeople();
  const chat = await newPrivate(ann, bob);
  const content = bytes(1000);
  const headers = { "Idempotency-Key": "once" };
  const [first, ...others] = await Promise.all(
    [1, 2, 3].map(() =>
      ann.api.call(
        "POST",
        `/api/chats/${chat}/messages/`,
        form({ text: "Look" }, content, "text/html", "a.html"),
        headers,
      )
    ),
  );
  const again = await ann.api.call(
    "POST",
    "/api/messages/",
    form({ chat: `${chat}`, text: "Look" }, content, "text/html", "a.html"),
    headers,
  );
  for (const { status, body } of [...others, again]) {
    expect([200, 201]).toContain(status);
    expect(body.attachments).toEqual(first!.body.attachments);
  }
  expect([first!, ...others, again].filter(({ status }) => status === 201)).toHaveLength(1);
  const { body: listed } = await bob.api.get(`/api/messages/?chat=${chat}`);
  expect(listed).toHaveLength(1);
  expect(listed[0]).toMatchObject({
    text: "Look",
    attachments: [{ name: "a.html", mime_type: "text/html", bytes: 1000 }],
  });
  const location = (await leads(bob, listed[0].attachments[0].url)).headers.get("location")!;
  expect((await fetch(location)).headers.get("content-disposition"), "HTML is a download").toMatch(/^attachment/);
});

test("a message without text needs a file of the caller, of this chat, that was not sent", async () => {
  const { ann, bob } = await threePeople();
  const [chat, other] = [await newPrivate(ann, bob), await newGroup(ann, bob)];
  expect((await ann.api.post("/api/messages/", { chat, attachment_ids: [] })).body).toEqual({
    text: ["This field is required."],
  });
  const { body: file } = await upload(ann, chat);
  for (const [person, where] of [[bob, chat], [ann, other]] as const) {
    const refused = await person.api.post("/api/messages/", { chat: where, attachment_ids: [file.id] });
    expect([refused.status, refused.body.code]).toEqual([404, "attachment_not_found"]);
  }
  expect((await ann.api.post("/api/messages/", { chat, text: "One", attachment_ids: [file.id] })).status).toBe(201);
  expect((await ann.api.post("/api/messages/", { chat, attachment_ids: [file.id] })).body.code).toBe(
    "attachment_not_found",
  );
});

test("POST /api/uploads/ → 400 without a file, 404 to a stranger, 413 over 25 MB, 200 again", async () => {
  const { ann, bob, eve } = await threePeople();
  const chat = await newPrivate(ann, bob);
  expect((await ann.api.post("/api/uploads/", { chat })).body).toHaveProperty("file");
  expect((await upload(ann, chat, bytes(0))).body).toEqual({ file: ["The submitted file is empty."] });
  expect((await upload(eve, chat)).status).toBe(404);
  expect((await upload(ann, chat, new Uint8Array(27 * 1024 * 1024))).status).toBe(413);
  const large = await upload(ann, chat, new Uint8Array(25 * 1024 * 1024 + 1));
  expect([large.status, large.body.code]).toEqual([413, "file_too_large"]);
  expect((await upload(ann, chat, new Uint8Array(25 * 1024 * 1024))).status).toBe(201);
  const client_id = crypto.randomUUID();
  const content = bytes(10);
  expect((await upload(ann, chat, content, { client_id })).status).toBe(201);
  expect((await upload(ann, chat, content, { client_id })).status).toBe(200);
  expect((await upload(ann, chat, bytes(11), { client_id })).body.code).toBe("client_id_reused");
});

test("mini-chat and social show the files too, with paths of their own", async () => {
  const { ann, bob } = await threePeople();
  const chat = await newPrivate(ann, bob);
  const content = bytes(50);
  const { body: file } = await upload(ann, chat, content);
  await ann.api.post("/api/messages/", { chat, attachment_ids: [file.id] });
  const [one, other] = [ann.username, bob.username].sort();
  const lists = {
    "mini-chat": [`/api/chat/messages/?room=${chat}`, "/api/chat/attachments/"],
    social: [`/messenger/api/chatrooms/${one}_${other}/messages/`, "/messenger/api/attachments/"],
  } as const;
  for (const [api, [path, files]] of Object.entries(lists)) {
    const [message] = (await new Caller(bob.access, api).get(path)).body;
    const url = `${files}${file.id}/`;
    expect([message.content, message.attachments]).toEqual(["", [{ ...file, url }]]);
    const location = (await leads(bob, url, baseOf(api))).headers.get("location")!;
    expect(await (await fetch(location)).bytes()).toEqual(content);
  }
});

test("the file of a deleted message is gone from Storage once the job has run, which only a secret key may call", async () => {
  const { ann, bob } = await threePeople();
  const chat = await newPrivate(ann, bob);
  const { body: message } = await ann.api.call("POST", "/api/messages/", form({ chat: `${chat}` }, bytes(10)));
  const files = client({ key: secret_key }).storage.from("chat-files");
  const stored = async () => (await files.list(`${chat}`)).data!.length;
  expect(await stored()).toBe(1);
  expect((await ann.api.delete(`/api/messages/${message.id}/`)).status).toBe(204);
  expect((await leads(bob, message.attachments[0].url)).status).toBe(404);
  const run = async (headers: Record<string, string>) => {
    const response = await fetch(`${functions_url}/jobs/api/files/`, { method: "POST", headers });
    await response.body?.cancel();
    return response.status;
  };
  expect(await run({})).toBe(401);
  expect(await run({ Authorization: `Bearer ${ann.access}` })).toBe(401);
  expect(await run({ apikey: secret_key })).toBe(200);
  expect(await stored()).toBe(0);
});

test("a file goes when its last two messages are deleted at the same moment", async () => {
  const { ann, bob } = await threePeople();
  const [chat, other] = [await newPrivate(ann, bob), await newGroup(ann, bob)];
  const { body: message } = await ann.api.call("POST", "/api/messages/", form({ chat: `${chat}` }, bytes(10)));
  const { body: forward } = await ann.api.post("/api/messages/", { chat: other, forwarded_from: message.id });
  expect(forward.attachments).toMatchObject([{ name: "a.png" }]);
  const [one, two] = [database(), database()];
  const [first, second] = [await one.reserve(), await two.reserve()];
  await first`begin`;
  await second`begin`;
  await first`update chat.messages set deleted_at = now() where id = ${message.id}`;
  // It may wait for the first.
  const deleted = second`update chat.messages set deleted_at = now() where id = ${forward.id}`.execute();
  await sleep(200);
  await first`commit`;
  await deleted;
  await second`commit`;
  first.release();
  second.release();
  await Promise.all([one.end(), two.end()]);
  const response = await fetch(`${functions_url}/jobs/api/files/`, { method: "POST", headers: { apikey: secret_key } });
  await response.body?.cancel();
  const { data } = await client({ key: secret_key }).storage.from("chat-files").list(`${chat}`);
  expect(data).toEqual([]);
});
