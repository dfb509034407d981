import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { startWorker } from "../../relay/worker.ts";
import { open } from "../../relay/socket.ts";
import { baseOf } from "../caller.ts";
import { newSocialPerson, openRoom, type SocialPerson } from "./people.ts";

let ann: SocialPerson, bob: SocialPerson;
let worker: Awaited<ReturnType<typeof startWorker>>;

beforeAll(async () => {
  [ann, bob] = await Promise.all([newSocialPerson("ann"), newSocialPerson("bob")]);
  worker = await startWorker({ TRUSTED_PROXIES: "1" });
});
afterAll(() => worker.stop());

/** The cookie that login sets, behind a proxy that sends these headers. */
async function cookieOf(base: string, headers: Record<string, string> = {}): Promise<string> {
  const response = await fetch(`${base}/accounts/api/token/`, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify({ username: ann.username, password: ann.password }),
  });
  expect(response.status).toBe(200);
  return response.headers.get("Set-Cookie")!.replace(/Expires=[^;]+/, "Expires=…").replace(/=ey[^;]+/, "=…");
}

test("scripts cannot read it, other sites do not send it, and it is sent only to the API", async () => {
  expect(await cookieOf(baseOf("social"))).toBe(
    "access=…; Path=/functions/v1/social; Expires=…; HttpOnly; SameSite=Lax",
  );
});

test.each([
  ["on the platform", {}, "/functions/v1/social", ""],
  ["over https", { "X-Forwarded-Proto": "https" }, "/functions/v1/social", "Secure; "],
  ["on a port of its own", { "X-Forwarded-Prefix": "" }, "/", ""],
  ["with a forged prefix", { "X-Forwarded-Prefix": "/; Domain=evil.example" }, "/functions/v1/social", ""],
])("%s its path and Secure flag match", async (_, headers, path, secure) => {
  const cookie = await cookieOf(`${worker.url.replace(/^ws/, "http")}/social`, headers);
  expect(cookie).toContain(`; Path=${path}; `);
  expect(cookie).not.toContain("evil");
  expect(cookie.includes("Secure; ")).toBe(secure !== "");
});

test("it opens the WebSocket, and a refresh renews it", async () => {
  const room = await openRoom(ann, bob);
  const login = await ann.social.post("/accounts/api/token/", { username: ann.username, password: ann.password });
  const refreshed = await ann.social.post("/accounts/api/token/refresh/", { refresh: login.body.refresh });
  const Cookie = refreshed.headers.get("Set-Cookie")!.split(";")[0]!;
  expect(Cookie).toBe(`access=${refreshed.body.access}`);

  const Origin = new URL(inject("status").api_url).origin;
  const socket = await open(`/social/messenger/ws/ws/chat/${room.name}/`, { Cookie, Origin });
  socket.send({ message: "Привет!" });
  const frame = await socket.next({ content: "Привет!" });
  const { body } = await bob.social.get(`/messenger/api/chatrooms/${room.name}/messages/`);
  expect(body).toEqual([frame]);
});
