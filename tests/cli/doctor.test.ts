import { rm } from "node:fs/promises";
import { createServer, type OutgoingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import type postgres from "postgres";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { database } from "../support/clients.ts";
import { type Stack, startStack } from "../support/stack.ts";
import { type Folder, folder, PROGRAM, run } from "./folder.ts";

let stack: Stack;
let sql: postgres.Sql;
let anywhere: Folder;
beforeAll(async () => {
  anywhere = await folder({});
  stack = await startStack({ env: { REALTIME_ALLOW_PUBLIC_ACCESS: "1" } });
  sql = database(stack.status);
});
afterAll(async () => {
  await sql.end();
  await stack.stop();
  await rm(anywhere.path, { recursive: true });
});

interface Finding {
  status: string;
  check: string;
  says: string;
  todo?: string;
}

/** The findings of `doctor`, by the name of the check. */
async function examine(url = stack.status.api_url, args: string[] = [], env: Record<string, string> = {}) {
  const given = ["--url", url, "--key", stack.status.publishable_key, "--json", ...args];
  const { code, output } = await run(anywhere.path, PROGRAM, ["doctor", ...given], env);
  const { ok, findings } = JSON.parse(output) as { ok: boolean; findings: Finding[] };
  expect(code).toBe(ok ? 0 : 1);
  return Object.fromEntries(findings.map((finding) => [finding.check, finding]));
}

/** The project behind a proxy that changes what it answers. */
async function behind(
  change: (answer: { path: string; status: number; headers: OutgoingHttpHeaders }) => void,
): Promise<string> {
  const server = createServer(async (incoming, outgoing) => {
    if (incoming.headers.upgrade) return void outgoing.writeHead(426).end();
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const headers = new Headers(Object.entries(incoming.headers) as [string, string][]);
    for (const name of ["connection", "host", "content-length", "transfer-encoding"]) headers.delete(name);
    const { method } = incoming;
    const body = chunks.length > 0 ? Buffer.concat(chunks) : undefined;
    const response = await fetch(stack.status.api_url + incoming.url, { method, headers, body, redirect: "manual" });
    const content = Buffer.from(await response.arrayBuffer());
    const answer = { path: incoming.url!, status: response.status, headers: Object.fromEntries(response.headers) };
    delete answer.headers["content-length"];
    change(answer);
    outgoing.writeHead(answer.status, answer.headers).end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("each finding is a line with what to do, and no secret is printed", async () => {
  const { status } = stack;
  const secrets = [
    "--secret-key",
    status.secret_key,
    "--db-url",
    status.db_url.replace(":postgres@", ":a-wrong-secret@"),
  ];
  const { code, output } = await anywhere.parley(
    "doctor",
    "--url",
    status.api_url,
    "--key",
    status.publishable_key,
    ...secrets,
  );
  expect(code).toBe(1);
  expect(output).toMatch(/^ok {7}The project accepts the publishable key\.$/m);
  expect(output).toMatch(/^failed {3}The database does not answer: .*\n {9}→ /m);
  expect(output).toMatch(/^\d+ ok, \d+ warning, 1 failed, \d+ skipped$/m);
  expect(output).not.toContain(status.secret_key);
  expect(output).not.toContain("a-wrong-secret");
});

test("a wrong address and a wrong key are named, and nothing else is asked", async () => {
  expect(await anywhere.parley("doctor", "--url", "here", "--key", "x")).toMatchObject({ code: 2 });
  expect(await anywhere.parley("doctor", "--key", "x")).toMatchObject({ code: 2 });
  const unreachable = await examine("http://127.0.0.1:9");
  expect(Object.keys(unreachable)).toEqual(["project"]);
  const { code, output } = await anywhere.parley("doctor", "--url", stack.status.api_url, "--key", "sb_publishable_x");
  expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining("answers 401 to the publishable key") });
});

test("a wrong secret key is named", async () => {
  const { release } = await examine(stack.status.api_url, ["--secret-key", "sb_secret_of_another"]);
  expect(release).toMatchObject({ status: "failed", says: "The project refuses the secret key." });
});

test("public channels are found", async () => {
  expect(await examine()).toMatchObject({
    realtime: { status: "warning", says: expect.stringContaining("public channels") },
  });
});

describe("behind a gateway", () => {
  test("that has another time, serves pages as text, forbids other origins and asks for tokens", async () => {
    const url = await behind((answer) => {
      const { path, headers } = answer;
      headers.date = new Date(Date.now() - 120_000).toUTCString();
      if (path.includes("/accounts/login/")) headers["content-type"] = "text/plain";
      if (path.startsWith("/functions/v1/social")) answer.status = 401;
      if (path.startsWith("/functions/v1/accounts")) answer.status = 404;
      delete headers["access-control-allow-origin"];
    });
    expect(await examine(url)).toMatchObject({
      clock: { status: "warning", says: expect.stringMatching(/1(19|20|21) s ahead/) },
      pages: { status: "warning" },
      cors: { status: "failed" },
      "function social": { status: "failed", todo: expect.stringContaining("verify_jwt = false") },
      "function accounts": { status: "failed", says: expect.stringContaining("not deployed") },
      "function messenger": { status: "ok" },
      // The functions see the address of the stack.
      address: { status: "failed", todo: expect.stringContaining(`PUBLIC_URL to ${url}`) },
      realtime: { status: "failed" },
    });
  });

  test("that has another release", async () => {
    const { release } = await examine(
      stack.status.api_url,
      ["--secret-key", stack.status.secret_key],
    );
    expect(release).toMatchObject({ status: "ok" });
    await sql.unsafe("alter function chat.version() rename to release");
    await sql`notify pgrst, 'reload schema'`;
    const older = () => examine(stack.status.api_url, ["--secret-key", stack.status.secret_key]);
    await expect.poll(async () => (await older()).release).toMatchObject({
      status: "failed",
      says: expect.stringContaining("older than 1.0.0"),
    });
    await sql.unsafe("alter function chat.release() rename to version");
  });
});

describe("in the database", () => {
  const examined = () => examine(stack.status.api_url, ["--db-url", stack.status.db_url]);

  test("policies that may open Parley's topics, late jobs and long statements are found", async () => {
    await sql.unsafe(`
      create policy "authenticated can receive" on realtime.messages for select to authenticated using (true);
      drop policy "events of chat are changed by nobody" on realtime.messages;
      alter role authenticated set statement_timeout = '1min';
      insert into chat_private.jobs (name, every, next_run_at, last_error)
      values ('nobody_runs', '1 day', now() - interval '10 minutes', 'no such job');
    `).simple();
    // The runner of the stack waits for this row.
    const blocked = await sql.reserve();
    await blocked`begin`;
    await blocked`update chat_private.jobs set next_run_at = now() - interval '10 minutes' where name = 'nobody_runs'`;
    await blocked`commit`;
    await blocked`begin`;
    await blocked`select from chat_private.jobs where name = 'nobody_runs' for update`;
    const found = await examined();
    await blocked`rollback`;
    blocked.release();
    expect(found).toMatchObject({
      topics: { status: "failed", says: expect.stringContaining('"authenticated can receive"') },
      jobs: { status: "failed" },
      timeout: { status: "warning", says: expect.stringContaining("60 s") },
    });
  });

  test("a database without Parley is found", async () => {
    const url = new URL(stack.status.db_url);
    url.pathname = "/template1";
    const found = await examine(stack.status.api_url, ["--db-url", url.href]);
    expect(found.database).toMatchObject({ status: "failed", says: expect.stringContaining("no schema chat") });
  });
});

describe("on the platform", () => {
  const settings = {
    security_sb_forwarded_for_enabled: true,
    rate_limit_token_refresh: 150,
    rate_limit_email_sent: 30,
    smtp_host: "smtp.example.com",
    hook_custom_access_token_enabled: true,
    hook_custom_access_token_uri: "pg-functions://postgres/chat_private/access_token",
    site_url: "https://chat.example.com",
  };

  /** Supabase's Management API, with a project's settings. */
  async function management(auth: object, secrets: string[]): Promise<Record<string, string>> {
    const server = createServer((request, response) => {
      const isKnown = request.headers.authorization === "Bearer sbp_known";
      const body = request.url === "/v1/projects/ref/config/auth"
        ? auth
        : secrets.map((name) => ({ name, value: "…" }));
      response.writeHead(isKnown ? 200 : 401).end(JSON.stringify(isKnown ? body : {}));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return { SUPABASE_API_URL: url, SUPABASE_ACCESS_TOKEN: "sbp_known" };
  }

  const examined = (env: Record<string, string>) => examine(stack.status.api_url, ["--project-ref", "ref"], env);

  test("good settings are good", async () => {
    const found = await examined(await management(settings, ["DB_POOL_URL"]));
    for (const check of ["forwarding", "rate limits", "hook", "site", "secrets"]) {
      expect(found[check]).toMatchObject({ status: "ok" });
    }
    expect(found.smtp).toBeUndefined();
  });

  test("a new project's are not", async () => {
    const fresh = { site_url: "http://localhost:3000", rate_limit_token_refresh: 30, rate_limit_email_sent: 2 };
    expect(await examined(await management(fresh, []))).toMatchObject({
      forwarding: { status: "failed" },
      "rate limits": { status: "warning" },
      smtp: { status: "warning" },
      hook: { status: "warning" },
      site: { status: "failed" },
      secrets: { status: "failed" },
    });
  });

  test("a token of somebody else is refused without showing it", async () => {
    const { platform } = await examined({ ...await management(settings, []), SUPABASE_ACCESS_TOKEN: "sbp_unknown" });
    expect(platform).toMatchObject({ status: "failed", says: expect.stringContaining("answers 401") });
    expect(JSON.stringify(platform)).not.toContain("sbp_unknown");
  });
});
