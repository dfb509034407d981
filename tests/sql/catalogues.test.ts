import { readdir, readFile } from "node:fs/promises";
import { expect, expectTypeOf, test } from "vitest";
import type { Tables } from "../../client/sdk/src/contract/database.ts";
import { ERRORS } from "../../client/sdk/src/contract/errors.ts";
import { EVENTS, LARGE_ROOM } from "../../client/sdk/src/contract/events.ts";
import type { Message } from "../../client/sdk/src/contract/message.ts";

const sql = await source("sql", ".sql");
const functions = await source("functions", ".ts");
const errors = await source("client/sdk/src/contract", "errors.ts");
const sdk = (await source("client/sdk/src", ".ts")).replace(errors, "");

test("every event in SQL is in the catalogue, and every event of the catalogue in SQL", () => {
  // The other names with a dot are those of settings, tables, indexes and dictionaries.
  const sent = names(sql, /'((?!auth\.|cron\.|chat\.|chat_private\.|parley\.|pg_catalog\.)[a-z_]+\.[a-z_]+)'/g);
  const { live: _, ...topics } = EVENTS;
  expect(sent).toEqual(sorted(Object.values(topics).flatMap((events) => Object.keys(events))));
});

test("exactly the changes of a room that are kept are counted, its messages, and their reactions", () => {
  const kept = names(sql, /(?:record|keep)_change\([^;]*?'([a-z_]+\.[a-z_]+)'/g);
  const ofMessages = names(/function chat_private\.message_event\(.*?\$\$;/s.exec(sql)![0], /'(message\.[a-z]+)'/g);
  const ofReactions = names(/function chat_private\.count_reaction\(.*?\$\$;/s.exec(sql)![0], /'(message\.[a-z]+)'/g);
  const counted = Object.entries(EVENTS.room).flatMap(([name, { counted }]) => counted ? name : []);
  expect(sorted([...kept, ...ofMessages, ...ofReactions])).toEqual(sorted(counted));
});

test("only announce() sends", () => {
  expect(sql.match(/realtime\.send\(/g)).toHaveLength(1);
});

test("every error that SQL raises is in the catalogue, with its status", () => {
  const raised = [...sql.matchAll(/raise sqlstate 'PT(\d{3})' using message = '(\w+)'/g)];
  expect(raised).toHaveLength(sql.match(/raise sqlstate/g)!.length);
  const statuses = raised.map(([, status, name]) => [name, Number(status)]);
  expect(statuses).toEqual(statuses.map(([name]) => [name, ERRORS[name as keyof typeof ERRORS]]));
});

test("every error of the catalogue is raised", () => {
  const used = new Set([
    ...names(sql, /using message = '(\w+)'/g),
    ...names(functions, /(?:refused|notFound)\("(\w+)"/g),
  ]);
  expect(Object.keys(ERRORS).filter((name) => !used.has(name))).toEqual([]);
});

test("a message in the SDK has every column of its table, and its sender", () => {
  type Column = Exclude<keyof Tables<"messages">, "forwarded_name" | "own_reactions" | "profiles">;
  expectTypeOf<keyof Message>().toEqualTypeOf<Column | "sender_number" | "sender_username">();
});

test("every name that the functions and the SDK add is used by them", () => {
  const added = names(errors, /\| "(\w+)"/g);
  expect(added.length).toBeGreaterThan(20);
  expect(added.filter((name) => !`${functions}${sdk}`.includes(`"${name}"`))).toEqual([]);
});

test("a large room is one of as many members in the SDK as in SQL", () => {
  expect(sql.match(/member_count [<>]=? 5\d/g)).toEqual([
    `member_count <= ${LARGE_ROOM}`,
    `member_count > ${LARGE_ROOM}`,
    `member_count >= ${LARGE_ROOM + 2}`, // the person who makes it large has just come
    `member_count <= ${LARGE_ROOM}`,
  ]);
});

async function source(folder: string, ending: string): Promise<string> {
  const root = new URL(`../../${folder}/`, import.meta.url);
  const files = (await readdir(root, { recursive: true })).filter((name) => name.endsWith(ending)).sort();
  return (await Promise.all(files.map((name) => readFile(new URL(name, root), "utf8")))).join("\n");
}

function names(text: string, pattern: RegExp): string[] {
  return sorted([...text.matchAll(pattern)].map(([, name]) => name!));
}

function sorted(names: string[]): string[] {
  return [...new Set(names)].sort();
}
