import { readFileSync } from "node:fs";

/** Who tries every line, in the order of the columns of matrix.txt. */
export const personas = ["anon", "stranger", "former", "member", "admin", "owner", "service"] as const;

/** Who may do what this other persona may, except in the lines that have a column for them. */
export const alike = { banned: "former", moderator: "stranger", administrator: "stranger" } as const;

export type Persona = typeof personas[number] | keyof typeof alike;

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
  verdicts: { [persona in Persona]?: string };
}

type Heading = Pick<Line, "kind" | "object" | "columns">;

const headingPattern = /^(?<kind>table|function|topic) (?<object>\w+)(?:: (?<columns>.*))?$/;
const linePattern =
  /^(?<verdicts>(?:\w+ +)+?)(?<operation>select|insert|update|delete|execute|receive|send)\b(?<situation>[^:]*)(?:: (?<columns>.*))?$/;

/**
 * Reads matrix.txt.
 * @throws with the line that it does not understand.
 */
export function readMatrix(): Line[] {
  const text = readFileSync(new URL("matrix.txt", import.meta.url), "utf8");
  const lines: Line[] = [];
  let heading: Heading = { kind: "table", object: "", columns: [] };
  let columns: Persona[] = [];
  // What ends with a comma or a colon goes on in the next line.
  for (const line of text.replace(/([,:])\n +/g, "$1 ").split("\n").map((line) => line.trim())) {
    if (!line || line.startsWith("#")) continue;
    const next = headingPattern.exec(line)?.groups;
    if (next) heading = { ...next, columns: names(next.columns) } as Heading;
    else if (line.split(/ +/).every(isPersona)) columns = line.split(/ +/).filter(isPersona);
    else lines.push(readLine(line, heading, columns));
  }
  return lines;
}

const isPersona = (name: string): name is Persona => (personas as readonly string[]).includes(name) || name in alike;

/** Lines with the verdicts on those who are like another persona, where no line of their own has them. */
export function withAlike(lines: Line[]): Line[] {
  const judged = new Set(lines.flatMap((line) => Object.keys(line.verdicts).flatMap((name) => cellsOf(line, name))));
  return lines.flatMap((line) =>
    (line.columns.length > 0 ? line.columns : [undefined]).map((column) => {
      const single = { ...line, columns: column ? [column] : [] };
      const verdicts = { ...line.verdicts };
      for (const [name, other] of Object.entries(alike) as [keyof typeof alike, Persona][]) {
        if (verdicts[other] && !judged.has(cellsOf(single, name).join())) verdicts[name] = verdicts[other];
      }
      return { ...single, verdicts };
    })
  );
}

function cellsOf({ object, operation, situation, columns }: Line, persona: string): string[] {
  return (columns.length > 0 ? columns : [""]).map((column) =>
    [object, operation, situation, column, persona].join("|")
  );
}

function readLine(line: string, heading: Heading, personas: Persona[]): Line {
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
