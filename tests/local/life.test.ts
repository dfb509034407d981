import { execFile } from "node:child_process";
import { chmod, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { expect, onTestFinished, test } from "vitest";
import { appClient, database } from "../support/clients.ts";
import { isAlive, postmasterPid, run, type Stack, startStack, temporaryFolder } from "./run.ts";

async function newFolder(): Promise<string> {
  const folder = await temporaryFolder();
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function stop({ child, exit }: Stack, signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
  child.kill(signal);
  return await exit;
}

async function remember(running: Stack, word: string): Promise<void> {
  const sql = database(running.status);
  await sql`create table if not exists public.words (word text)`;
  await sql`insert into public.words values (${word})`;
  await sql.end();
}

async function remembered(running: Stack): Promise<string[]> {
  const sql = database(running.status);
  const rows = await sql<{ word: string }[]>`select word from public.words order by word`;
  await sql.end();
  return rows.map(({ word }) => word);
}

/** How many times as long as on an idle machine it takes to compute something. */
function slowdown(): number {
  const [start, before] = [performance.now(), process.cpuUsage()];
  while (performance.now() - start < 300);
  const { user, system } = process.cpuUsage(before);
  return Math.max((performance.now() - start) / ((user + system) / 1000), 1);
}

test("data survives Ctrl-C and kill -9, and a start on it takes less than 3 s", async () => {
  const data = join(await newFolder(), "data");
  const first = await startStack({ data });
  await remember(first, "one");
  expect(await stop(first, "SIGINT")).toBe(0);
  expect(await readdir(data)).not.toContain("status.json");

  // The quickest of several, without what other work on the machine takes.
  let second = await startStack({ data });
  let took = second.took / slowdown();
  for (let tries = 1; tries < 6 && took >= 3000; tries++) {
    expect(await stop(second, "SIGINT")).toBe(0);
    second = await startStack({ data });
    took = second.took / slowdown();
  }
  expect(took).toBeLessThan(3000);
  await remember(second, "two");
  const orphan = await postmasterPid(data);
  await stop(second, "SIGKILL");
  expect(isAlive(orphan)).toBe(true);

  const third = await startStack({ data });
  expect(await remembered(third)).toEqual(["one", "two"]);
  expect(await stop(third)).toBe(0);
});

test("a second start on the same data is refused, a stack on other data is not", async () => {
  const folder = await newFolder();
  const first = await startStack({ data: join(folder, "a") });
  const again = run("start", ["--port", "0", "--db-port", "0", "--data", first.data]);
  expect(await again.exit).toBe(1);
  expect(again.output()).toBe(
    `Parley is already running on the data in ${first.data} (process ${first.status.pid}); ` +
      "stop it first or choose another folder with --data.\n",
  );
  const other = await startStack({ data: join(folder, "b") });
  expect(other.status.api_url).not.toBe(first.status.api_url);
  expect([await stop(first), await stop(other)]).toEqual([0, 0]);
});

test("status prints what a running stack offers, and says when there is none", async () => {
  const data = join(await newFolder(), "data");
  const running = await startStack({ data });
  const status = run("status", ["-o", "env", "--data", data]);
  expect(await status.exit).toBe(0);
  expect(status.output()).toContain(`API_URL="${running.status.api_url}"\n`);
  expect(status.output()).toContain(`SECRET_KEY="${running.status.secret_key}"\n`);
  await stop(running);
  const gone = run("status", ["--data", data]);
  expect(await gone.exit).toBe(1);
  expect(gone.output()).toBe(`Parley is not running on the data in ${data}; start it with npm start.\n`);
});

test("damaged data is reported in one sentence, and --reset starts over", async () => {
  const data = join(await newFolder(), "data");
  await stop(await startStack({ data }));
  await writeFile(join(data, "postgres", "global", "pg_control"), "broken");
  await refused(
    data,
    /^Postgres does not start on the data in .*, or delete all data and start over with --reset\.\n$/,
  );
  await writeFile(join(data, "postgres", "PG_VERSION"), "16\n");
  await refused(data, /was made by Postgres 16, and this is 17; start over with --reset/);
  await rm(join(data, "postgres"), { recursive: true });
  await refused(data, /has lost its Postgres files; start over with --reset/);
  await writeFile(join(data, "keys.json"), "{");
  await refused(data, /keys\.json.* is damaged; start over with --reset/);
  await stop(await startStack({ data, args: ["--reset"] }));
});

async function refused(data: string, sentence: RegExp): Promise<void> {
  const { exit, output } = run("start", ["--port", "0", "--db-port", "0", "--data", data]);
  expect([await exit, output()]).toEqual([1, expect.stringMatching(sentence)]);
}

test.runIf(process.getuid?.() === 0)("a folder that only root can enter works as well", async () => {
  const folder = await newFolder();
  await chmod(folder, 0o700);
  const running = await startStack({ data: join(folder, "data") });
  await remember(running, "one");
  await stop(running);
  const again = await startStack({ data: join(folder, "data") });
  expect(await remembered(again)).toEqual(["one"]);
  await stop(again);
});

test("--demo creates three users, two rooms and their messages, once; npm run operator gives roles", async () => {
  const data = join(await newFolder(), "data");
  await stop(await startStack({ data, args: ["--demo"] }));
  const { status, ...running } = await startStack({ data, args: ["--demo"] });
  const service = appClient({ stack: status, key: status.secret_key });
  const { data: users } = await service.auth.admin.listUsers();
  expect(users.users.map(({ email }) => email).sort()).toEqual([
    "ann@demo.example",
    "bob@demo.example",
    "olga@demo.example",
  ]);
  const ann = appClient({ stack: status });
  await ann.auth.signInWithPassword({ email: "ann@demo.example", password: "demo-password" });
  const { data: rooms } = await ann.schema("chat").from("rooms").select("kind, last_seq").order("id");
  expect(rooms).toEqual([{ kind: "direct", last_seq: 3 }, { kind: "group", last_seq: 3 }]);

  // The one of the demo administers; the command makes an account with a role, gives one to an account, and tells no key.
  const olga = appClient({ stack: status });
  await olga.auth.signInWithPassword({ email: "olga@demo.example", password: "demo-password" });
  const roles = async () => {
    const { data: operators } = await olga.schema("chat").rpc("operator_list").throwOnError();
    return (operators as { username: string; role: string }[]).map(({ username, role }) => `${username} ${role}`)
      .sort();
  };
  expect(await roles()).toEqual(["olga administrator"]);
  const made = await operator(["oscar", "--data", data]);
  const [, email, password] =
    /^oscar is an administrator now\.\nSign in at \S+\/admin as (\S+) with the password (\S+)$/
      .exec(made.output.trim())!;
  expect((await appClient({ stack: status }).auth.signInWithPassword({ email: email!, password: password! })).error)
    .toBeNull();
  const remote = { API_URL: status.api_url, SECRET_KEY: status.secret_key };
  const given = await operator(["bob@demo.example", "--moderator"], remote);
  expect(given.output).toMatch(/^bob is a moderator now\.\nSign in at \/admin .* as bob@demo\.example\./);
  expect(await operator(["nobody"], remote)).toEqual({
    code: 1,
    output: expect.stringMatching(/^There is no account nobody\. .*\n$/),
  });
  expect(await operator(["bob", "ann"], remote)).toEqual({
    code: 1,
    output: expect.stringMatching(/^npm run operator/),
  });
  expect(await operator(["bob"], { API_URL: status.api_url })).toEqual({
    code: 1,
    output: expect.stringMatching(/^Give both/),
  });
  expect(`${made.output}${given.output}`).not.toContain(status.secret_key);
  expect(await roles()).toEqual(["bob moderator", "olga administrator", "oscar administrator"]);
  await stop({ status, ...running });
  expect(await readFile(join(data, "lite.log"), "utf8")).not.toContain("Error");
});

/** Runs `npm run operator` with these variables of the environment alone. */
function operator(options: string[], more: Record<string, string> = {}): Promise<{ code: number; output: string }> {
  const { API_URL: _, SECRET_KEY: __, ...environment } = process.env;
  return new Promise((resolve) => {
    execFile("node_modules/.bin/deno", ["run", "-A", "scripts/operator.ts", ...options], {
      env: { ...environment, ...more, NO_COLOR: "1" },
    }, (error, output, errors) => resolve({ code: error ? Number(error.code ?? 1) : 0, output: output + errors }));
  });
}
