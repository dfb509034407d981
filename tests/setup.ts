// Gives the tests one stack to share: a fresh one, or a running one named by PARLEY_STATUS=path/to/status.json.
import process from "node:process";
import type { TestProject } from "vitest/node";
import { readStatus, type Stack, startStack, type Status } from "../scripts/stack.ts";
import { prepareDatabase } from "./sql/prepare.ts";

declare module "vitest" {
  interface ProvidedContext {
    status: Status;
  }
}

interface Shared {
  stack: Promise<Stack>;
  users: number;
}

// Each project loads this file anew; they share the stack through the process.
const shared = globalThis as typeof globalThis & { parleyTestStack?: Shared };

async function open(): Promise<Stack> {
  const path = process.env.PARLEY_STATUS;
  const running = path ? await readStatus(path) : undefined;
  if (path && !running) throw new Error(`PARLEY_STATUS names ${path}, but no stack has written it: run npm start.`);
  const stack = running ? { status: running, stop: () => Promise.resolve() } : await startStack();
  await prepareDatabase(stack.status.db_url);
  return stack;
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  shared.parleyTestStack ??= { stack: open(), users: 0 };
  const mine = shared.parleyTestStack;
  mine.users++;
  const stack = await mine.stack;
  project.provide("status", stack.status);
  return async () => {
    if (--mine.users === 0) await stack.stop();
  };
}
