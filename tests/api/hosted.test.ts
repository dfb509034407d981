import { createServer, type Server } from "node:http";
import { SignJWT } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, onTestFinished, test } from "vitest";
import { startWorker } from "../relay/worker.ts";
import { database } from "../support/clients.ts";
import { uniqueName } from "../support/users.ts";

const status = inject("status");
const sql = database();
afterAll(() => sql.end());

/** A worker of the functions without a gateway in front, with settings of its own. */
async function worker(settings: Record<string, string> = {}) {
  const running = await startWorker(settings);
  onTestFinished(running.stop);
  return async (path: string, { body, token, headers = {} }: {
    body?: object;
    token?: string;
    headers?: Record<string, string>;
  } = {}) => {
    const response = await fetch(`${running.url}/messenger/api/${path}`, {
      method: body ? "POST" : "GET",
      headers: { ...headers, "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) },
      body: body && JSON.stringify(body),
    });
    // deno-lint-ignore no-explicit-any
    return { status: response.status, body: await response.json() as any };
  };
}

const account = () => ({ username: uniqueName("ann"), password: "correct horse" });

describe("the client's address", () => {
  const hosted = { SB_REGION: "eu-central-1" };
  const list = { TRUSTED_PROXIES: "10.0.0.0/8, 2001:db8::1" };
  test.each<[string, Record<string, string>, Record<string, string>, string | null]>([
    ["is the last hop", {}, { "X-Forwarded-For": "1.1.1.1, 2.2.2.2" }, "2.2.2.2"],
    ["is none where nothing says it", {}, {}, null],
    ["is none where the last hop is no address", {}, { "X-Forwarded-For": "1.1.1.1, unknown" }, null],
    ["is not what Cloudflare would say, where it is not there", {}, {
      "X-Forwarded-For": "2.2.2.2",
      "CF-Connecting-IP": "1.1.1.1",
    }, "2.2.2.2"],
    ["is what Cloudflare says, where it is hosted", hosted, {
      "X-Forwarded-For": "1.1.1.1, 2.2.2.2, 3.3.3.3",
      "CF-Connecting-IP": "2.2.2.2",
    }, "2.2.2.2"],
    ["is one behind as many proxies as are named", { TRUSTED_PROXIES: "2" }, {
      "X-Forwarded-For": "1.1.1.1, 2.2.2.2, 3.3.3.3, 4.4.4.4",
    }, "2.2.2.2"],
    [
      "is the first where fewer came than are named",
      { TRUSTED_PROXIES: "5" },
      { "X-Forwarded-For": "1.1.1.1" },
      "1.1.1.1",
    ],
    ["is before the proxies that are named", list, {
      "X-Forwarded-For": "1.1.1.1, 2.2.2.2, 2001:db8::1, 10.1.2.3",
    }, "2.2.2.2"],
    ["is that of a proxy that is not named", list, { "X-Forwarded-For": "1.1.1.1, 11.0.0.1" }, "11.0.0.1"],
    ["is before a named proxy, where it is hosted", { ...hosted, ...list }, {
      "X-Forwarded-For": "1.1.1.1, 2.2.2.2, 10.0.0.1, 3.3.3.3",
      "CF-Connecting-IP": "10.0.0.1",
    }, "2.2.2.2"],
    ["has one spelling", {}, { "X-Forwarded-For": "1.1.1.1, [::ffff:2.2.2.2]:4711" }, "2.2.2.2"],
    ["comes without a port", {}, { "X-Forwarded-For": "2.2.2.2:4711" }, "2.2.2.2"],
  ])("%s", async (_, settings, headers, address) => {
    const call = await worker(settings);
    const username = uniqueName("nobody");
    expect((await call("auth/login/", { body: { username, password: "wrong" }, headers })).status).toBe(401);
    const [counted] = await sql`select attempts from chat_private.login_attempts
      where subject = (chat_private.login_subjects(${username}, ${address}))[1]`;
    expect(counted).toEqual({ attempts: 1 });
  });

  test("is not guessed from an invalid setting: the worker does not start, and says why", async () => {
    await expect(worker({ TRUSTED_PROXIES: "my-proxy" })).rejects.toThrow(
      "The setting TRUSTED_PROXIES takes the number of proxies in a row, or their addresses and networks, " +
        'separated by commas, not "my-proxy".',
    );
  });
});

describe("a project whose JWT secret is not in its JWKS", () => {
  let server: Server;
  let auth: string;
  const asked: string[] = [];
  const headersOf: Record<string, unknown>[] = [];
  let isAway = false;

  // Auth, with a record of its requests.
  beforeAll(async () => {
    server = createServer(async (request, response) => {
      const path = request.url!.slice("/auth/v1/".length);
      asked.push(`${request.method} ${path}`);
      headersOf.push(request.headers);
      const chunks: Uint8Array[] = [];
      for await (const chunk of request) chunks.push(chunk);
      if (isAway && path === "user") return void response.writeHead(503).end("{}");
      const { host: _, connection: __, ...headers } = request.headers as Record<string, string>;
      const answer = await fetch(`${status.api_url}${request.url}`, {
        method: request.method!,
        headers,
        ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
      });
      response.writeHead(answer.status, { "Content-Type": "application/json" }).end(await answer.text());
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    auth = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  });
  afterAll(() => void server.close());
  beforeEach(() => void (asked.length = 0));

  const withoutSecret = (keys: string) => ({ SUPABASE_URL: auth, SUPABASE_JWT_SECRET: "", SUPABASE_JWKS: keys });
  const questions = () => asked.filter((question) => question === "GET user").length;

  test.each(['{"keys": []}', "[]", ""])("has each token checked by Auth, once: %s", async (keys) => {
    const call = await worker(withoutSecret(keys));
    const { status: registered, body } = await call("auth/register/", { body: account() });
    expect(registered).toBe(201);
    expect(questions()).toBe(1);
    const again = (await call("auth/login/", { body: { ...account(), username: body.user.username } })).body.access;
    const answers = await Promise.all(Array.from({ length: 8 }, () => call("users/me/", { token: again })));
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
    expect(questions()).toBe(2);
  });

  test("refuses what Auth does not know, without asking again at once", async () => {
    const call = await worker(withoutSecret("[]"));
    const { body } = await call("auth/register/", { body: account() });
    const forged = `${body.access.slice(0, -6)}AAAAAA`;
    const before = questions();
    for (let turn = 0; turn < 3; turn++) {
      const answer = await call("users/me/", { token: forged });
      expect([answer.status, answer.body.code]).toEqual([401, "token_not_valid"]);
    }
    expect(questions()).toBe(before + 1);
    const secret = new TextEncoder().encode(status.jwt_secret);
    const claims = { sub: crypto.randomUUID(), role: "authenticated", aud: "authenticated" };
    const expired = await new SignJWT(claims).setProtectedHeader({ alg: "HS256" }).setExpirationTime(1).sign(secret);
    for (const token of [expired, "no token", "a.b.c"]) expect((await call("users/me/", { token })).status).toBe(401);
    expect(questions()).toBe(before + 1);
  });

  test("creates no account that the response does not report", async () => {
    const call = await worker(withoutSecret("[]"));
    const given = account();
    isAway = true;
    onTestFinished(() => void (isAway = false));
    for (const email of [undefined, `${given.username}@example.com`]) {
      expect((await call("auth/register/", { body: { ...given, email } })).status).toBe(503);
      expect(await sql`select from chat.profiles where username = ${given.username}`).toHaveLength(0);
    }
    isAway = false;
    expect((await call("auth/register/", { body: given })).status).toBe(201);
  });

  test("may have its secret in a setting, or in the JWKS: Auth is not asked", async () => {
    const key = { kty: "oct", alg: "HS256", k: Buffer.from(status.jwt_secret).toString("base64url") };
    for (
      const settings of [
        { JWT_SECRET: status.jwt_secret, SUPABASE_JWKS: "[]" },
        { JWT_SECRET: "", SUPABASE_JWKS: JSON.stringify([key]) },
        { JWT_SECRET: "", SUPABASE_JWKS: JSON.stringify({ keys: [key] }) },
      ]
    ) {
      const call = await worker({ ...withoutSecret("[]"), ...settings });
      expect((await call("auth/register/", { body: account() })).status).toBe(201);
    }
    expect(questions()).toBe(0);
  });

  test("accepts the client's address from callers with a secret key", async () => {
    headersOf.length = 0;
    const call = await worker(withoutSecret("[]"));
    await call("auth/login/", { body: account(), headers: { "X-Forwarded-For": "1.1.1.1, 2.2.2.2" } });
    const signIn = headersOf[asked.indexOf("POST token?grant_type=password")]!;
    expect(signIn).toMatchObject({ "sb-forwarded-for": "2.2.2.2", apikey: status.secret_key });
  });
});
