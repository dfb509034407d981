import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { type Person, send, threePeople } from "../api/people.ts";
import { database } from "../support/clients.ts";
import { open } from "./socket.ts";

const sql = database();
let ann: Person, bob: Person, eve: Person;
let chat: number;
let path: string;

beforeAll(async () => {
  ({ ann, bob, eve } = await threePeople());
  const { body } = await ann.api.post("/api/chats/", { type: "private", members: [bob.id] });
  chat = body.id;
  const slug = `${ann.username}_${bob.username}`;
  await sql`update chat.rooms set slug = ${slug} where id = ${chat}`;
  path = `/social/messenger/ws/ws/chat/${slug}/`;
});
afterAll(() => sql.end());

test("messages are sent and received as documented", async () => {
  const [anns, bobs] = await Promise.all([ann, bob].map(({ access }) => open(`${path}?token=${access}`)));
  anns!.send({ message: "Привет!" });
  const frame = await bobs!.next({ content: "Привет!" });
  expect(frame).toMatchObject({
    id: expect.any(Number),
    user: ann.username,
    content: "Привет!",
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
  });
  expect(await anns!.next({ id: frame.id })).toEqual(frame);
  await send(bob, chat, "From the messenger");
  await anns!.next({ user: bob.username, content: "From the messenger" });
  anns!.send({ text: "Not so" });
  expect(await anns!.next({ type: "error" })).toMatchObject({
    code: "invalid",
    detail: expect.stringMatching("message"),
  });
  const client_id = crypto.randomUUID();
  anns!.send({ message: " ", client_id });
  expect(await anns!.next({ type: "error" })).toMatchObject({ code: "invalid", client_id });
});

test("a repeated send is answered to its sender only", async () => {
  const [anns, bobs] = await Promise.all([ann, bob].map(({ access }) => open(`${path}?token=${access}`)));
  const frame = { message: "Once", client_id: crypto.randomUUID() };
  anns!.send(frame);
  const first = await anns!.next({ client_id: frame.client_id });
  anns!.send(frame);
  expect(await anns!.next({ client_id: frame.client_id })).toEqual(first);
  anns!.send({ message: "After it" });
  await bobs!.next({ content: "After it" });
  expect(bobs!.frames.filter(({ content }) => content === "Once")).toHaveLength(1);
});

test("?since= brings missed messages in their current form", async () => {
  const { body } = await ann.api.post("/api/chats/", { type: "private", members: [eve.id] });
  const slug = `${ann.username}_${eve.username}`;
  await sql`update chat.rooms set slug = ${slug} where id = ${body.id}`;
  const { version } = (await ann.api.get(`/api/chats/${body.id}/`)).body;
  const [one] = await send(ann, body.id, "One", "Two");
  await ann.api.put(`/api/messages/${one.id}/`, { text: "First" });
  const socket = await open(`/social/messenger/ws/ws/chat/${slug}/?token=${eve.access}&since=${version}`);
  await socket.next({ content: "First" });
  expect(socket.frames.map(({ content }) => content)).toEqual(["Two", "First"]);
});

test("a cookie works for pages of its own origin only", async () => {
  const Cookie = `other=1; access=${ann.access}`;
  const own = new URL(inject("status").api_url).origin;
  const socket = await open(path, { Cookie, Origin: own });
  socket.send({ message: "By cookie" });
  await socket.next({ content: "By cookie" });
  for (const Origin of ["https://evil.example", "null"]) {
    await expect(open(path, { Cookie, Origin })).rejects.toThrow("403");
  }
  await expect(open(path, { Cookie })).rejects.toThrow("403");
});

test("strangers and visitors without a token are refused", async () => {
  const codeOf = async (address: string) => (await (await open(address)).closed).code;
  expect(await codeOf(path)).toBe(4401);
  expect(await codeOf(`${path}?token=${eve.access}`)).toBe(4403);
  expect(await codeOf(`/social/messenger/ws/ws/chat/nobody_nowhere/?token=${eve.access}`)).toBe(4403);
  expect(await codeOf(`/social/messenger/ws/ws/chat/%ff%00/?token=${eve.access}`)).toBe(4403);
});
