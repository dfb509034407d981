// npm run import -- FILE [--skip-bad] [--dry-run] [--db-url URL | --data DIR]
import { stat } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import postgres from "postgres";
import { readLines } from "./import/lines.ts";
import { load } from "./import/load.ts";
import type { Malformed, Message } from "./import/message.ts";
import { Progress } from "./import/progress.ts";
import { readRecords } from "./import/records.ts";
import { describeLoaded, describeMalformed } from "./import/report.ts";
import { readStatus } from "../local/stack_process.ts";

const USAGE = "npm run import -- FILE [--skip-bad] [--dry-run] [--db-url URL | --data DIR]";

class Refusal extends Error {}

function readOptions() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        "skip-bad": { type: "boolean", default: false },
        "dry-run": { type: "boolean", default: false },
        "db-url": { type: "string" },
        data: { type: "string", default: ".local" },
      },
    });
    const [file] = positionals;
    if (file && positionals.length === 1) return { ...values, file };
  } catch (error) {
    throw new Refusal(`${(error as Error).message}\n${USAGE}`);
  }
  throw new Refusal(USAGE);
}

async function databaseUrl(data: string): Promise<string> {
  const status = await readStatus(join(data, "status.json"));
  if (!status) throw new Refusal(`No stack runs on ${data}: run \`npm start\` in another terminal first.`);
  return status.db_url;
}

async function run(): Promise<void> {
  const options = readOptions();
  const size = (await stat(options.file).catch(() => null))?.size;
  if (size === undefined) throw new Refusal(`There is no file ${options.file}.`);
  const sql = postgres(options["db-url"] ?? await databaseUrl(options.data), { max: 1, onnotice: () => {} });
  const progress = new Progress();
  const malformed: Malformed[] = [];
  const started = performance.now();

  async function* messages(): AsyncGenerator<Message> {
    let read = 0;
    const onBytes = (count: number) => progress.show("Reading", (read += count) / (size || 1));
    for await (const record of readRecords(readLines(options.file, onBytes))) {
      if ("reason" in record) malformed.push(record);
      else yield record;
    }
    if (malformed.length > 0 && !options["skip-bad"]) {
      throw new Refusal(`${describeMalformed(malformed)}\nNothing was imported; --skip-bad imports the rest.`);
    }
  }

  try {
    const onProgress = (step: string, part: number) => progress.show(step, part);
    const loaded = await load(sql, messages(), { dryRun: options["dry-run"], onProgress });
    progress.end();
    if (malformed.length > 0) console.log(`Skipped ${describeMalformed(malformed)}`);
    console.log(describeLoaded(loaded, (performance.now() - started) / 1000));
    if (options["dry-run"]) console.log("This was a dry run: nothing was written.");
  } finally {
    progress.end();
    await sql.end();
  }
}

function reason(error: Error & { code?: string; detail?: string }): string {
  if (error.code === "ECONNREFUSED") return "the database does not answer; is `npm start` still running?";
  return [error.message, error.detail, error.code].filter(Boolean).join(" ");
}

run().catch((error) => {
  console.error(error instanceof Refusal ? error.message : `Nothing was imported: ${reason(error)}`);
  process.exit(1);
});
