import { spawnSync } from "node:child_process";
import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { client, database, startStack, type Status, temporaryFolder, temporaryStack, until } from "./run.ts";

/** A folder on a disk of that size; undefined where none can be made. */
async function smallDisk(size: string): Promise<string | undefined> {
  if (process.platform !== "linux" || process.getuid!() !== 0) return undefined;
  const folder = await temporaryFolder();
  const { status } = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${size},mode=755`, "tmpfs", folder]);
  onTestFinished(async () => {
    if (status === 0) spawnSync("umount", ["-l", folder]);
    await rm(folder, { recursive: true, force: true });
  });
  return status === 0 ? folder : undefined;
}

/** Registers somebody; resolves with the status code. */
async function register({ api_url }: Status, username: string): Promise<number> {
  const response = await fetch(`${api_url}/functions/v1/messenger/api/auth/register/`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ username, password: "a long secret" }),
  });
  await response.body?.cancel();
  return response.status;
}

test("after a full disk has space again, the stack recovers by itself", async ({ skip }) => {
  const disk = await smallDisk("250m");
  if (!disk) return skip("needs root on Linux, to mount a disk that is small");
  const running = await startStack(join(disk, "data"));
  onTestFinished(async () => {
    running.child.kill("SIGTERM");
    await running.exit;
  });
  const { status } = running;
  expect(await register(status, "before")).toBe(201);

  const fillUp = () => {
    for (const size of ["64k", "4k"]) {
      spawnSync("dd", ["if=/dev/zero", `of=${join(disk, "filler")}`, `bs=${size}`, "oflag=append", "conv=notrunc"]);
    }
  };
  fillUp();
  const sql = database(status);
  // The logs have no space either, and want some.
  for (let n = 0; n < 100; n++) await expect(sql`select 1 / 0`).rejects.toThrow("division by zero");
  // Until Postgres needs a new file for what it writes ahead, and ends.
  const fill = async () => {
    for (;;) {
      await sql`select pg_logical_emit_message(false, 'noise', (
        select string_agg(extensions.gen_random_bytes(1000), '') from generate_series(1, 1000)))`;
    }
  };
  await expect(fill()).rejects.toThrow();
  await sql.end({ timeout: 0 });
  await until(() => register(status, "during"), (code) => code === 503);
  // What a process that ends gives back is taken, too.
  for (let n = 0; n < 40; n++) {
    fillUp();
    await sleep(200);
  }
  expect(await register(status, "during")).toBe(503);

  await rm(join(disk, "filler"));
  await until(() => register(status, "after"), (code) => code === 201, 30_000);
  const { error } = await client(status, status.publishable_key).auth.signUp({
    email: "later@example.com",
    password: "a long secret",
  });
  expect(error).toBeNull();
});

test("requests of somebody who is not signed in hardly make the logs grow", async () => {
  const stack = await temporaryStack();
  onTestFinished(stack.stop);
  const { api_url, publishable_key: apikey } = stack.status;
  const size = async () => {
    const names = (await readdir(stack.data)).filter((name) => name.includes(".log"));
    const sizes = await Promise.all(names.map(async (name) => (await stat(join(stack.data, name))).size));
    return sizes.reduce((sum, size) => sum + size, 0) + stack.output().length;
  };
  const before = await size();
  const long = "x\n".repeat(250_000);
  const headers = { apikey, "Content-Type": "application/json" };
  const requests: [string, RequestInit][] = [
    [`/rest/v1/rpc/${"y".repeat(10_000)}`, { method: "POST", body: JSON.stringify({ long }) }],
    ["/rest/v1/messages", { method: "POST", body: JSON.stringify({ content: long, room_id: long }) }],
    [`/rest/v1/messages?id=eq.${"z".repeat(10_000)}`, {}],
    ["/auth/v1/token?grant_type=password", { method: "POST", body: JSON.stringify({ email: long, password: long }) }],
    ["/auth/v1/signup", { method: "POST", body: JSON.stringify({ email: `${long}@example.com`, password: long }) }],
    ["/functions/v1/messenger/api/auth/login/", {
      method: "POST",
      body: JSON.stringify({ username: long, password: "x" }),
    }],
    ["/realtime/v1/api/broadcast", { method: "POST", body: JSON.stringify({ messages: [{ topic: long }] }) }],
  ];
  const profile = { "Content-Profile": "chat", "Accept-Profile": "chat" };
  for (const [path, init] of [...requests, ...requests]) {
    const more: Record<string, string> = path.startsWith("/rest") ? profile : {};
    const response = await fetch(api_url + path, { ...init, headers: { ...headers, ...more } });
    await response.body?.cancel();
    expect(response.status).toBeLessThan(500);
  }
  await sleep(500);
  expect(await size() - before).toBeLessThan(30_000);
}, 60_000);

test("a log begins again when it is large, keeps the one before, and survives a full disk", async () => {
  const folder = await temporaryFolder();
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, "some.log");
  const script = `
    import { LogFile } from ${JSON.stringify(new URL("../../local/log_file.ts", import.meta.url).href)};
    const log = new LogFile(${JSON.stringify(path)}, 10_000);
    for (let n = 0; n < 1_000; n++) log.write("line " + n + " " + "x".repeat(n === 999 ? 50_000 : 50));
    const full = new LogFile("/dev/full");
    for (let n = 0; n < 10; n++) full.write("lost");
    console.log("done");`;
  const { stdout, stderr } = spawnSync("node_modules/.bin/deno", ["run", "-A", "--ext=ts", "-"], { input: script });
  expect(`${stdout}${stderr}`).toBe("done\n");
  const [log, before] = await Promise.all([path, `${path}.1`].map((path) => readFile(path, "utf8"))) as [
    string,
    string,
  ];
  for (const text of [log, before]) expect(text.length).toBeLessThan(12_000);
  expect(before).toContain("xx\n");
  expect(log.trimEnd().endsWith("x …")).toBe(true);
  expect((before + log).split("\n").filter(Boolean).map((line) => parseInt(line.slice(5))).at(-1)).toBe(999);
});
