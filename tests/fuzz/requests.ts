import fc from "fast-check";
import type { Schema, Values } from "./schemas.ts";
import { addressed, Fields, hostile, hostileText, json, Literal, mostly, type Node } from "./values.ts";

/** One operation of an OpenAPI document. */
export interface Operation {
  method: string;
  path: string;
  parameters: { name: string; in: string; required?: boolean; schema: Schema }[];
  body?: Schema;
}

/** A request before its ids are filled in, which happens when it is sent. */
export interface Draft {
  operation: Operation;
  method: string;
  path: () => string;
  headers: [string, string][];
  body: () => Buffer | undefined;
}

/** Stands for the attacker's own token, which changes. */
export const MINE = "Bearer (mine)";

const OTHER_METHODS = ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE", "PROPFIND", "LINK", "TRACE"];
const ODD_QUERIES = [
  "&",
  "=",
  "%",
  "%ff=%ff",
  "a[]=1&a[b]=2",
  "limit=1&limit=2",
  "page=0",
  "__proto__=1",
  "%00",
  "?a=b#c",
];
const ODD_HEADERS: [string, string][] = [
  ["Accept", "text/html"],
  ["Accept-Encoding", "br;q=1.0, *;q=0"],
  ["Cookie", "a=b; =; \xff"],
  ["Idempotency-Key", "\xff\xfe"],
  ["Idempotency-Key", "k".repeat(8_000)],
  ["If-None-Match", "*"],
  ["Origin", "null"],
  ["Prefer", "count=exact, tx=rollback"],
  ["Range", "bytes=0-1"],
  ["X-Forwarded-For", "' or 1=1, ::1"],
  ["X-Forwarded-Host", "evil.example:99999"],
  ["X-Forwarded-Prefix", "//evil.example"],
  ["X-Forwarded-Proto", "javascript"],
  ["X-HTTP-Method-Override", "DELETE"],
  ["X-Original-URL", "/messenger/api/users/"],
  ["X-Request-Id", "<script>"],
  ["X-Request-Id", "r".repeat(8_000)],
];
const CONTENT_TYPES = [
  "application/json",
  "application/json; charset=utf-8",
  "application/vnd.api+json",
  "application/json; charset=utf-16",
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=x",
  "multipart/form-data",
  "text/plain",
  "application/jsonp",
  "",
  ";",
  "\xff",
];

/** What may happen to the bytes of a body on the way. */
const DAMAGE: ((bytes: Buffer, at: number) => Buffer)[] = [
  (bytes, at) => bytes.subarray(0, at),
  (bytes, at) => Buffer.concat([bytes.subarray(0, at), Buffer.from([0xed, 0xa0, 0x80]), bytes.subarray(at)]),
  (bytes, at) => Buffer.concat([bytes.subarray(0, at), Buffer.from([0xff]), bytes.subarray(at)]),
  (bytes, at) => Buffer.concat([bytes.subarray(0, at), Buffer.from("\\ud83d"), bytes.subarray(at)]),
  (bytes, at) => Buffer.concat([bytes.subarray(0, at), Buffer.from("\0"), bytes.subarray(at)]),
  (bytes) => Buffer.concat([Buffer.from("\ufeff"), bytes]),
  (bytes) => Buffer.concat([bytes, bytes]),
  (bytes) => Buffer.from(bytes.toString(), "utf16le"),
  (bytes) => Buffer.concat([bytes, Buffer.alloc(1_100_000, " ")]),
  () => Buffer.alloc(0),
];

/** Requests for an operation: valid ones, and all that can be wrong with them. */
export function drafts(operation: Operation, values: Values, authorizations: string[]): fc.Arbitrary<Draft> {
  return fc.record({
    operation: fc.constant(operation),
    method: mostly(fc.constant(operation.method), 40, fc.constantFrom(...OTHER_METHODS)),
    path: address(operation, values),
    headers: headers(operation, authorizations),
    body: operation.body ? body(operation.body, values) : mostly(fc.constant(nothing), 30, body({}, values)),
  });
}

const nothing = (): Buffer | undefined => undefined;

function address(operation: Operation, values: Values): fc.Arbitrary<() => string> {
  const parts = operation.path.split("/").map((part, index, all) =>
    part.startsWith("{")
      ? mostly(values.id(/^\{(token|user)\}$/.exec(part)?.[1] ?? all[index - 1]!), 10, hostile)
      : fc.constant<Node>(new Literal(part))
  );
  const queries = operation.parameters.filter((parameter) => parameter.in === "query").map(
    ({ name, required, schema }) => {
      const entry = values.of(schema, name).map((value): [string, Node][] => [[name, value]]);
      return required ? mostly(entry, 20, fc.constant([])) : mostly(fc.constant<[string, Node][]>([]), 1, entry);
    },
  );
  const odd = mostly(fc.constant(""), 15, fc.constantFrom(...ODD_QUERIES));
  const bend = mostly(
    fc.constant("/"),
    15,
    fc.constantFrom("", "//", "/%2e%2e/", "/x/", "/%00/", "/%ff", "/;a=b/", "/*"),
  );
  return fc.tuple(fc.tuple(...parts), fc.tuple(...queries), odd, bend).map(([parts, queries, odd, bend]) => () => {
    const query = queries.flat().map(([name, value]) => `${name}=${addressed(value)}`);
    const path = parts.map((part) => addressed(part).slice(0, 6_000)).join("/").replace(/\/$/, bend);
    return `${path}?${[...query, odd].join("&").slice(0, 6_000)}`.replace(/[?&]$/, "");
  });
}

function headers({ parameters }: Operation, bad: string[]): fc.Arbitrary<[string, string][]> {
  const authorization = mostly(fc.constant(MINE), 12, fc.constantFrom(undefined, ...bad));
  const type = mostly(fc.constant("application/json"), 15, fc.constantFrom(undefined, ...CONTENT_TYPES));
  const documented = parameters.filter((parameter) => parameter.in === "header").map(({ name }) =>
    fc.option(fc.oneof(fc.uuid(), hostileText), { freq: 2 }).map((value): [string, string][] =>
      value === null ? [] : [[name, value.replace(/[^\t\x20-\x7e\x80-\xff]/g, "").slice(0, 8_000)]]
    )
  );
  const odd = mostly(fc.constant<[string, string][]>([]), 6, fc.subarray(ODD_HEADERS, { minLength: 1, maxLength: 4 }));
  return fc.tuple(authorization, type, odd, ...documented).map(([authorization, type, ...others]) => [
    ...(authorization === undefined ? [] : [["Authorization", authorization] as [string, string]]),
    ...(type === undefined ? [] : [["Content-Type", type] as [string, string]]),
    ...others.flat(),
  ]);
}

function body(schema: Schema, values: Values): fc.Arbitrary<() => Buffer> {
  const damage = mostly(fc.constant(undefined), 12, fc.tuple(fc.constantFrom(...DAMAGE), fc.nat(1_000)));
  const node = mostly(values.of(schema, ""), 40, fc.constant<Node>(new Fields([])));
  return fc.tuple(node, damage).map(([node, damage]) => () => {
    const bytes = Buffer.from(json(node));
    return damage ? damage[0](bytes, damage[1] % (bytes.length + 1)) : bytes;
  });
}
