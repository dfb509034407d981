import type { Sql } from "postgres";
import type { Status } from "../../support/stack.ts";
import type { Options } from "../options.ts";
import type { Member } from "../people.ts";
import { type FanOut, fanOut } from "./fan_out.ts";
import { type Idle, idle } from "./idle.ts";
import type { LiveScenario, Transport } from "./scenarios.ts";

/** The stack under test, filled, and its signed-in users. */
export interface LiveSurroundings {
  status: Status;
  sql: Sql;
  members: Member[];
  options: Options;
  log: (line: string) => void;
}

export type LiveCell = FanOut | Idle;

/** Measures one of the scenarios that keep sockets open. */
export async function runLive(surroundings: LiveSurroundings, scenario: LiveScenario): Promise<LiveCell[]> {
  const [kind, transport] = scenario.split(": ") as ["idle" | "fan-out", Transport];
  return await (kind === "idle" ? idle : fanOut)(surroundings, transport);
}
