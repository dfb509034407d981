import process from "node:process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { appClient } from "../support/clients.ts";
import { processWhere } from "../support/processes.ts";
import { until } from "../support/until.ts";
import { postmasterPid, temporaryStack } from "./run.ts";

let stack: Awaited<ReturnType<typeof temporaryStack>>;
let token: string;
beforeAll(async () => {
  stack = await temporaryStack();
  const response = await fetch(`${stack.status.api_url}/functions/v1/messenger/api/auth/register/`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ username: "ann", password: "secret-123" }),
  });
  token = (await response.json()).access;
});
afterAll(() => stack.stop());

const paths = ["/auth/v1/settings", "/rest/v1/profiles?select=id", "/functions/v1/messenger/api/chats/"];

async function ask(path: string): Promise<number> {
  const isFunction = path.startsWith("/functions/");
  const headers: Record<string, string> = isFunction
    ? { Authorization: `Bearer ${token}` }
    : { apikey: stack.status.secret_key, "Accept-Profile": "chat" };
  const response = await fetch(stack.status.api_url + path, { headers });
  const body = await response.text();
  if (response.status === 503) {
    expect(JSON.parse(body)).toEqual(
      isFunction ? { detail: "The service is temporarily unavailable, try again later." } : {
        code: "service_unavailable",
        message: "The service is starting or recovering; try again in a moment.",
      },
    );
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
    expect(response.headers.get("retry-after")).toBe("1");
  }
  return response.status;
}

test.each(["SIGKILL", "SIGABRT", "SIGINT", "SIGTERM"] as const)(
  "requests → 503 while Postgres recovers from %s",
  async (signal) => {
    expect(await Promise.all(paths.map(ask))).toEqual([200, 200, 200]);
    process.kill(await postmasterPid(stack.data), signal);
    const seen = new Set<number>();
    await until(() => Promise.all(paths.map(ask)), (answers) => {
      for (const status of answers) seen.add(status);
      return seen.has(503) && answers.every((status) => status === 200);
    });
    expect([...seen].sort()).toEqual([200, 503]);
  },
);

test("a killed backend takes down all others, and everything recovers", async () => {
  const { data, status } = stack;
  const { pid } = await backend(data);
  process.kill(pid, "SIGKILL");
  await until(() => ask(paths[0]!), (code) => code === 503);
  await until(() => Promise.all(paths.map(ask)), (answers) => answers.every((code) => code === 200));
  const { error } = await appClient({ stack: status }).auth.signUp({
    email: "after@example.com",
    password: "secret-123",
  });
  expect(error).toBeNull();
});

test("Auth and the Data API return after their process was killed", async () => {
  const { pid } = await child("local/services.ts");
  process.kill(pid, "SIGKILL");
  await until(() => ask(paths[0]!), (code) => code === 503);
  await until(() => ask(paths[1]!), (code) => code === 200);
});

async function backend(data: string): Promise<{ pid: number }> {
  const postmaster = await postmasterPid(data);
  return await processWhere((line) => line.ppid === postmaster && line.command.includes("supabase_auth_admin"));
}

function child(name: string): Promise<{ pid: number }> {
  return processWhere((line) => line.ppid === stack.status.pid && line.command.includes(name));
}
