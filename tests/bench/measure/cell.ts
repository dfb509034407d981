import { setTimeout as sleep } from "node:timers/promises";
import type { Sql } from "postgres";
import { type Outcome, runLoad } from "./child.ts";
import { cpuTimes, type PerPart } from "./processes.ts";
import { readStatements, statementsBetween, type StatementUse } from "./statements.ts";

/** The measurements of one scenario at one concurrency. */
export interface Cell extends Outcome {
  scenario: string;
  /** Through the gateway, or by direct clients of Postgres. */
  path: "gateway" | "direct";
  connections: number;
  /** Rooms and backlogs are that many times their first size. */
  scale: number;
  /** Milliseconds of processor time for each request; undefined where there is no /proc. */
  cpuPerRequest: (PerPart & { load: number }) | undefined;
  statements: StatementUse[];
}

/** What to load, and its name. */
export interface CellJob extends Pick<Cell, "scenario" | "path" | "connections" | "scale"> {
  url: string;
  requests: object[];
  seconds: number;
  warmup: number;
}

/** The use so far. */
interface Reading {
  cpu: PerPart | undefined;
  statements: Map<string, StatementUse>;
}

/** Measures one cell, by a process of its own. `sql` is a connection to read the statistics. */
export async function measure(stackPid: number, sql: Sql, job: CellJob): Promise<Cell> {
  const read = async (): Promise<Reading> => ({ cpu: await cpuTimes(stackPid), statements: await readStatements(sql) });
  await settle(stackPid);
  let before = await read();
  let after = before;
  const outcome = await runLoad(job.path === "gateway" ? "load" : "direct", job, {
    onStart: async () => void (before = await read()),
    onEnd: async () => void (after = await read()),
  });
  const statements = statementsBetween(before.statements, after.statements, outcome.requests);
  const { scenario, path, connections, scale } = job;
  const cpuPerRequest = before.cpu && after.cpu && perRequest(before.cpu, after.cpu, outcome);
  return { scenario, path, connections, scale, ...outcome, cpuPerRequest, statements };
}

const CALM = 0.1;
const MAX_BEATS = 100;

/** Waits at most 20 seconds until the stack has finished requests that an earlier cell gave up. */
async function settle(stackPid: number): Promise<void> {
  let before = await cpuTimes(stackPid);
  for (let beat = 0; before && beat < MAX_BEATS; beat++) {
    await sleep(200);
    const after = await cpuTimes(stackPid);
    const isCalm = after && sum(after) - sum(before) < 0.2 * CALM;
    if (isCalm) return;
    before = after;
  }
}

const sum = (times: PerPart) => Object.values(times).reduce((total, time) => total + time, 0);

function perRequest(before: PerPart, after: PerPart, { cpu, requests, errors }: Outcome) {
  const all = { ...after, load: cpu };
  const share = (seconds: number) => requests + errors === 0 ? 0 : seconds * 1000 / (requests + errors);
  for (const part of Object.keys(before) as (keyof PerPart)[]) all[part] -= before[part];
  for (const part of Object.keys(all) as (keyof typeof all)[]) all[part] = share(all[part]);
  return all;
}
