import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { onTestFinished } from "vitest";
import { runProgram, temporaryFolder } from "../../local/stack_process.ts";
import { projectIn, temporaryStack } from "../support/project.ts";
import { type Stack, startStack } from "../support/stack.ts";

export { projectIn, runProgram as run, type Stack, startStack, temporaryFolder, temporaryStack };

/** The process that runs Postgres. */
export async function postmasterPid(data: string): Promise<number> {
  return parseInt(await readFile(join(data, "postgres", "postmaster.pid"), "utf8"));
}

/** Whether a process has that id. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Occupies a port until the test ends. */
export async function occupyPort(): Promise<number> {
  const server = await new Promise<Server>((resolve) => {
    const server: Server = createServer().listen(0, "127.0.0.1", () => resolve(server));
  });
  onTestFinished(() => void server.close());
  const address = server.address();
  return typeof address === "object" ? address!.port : 0;
}
