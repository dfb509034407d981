import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { isAlive, run, type Stack, startStack, temporaryFolder } from "../local/run.ts";
import { appClient, database } from "../support/clients.ts";
import { processWhere } from "../support/processes.ts";
import { until } from "../support/until.ts";
import { signUp } from "../support/users.ts";

// The program of Supabase Auth in the stack: that it starts, is watched, and ends.
const program = process.env.PARLEY_AUTH!;
let stack: Stack;
beforeAll(async () => void (stack = await startStack()));
afterAll(() => stack.stop());

const ask = async (path: string, headers: HeadersInit = {}) => {
  const response = await fetch(`${stack.status.api_url}/auth/v1/${path}`, { headers });
  return { status: response.status, body: await response.json() };
};
const programOf = ({ status }: Stack) =>
  processWhere(({ ppid, command }) => ppid === status.pid && command === `${program} serve`);

async function newFolder(): Promise<string> {
  const folder = await temporaryFolder();
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** What `npm start` says last on data that it cannot open. */
async function lastWords(data: string, ...args: string[]): Promise<[number | null, string | undefined]> {
  const { exit, output } = run("start", ["--port", "0", "--db-port", "0", "--data", data, ...args]);
  return [await exit, output().trim().split("\n").at(-1)];
}

test("Auth is the program, with tables of its own migrations", async () => {
  const { publishable_key: apikey } = stack.status;
  expect((await ask("health", { apikey })).body).toMatchObject({ name: "GoTrue" });
  const sql = database(stack.status);
  const [{ count } = { count: 0 }] = await sql`select count(*)::int from auth.schema_migrations`;
  await sql.end();
  expect(count).toBeGreaterThan(60);
});

test("the gateway wants a key of the project, and puts the token of its role in its place", async () => {
  const { publishable_key, anon_key, secret_key, service_role_key } = stack.status;
  expect((await ask("settings")).status).toBe(401);
  expect((await ask("settings", { apikey: "sb_publishable_wrong" })).status).toBe(401);
  const statuses = [];
  for (const apikey of [publishable_key, anon_key, secret_key, service_role_key]) {
    const bearer = await ask("admin/users", { apikey, Authorization: `Bearer ${apikey}` });
    statuses.push([
      (await ask("settings", { apikey })).status,
      (await ask("admin/users", { apikey })).status,
      bearer.status,
    ]);
  }
  expect(statuses).toEqual([[200, 403, 403], [200, 403, 403], [200, 200, 200], [200, 200, 200]]);
});

test("a browser cannot use the secret key", async () => {
  const headers = { apikey: stack.status.secret_key, "User-Agent": "Mozilla/5.0 (X11; Linux x86_64)" };
  expect((await ask("admin/users", headers)).status).toBe(401);
});

test("the links of mails need no key", async () => {
  const url = `${stack.status.api_url}/auth/v1/verify?type=signup&token=wrong`;
  const { status, headers } = await fetch(url, { redirect: "manual" });
  expect([status, headers.get("location")]).toEqual([303, expect.stringContaining("otp_expired")]);
});

test("Auth returns after its process was killed", async () => {
  const { publishable_key: apikey } = stack.status;
  process.kill((await programOf(stack)).pid, "SIGKILL");
  await until(() => ask("settings", { apikey }), ({ status }) => status === 503);
  await until(() => ask("settings", { apikey }), ({ status }) => status === 200);
});

test("its log has neither keys nor passwords nor tokens", async () => {
  const supabase = appClient({ stack: stack.status });
  const { password, token, refresh, email } = await signUp(supabase, "ann");
  await supabase.auth.refreshSession({ refresh_token: refresh });
  await supabase.auth.signInWithPassword({ email, password: `${password}-wrong` });
  await fetch(`${stack.status.api_url}/auth/v1/verify?type=signup&token=a-token-of-a-mail`, { redirect: "manual" });
  const keys: Record<string, string> = JSON.parse(await readFile(join(stack.data, "keys.json"), "utf8"));
  const log = await until(() => readFile(join(stack.data, "auth.log"), "utf8"), (text) => text.includes("/verify"));
  const secrets = [password, token, refresh, "a-token-of-a-mail", ...Object.values(keys)];
  expect(log).toContain(email);
  expect(secrets.filter((secret) => log.includes(secret))).toEqual([]);
});

test("it ends with the stack, however that ends", async () => {
  const data = join(await newFolder(), "data");
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    const running = await startStack({ data });
    const { pid } = await programOf(running);
    running.child.kill(signal);
    await running.exit;
    await until(() => isAlive(pid), (isAlive) => !isAlive);
  }
  expect(await readdir(data)).toContain("auth.log");
  expect(await lastWords(data)).toEqual([
    1,
    `The accounts in ${data} are Supabase Auth's: name its program with --auth, or choose another folder with --data.`,
  ]);
});

test("data of lite's Auth is refused", async () => {
  const data = join(await newFolder(), "data");
  const first = await startStack({ data, auth: undefined });
  first.child.kill("SIGTERM");
  await first.exit;
  expect(await lastWords(data, "--auth", program)).toEqual([
    1,
    `The accounts in ${data} are not Supabase Auth's: start without --auth, or choose another folder with --data.`,
  ]);
});

test("a setting that Auth refuses is reported in one sentence", async () => {
  const { exit, output } = run("start", [
    "--port",
    "0",
    "--db-port",
    "0",
    "--data",
    join(await newFolder(), "data"),
    "--auth",
    program,
  ], {
    GOTRUE_JWT_EXP: "soon",
  });
  expect(await exit).toBe(1);
  expect(output().trim().split("\n").at(-1)).toMatch(/^The program .* of --auth does not run: .*GOTRUE_JWT_EXP.*\.$/);
});
