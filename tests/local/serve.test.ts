import { once } from "node:events";
import { afterAll, beforeAll, expect, test } from "vitest";
import WebSocket from "ws";
import { temporaryStack } from "./run.ts";
import { refusal } from "../support/refusals.ts";

// The five old backends side by side, each at the root of a port, as their clients know them.
const names = ["messenger", "social", "mini-chat", "conversations", "chat-sessions"];
let stack: Awaited<ReturnType<typeof temporaryStack>>;
let served: Record<string, string>;
let access: string;

beforeAll(async () => {
  stack = await temporaryStack([
    "--serve",
    "messenger=0",
    "--serve=social=0,mini-chat=0,conversations=0,chat-sessions=0",
  ]);
  served = stack.status.served;
  const registered = await post("social", "/accounts/api/users/", { username: "user2", password: "a long secret" });
  expect(registered.status).toBe(201);
  await post("messenger", "/api/auth/register/", { username: "user1", password: "a long secret" });
  const token = await post("social", "/accounts/api/token/", { username: "user1", password: "a long secret" });
  ({ access } = await token.json());
});
afterAll(() => stack.stop());

function post(api: string, path: string, body: unknown, headers: Record<string, string> = {}) {
  return fetch(`${served[api]}${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
}

test("each has a port of its own, all beside the main one", async () => {
  expect(Object.keys(served).sort()).toEqual(names.toSorted());
  expect(new Set([stack.status.api_url, ...Object.values(served)]).size).toBe(6);
  for (const name of names) {
    const { info } = await (await fetch(`${served[name]}/api/schema/`)).json();
    expect(info.title).toBe(`Parley ${name}`);
  }
});

test.each([
  ["messenger", "/api/chats/"],
  ["social", "/messenger/api/chatrooms/"],
  ["mini-chat", "/api/chat/rooms/"],
  ["conversations", "/api/chat/conversations/"],
  ["chat-sessions", "/api/v1/chat/sessions/"],
])("the root of %s is where its documented paths begin", async (api, path) => {
  const unsigned = await fetch(`${served[api]}${path}`);
  expect([unsigned.status, await unsigned.json()]).toEqual([
    401,
    refusal(api, { detail: "Authentication credentials were not provided." }),
  ]);
  const headers = { Authorization: `Bearer ${access}` };
  const [atRoot, atFunction] = await Promise.all(
    [served[api], `${stack.status.api_url}/functions/v1/${api}`].map(async (base) => {
      const response = await fetch(`${base}${path}`, { headers });
      return [response.status, await response.json()];
    }),
  );
  expect(atRoot![0]).toBe(200);
  expect(atRoot).toEqual(atFunction);
});

test("social: the picture is at the path that profiles give", async () => {
  const response = await fetch(`${served.social}/profiles/api/profile/`, {
    headers: { Authorization: `Bearer ${access}` },
  });
  const { profile } = await response.json();
  const image = await fetch(new URL(profile.image, served.social));
  expect([image.status, image.headers.get("Content-Type")]).toEqual([200, "image/jpeg"]);
});

test("social: the cookie of the token route opens the documented WebSocket", async () => {
  const headers = { Authorization: `Bearer ${access}` };
  const made = await post("social", "/messenger/api/chatrooms/", { recipient: "user2" }, headers);
  expect(await made.json()).toMatchObject({ name: "user1_user2", display_name: "user2" });

  const signedIn = await post("social", "/accounts/api/token/", { username: "user2", password: "a long secret" });
  const [cookie, path] = signedIn.headers.get("Set-Cookie")!.split("; ");
  expect(path).toBe("Path=/");
  const address = `${served.social!.replace("http", "ws")}/messenger/ws/ws/chat/user1_user2/`;
  const socket = new WebSocket(address, { headers: { Cookie: cookie }, origin: served.social });
  await once(socket, "open");
  const heard = once(socket, "message");
  await post("social", "/messenger/api/chatrooms/user1_user2/messages/", { content: "Привет!" }, headers);
  const [frame] = await heard;
  expect(JSON.parse(String(frame))).toMatchObject({ user: "user1", content: "Привет!" });
  socket.close();
});

test("links use the port of the request", async () => {
  const users = await fetch(`${served.social}/accounts/api/users/?limit=1`, {
    headers: { Authorization: `Bearer ${access}` },
  });
  expect(users.headers.get("Link")).toContain(`<${served.social}/accounts/api/users/?limit=1&after=`);
});
