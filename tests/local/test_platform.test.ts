import { execFile } from "node:child_process";
import process from "node:process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { environment } from "../../local/base/status_file.ts";
import { database } from "../support/clients.ts";
import { until } from "../support/until.ts";
import { newUser } from "../support/users.ts";
import { type Stack, startStack } from "./run.ts";

// npm run test:platform, which gets nothing of this stack but its URLs and keys.
let stack: Stack;
let sql: ReturnType<typeof database>;
beforeAll(async () => {
  stack = await startStack();
  sql = database(stack.status);
  await until(
    () => sql`select from chat_private.jobs where next_run_at < now() - interval '10 seconds'`,
    (late) => late.length === 0,
  );
});
afterAll(async () => {
  await sql.end();
  await stack.stop();
});

/** Runs it with other values than those of the stack. */
function testPlatform(others: Record<string, string> = {}, ...options: string[]) {
  const env = { ...process.env, ...environment(stack.status), ...others, NO_COLOR: "1" };
  const args = ["run", "-A", "tests/platform/main.ts", ...options];
  return new Promise<{ code: unknown; said: string }>((resolve) => {
    execFile("node_modules/.bin/deno", args, { env }, (error, stdout, stderr) => {
      resolve({ code: error?.code ?? 0, said: stdout + stderr });
    });
  });
}

const refusal = (sentence: string | RegExp) => ({
  code: 1,
  said: typeof sentence === "string" ? `${sentence}\n` : expect.stringMatching(sentence),
});

test("a project with accounts is refused, because the tests write into it", async () => {
  const { id } = await newUser("ann", stack.status);
  expect(await testPlatform()).toEqual(
    refusal("The project has 1 accounts: the tests write into it, so it must be empty."),
  );
  await sql`delete from auth.users where id = ${id}`;
});

test("tests of the API, of the page and of SQL pass, and no secret is printed", async () => {
  const files = ["tests/api/keys.test.ts", "tests/browser/links.test.ts", "tests/sql/cli.test.ts"];
  const { code, said } = await testPlatform(
    {},
    "--",
    ...["api", "browser", "sql"].map((name) => `--project=${name}`),
    ...files,
  );
  expect({ code, said }).toEqual({
    code: 0,
    said: expect.stringMatching(/\n[1-9]\d passed, 0 failed, \d+ skipped\n$/),
  });
  const { secret_key, service_role_key, jwt_secret, db_url } = stack.status;
  for (const secret of [secret_key, service_role_key, jwt_secret, new URL(db_url).password]) {
    expect(said).not.toContain(secret);
  }
});

test("it leaves out the tests that start a stack, and no other", async () => {
  const { said } = await testPlatform({}, "--list");
  const files = said.trim().split("\n");
  expect(files).toEqual(expect.arrayContaining(["tests/api/throttling.test.ts", "tests/relay/outage.test.ts"]));
  expect(files).not.toContain("tests/api/keys.test.ts");
  expect(files).not.toContain("tests/relay/typing.test.ts");
});

test.each([
  [{ API_URL: "http://127.0.0.1:9" }, /^http:\/\/127\.0\.0\.1:9 does not answer: .*\.\n$/],
  [{ API_URL: "parley" }, "API_URL is not a URL such as https://abcdefghijklmnopqrst.supabase.co."],
  [{ PUBLISHABLE_KEY: "sb_publishable_x" }, / answers 401 to PUBLISHABLE_KEY: it is not its key\.\n$/],
  [{ SECRET_KEY: "sb_secret_x" }, / answers 401 to SECRET_KEY: it is not its key\.\n$/],
  [{ SERVICE_ROLE_KEY: "x" }, / answers 401 to SERVICE_ROLE_KEY: it is not its key\.\n$/],
  [{ JWT_SECRET: "x" }, "ANON_KEY is not signed with JWT_SECRET: one of them is of another project."],
  [{ DB_URL: "x" }, "DB_URL is not an address such as postgresql://postgres:…@host:5432/postgres."],
  [{ DB_URL: "postgresql://postgres:x@127.0.0.1:9/postgres" }, /^The database does not answer: .*\.\n$/],
  [{ DB_URL: "", JWT_SECRET: "" }, "The environment lacks JWT_SECRET, DB_URL: npm run test:platform -- --help."],
])("%o → one sentence", async (others, sentence) => {
  expect(await testPlatform(others)).toEqual(refusal(sentence));
});

test("a database of another release → one sentence", async () => {
  const [{ version }] = await sql<
    [{ version: string }]
  >`select pg_get_functiondef('chat.version()'::regprocedure) as version`;
  await sql.unsafe(version.replace(/'\d+\.\d+\.\d+'/, "'1.99.0'"));
  expect(await testPlatform()).toEqual(refusal(/^The database has Parley 1\.99\.0, this program is of \S+\.\n$/));
  await sql.unsafe(version);
});

test("a project without Parley → one sentence", async () => {
  // The background jobs wait, instead of holding what is dropped.
  await sql.begin((sql) => sql.unsafe("lock table chat_private.jobs; drop schema chat cascade").simple());
  expect(await testPlatform()).toEqual(refusal("The database has no schema chat."));
});
