import { request } from "node:http";
import { afterEach, beforeAll, describe, expect, inject, test } from "vitest";
import WebSocket from "ws";
import { startWorker } from "../relay/worker.ts";
import { Caller } from "./caller.ts";
import { apis } from "./apis.ts";
import { newPerson, type Person } from "./people.ts";
import { newSocialPerson, openRoom } from "./social/people.ts";

const { api_url } = inject("status");
let ann: Person;
let room: string;
let worker: Awaited<ReturnType<typeof startWorker>> | undefined;

beforeAll(async () => {
  ann = await newPerson("ann");
  const [one, other] = [await newSocialPerson("one"), await newSocialPerson("other")];
  room = (await openRoom(one, other)).name;
  access = one.social.token!;
  const sessions = new Caller(ann.access, "chat-sessions");
  for (let turn = 0; turn < 21; turn++) await sessions.post("/api/v1/chat/sessions/", {});
});
afterEach(() => worker?.stop());
let access: string;

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** Sends a request to a worker with any headers: fetch would not send another Host. */
function ask(path: string, headers: Record<string, string> = {}, method = "GET"): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(`${worker!.url}${path}`, { method, headers }, async (response) => {
      const body = (await response.setEncoding("utf8").toArray()).join("");
      resolve({ status: response.statusCode!, headers: response.headers, body });
    });
    asked.on("error", reject).end();
  });
}

const bearer = () => ({ Authorization: `Bearer ${ann.access}` });
const HOSTED = { Host: "edge-runtime.supabase.com", "X-Forwarded-Host": "edge-runtime.supabase.com" };
const PROXY = {
  "X-Forwarded-For": "203.0.113.7, 10.0.0.1",
  "X-Forwarded-Host": "chat.example",
  "X-Forwarded-Proto": "https",
  "X-Forwarded-Prefix": "/talk",
};

/** How a socket with a cookie responds to a page of an origin. */
function socketOf(Origin: string, headers: Record<string, string> = {}): Promise<number> {
  const url = `${worker!.url.replace("http", "ws")}/social/messenger/ws/ws/chat/${room}/`;
  const web = new WebSocket(url, { headers: { Origin, Cookie: `access=${access}`, ...headers } });
  return new Promise((resolve, reject) => {
    web.on("open", () => (web.close(), resolve(101)));
    web.on("unexpected-response", (_, { statusCode }) => resolve(statusCode!));
    web.on("error", reject);
  });
}

describe.each<[string, Record<string, string>, Record<string, string>, () => string]>([
  ["on the platform", { SB_REGION: "eu-central-1" }, HOSTED, () => `${api_url}/functions/v1/`],
  ["behind edge-runtime.supabase.com", {}, HOSTED, () => `${api_url}/functions/v1/`],
  ["on the platform, whatever is forwarded", { SB_REGION: "x" }, PROXY, () => `${api_url}/functions/v1/`],
  [
    "at a custom domain",
    { SB_REGION: "x", PUBLIC_URL: "https://chat.example" },
    HOSTED,
    () => "https://chat.example/functions/v1/",
  ],
  ["behind a named proxy", { TRUSTED_PROXIES: "10.0.0.1" }, PROXY, () => "https://chat.example/talk/"],
  ["behind nothing", {}, {}, () => `${worker!.url}/functions/v1/`],
  ["behind nothing, with forged headers", {}, PROXY, () => `${worker!.url}/functions/v1/`],
])("%s", (name, settings, headers, base) => {
  const at = (api: string) => name === "behind a named proxy" ? base().slice(0, -1) : `${base()}${api}`;

  test("links, redirects, cookies and origin checks match", async () => {
    worker = await startWorker(settings);
    const users = await ask("/messenger/api/users/?limit=1", { ...bearer(), ...headers });
    expect(users.headers.link).satisfy((link: string) => link.startsWith(`<${at("messenger")}/api/users/?`));
    const sessions = await ask("/chat-sessions/api/v1/chat/sessions/", { ...bearer(), ...headers });
    expect(JSON.parse(sessions.body).next).toBe(`${at("chat-sessions")}/api/v1/chat/sessions/?page=2`);
    const docs = await ask("/messenger/api/", headers);
    expect([docs.status, docs.headers.location]).toEqual([302, `${new URL(at("messenger")).pathname}/api/docs/`]);
    const login = await ask("/chat-sessions/", { Accept: "text/html", ...headers });
    expect([login.status, login.headers.location]).toEqual([
      303,
      `${new URL(at("chat-sessions")).pathname}/accounts/login/`,
    ]);
    const own = new URL(base()).origin;
    expect(await socketOf(own, headers)).toBe(101);
    expect(await socketOf("https://evil.example", headers)).toBe(403);
    const page = (Origin: string) => ask("/chat-sessions/accounts/login/", { Origin, ...headers }, "POST");
    expect((await page(own)).status).toBe(400);
    expect((await page("https://evil.example")).status).toBe(403);
  });
});

