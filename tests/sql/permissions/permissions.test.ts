import { expect, inject, test } from "vitest";
import { compareWithCatalog, connect, tryLines } from "./run.ts";

const sql = connect(inject("status").db_url);
const { missing, obsolete } = await compareWithCatalog(sql);
const tried = await tryLines(sql);
await sql.end();

test("matrix.txt has verdicts on every column, table and function", () => expect(missing).toEqual([]));
test("matrix.txt has no verdicts on what is not there", () => expect(obsolete).toEqual([]));

for (const { title, verdict, expected } of tried) test(title, () => expect(verdict).toBe(expected));
