import type { Sql } from "postgres";
import type { Status } from "../support/stack.ts";
import { type Cell, measure } from "./measure/cell.ts";
import type { Options } from "./options.ts";
import type { Member } from "./people.ts";
import { type Content, makeRequests, type Scenario } from "./scenarios.ts";
import { makeTransactions, transactions } from "./transactions.ts";

interface Surroundings {
  status: Status;
  sql: Sql;
  content: Content;
  members: Member[];
  options: Options;
  log: (line: string) => void;
}

/** Whether a scenario must not slow down when rooms and backlogs grow. */
const isScaled = (scenario: Scenario) =>
  ["history", "around", "inbox", "send"].includes(scenario) || scenario.startsWith("search: ");

type CellOf = Pick<Cell, "scenario" | "path" | "connections" | "scale"> & { requests: object[] };
type Direct = keyof typeof transactions;
const isDirect = (scenario: Scenario): scenario is Direct => scenario in transactions;

/** Measures cell after cell. */
export class Bench {
  constructor(readonly surroundings: Surroundings) {}

  /** Everything that the options ask for, each scenario followed by its direct clients. */
  async all(): Promise<Cell[]> {
    await this.#wake(1);
    const cells: Cell[] = [];
    for (const scenario of this.surroundings.options.only) cells.push(...await this.#scenario(scenario, 1));
    return cells;
  }

  /** Repeats what must not depend on size, after the rooms have grown. */
  async scaled(): Promise<Cell[]> {
    const { only, scale } = this.surroundings.options;
    await this.#wake(scale);
    const cells: Cell[] = [];
    for (const scenario of only.filter(isScaled)) {
      cells.push(...await this.#scenario(scenario, scale));
    }
    return cells;
  }

  /** Measures a scenario with these members through the gateway, where something has that size. */
  async sized(scenario: Scenario, size: string, members: Member[]): Promise<Cell[]> {
    const { options, content } = this.surroundings;
    const requests = makeRequests(scenario, members, content);
    const cells: Cell[] = [];
    for (const connections of options.concurrency) {
      const name = `${scenario}, ${size}`;
      cells.push(await this.#cell({ scenario: name, path: "gateway", connections, scale: 1, requests }));
    }
    return cells;
  }

  /** Loads fresh data into Postgres's memory, and warms the programs up: an unreported cell. */
  async #wake(scale: number): Promise<void> {
    const { members, content, log } = this.surroundings;
    log("Warming up …");
    const requests = makeRequests("history", members, content);
    await this.#measure({ scenario: "history", path: "gateway", connections: 16, scale, requests });
  }

  async #scenario(scenario: Scenario, scale: number): Promise<Cell[]> {
    const { status, options, members, content } = this.surroundings;
    const cells: Cell[] = [];
    const requests = makeRequests(scenario, members, content);
    for (const connections of options.concurrency) {
      cells.push(await this.#cell({ scenario, path: "gateway", connections, scale, requests }));
    }
    if (!isDirect(scenario)) return cells;
    const direct = await makeTransactions(scenario, members, content, status.db_url);
    for (const connections of options.concurrency) {
      cells.push(await this.#cell({ scenario, path: "direct", connections, scale, requests: direct }));
    }
    return cells;
  }

  #measure(cell: CellOf): Promise<Cell> {
    const { status, sql, options: { seconds, warmup } } = this.surroundings;
    const url = cell.path === "gateway" ? status.api_url : status.db_url;
    return measure(status.pid, sql, { ...cell, url, seconds, warmup });
  }

  async #cell(cell: CellOf): Promise<Cell> {
    const done = await this.#measure(cell);
    const name = `${cell.scenario}${cell.path === "direct" ? ", direct" : ""}, ${cell.connections} at once`;
    const p99 = done.p99?.toFixed(1) ?? "–";
    this.surroundings.log(
      `${name}: ${Math.round(done.rate)}/s, p99 ${p99} ms${done.errors ? `, ${errors(done)}` : ""}`,
    );
    return done;
  }
}

function errors({ errors, reasons }: Cell): string {
  return `${errors} errors ${JSON.stringify(reasons)}`;
}
