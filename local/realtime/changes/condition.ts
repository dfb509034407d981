import type { Filter, Operator } from "./filters.ts";

const SYMBOLS: Partial<Record<Operator, string>> = {
  eq: "=",
  neq: "!=",
  lt: "<",
  lte: "<=",
  gt: ">",
  gte: ">=",
  like: "like",
  ilike: "ilike",
  match: "~",
  imatch: "~*",
};

/** A filter as SQL: `left` and `right` are the values of the column and the filter, both as text. */
export function condition({ operator, value, isNegated }: Filter, cast: string, left: string, right: string): string {
  const column = `${left}::text::${cast}`;
  // The value is one of four keywords.
  if (operator === "is") return `${column} is ${isNegated ? "not " : ""}${value}`;
  if (operator === "isdistinct") return `${column} is ${isNegated ? "not " : ""}distinct from ${right}::text::${cast}`;
  const test = operator === "in"
    ? `${column} = any(${right}::text::${cast}[])`
    : `${column} ${SYMBOLS[operator]} ${right}::text::${cast}`;
  return isNegated ? `not (${test})` : test;
}
