import { stat } from "node:fs/promises";
import type { Sql } from "postgres";
import { Progress } from "../progress.ts";
import { Refusal } from "../refusal.ts";
import { readLines } from "./lines.ts";
import { load } from "./load.ts";
import type { Malformed, Message } from "./message.ts";
import { readRecords } from "./records.ts";
import { describeLoaded, describeMalformed } from "./report.ts";

/** What to import, and how. */
interface Options {
  file: string;
  skipBad: boolean;
  dryRun: boolean;
}

/**
 * Imports the history of chat rooms from a file of tab-separated records, and prints what came.
 * @throws Refusal when lines are malformed, unless the options skip them.
 */
export async function importHistory(open: () => Promise<Sql>, { file, skipBad, dryRun }: Options): Promise<void> {
  const size = (await stat(file).catch(() => null))?.size;
  if (size === undefined) throw new Refusal(`There is no file ${file}.`);
  const sql = await open();
  const progress = new Progress();
  const malformed: Malformed[] = [];
  const started = performance.now();

  async function* messages(): AsyncGenerator<Message> {
    let read = 0;
    const onBytes = (count: number) => progress.show("Reading", (read += count) / (size || 1));
    for await (const record of readRecords(readLines(file, onBytes))) {
      if ("reason" in record) malformed.push(record);
      else yield record;
    }
    if (malformed.length > 0 && !skipBad) {
      throw new Refusal(`${describeMalformed(malformed)}\nNothing was imported; --skip-bad imports the rest.`);
    }
  }

  try {
    const loaded = await load(sql, messages(), { dryRun, onProgress: (step, part) => progress.show(step, part) });
    progress.end();
    if (malformed.length > 0) console.log(`Skipped ${describeMalformed(malformed)}`);
    console.log(describeLoaded(loaded, (performance.now() - started) / 1000));
    if (dryRun) console.log("This was a dry run: nothing was written.");
  } finally {
    progress.end();
    await sql.end();
  }
}
