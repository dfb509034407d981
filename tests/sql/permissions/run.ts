import { readFile } from "node:fs/promises";
import postgres, { type Sql } from "postgres";
import { type Cell, cellsOf } from "./cells.ts";
import { catalogCells, lineCells } from "./catalog.ts";
import { type Line, readMatrix } from "./matrix.ts";
import { suspendedCells } from "./suspended_cells.ts";

/** A cell, and what came of it. */
export interface Tried extends Cell {
  verdict: string;
}

/** A connection as the tests have it: one, and with pgTAP in its path. */
export function connect(url: string): Sql {
  return postgres(url, { max: 1, onnotice: () => {}, connection: { search_path: "public, extensions, tap" } });
}

/** The cells that the schema has and matrix.txt has not, and the other way round. */
export async function compareWithCatalog(sql: Sql): Promise<{ missing: string[]; obsolete: string[] }> {
  const present = await catalogCells(sql);
  const judged = [...new Set(readMatrix().filter(({ kind }) => kind !== "topic").flatMap(lineCells))];
  return {
    missing: present.filter((cell) => !judged.includes(cell)),
    obsolete: judged.filter((cell) => !present.includes(cell)),
  };
}

/** Tries the cells of the lines, each for itself, after `statement`, in a transaction that is rolled back. */
export async function tryLines(sql: Sql, lines: Line[] = readMatrix(), statement = ""): Promise<Tried[]> {
  const fixture = await readFile(new URL("fixture.sql", import.meta.url), "utf8");
  try {
    await sql.unsafe(`begin; ${statement}; ${fixture}`).simple();
    return await tryCells(sql, lines.flatMap((line) => [...cellsOf(line), ...suspendedCells(line)]));
  } finally {
    await sql.unsafe("rollback");
  }
}

async function tryCells(sql: Sql, cells: Cell[]): Promise<Tried[]> {
  const tried = await sql<{ verdict: string }[]>`
    select pg_temp.verdict(persona, statement) as verdict
    from unnest(${cells.map(({ persona }) => persona)}::text[], ${cells.map(({ statement }) => statement)}::text[])
      with ordinality as cells (persona, statement, place)
    order by place`;
  return cells.map((cell, index) => ({ ...cell, verdict: tried[index]?.verdict ?? "nothing" }));
}
