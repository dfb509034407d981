import { readFileSync } from "node:fs";

/** Who tries, in the order of the columns of matrix.txt. */
export const personas = ["anon", "stranger", "former", "member", "admin", "owner", "service"] as const;

export type Persona = typeof personas[number];

/** One line of matrix.txt: the verdicts on one operation in one situation, for one or more columns. */
export interface Line {
  kind: "table" | "function" | "topic";
  object: string;
  operation: "select" | "insert" | "update" | "delete" | "execute" | "receive" | "send";
  /** Which rows, or where; empty when that makes no difference. */
  situation: string;
  /** Empty when the operation is not on columns. */
  columns: string[];
  /** Whether the columns are all that the table has. */
  all: boolean;
  verdicts: Record<Persona, string>;
}

type Heading = Pick<Line, "kind" | "object" | "columns">;

const headingPattern = /^(?<kind>table|function|topic) (?<object>\w+)(?:: (?<columns>.*))?$/;
const linePattern =
  /^(?<verdicts>(?:\w+ +){7})(?<operation>select|insert|update|delete|execute|receive|send)\b(?<situation>[^:]*)(?:: (?<columns>.*))?$/;

/**
 * Reads matrix.txt.
 * @throws with the line that it does not understand.
 */
export function readMatrix(): Line[] {
  const text = readFileSync(new URL("matrix.txt", import.meta.url), "utf8");
  const lines: Line[] = [];
  let heading: Heading = { kind: "table", object: "", columns: [] };
  // What ends with a comma or a colon goes on in the next line.
  for (const line of text.replace(/([,:])\n +/g, "$1 ").split("\n").map((line) => line.trim())) {
    if (!line || line.startsWith("#") || line.startsWith("anon ")) continue;
    const next = headingPattern.exec(line)?.groups;
    if (next) heading = { ...next, columns: names(next.columns) } as Heading;
    else lines.push(readLine(line, heading));
  }
  return lines;
}

function readLine(line: string, heading: Heading): Line {
  const { verdicts = "", operation, situation = "", columns } = linePattern.exec(line)?.groups ?? {};
  if (!operation) throw new Error(`matrix.txt: this is no line of verdicts: ${line}`);
  const each = verdicts.trim().split(/ +/).map((verdict, index) => [personas[index], verdict]);
  return {
    ...heading,
    operation: operation as Line["operation"],
    situation: situation.trim(),
    columns: columns ? names(columns) : operation === "delete" ? [] : heading.columns,
    all: !columns,
    verdicts: Object.fromEntries(each),
  };
}

function names(list = ""): string[] {
  return list.split(", ").filter(Boolean);
}
