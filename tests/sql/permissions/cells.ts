import { functionProbes } from "./function_probes.ts";
import { topics } from "./topic_probes.ts";
import type { Line, Persona } from "./matrix.ts";
import { personProbes } from "./person_probes.ts";
import type { TableProbe } from "./probe.ts";
import { roomProbes } from "./room_probes.ts";

/** A persona of the matrix, or the one without a column there. */
type Who = Persona | "suspended";

/** One thing that one persona tries. */
export interface Cell {
  persona: Who;
  statement: string;
  expected: string;
  title: string;
}

export const tableProbes: Record<string, TableProbe> = { ...personProbes, ...roomProbes };

const called: Record<Who, string> = {
  anon: "anon",
  stranger: "a stranger",
  former: "a former member",
  member: "a member",
  admin: "an admin",
  owner: "the owner",
  service: "the service",
  banned: "a banned person",
  moderator: "a moderator",
  administrator: "an administrator",
  suspended: "who is suspended",
};

/**
 * The cells of a line: one for each persona and column.
 * @throws when there is no probe for it.
 */
export function cellsOf(line: Line): Cell[] {
  return (Object.entries(line.verdicts) as [Persona, string][]).flatMap(([persona, expected]) =>
    cellsFor(line, persona, expected)
  );
}

/** The cells of a line for one persona. */
export function cellsFor(line: Line, persona: Who, expected: string): Cell[] {
  const columns = line.columns.length > 0 ? line.columns : [undefined];
  return columns.map((column) => ({
    persona,
    statement: forPersona(statement(line, persona, column), persona),
    expected,
    title: title(line, persona, expected, column),
  }));
}

function title({ object, operation, situation }: Line, persona: Who, verdict: string, column = ""): string {
  const reasons: Record<string, string> = { allow: "", deny: "", none: " (no row)" };
  const verb = operation === "execute" ? "call it" : operation;
  const words = [called[persona], verdict === "allow" ? "can" : "cannot", verb, column, situation];
  return `${object}: ${words.filter(Boolean).join(" ")}${reasons[verdict] ?? ` (${verdict})`}`;
}

/** Anon and the service are nobody: what is theirs is tried with a member's. */
function forPersona(text: string, persona: Who): string {
  const name = persona === "anon" || persona === "service" ? "member" : persona;
  return text.replace(/:me\b/g, `tests.user('${name}')`).replace(/:name\b/g, name);
}

function statement({ object, operation, situation }: Line, persona: Who, column?: string): string {
  if (operation === "receive" || operation === "send") {
    return `select from pg_temp.${operation}(${found(topics[object]?.[situation], `${object} ${situation}`)})`;
  }
  if (operation === "execute") {
    return `select * from chat.${found(functionProbes[object]?.[situation], `${object} ${situation}`)}`;
  }
  const probe = found(tableProbes[object], object);
  if (operation === "insert") return insertion(object, probe, situation, persona, column);
  const rows = situation ? found(probe.rows[situation], `${object} ${situation}`) : anyRow(probe);
  if (operation === "select") return `select ${column} from chat.${object} where ${rows}`;
  if (operation === "delete") return `delete from chat.${object} where ${rows}`;
  return `update chat.${object} set ${column} = ${column} where ${rows}`;
}

function anyRow({ rows }: TableProbe): string {
  return Object.values(rows).map((condition) => `(${condition})`).join(" or ");
}

function insertion(object: string, probe: TableProbe, situation: string, persona: Who, column = ""): string {
  const place = situation ? probe.inserts[situation] : Object.values(probe.inserts)[0];
  const values = { ...probe.values, ...found(place, `${object} ${situation}`) };
  const row: Record<string, string> = persona === "service" ? { ...probe.service } : {};
  for (const name of [...probe.required, column]) row[name] = found(values[name], `${object}.${name}`);
  Object.assign(row, probe.together?.[column]);
  return `insert into chat.${object} (${Object.keys(row).join(", ")}) overriding system value
    values (${Object.values(row).join(", ")})`;
}

function found<Value>(value: Value | undefined, what: string): Value {
  if (value === undefined) throw new Error(`There is no probe for ${what}.`);
  return value;
}
