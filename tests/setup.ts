// Gives the tests one stack to share: a fresh one, or a running one named by PARLEY_STATUS=path/to/status.json.
import process from "node:process";
import postgres from "postgres";
import type { TestProject } from "vitest/node";
import { prepareDatabase } from "./sql/prepare.ts";
import { readStatus, type Stack, startStack, type Status } from "./support/stack.ts";

declare module "vitest" {
  interface ProvidedContext {
    status: Status;
  }
}

/** A stack of our own, or one that runs already. */
type OpenStack = Pick<Stack, "status" | "stop">;

interface Shared {
  stack: Promise<OpenStack>;
  users: number;
}

// The fuzz writes to anybody, imported public rooms show in all users' lists, tests of Realtime create tables, and those of
// SQL search all users and run jobs for all rooms: each gets a stack of its own.
const alone = new Set(["fuzz", "import", "realtime", "sql"]);

// Most tests of Realtime use public channels, which no part of Parley does.
const environments: Record<string, Record<string, string>> = { realtime: { REALTIME_ALLOW_PUBLIC_ACCESS: "1" } };

// Refusals are delayed, so that clients do not hammer.
process.env.REALTIME_CONNECT_BACKOFF_MS ??= "50";
process.env.REALTIME_JOIN_BACKOFF_MS ??= "50";

// Each project loads this file again; they share stacks through the process.
const everywhere = globalThis as typeof globalThis & { parleyStacks?: Map<string, Shared> };
const stacks = everywhere.parleyStacks ??= new Map();

async function open(name: string): Promise<OpenStack> {
  const path = process.env.PARLEY_STATUS;
  const running = path ? await readStatus(path) : undefined;
  if (path && !running) throw new Error(`PARLEY_STATUS names ${path}, but no stack has written it: run npm start.`);
  const stack = running
    ? { status: running, stop: () => Promise.resolve() }
    : await startStack({ env: environments[name] });
  await prepareDatabase(stack.status.db_url);
  await allowWrongPasswords(stack.status.db_url);
  return stack;
}

/** All tests come from one address; those of throttling have a stack of their own. */
async function allowWrongPasswords(databaseUrl: string): Promise<void> {
  const sql = postgres(databaseUrl, { max: 1 });
  await sql`update chat_private.login_limits set per_address = 1000000`;
  await sql.end();
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const name = alone.has(project.name) ? project.name : "common";
  const shared = stacks.get(name) ?? { stack: open(name), users: 0 };
  stacks.set(name, shared);
  shared.users++;
  const stack = await shared.stack;
  project.provide("status", stack.status);
  return async () => {
    if (--shared.users === 0) await stack.stop();
  };
}
