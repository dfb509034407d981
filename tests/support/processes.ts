import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** A process of this machine. */
export interface Line {
  pid: number;
  ppid: number;
  command: string;
}

/**
 * Finds a process.
 * @throws Error when there is none.
 */
export async function processWhere(isRight: (line: Line) => boolean): Promise<Line> {
  const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "pid=,ppid=,command="]);
  const lines = stdout.trim().split("\n").map((text): Line => {
    const [, pid, ppid, command] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(text)!;
    return { pid: Number(pid), ppid: Number(ppid), command: command! };
  });
  const found = lines.find(isRight);
  if (!found) throw new Error("There is no such process.");
  return found;
}
