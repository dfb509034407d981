import { spawnSync } from "node:child_process";
import { readFile, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import process from "node:process";
import { expect, onTestFinished, test } from "vitest";
import { occupyPort, run, temporaryFolder, temporaryStack } from "./run.ts";

/** Runs `npm start` until it ends; returns its exit code and its lines of output. */
async function start(...args: string[]): Promise<[number | null, string[]]> {
  const { exit, output } = run("start", args);
  return [await exit, output().trim().split("\n")];
}

async function folder(): Promise<string> {
  const path = await temporaryFolder();
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

test.each([
  [["--colour"], "Unknown option '--colour'; see npm start -- --help."],
  [["--port", "high"], '--port takes a port from 0 to 65535, not "high".'],
  [["--db-port=70000"], '--db-port takes a port from 0 to 65535, not "70000".'],
  [["--workers", "0"], '--workers takes a number from 1 to 32, not "0".'],
  [["--serve", "messenger"], '--serve takes name=port, as in --serve messenger=8000, not "messenger".'],
  [["--serve", "nobody=8000"], 'There is no function "nobody" in supabase/config.toml for --serve.'],
  [["--port", "5000", "--db-port", "5000"], "Port 5000 is used twice; choose different ports."],
])("a bad option is reported in one sentence: %s", async (args, sentence) => {
  expect(await start(...args)).toEqual([2, [sentence]]);
});

test("--help lists the options", async () => {
  const [code, lines] = await start("--help");
  expect([code, lines[0]]).toEqual([0, "Usage: npm start -- [options]"]);
});

test("a taken port is reported in one sentence", async () => {
  const port = await occupyPort();
  expect(await start("--port", `${port}`, "--data", await folder())).toEqual([
    1,
    [`Port ${port} is taken; choose another one with --port.`],
  ]);
});

test("a taken database port is reported in one sentence", async () => {
  const port = await occupyPort();
  const [code, lines] = await start("--port", "0", "--db-port", `${port}`, "--data", await folder());
  expect([code, lines.at(-1)]).toEqual([1, `Port ${port} is taken; choose another one with --db-port.`]);
});

test("a program of --auth that is not there is reported in one sentence", async () => {
  const data = await folder();
  const [code, lines] = await start("--port", "0", "--db-port", "0", "--data", data, "--auth", join(data, "auth"));
  expect([code, lines.at(-1)]).toEqual([
    1,
    expect.stringMatching(/^The program \S+auth of --auth does not run: .*No such file.*\.$/),
  ]);
});

test("a service that fails to start again and again is reported with the place of its reason", async () => {
  const path = await folder();
  const program = join(path, "auth");
  await writeFile(program, '#!/bin/sh\n[ "$1" = migrate ] || { echo "no settings" >&2; exit 1; }\n', { mode: 0o755 });
  const data = join(path, "data");
  const { child, exit, output } = run("start", ["--port", "0", "--db-port", "0", "--data", data, "--auth", program]);
  const reason = /^Failed 3 times to start Auth, and keeps trying\. The reason is in (\S+)\.$/m;
  await expect.poll(output, { timeout: 60_000 }).toMatch(reason);
  child.kill("SIGTERM");
  await exit;
  expect(await readFile(reason.exec(output())![1]!, "utf8")).toContain("no settings");
});

test("another program's folder is left alone, even with --reset", async () => {
  const path = await folder();
  await writeFile(join(path, "thesis.txt"), "years of work");
  expect(await start("--port", "0", "--db-port", "0", "--data", path, "--reset")).toEqual([
    1,
    [`The folder ${path} holds files that are not Parley's; choose an empty or new one with --data.`],
  ]);
});

test("a missing settings file is reported in one sentence", async () => {
  const [code, lines] = await start("--env", "/nowhere/.env");
  expect([code, lines.length]).toEqual([1, 1]);
  expect(lines[0]).toMatch(/^The settings in \/nowhere\/\.env cannot be read: .*\.$/);
});

test("settings come from the file", async () => {
  const file = join(await folder(), "settings");
  await writeFile(file, '# Hosts\nALLOWED_HOSTS="a.example.com, b.example.com" # two\nDB_POOL_SIZE=\n');
  const stack = await temporaryStack(["--env", file]);
  onTestFinished(stack.stop);
  const statusFor = (host: string) =>
    new Promise((resolve) => {
      request(`${stack.status.api_url}/status`, { headers: { host } }, (response) => {
        resolve(response.resume().statusCode);
      }).end();
    });
  expect(await Promise.all(["a.example.com", "b.example.com", "c.example.com"].map(statusFor))).toEqual([
    200,
    200,
    400,
  ]);
});

test("the environment takes precedence over the file, and an empty setting in the file counts as unset", async () => {
  const file = join(await folder(), "settings");
  await writeFile(file, "ONE=file\nTWO=file\nTHREE=\n");
  const script = `
    import { loadEnvFile } from ${JSON.stringify(new URL("../../local/base/options.ts", import.meta.url).href)};
    await loadEnvFile(${JSON.stringify(file)}, true);
    console.log(JSON.stringify(["ONE", "TWO", "THREE"].map((name) => Deno.env.get(name) ?? null)));`;
  const { stdout, stderr } = spawnSync("node_modules/.bin/deno", ["run", "-A", "--ext=ts", "-"], {
    input: script,
    env: { ...process.env, TWO: "environment" },
  });
  expect([JSON.parse(`${stdout}`), `${stderr}`]).toEqual([["file", "environment", null], ""]);
});
