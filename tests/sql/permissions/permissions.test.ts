import { expect, inject, test } from "vitest";
import { readMatrix, withAlike } from "./matrix.ts";
import { compareWithCatalog, connect, tryLines } from "./run.ts";

const sql = connect(inject("status").db_url);
const { missing, obsolete } = await compareWithCatalog(sql);
const tried = await tryLines(sql, withAlike(readMatrix()));
const unforeseen = await compareAfter(`
  create table chat.things (id integer);
  create function chat.thing(id integer) returns integer language sql as 'select 1';
  create function chat.sync() returns integer language sql as 'select 1';`);
await sql.end();

async function compareAfter(statements: string) {
  await sql.unsafe(`begin; ${statements}`).simple();
  return await compareWithCatalog(sql).finally(() => sql.unsafe("rollback"));
}

test("matrix.txt has verdicts on every column, table and function", () => expect(missing).toEqual([]));
test("matrix.txt has no verdicts on what is not there", () => expect(obsolete).toEqual([]));
test("what is new is missing by its name", () => {
  expect(unforeseen.missing.sort()).toEqual([
    "chat.sync() execute",
    "chat.sync(bigint,bigint,integer) execute",
    "thing execute",
    "things delete",
    "things insert id",
    "things select id",
    "things update id",
  ]);
});

for (const { title, verdict, expected } of tried) test(title, () => expect(verdict).toBe(expected));
