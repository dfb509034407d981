import { once } from "node:events";
import { request } from "node:http";
import { connect, createServer } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { statusOnceSent } from "../support/tcp.ts";
import { temporaryStack } from "./run.ts";

const MEGABYTES = 1024 * 1024;

let stack: Awaited<ReturnType<typeof temporaryStack>>;
beforeAll(async () =>
  void (
    stack = await temporaryStack([`--serve=messenger=${await freePort()}`], {
      ALLOWED_HOSTS: "Chat.example.com, *.example.net",
    })
  )
);
afterAll(() => stack.stop());

/** A port without a listener, below those that the system assigns to outgoing connections. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 10_000);
    const server = createServer().listen(port, "127.0.0.1");
    const isFree = await once(server, "listening").then(() => true, () => false);
    server.close();
    if (isFree) return port;
  }
}

test("an API responds under its function's path and at the root of its own port", async () => {
  const addresses = [`${stack.status.api_url}/functions/v1/messenger`, stack.status.served.messenger!];
  const answers = await Promise.all(addresses.map(async (address) => {
    const response = await fetch(`${address}/api/chats/?page=2`);
    return [response.status, await response.json()];
  }));
  expect(answers[0]).toEqual([401, { detail: "Authentication credentials were not provided." }]);
  expect(answers[1]).toEqual(answers[0]);
});

test("links use the address that the client used", async () => {
  for (const address of [`${stack.status.api_url}/functions/v1/messenger`, stack.status.served.messenger!]) {
    const registered = await fetch(`${address}/api/auth/register/`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ username: crypto.randomUUID(), password: "a long secret" }),
    });
    const { access } = await registered.json();
    const users = await fetch(`${address}/api/users/?limit=1`, { headers: { Authorization: `Bearer ${access}` } });
    expect(users.headers.get("Link")).toContain(`<${address}/api/users/?limit=1&after=`);
  }
});

test("a method that no function accepts → 405", async () => {
  const url = new URL(`${stack.status.api_url}/functions/v1/messenger/api/chats/`);
  const status = await new Promise((resolve) => {
    request(url, { method: "TRACE" }, (response) => resolve(response.resume().statusCode)).end();
  });
  expect(status).toBe(405);
});

test("an unknown path → 404 in JSON", async () => {
  for (const path of ["/functions/v1/nobody/api/", "/functions/v1/__proto__", "/nothing", "/functions/v1/"]) {
    const response = await fetch(stack.status.api_url + path);
    expect([response.status, await response.json()]).toEqual([404, {
      code: expect.any(String),
      message: expect.any(String),
    }]);
  }
});

test.each([["/status", "*/*"], ["/", "application/json"]])(
  "%s lists for programs what is served",
  async (path, accept) => {
    const about = await (await fetch(stack.status.api_url + path, { headers: { accept } })).json();
    expect(about).toMatchObject({ api_url: stack.status.api_url, functions: expect.arrayContaining(["messenger"]) });
    expect(JSON.stringify(about)).not.toContain(stack.status.secret_key);
  },
);

test("every response has nosniff", async () => {
  const { api_url, publishable_key: apikey } = stack.status;
  for (const path of ["/", "/status", "/nothing", "/auth/v1/settings", "/rest/v1/", "/functions/v1/nobody/"]) {
    const response = await fetch(api_url + path, { headers: { apikey } });
    await response.body?.cancel();
    expect([path, response.headers.get("x-content-type-options")]).toEqual([path, "nosniff"]);
  }
});

test("the key set is public and shows no secret", async () => {
  const response = await fetch(`${stack.status.api_url}/auth/v1/.well-known/jwks.json`);
  expect(await response.json()).toEqual({ keys: [] });
});

test.each([
  ["messenger/api/auth/login/", 413],
  ["messenger/api/chats/", 401],
  ["messenger/api/nowhere/", 404],
])("a client that sends 30 MB to %s before it reads → %i", async (path, status) => {
  expect(await statusOnceSent(`${stack.status.functions_url}/${path}`, 30 * MEGABYTES)).toBe(status);
  expect(await statusOnceSent(`${stack.status.api_url}/functions/v1/${path}`, 30 * MEGABYTES)).toBe(status);
});

test.each([
  ["auth/v1/token", 413],
  ["rest/v1/rpc/send_message", 413],
  ["storage/v1/object/attachments/a.png", 400],
  ["realtime/v1/api/broadcast", 413],
  ["status", 404],
])("a client that sends 30 MB to %s before it reads → %i", async (path, status) => {
  const url = `${stack.status.api_url}/${path}`;
  expect(await statusOnceSent(url, 30 * MEGABYTES, { apikey: stack.status.publishable_key })).toBe(status);
  expect(await statusOnceSent(url, 30 * MEGABYTES, { Host: "evil.example.com" })).toBe(400);
});

test("a slow or broken client does no harm", async () => {
  const socket = connected();
  socket.write("POST /auth/v1/signup HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{");
  await sleep(100);
  socket.destroy();
  expect((await fetch(stack.status.api_url)).status).toBe(200);
});

test.each([
  ["GET / HTTP/1.1", "evil.test:99999", 400],
  ["GET / HTTP/1.1", "a b<>", 400],
  ["get /auth/v1/settings HTTP/1.1", "localhost", 405],
  ["get /functions/v1/messenger/api/chats/ HTTP/1.1", "localhost", 405],
])("%j to the host %j is refused", async (line, host, status) => {
  const socket = connected();
  socket.write(`${line}\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  expect(await text(socket)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
});

test.each([
  ["chat.example.com", 200],
  ["chat.example.com:8443", 200],
  ["a.b.example.net", 200],
  ["localhost:1", 200],
  ["demo.localhost", 200],
  ["127.0.0.1", 200],
  ["example.net", 400],
  ["evil.example.com", 400],
  ["chat.example.com.evil.test", 400],
  ["10.0.0.1", 400],
])("with ALLOWED_HOSTS set, the host %s → %i", async (host, status) => {
  const socket = connected();
  socket.write(`GET /status HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  expect(await text(socket)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
});

const connected = () => connect(Number(new URL(stack.status.api_url).port), "127.0.0.1");
