import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, rm, stat } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { appClient, database } from "../support/clients.ts";
import type { Status } from "../support/stack.ts";
import { until } from "../support/until.ts";
import { startStack, temporaryFolder, temporaryStack } from "./run.ts";

/** A folder on a disk of that size; undefined where that is impossible. */
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

/** Registers a user; resolves with the status code. */
async function register({ api_url }: Status, username: string): Promise<number> {
  const response = await fetch(`${api_url}/functions/v1/messenger/api/auth/register/`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ username, password: "a long secret" }),
  });
  await response.body?.cancel();
  return response.status;
}

test("after a full disk has space again, the stack recovers on its own", async ({ skip }) => {
  const disk = await smallDisk("250m");
  if (!disk) return skip("needs root on Linux, to mount a disk that is small");
  const running = await startStack({ data: join(disk, "data") });
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
  // The logs have no space either, and need some.
  for (let n = 0; n < 100; n++) await expect(sql`select 1 / 0`).rejects.toThrow("division by zero");
  // Until Postgres needs a new file for its write-ahead log, and ends.
  const fill = async () => {
    for (;;) {
      await sql`select pg_logical_emit_message(false, 'noise', (
        select string_agg(extensions.gen_random_bytes(1000), '') from generate_series(1, 1000)))`;
    }
  };
  await expect(fill()).rejects.toThrow();
  await sql.end({ timeout: 0 });
  await until(() => register(status, "during"), (code) => code === 503);
  // Space that an ending process frees is filled as well.
  for (let n = 0; n < 40; n++) {
    fillUp();
    await sleep(200);
  }
  expect(await register(status, "during")).toBe(503);

  await rm(join(disk, "filler"));
  await until(() => register(status, "after"), (code) => code === 201, 30_000);
  const { error } = await appClient({ stack: status }).auth.signUp({
    email: "later@example.com",
    password: "a long secret",
  });
  expect(error).toBeNull();
});

test("requests of visitors hardly make the logs grow", async () => {
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

test("a log is rotated when it is large, keeps one predecessor, and survives a full disk", async () => {
  const folder = await temporaryFolder();
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, "some.log");
  const script = `
    import { LogFile } from ${JSON.stringify(new URL("../../local/base/log_file.ts", import.meta.url).href)};
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

test("out of file descriptors, the port reopens although some are still in use", async () => {
  const folder = await temporaryFolder();
  const data = join(folder, "data");
  const child = spawn("bash", [
    "-c",
    `ulimit -n 256; exec node_modules/.bin/deno run -A local/start.ts --port 0 --db-port 0 --data ${data}`,
  ]);
  const exit = once(child, "close");
  onTestFinished(async () => {
    child.kill("SIGTERM");
    await exit;
    await rm(folder, { recursive: true, force: true });
  });
  child.stdout.resume();
  child.stderr.resume();
  const text = await until(() => readFile(join(data, "status.json"), "utf8").catch(() => ""), (text) => text !== "");
  const status: Status = JSON.parse(text);
  await until(() => register(status, "before"), (code) => code === 201);
  const port = Number(new URL(status.api_url).port);
  const held = Array.from({ length: 600 }, () => {
    const socket = connect(port, "127.0.0.1").on("error", () => {});
    socket.write("GET / HTTP/1.1\r\nHo");
    return socket;
  });
  onTestFinished(() => held.forEach((socket) => socket.destroy()));
  await sleep(1_000);
  await until(() => register(status, "during").catch(() => 0), (code) => code === 201, 20_000);
});

test("a body that does not arrive → 408, a slow one is accepted", async () => {
  const stack = await temporaryStack();
  onTestFinished(stack.stop);
  const port = Number(new URL(stack.status.api_url).port);
  const send = (path: string, headers: string, ...chunks: string[]) =>
    new Promise<string>((resolve) => {
      const socket = connect(port, "127.0.0.1").on("error", () => {});
      socket.setEncoding("utf8").once("data", (text: string) => {
        resolve(text.split("\r\n")[0]!);
        socket.destroy();
      });
      socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${headers}\r\n\r\n`);
      chunks.forEach((chunk, index) => setTimeout(() => socket.write(chunk), 1_000 * index));
    });
  const register = "/functions/v1/messenger/api/auth/register/";
  const body = JSON.stringify({ username: "slow", password: "a long secret" });
  const [declared, chunked, lite, slow] = await Promise.all([
    send(register, "Content-Length: 100", "{"),
    send(register, "Transfer-Encoding: chunked", "1\r\n{\r\n"),
    send("/auth/v1/signup", `Content-Length: 100\r\napikey: ${stack.status.publishable_key}`, "{"),
    send(register, `Content-Length: ${body.length}`, body.slice(0, 10), body.slice(10, 20), body.slice(20)),
  ]);
  expect([declared, chunked, lite, slow]).toEqual([
    "HTTP/1.1 408 Request Timeout",
    "HTTP/1.1 408 Request Timeout",
    "HTTP/1.1 408 Request Timeout",
    "HTTP/1.1 201 Created",
  ]);
});

test("half a message on many sockets does not fill the memory", async ({ skip }) => {
  if (process.platform !== "linux") return skip("reads how much memory is in use from /proc");
  const stack = await temporaryStack();
  onTestFinished(stack.stop);
  const { api_url, publishable_key, pid } = stack.status;
  const half = Buffer.concat([Buffer.from("82ff0000000003f0000000000000", "hex"), Buffer.alloc(60_000_000)]);
  const sockets = Array.from({ length: 60 }, () => {
    const socket = connect(Number(new URL(api_url).port), "127.0.0.1").on("error", () => {});
    socket.write(
      `GET /realtime/v1/websocket?vsn=2.0.0&apikey=${publishable_key} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n` +
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    );
    return socket.once("data", () => socket.write(half));
  });
  onTestFinished(() => sockets.forEach((socket) => socket.destroy()));
  await until(() => Promise.resolve(sockets.filter(({ destroyed }) => destroyed).length), (gone) => gone > 10);
  // The most that was ever in use: one that looks now and then may miss it.
  const [, peak] = /VmHWM:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, "utf8"))!;
  const most = Number(peak) / 1_000;
  expect(most).toBeGreaterThan(1_000);
  expect(most).toBeLessThan(2_500);
  await until(() => register(stack.status, "after").catch(() => 0), (code) => code === 201);
});
