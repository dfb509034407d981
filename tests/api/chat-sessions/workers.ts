import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { ResponderStack } from "./responder_stack.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** A worker beside the stack, on the same database. */
export interface Worker {
  /** The URL of its function. */
  base: string;
  /** Kills it as a crash does. */
  kill(): Promise<void>;
}

const args = ["serve", "-A", "--host", "127.0.0.1", "--port", "0", "functions/chat-sessions/index.ts"];

/** Starts another worker of chat-sessions. */
export async function startWorker(stack: ResponderStack, settings: Record<string, string> = {}): Promise<Worker> {
  const keys = JSON.parse(await readFile(join(stack.running.data, "keys.json"), "utf8"));
  const { api_url, db_url } = stack.status;
  const child = spawn(join(root, "node_modules", ".bin", "deno"), args, {
    cwd: root,
    stdio: ["ignore", "inherit", "pipe"],
    env: {
      ...process.env,
      SUPABASE_URL: api_url,
      SUPABASE_DB_URL: db_url,
      SUPABASE_ANON_KEY: keys.anon_key,
      SUPABASE_SERVICE_ROLE_KEY: keys.service_role_key,
      SUPABASE_JWT_SECRET: keys.jwt_secret,
      RESPONDER_URL: stack.endpointUrl,
      RESPONDER_MODEL: "tea-1",
      ...settings,
    },
  });
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, "exit");
    child.kill("SIGKILL");
    await exit;
  };
  return { base: `http://127.0.0.1:${await portOf(child)}/chat-sessions`, kill };
}

async function portOf(child: ChildProcess): Promise<string> {
  let output = "";
  for await (const text of child.stderr!.setEncoding("utf8")) {
    output += text;
    const port = /127\.0\.0\.1:(\d+)/.exec(output)?.[1];
    if (port) return port;
  }
  throw new Error(`The worker ended while it was starting: ${output}`);
}
