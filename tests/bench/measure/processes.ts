import { readdir, readFile } from "node:fs/promises";

/** The parts of the stack, each one process or more. */
export type Part = "postgres" | "gateway" | "lite";
export type PerPart = Record<Part, number>;

interface Process {
  pid: number;
  parent: number;
  command: string;
  /** Seconds of processor time: its own, and that of children that have ended. */
  cpu: number;
  ended: number;
}

const TICKS = 100; // a second, on every Linux

/** Seconds of processor time that each part has used since it started; undefined where there is no /proc. */
export async function cpuTimes(stackPid: number): Promise<PerPart | undefined> {
  const parts = await stackProcesses(stackPid);
  if (!parts) return undefined;
  const times = empty();
  for (const [part, { cpu, ended }] of parts) times[part] += part === "postgres" ? cpu + ended : cpu;
  return times;
}

/** Megabytes of memory of each part, with shared pages divided among their users (PSS). */
export async function memory(stackPid: number): Promise<PerPart | undefined> {
  const parts = await stackProcesses(stackPid);
  if (!parts) return undefined;
  const sizes = empty();
  for (const [part, { pid }] of parts) {
    const rollup = await readFile(`/proc/${pid}/smaps_rollup`, "utf8").catch(() => "");
    sizes[part] += Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0) / 1024;
  }
  return sizes;
}

const empty = (): PerPart => ({ postgres: 0, gateway: 0, lite: 0 });

async function stackProcesses(stackPid: number): Promise<[Part, Process][] | undefined> {
  const all = await processes();
  const gateway = all.find(({ pid }) => pid === stackPid);
  if (!gateway) return undefined;
  const children = all.filter(({ parent }) => parent === stackPid);
  const lite = children.filter(({ command }) => command.includes("local/services.ts"));
  const workers = children.filter(({ command }) => command.includes("local/function_worker.ts"));
  const servers = children.filter((child) => !lite.includes(child) && !workers.includes(child));
  const backends = all.filter(({ parent }) => servers.some(({ pid }) => pid === parent));
  const named = (part: Part) => (found: Process): [Part, Process] => [part, found];
  return [
    ...[gateway, ...workers].map(named("gateway")),
    ...lite.map(named("lite")),
    ...[...servers, ...backends].map(named("postgres")),
  ];
}

async function processes(): Promise<Process[]> {
  const names = await readdir("/proc").catch(() => []);
  const found = await Promise.all(names.filter((name) => /^\d+$/.test(name)).map(read));
  return found.filter((process) => process !== undefined);
}

async function read(name: string): Promise<Process | undefined> {
  try {
    const stat = await readFile(`/proc/${name}/stat`, "utf8");
    const command = (await readFile(`/proc/${name}/cmdline`, "utf8")).replaceAll("\0", " ");
    // The second field is the program's name in parentheses, which may contain anything.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ").map(Number);
    const sum = (at: number) => (fields[at]! + fields[at + 1]!) / TICKS;
    return { pid: Number(name), parent: fields[1]!, command, cpu: sum(11), ended: sum(13) };
  } catch {
    return undefined; // it has just ended
  }
}
