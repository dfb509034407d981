import type { Cell } from "../measure/cell.ts";
import type { PerPart } from "../measure/processes.ts";
import type { Scenario } from "../scenarios.ts";
import { DJANGO, DJANGO_CONNECTIONS, DJANGO_MEMORY } from "./baseline.ts";
import { digits, grid, whole } from "./grid.ts";
import { walPerRequest } from "./wal.ts";

const HEADER = [
  ["measured", "at once", "req/s", "p50", "p99", "errors", "of ceiling", "x Django", "SQL/req", "WAL kB/req"],
  ["CPU ms/req: Postgres", "gateway", "Auth", "load"],
].flat();

/** All figures of requests as one table of text. */
export function table(cells: Cell[]): string {
  return grid([HEADER, ...cells.map((cell) => line(cell, cells))]);
}

function line(cell: Cell, cells: Cell[]): string[] {
  const { cpuPerRequest: cpu, requests } = cell;
  const statements = cell.statements.reduce((sum, { calls }) => sum + calls, 0) / requests;
  return [
    name(cell),
    String(cell.connections),
    whole(cell.rate),
    digits(cell.p50, 1),
    digits(cell.p99, 1),
    String(cell.errors),
    ratio(cell.rate, ceiling(cell, cells)),
    ratio(cell.rate, django(cell), "x"),
    requests > 0 ? digits(statements, 1) : "–",
    digits(walPerRequest(cell), 2),
    digits(cpu?.postgres, 2),
    digits(cpu?.gateway, 2),
    digits(cpu?.lite, 2),
    digits(cpu?.load, 2),
  ];
}

/** What a cell measured. */
export function name({ scenario, path, scale }: Cell): string {
  return scenario + (path === "direct" ? ", direct" : "") + (scale > 1 ? `, ${scale} times as large` : "");
}

/** The same transactions without HTTP, at the same concurrency. */
function ceiling({ scenario, path, connections, scale }: Cell, cells: Cell[]): number | undefined {
  if (path === "direct") return undefined;
  return cells.find((other) =>
    other.path === "direct" && other.scenario === scenario && other.connections === connections && other.scale === scale
  )?.rate;
}

function django({ scenario, path, connections }: Cell): number | undefined {
  if (path === "direct" || connections !== DJANGO_CONNECTIONS) return undefined;
  return DJANGO[scenario as Scenario]?.rate;
}

const ratio = (rate: number, other: number | undefined, unit = "") =>
  other ? `${(rate / other).toFixed(2)}${unit}` : "";

/** The memory of the stack in one sentence. */
export function memoryLine(memory: PerPart | undefined): string {
  if (!memory) return "Memory: not known without /proc.";
  const { postgres, gateway, lite } = memory;
  const parts = `Postgres ${whole(postgres)}, gateway and functions ${whole(gateway)}, Auth and Data API ${
    whole(lite)
  }`;
  return `Memory (PSS): ${whole(postgres + gateway + lite)} MB (${parts}; Django: ${DJANGO_MEMORY} MB).`;
}
