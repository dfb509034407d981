import { loadModule } from "@libpg-query/parser";
import { readFile } from "node:fs/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { problemsOfMigration } from "../../scripts/check/migration_rules.ts";
import {
  problemsOfReleases,
  readFiles,
  readReleases,
  type Release,
  unreleased,
} from "../../scripts/schema/releases.ts";

beforeAll(() => loadModule());

const limited = (statements: string) => `set local lock_timeout = '5s';\n${statements}`;
const [before, after] = await Promise.all(
  ["015_default_grants", "900_grants"].map((name) => readFile(`sql/${name}.sql`, "utf8")),
);
const making = (statements: string) => limited(`${before}\n${statements}\n${after}`);

describe("a migration may", () => {
  test.each([
    ["change functions", limited("create policy p on chat.rooms for select to authenticated using (true);")],
    ["add a column", limited("alter table chat.rooms add column mood text, add column at timestamptz default now();")],
    ["add a column with a default", limited("alter table chat.rooms add column mood text not null default 'fine';")],
    [
      "make a table with all that belongs to it",
      making(`
      create table chat.stars (id bigint primary key, room_id bigint references chat.rooms, n int check (n > 0));
      create index on chat.stars (room_id);
      alter table chat.stars add constraint c check (n < 9), alter column n set not null;`),
    ],
    [
      "make an index concurrently, alone in its file",
      "-- For lists.\ncreate index concurrently i on chat.rooms (name);",
    ],
    [
      "add a constraint that is not valid yet",
      limited("alter table chat.rooms add constraint c check (id > 0) not valid;"),
    ],
    ["validate it later", limited("alter table chat.rooms validate constraint c;")],
    ["add a key with an index", limited("alter table chat.rooms add constraint k unique using index i;")],
    [
      "say why a lock is short",
      limited("-- Short lock: the table has one row.\ncreate index on chat_private.login_limits (per_address);"),
    ],
  ])("%s", (_, text) => expect(problemsOfMigration(text)).toEqual([]));
});

describe("a migration may not", () => {
  test.each([
    ["wait without a limit", "drop policy p on chat.rooms;", "it begins without `set local lock_timeout`."],
    [
      "limit its session",
      "set lock_timeout = '5s'; drop policy p on chat.rooms;",
      "it begins without `set local lock_timeout`.",
    ],
    [
      "make an index while others wait",
      limited("create index i on chat.rooms (name);"),
      "an index of chat.rooms is not made concurrently, in a file of its own.",
    ],
    [
      "make an index concurrently among others",
      limited("create index concurrently i on chat.rooms (name);"),
      "an index of chat.rooms is made concurrently, which must be the only statement of its file.",
    ],
    [
      "add a check that reads the table",
      limited("alter table chat.rooms add constraint c check (id > 0);"),
      "the constraint c of chat.rooms is not added `not valid`, to be validated in a later file.",
    ],
    [
      "add a reference that reads the table",
      limited("alter table chat.rooms add constraint c foreign key (id) references chat.pins;"),
      "the constraint c of chat.rooms is not added `not valid`, to be validated in a later file.",
    ],
    [
      "add a column with a check",
      limited("alter table chat.rooms add column mood text check (mood <> '');"),
      "the constraint of chat.rooms.mood is not added after it, `not valid`.",
    ],
    [
      "validate in the same transaction",
      limited(
        "alter table chat.rooms add constraint c check (id > 0) not valid; alter table chat.rooms validate constraint c;",
      ),
      "the constraint c is validated in the file that adds it, and not in a later one.",
    ],
    [
      "make the index of a key",
      limited("alter table chat.rooms add constraint k unique (name);"),
      "the key k of chat.rooms is not added `using index`, with an index that was made concurrently.",
    ],
    [
      "change a type",
      limited("alter table chat.rooms alter column name type varchar;"),
      "the type of chat.rooms.name changes, which may write the whole table again.",
    ],
    [
      "make a column required",
      limited("alter table chat.rooms alter column name set not null;"),
      "chat.rooms.name becomes not null, which reads the whole table: validate a check of it before, and say so.",
    ],
    [
      "compute a default for each row",
      limited("alter table chat.rooms add column key uuid default gen_random_uuid();"),
      "the default of chat.rooms.key is computed for each row, which writes the whole table again.",
    ],
    ["truncate", limited("truncate chat.rooms;"), "it truncates a table."],
    [
      "make objects for everybody",
      limited("create function chat.f() returns int language sql as 'select 1';"),
      "it makes objects, and does not repeat sql/015_default_grants.sql before them.",
    ],
  ])("%s", (_, text, problem) => expect(problemsOfMigration(text)).toContain(problem));
});

describe("released files never change:", () => {
  const path = (name: string) => `supabase/migrations/${name}.sql`;
  const releases: Release[] = [{ version: "1.0.0", files: { [path("20270101000000_parley")]: "a" } }];
  test.each([
    ["all is as it was", { [path("20270101000000_parley")]: "a", [path("20270102000000_parley_next")]: "b" }, []],
    ["one has changed", { [path("20270101000000_parley")]: "b" }, ["has changed since the release 1.0.0"]],
    ["one is missing", {}, ["is missing since the release 1.0.0"]],
    ["one would run before", { [path("20270101000000_parley")]: "a", [path("20260101000000_parley_next")]: "b" }, [
      "would run before",
    ]],
    ["one has another name", { [path("20270101000000_parley")]: "a", [path("20270102000000_next")]: "b" }, [
      "is not named",
    ]],
  ])("%s", (_, files, problems) => {
    expect(problemsOfReleases(releases, files)).toEqual(problems.map((problem) => expect.stringContaining(problem)));
  });

  test("those of this checkout have the hashes that were recorded", async () => {
    const [releases, files] = await Promise.all([readReleases(), readFiles()]);
    expect(problemsOfReleases(releases, files)).toEqual([]);
    expect(Object.keys(unreleased([], files))).toContain(path("20261121000000_parley"));
  });
});
