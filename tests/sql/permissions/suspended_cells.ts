import { type Cell, cellsFor } from "./cells.ts";
import type { Line } from "./matrix.ts";

/** What tells nothing of anybody, so that nobody is asked. */
const OF_NOBODY = ["version execute", "username_available execute"];

/**
 * What a line that allows something to an admin is for an admin who is suspended: refused by the name of the error, so that no
 * function, table or topic is forgotten.
 */
export function suspendedCells(line: Line): Cell[] {
  const { kind, object, operation, verdicts } = line;
  if (verdicts.admin !== "allow" || OF_NOBODY.includes(`${object} ${operation}`)) return [];
  const ofTopic = operation === "send" ? "deny" : "none";
  return cellsFor(line, "suspended", kind === "topic" ? ofTopic : "suspended");
}
