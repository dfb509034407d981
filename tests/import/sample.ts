import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, afterEach, beforeEach, inject } from "vitest";
import { database } from "../support/clients.ts";

interface Result {
  code: number;
  output: string;
  errors: string;
}

/** The history of tests/fixtures under its own ids and usernames: test files run in parallel, and must not collide. */
export async function sampleRoom(name: string, digits: string) {
  const text = (await readFile("tests/fixtures/gitter_history.tsv", "utf8"))
    .replaceAll("57a1c0ffee", `${digits}a1c0ffee`)
    .replaceAll("Parley/history", `Parley/${name}`)
    .replace(/57([bc])0/g, `${digits}$10`)
    .replace(new RegExp(`(?<=\\t${digits}b0[0-9a-f]{20}\\t)[^\\t]+`, "g"), (username) => `${username}-${digits}`);
  const folder = await mkdtemp(join(tmpdir(), "parley-import-"));
  const file = join(folder, "whole.tsv");
  await writeFile(file, text);
  const sql = database();
  const slug = `parley-${name}`;
  const people = `${digits}b0%@gitter.invalid`;

  const remove = async () => {
    await sql`delete from chat.rooms where slug like ${`${slug}%`}`;
    await sql`delete from auth.users where email like ${people}`;
  };
  beforeEach(remove);
  afterEach(remove);
  afterAll(async () => {
    await sql.end();
    await rm(folder, { recursive: true });
  });

  return {
    sql,
    slug,
    people,
    file,
    /** The physical lines of the file. */
    lines: text.split("\n"),
    /** Its records, of one or more lines each. */
    records: text.split(new RegExp(`(?<=\\n)(?=${digits}a1c0ffee)`)),
    write: async (content: string | Uint8Array) => {
      const path = join(folder, "part.tsv");
      await writeFile(path, content);
      return path;
    },
    row: async () => (await sql`select * from chat.rooms where slug = ${slug}`)[0],
    history: () =>
      sql`
        select messages.*, username
        from chat.messages
        join chat.rooms on rooms.id = room_id
        left join chat.profiles on profiles.id = sender_id
        where rooms.slug = ${slug} order by seq`,
  };
}

/** Runs the import as `npm run import` does, on the test database. */
export function runImport(...options: string[]): Promise<Result> {
  const command = ["run", "-A", "scripts/import.ts", "--db-url", inject("status").db_url, ...options];
  return new Promise((resolve) => {
    execFile("node_modules/.bin/deno", command, { env: { ...process.env, NO_COLOR: "1" } }, (error, output, errors) => {
      resolve({ code: error ? Number(error.code ?? 1) : 0, output, errors });
    });
  });
}
