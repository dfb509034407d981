import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import postgres from "postgres";

const helpers = new URL("./helpers.sql", import.meta.url);

/** Loads pgTAP into schema `tap` and the helpers into schema `tests` of a test database. */
export async function prepareDatabase(url: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    const [{ present } = { present: false }] = await sql<{ present: boolean }[]>`
      select to_regproc('tap.plan') is not null as present`;
    if (!present) await sql.begin((transaction) => transaction.unsafe(pgtap()).simple());
    const text = await readFile(helpers, "utf8");
    await sql.begin((transaction) => transaction.unsafe(text).simple());
  } finally {
    await sql.end();
  }
}

/** The SQL of pgTAP, which needs no extension: it is plain functions. */
function pgtap(): string {
  const entry = createRequire(import.meta.url).resolve("@electric-sql/pglite-pgtap");
  const archive = join(dirname(entry), "pgtap.tar.gz");
  const options = ["-xzOf", archive, "share/postgresql/extension/pgtap--1.3.5.sql"];
  const { status, stdout, stderr } = spawnSync("tar", options, { encoding: "utf8", maxBuffer: 2 ** 26 });
  if (status !== 0) throw new Error(`pgTAP cannot be read from ${fileURLToPath(`file://${archive}`)}: ${stderr}`);
  return `
    create schema tap;
    grant usage on schema tap to public;
    set local search_path = tap;
    ${stdout};
    grant execute on all functions in schema tap to public;
  `;
}