describe("ALLOWED_ORIGINS", () => {
  const listed = "http://localhost:3000";

  test("lets listed origins use cookies, also on sockets; others are unaffected", async () => {
    worker = await startWorker({ ALLOWED_ORIGINS: `${listed}/, https://chat.example` });
    for (const { api, me } of apis) {
      const credentials = await ask(`/${api}${me}`, { Origin: listed });
      expect([credentials.status, credentials.headers["access-control-allow-origin"]]).toEqual([401, listed]);
      expect(credentials.headers["access-control-allow-credentials"]).toBe("true");
      expect(credentials.headers.vary).toContain("Origin");
      const other = await ask(`/${api}${me}`, { Origin: "https://evil.example" });
      expect(other.headers["access-control-allow-origin"]).toBe("*");
      expect(other.headers["access-control-allow-credentials"]).toBeUndefined();
      expect(other.headers.vary).toContain("Origin");
    }
    expect(await socketOf(listed)).toBe(101);
    expect(await socketOf("https://chat.example")).toBe(101);
    expect(await socketOf("http://localhost:3001")).toBe(403);
  });

  test.each(["GET", "POST", "PUT", "PATCH", "DELETE"])(
    "a preflight of %s allows it, with any headers",
    async (method) => {
      worker = await startWorker({ ALLOWED_ORIGINS: listed });
      for (const Origin of [listed, "https://other.example"]) {
        const asked = "authorization, content-type, idempotency-key, x-own";
        const { status, headers } = await ask("/messenger/api/messages/1/", {
          Origin,
          "Access-Control-Request-Method": method,
          "Access-Control-Request-Headers": asked,
        }, "OPTIONS");
        expect(status).toBe(204);
        expect(headers["access-control-allow-origin"]).toBe(Origin === listed ? listed : "*");
        expect(headers["access-control-allow-credentials"]).toBe(Origin === listed ? "true" : undefined);
        expect(String(headers["access-control-allow-methods"]).split(",")).toContain(method);
        expect(String(headers["access-control-allow-headers"]).split(/, ?/)).toEqual(asked.split(", "));
        expect(Number(headers["access-control-max-age"])).toBeGreaterThan(0);
      }
    },
  );

  test("without it, every origin is allowed, without cookies", async () => {
    worker = await startWorker();
    const { headers } = await ask("/messenger/api/users/me/", { Origin: listed });
    expect(headers["access-control-allow-origin"]).toBe("*");
    expect(headers["access-control-allow-credentials"]).toBeUndefined();
  });
});

