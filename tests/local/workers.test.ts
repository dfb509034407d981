import process from "node:process";
import { afterAll, beforeAll, expect, test } from "vitest";
import WebSocket from "ws";
import { Socket } from "../relay/socket.ts";
import { leaveTokens } from "../support/buckets.ts";
import { database } from "../support/clients.ts";
import { type Line, processWhere } from "../support/processes.ts";
import { statusOnceSent } from "../support/tcp.ts";
import { until } from "../support/until.ts";
import { newUser, type User } from "../support/users.ts";
import { isAlive, type Stack, startStack } from "./run.ts";

let stack: Stack;
let ann: User;
let bob: User;
let chat: number;

beforeAll(async () => {
  stack = await startStack({ args: ["--workers=2"] });
  ann = await newUser("ann", stack.status);
  bob = await newUser("bob", stack.status);
  const { data } = await ann.supabase.rpc("create_group_room", { name: "Workers", member_ids: [bob.id] });
  chat = data!.id;
});

afterAll(() => stack?.stop());

const api = (path: string) => `${stack.status.functions_url}/messenger/${path}`;

const ask = (path: string, { token }: { token: string }, body?: object) =>
  fetch(api(`api/${path}`), {
    method: body ? "POST" : "GET",
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
    ...(body && { body: JSON.stringify(body) }),
  });

/** Opens a socket: each one is in another worker than the one before. */
async function open({ token }: { token: string }): Promise<Socket> {
  const web = new WebSocket(`${api(`ws/chat/${chat}/`).replace("http", "ws")}?token=${token}`);
  const socket = new Socket(web);
  await new Promise((resolve, reject) => web.once("open", resolve).once("error", reject));
  return socket;
}

/** The process of one of the workers. */
async function workerPid(): Promise<number> {
  const isWorker = ({ ppid, command }: Line) => ppid === stack.status.pid && command.includes("function_worker.ts");
  return (await processWhere(isWorker)).pid;
}

test("people whose sockets are in different workers hear each other; when a worker dies, its clients connect again", async () => {
  const [one, other] = [await open(ann), await open(bob)];
  one.send({ type: "message", text: "from one worker" });
  expect(await other.next({ type: "message" })).toMatchObject({ text: "from one worker" });
  other.send({ type: "message", text: "from the other" });
  await until(() => one.frames.some(({ text }) => text === "from the other"), Boolean);

  process.kill(await workerPid(), "SIGKILL");
  const lost = await until(() => [one, other].filter(({ isClosed }) => isClosed), ({ length }) => length > 0);
  expect(lost).toHaveLength(1);
  expect((await lost[0]!.closed).code).toBe(1012);
  await until(() => stack.output(), (output) => /Restarting worker \d of the functions/.test(output));
  const again = await open(ann);
  expect((await ask("messages/", bob, { chat, text: "after the restart" })).status).toBe(201);
  await until(() => again.frames.some(({ text }) => text === "after the restart"), Boolean);
});

test("limits count what all workers do", async () => {
  const sql = database(stack.status);
  await leaveTokens(sql, ann.id, "search", 3);
  await sql.end();
  const statuses = [];
  for (let n = 0; n < 5; n++) statuses.push((await ask("messages/search/?q=from", ann)).status);
  expect(statuses).toEqual([200, 200, 200, 429, 429]);
  const login = () =>
    fetch(api("api/auth/login/"), {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ username: ann.username, password: "wrong" }),
    });
  const answers = new Set<number>();
  for (let n = 0; n < 20 && !answers.has(429); n++) answers.add((await login()).status);
  expect([...answers]).toEqual([401, 429]);
});

test("requests reach a worker as the client has sent them", async () => {
  const page = await fetch(api("api/docs/"), { redirect: "manual" });
  expect(page.status).toBe(200);
  expect((await fetch(api("api/schema/"))).headers.get("content-type")).toContain("json");
  expect((await fetch(api("ws/chat/1/"))).status).toBe(426);
  const refused = new Socket(new WebSocket(`${api(`ws/chat/${chat}/`).replace("http", "ws")}?token=none`));
  expect((await refused.closed).code).toBe(4401);
  const messages = await ask(`messages/?chat=${chat}&limit=1`, ann);
  expect(messages.headers.get("link")).toContain(`<${api(`api/messages/?chat=${chat}`)}`);
});

test("a client that sends 30 MB before it reads receives the refusal", async () => {
  const headers = { Authorization: `Bearer ${ann.token}` };
  expect(await statusOnceSent(api("api/uploads/"), 30 * 1024 * 1024, headers)).toBe(413);
  expect(await statusOnceSent(api("api/uploads/"), 30 * 1024 * 1024)).toBe(401);
});

test("when the stack stops, sockets are closed for a restart, and no worker is left", async () => {
  const sockets = [await open(ann), await open(bob)];
  const pid = await workerPid();
  stack.child.kill("SIGTERM");
  const codes = await Promise.all(sockets.map(async ({ closed }) => (await closed).code));
  expect(codes).toEqual([1012, 1012]);
  expect(await stack.exit).toBe(0);
  expect(isAlive(pid)).toBe(false);
});
