import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** A process of this machine. */
export interface Line {
  pid: number;
  ppid: number;
  command: string;
}

async function processes(): Promise<Line[]> {
  const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "pid=,ppid=,command="]);
  return stdout.trim().split("\n").map((text): Line => {
    const [, pid, ppid, command] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(text)!;
    return { pid: Number(pid), ppid: Number(ppid), command: command! };
  });
}

/**
 * Finds a process.
 * @throws Error when there is none.
 */
export async function processWhere(isRight: (line: Line) => boolean): Promise<Line> {
  const found = (await processes()).find(isRight);
  if (!found) throw new Error("There is no such process.");
  return found;
}

/** The ids of a process and of all that it has started, directly or not. */
export async function withDescendants(pid: number): Promise<number[]> {
  const lines = await processes();
  const family = [pid];
  for (const parent of family) family.push(...lines.filter(({ ppid }) => ppid === parent).map(({ pid }) => pid));
  return family;
}