test("ALLOWED_HOSTS: other hosts → 400, as in Django", async () => {
  worker = await startWorker({ ALLOWED_HOSTS: "chat.example, .wide.example *.sub.example" });
  for (
    const [host, status] of [
      ["chat.example", 401],
      ["CHAT.example:8000", 401],
      ["wide.example", 401],
      ["a.b.wide.example", 401],
      ["a.sub.example", 401],
      ["localhost:3000", 401],
      ["sub.example", 400],
      ["evil.example", 400],
      ["chat.example.evil.example", 400],
      ["notwide.example", 400],
    ] as const
  ) {
    for (const { api, me } of apis) {
      const answer = await ask(`/${api}${me}`, { Host: host });
      expect([api, host, answer.status]).toEqual([api, host, status]);
      if (status === 400) expect(JSON.parse(answer.body).detail).toMatch(/^Invalid HTTP_HOST header: '/);
    }
  }
  const forwarded = await ask("/messenger/api/users/?limit=1", { ...bearer(), ...PROXY, Host: "wide.example" });
  expect(forwarded.headers.link).toContain("<https://chat.example/");
  expect(await socketOf("http://chat.example", { Host: "chat.example" })).toBe(101);
  expect(await socketOf("http://evil.example", { Host: "evil.example" })).toBe(400);
});

test("every response has nosniff, and responses with tokens are not cached", async () => {
  worker = await startWorker();
  for (const { api, me, login: [login] } of apis) {
    for (const path of [me, login, "/nothing/", "/api/schema/", "/api/docs/", "/api/docs/swagger-ui.css"]) {
      const { headers, status } = await ask(`/${api}${path}`, bearer());
      expect([api, path, headers["x-content-type-options"]]).toEqual([api, path, "nosniff"]);
      const kept = headers["cache-control"];
      expect([api, path, status, kept]).toEqual([
        api,
        path,
        status,
        path.endsWith(".css") ? "max-age=86400" : "no-store",
      ]);
    }
    const docs = await ask(`/${api}/api/docs/`);
    expect(docs.headers["content-security-policy"]).toContain("frame-ancestors 'none'");
    expect(docs.headers["x-frame-options"]).toBe("DENY");
    expect(docs.body).not.toMatch(/<script>|<style| style=| on\w+=/);
  }
  const picture = await ask("/social/media/user_images/default.jpg");
  expect([picture.status, picture.headers["x-content-type-options"]]).toEqual([200, "nosniff"]);
});

test("the root of an API redirects to its documentation, unless it has a page", async () => {
  worker = await startWorker();
  for (const { api } of apis) {
    const docs = `/functions/v1/${api}/api/docs/`;
    const root = await ask(`/${api}/`);
    expect([api, root.headers.location]).toEqual([
      api,
      api === "chat-sessions" ? "/functions/v1/chat-sessions/accounts/login/" : docs,
    ]);
    for (const path of ["/api/", "/api", "/api/docs"]) {
      expect([path, (await ask(`/${api}${path}`)).headers.location]).toEqual([path, docs]);
    }
    expect((await ask(`/${api}/`, {}, "POST")).status).toBeGreaterThanOrEqual(404);
  }
});

test.each([
  ["DB_POOL_SIZE", "many"],
  ["DB_POOL_SIZE", "0"],
  ["DB_POOL_SIZE", "1.5"],
  ["DB_POOL_URL", "pooler.example:6543"],
  ["SUPABASE_URL", "project"],
  ["PUBLIC_URL", "chat.example"],
  ["ALLOWED_ORIGINS", "https://chat.example/path"],
  ["ALLOWED_HOSTS", "https://chat.example"],
  ["TRUSTED_PROXIES", "everybody"],
  ["RELAY_MAX_FRAME", "-1"],
  ["RESPONDER_TIMEOUT", "soon"],
  ["RESPONDER_URL", "ollama"],
])("%s=%s is refused at start, by its name", async (name, value) => {
  const child = startWorker({ [name]: value });
  await expect(child).rejects.toThrow(new RegExp(`The setting ${name} `));
});

test("an empty setting counts as unset", async () => {
  worker = await startWorker({
    DB_POOL_SIZE: "",
    DB_POOL_URL: "",
    PUBLIC_URL: " ",
    ALLOWED_HOSTS: "",
    RELAY_MAX_FRAME: "",
  });
  expect((await ask("/messenger/api/chats/", bearer())).status).toBe(200);
});
