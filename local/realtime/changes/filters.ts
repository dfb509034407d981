/** One condition of the `filter` of a subscription. */
export interface Filter {
  column: string;
  operator: Operator;
  /** For `in`, a Postgres array literal. */
  value: string;
  isNegated: boolean;
}

export type Operator = (typeof OPERATORS)[number];

const OPERATORS = [
  "eq",
  "neq",
  "lt",
  "lte",
  "gt",
  "gte",
  "in",
  "like",
  "ilike",
  "is",
  "match",
  "imatch",
  "isdistinct",
] as const;

/**
 * Parses `col=op.value`, or several of them separated by commas; all must match.
 * @throws Error that names the invalid part.
 */
export function parseFilters(text: string): Filter[] {
  return text.trim() === "" ? [] : splitAtCommas(text.trim()).map((part) => parseFilter(part.trim()));
}

function parseFilter(text: string): Filter {
  if (text === "") throw new Error("filter must not contain empty segments (check for extra commas)");
  const equals = text.indexOf("=");
  if (equals < 0) throw new Error(JSON.stringify([text]));
  const [column, rest] = [text.slice(0, equals), text.slice(equals + 1)];
  const isNegated = rest.startsWith("not.");
  const condition = isNegated ? rest.slice(4) : rest;
  const dot = condition.indexOf(".");
  const operator = condition.slice(0, Math.max(dot, 0)) as Operator;
  if (dot < 0) throw new Error(JSON.stringify([condition]));
  const value = condition.slice(dot + 1);
  if (!OPERATORS.includes(operator)) throw new Error(`["${operator}", "${value}"]`);
  return { column, operator, value: operator === "in" ? arrayLiteral(value) : unquoted(value), isNegated };
}

function arrayLiteral(value: string): string {
  if (!/^\(.*\)$/s.test(value)) throw new Error("`in` filter value must be wrapped by parentheses");
  return `{${value.slice(1, -1)}}`;
}

function unquoted(value: string): string {
  const [, inner] = /^"((?:[^"\\]|\\.)*)"$/s.exec(value) ?? [];
  return inner === undefined ? value : inner.replace(/\\(.)/gs, "$1");
}

/** Commas in quotes or parentheses are part of a value. */
function splitAtCommas(text: string): string[] {
  const parts = [""];
  let depth = 0;
  let isQuoted = false;
  for (let index = 0; index < text.length; index++) {
    const letter = text[index]!;
    if (letter === "," && depth === 0 && !isQuoted) {
      parts.push("");
      continue;
    }
    parts[parts.length - 1] += letter;
    if (isQuoted) {
      if (letter === "\\" && index + 1 < text.length) parts[parts.length - 1] += text[++index];
      else if (letter === '"') isQuoted = false;
    } else if (letter === '"') isQuoted = ".(,".includes(text[index - 1] ?? " ");
    else if (letter === "(") depth++;
    else if (letter === ")") depth = Math.max(0, depth - 1);
  }
  return parts;
}
